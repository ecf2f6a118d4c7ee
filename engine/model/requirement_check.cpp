#include "engine/model/requirement_check.hpp"

#include <algorithm>

namespace forge::model {

using formats::MarkerEnvironment;
using formats::Requirement;

namespace {

/// `x86_64` of `linux/amd64`, as the kernel calls it; another architecture keeps its name.
std::string machine_of(std::string_view platform) {
  const std::size_t slash = platform.find('/');
  std::string_view architecture = slash == std::string_view::npos ? platform : platform.substr(slash + 1);
  const std::string_view variant = architecture.substr(0, architecture.find('/'));
  if (variant == "amd64") return "x86_64";
  if (variant == "arm64") return "aarch64";
  if (variant == "386") return "i686";
  if (variant == "arm") return "armv7l";
  return std::string(variant);
}

RequirementAnswer judge(const Requirement& requirement, const std::vector<const EffectivePin*>& active,
                        RequirementAnswer answer) {
  answer.pin = active.front();
  const formats::Pin& pin = *answer.pin->pin;
  if (requirement.url || pin.url) {
    answer.verdict = RequirementVerdict::url;
    return answer;
  }
  if (!pin.exact()) return answer;
  const bool agree = std::ranges::all_of(
      active, [&](const EffectivePin* other) { return other->pin->exact() && *other->pin->parsed == *pin.parsed; });
  if (!agree)
    answer.verdict = RequirementVerdict::conflicting_pins;
  else
    answer.verdict =
        requirement.specifiers.contains(*pin.parsed) ? RequirementVerdict::satisfied : RequirementVerdict::unsatisfied;
  return answer;
}

bool is_settled(RequirementVerdict verdict) {
  return verdict == RequirementVerdict::satisfied || verdict == RequirementVerdict::not_applicable;
}

}  // namespace

std::vector<TargetEnvironment> target_environments(const workspace::Snapshot& snapshot) {
  std::vector<TargetEnvironment> out;
  const formats::ForgeConfig& config = snapshot.config();
  for (const std::string& platform : config.platforms)
    out.push_back({platform, MarkerEnvironment::linux_cpython(config.python, machine_of(platform))});
  return out;
}

std::string_view to_string(RequirementVerdict verdict) {
  switch (verdict) {
    case RequirementVerdict::satisfied:
      return "satisfied";
    case RequirementVerdict::unsatisfied:
      return "unsatisfied";
    case RequirementVerdict::unconstrained:
      return "unconstrained";
    case RequirementVerdict::unconstrained_in_env:
      return "unconstrained-in-env";
    case RequirementVerdict::conflicting_pins:
      return "conflicting-pins";
    case RequirementVerdict::not_applicable:
      return "not-applicable";
    case RequirementVerdict::url:
      return "url";
  }
  return "unconstrained";
}

RequirementAnswer check_requirement(const Requirement& requirement, const EffectivePins& pins,
                                    const MarkerEnvironment& environment, std::span<const std::string> extras) {
  RequirementAnswer answer;
  answer.lines = pins.find(requirement.name);
  if (requirement.marker && !requirement.marker->evaluate(environment, extras)) {
    answer.verdict = RequirementVerdict::not_applicable;
    return answer;
  }
  std::vector<const EffectivePin*> active;
  std::ranges::copy_if(answer.lines, std::back_inserter(active),
                       [&](const EffectivePin* line) { return line->pin->active(environment); });
  if (!active.empty()) return judge(requirement, active, std::move(answer));
  if (requirement.url)
    answer.verdict = RequirementVerdict::url;
  else if (!answer.lines.empty())
    answer.verdict = RequirementVerdict::unconstrained_in_env;
  return answer;
}

RequirementAnswer check_requirement(const Requirement& requirement, const EffectivePins& pins,
                                    std::span<const TargetEnvironment> environments,
                                    std::span<const std::string> extras) {
  RequirementAnswer whole;
  whole.verdict = RequirementVerdict::not_applicable;
  for (const TargetEnvironment& environment : environments) {
    RequirementAnswer answer = check_requirement(requirement, pins, environment.markers, extras);
    if (!is_settled(answer.verdict)) return answer;
    const bool first = whole.verdict == RequirementVerdict::not_applicable;
    if (first || answer.verdict == RequirementVerdict::satisfied) whole = std::move(answer);
  }
  return whole;
}

}  // namespace forge::model
