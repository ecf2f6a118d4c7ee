#include <algorithm>
#include <array>

#include "cli/commands/table.hpp"
#include "cli/environment.hpp"
#include "cli/plan_inputs.hpp"
#include "engine/plan/render_changes.hpp"

namespace forge::cli {

namespace {

constexpr std::array<std::string_view, 3> formats = {"text", "json", "markdown"};
constexpr std::array positionals = {
    Positional{"BEFORE", "a plan, as `plan --format json` writes it"},
    Positional{"AFTER", "another one"},
};
constexpr std::array options = {
    Option{"--exit-code", "", "end with 1 where a target differs"},
};

ExitCode run(const Invocation& invocation) {
  const plan::PlanRecord before = read_plan_file(invocation.positional("BEFORE").front());
  const plan::PlanRecord after = read_plan_file(invocation.positional("AFTER").front());
  const std::vector<plan::TargetChange> changes = plan::compare(before, after);
  const std::string format = invocation.format();
  emit(invocation, format == "json"       ? plan::render_diff_json(changes)
                   : format == "markdown" ? plan::render_diff_markdown(changes)
                                          : plan::render_diff_text(changes));
  const bool differs = std::ranges::any_of(
      changes, [](const plan::TargetChange& change) { return change.state != plan::PlanTarget::State::unchanged; });
  return differs && invocation.has("--exit-code") ? exit_findings : exit_done;
}

}  // namespace

extern const Command plan_diff_command = {
    .name = "plan diff",
    .summary = "what differs between two plans",
    .description =
        "For each target that is not the same in both plans, which of its inputs differ: a ref, a patch, a pin, a "
        "file, an argument. Tags, caches and the forge's commit are no inputs.",
    .options = options,
    .positionals = positionals,
    .formats = formats,
    .run = run,
};

}  // namespace forge::cli
