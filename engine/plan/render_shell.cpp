#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/plan/render_bake.hpp"

namespace forge::plan {

namespace {

/// One word for a POSIX shell.
std::string quoted(std::string_view word) {
  constexpr std::string_view plain = "_@%+=:,./-";
  const bool is_plain = !word.empty() && std::ranges::all_of(word, [&](char c) {
    return is_alnum(c) || plain.find(c) != std::string_view::npos;
  });
  if (is_plain) return std::string(word);
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

class Command {
 public:
  explicit Command(std::string_view words) : text_(words) {}
  void option(std::string_view name, std::string_view value) {
    text_ += fmt::format(" \\\n  {} {}", name, quoted(value));
  }
  void word(std::string_view value) { text_ += fmt::format(" \\\n  {}", quoted(value)); }
  [[nodiscard]] std::string text() const { return text_ + "\n"; }

 private:
  std::string text_;
};

constexpr std::string_view target_scheme = "target:";

/// Where the image of a target waits for those that build from it: there is no `target:` outside of bake.
std::string layout_of(std::string_view id) {
  return fmt::format("build/oci/{}", id);
}

/// Ids of the targets that others build from.
std::set<std::string> parents(const BuildPlan& plan) {
  std::set<std::string> out;
  for (const PlanTarget& target : plan.targets)
    for (const PlanContext& context : target.contexts)
      if (context.value.starts_with(target_scheme)) out.insert(context.value.substr(target_scheme.size()));
  return out;
}

std::string context_value(const PlanContext& context) {
  return context.value.starts_with(target_scheme)
             ? "oci-layout://" + layout_of(std::string_view(context.value).substr(target_scheme.size()))
             : context.value;
}

std::string build_of(const PlanTarget& target, bool is_parent) {
  Command command("docker buildx build");
  command.option("--file", target.context + "/Dockerfile");
  for (const PlanContext& context : target.contexts)
    command.option("--build-context", context.name + "=" + context_value(context));
  for (const auto& [name, value] : target.args) command.option("--build-arg", name + "=" + value);
  for (const auto& [name, value] : target.labels) command.option("--label", name + "=" + value);
  for (const std::string& tag : target.tags) command.option("--tag", tag);
  if (!target.platforms.empty()) command.option("--platform", join(target.platforms, ","));
  for (const std::string& cache : target.cache_from) command.option("--cache-from", cache);
  for (const std::string& cache : target.cache_to) command.option("--cache-to", cache);
  for (const std::string& attest : target.attest) command.option("--attest", attest);
  for (const std::string& output : target.output) command.option("--output", output);
  if (is_parent)
    command.option("--output", fmt::format("type=oci,dest={},tar=false,rewrite-timestamp=true", layout_of(target.id)));
  command.word(target.context);
  return command.text();
}

/// Targets after what they build from, by name where that leaves a choice.
std::vector<const PlanTarget*> in_order(const BuildPlan& plan) {
  std::vector<const PlanTarget*> left;
  for (const PlanTarget& target : plan.targets)
    if (target.is_in_bake()) left.push_back(&target);
  std::ranges::stable_sort(left, {}, [](const PlanTarget* target) { return std::pair(target->stage, target->id); });
  return left;
}

}  // namespace

std::string render_shell(const BuildPlan& plan) {
  std::string out =
      "#!/bin/sh\n# Made by forge-analyze plan. Runs at the root of the forge, and stops at the first failure.\nset "
      "-eu\n"
      "[ -d releases ] || { echo 'run this at the root of the forge' >&2; exit 2; }\n";
  if (!plan.sources.empty() || !plan.constraints.empty()) {
    Command exporting("forge-analyze source export");
    if (plan.request.sources == SourceForm::oci) exporting.option("--sources", "oci");
    for (const std::string& release : plan.constraints) exporting.option("--release", release);
    out += exporting.text();
  }
  const std::set<std::string> built_from = parents(plan);
  for (const PlanTarget* target : in_order(plan)) out += build_of(*target, built_from.contains(target->id));
  return out;
}

}  // namespace forge::plan
