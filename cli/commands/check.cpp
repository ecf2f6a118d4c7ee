#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "cli/commands/table.hpp"
#include "cli/environment.hpp"
#include "cli/package_index.hpp"
#include "cli/render/ci.hpp"
#include "cli/render/json.hpp"
#include "cli/render/sarif.hpp"
#include "cli/render/status_line.hpp"
#include "cli/render/text.hpp"
#include "engine/base/text.hpp"
#include "engine/rules/run_rules.hpp"

namespace forge::cli {

namespace {

constexpr std::array<std::string_view, 5> levels = {"hint", "info", "warning", "error", "never"};
constexpr std::array<std::string_view, 5> formats = {"text", "json", "sarif", "github", "markdown"};
constexpr std::array options = {
    Option{"--release", "R", "only what concerns this release"},
    Option{"--component", "C", "only what concerns this component"},
    Option{
        "--apt",
        "SOURCE",
        "the distribution's package lists: a line of sources.list, a Packages file, a folder of them; may be repeated",
        {},
        true},
    Option{"--fail-on", "LEVEL", "the lowest level that makes the exit code 1 (default error)", levels},
};

bool fails(const std::vector<Finding>& findings, const std::string& level) {
  const auto lowest = severity_from(level);
  return lowest && std::ranges::any_of(findings, [&](const Finding& f) { return f.severity >= *lowest; });
}

std::string text_of(const std::vector<Finding>& findings, bool color) {
  std::string text;
  for (const Finding& finding : findings) text += finding_text(finding, color) + "\n";
  return text;
}

ExitCode run(const Invocation& invocation) {
  const TaskPool pool = task_pool(invocation);
  StatusLine progress(show_progress(invocation), "checking");
  const auto show = [&](std::size_t done, std::size_t total, std::string_view what) {
    progress.update(done, total, what);
  };
  const workspace::SnapshotPtr snapshot =
      load_forge(invocation, pool, index_factory(invocation, show), distribution_factory(invocation, show));
  const rules::RunOptions run_options{.release = invocation.value("--release").value_or(""),
                                      .component = invocation.value("--component").value_or(""),
                                      .offline = is_offline(invocation),
                                      .progress = show};
  require_known_release(*snapshot, run_options.release);
  const Stopwatch watch;
  const std::vector<Finding> findings = rules::run_rules(*snapshot, run_options, pool);
  progress.clear();
  note(invocation, fmt::format("ran {} rules in {} ms", rules::all_rules().size(), watch.milliseconds()));
  if (invocation.format() == "json") {
    emit(invocation, to_text(findings_json(findings)));
  } else if (invocation.format() == "sarif") {
    emit(invocation, to_text(findings_sarif(findings)));
  } else if (invocation.format() == "markdown") {
    emit(invocation, findings_markdown(findings));
  } else if (invocation.format() == "github") {
    emit(invocation, findings_github(findings));
    add_to_job_summary(findings_markdown(findings));
  } else {
    emit(invocation, text_of(findings, use_color(invocation, 1)));
    say(invocation, summary_text(findings) + "\n");
  }
  return fails(findings, invocation.value("--fail-on").value_or("error")) ? exit_findings : exit_done;
}

}  // namespace

extern const Command check_command = {
    .name = "check",
    .summary = "all analyses on the forge",
    .description =
        "Resolves pins, overrides and refs, proves for every patch whether it applies, and checks every other "
        "input of the forge. What could not be examined is a finding of its own.",
    .options = options,
    .formats = formats,
    .run = run,
};

}  // namespace forge::cli
