/// Requirements against a release's effective constraints, in the environments that images are built for.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/formats/requirement.hpp"
#include "engine/model/effective_pins.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::model {

/// One platform of forge.yaml with its Python.
struct TargetEnvironment {
  std::string platform;  ///< `linux/amd64`
  formats::MarkerEnvironment markers;
};

/// Of `target.platforms` with `target.python`, in their order.
[[nodiscard]] std::vector<TargetEnvironment> target_environments(const workspace::Snapshot& snapshot);

enum class RequirementVerdict {
  satisfied,
  unsatisfied,           ///< one version is pinned, and it is outside
  unconstrained,         ///< no line of that name says which version
  unconstrained_in_env,  ///< there are lines, none for this environment
  conflicting_pins,      ///< several lines count, with different versions
  not_applicable,        ///< the requirement's own marker is false
  url                    ///< the requirement or its pin is a URL: no version to compare
};
/// `satisfied`, `unconstrained-in-env`, ...
[[nodiscard]] std::string_view to_string(RequirementVerdict verdict);

struct RequirementAnswer {
  RequirementVerdict verdict = RequirementVerdict::unconstrained;
  const EffectivePin* pin = nullptr;         ///< the one that counts, where one does
  std::vector<const EffectivePin*> lines{};  ///< every line of that name
};

/// `extras` are active while the marker is evaluated.
[[nodiscard]] RequirementAnswer check_requirement(const formats::Requirement& requirement, const EffectivePins& pins,
                                                  const formats::MarkerEnvironment& environment,
                                                  std::span<const std::string> extras = {});

/// The same in every target environment: the first answer that is not `satisfied` or `not_applicable`, else
/// `satisfied` where one is.
[[nodiscard]] RequirementAnswer check_requirement(const formats::Requirement& requirement, const EffectivePins& pins,
                                                  std::span<const TargetEnvironment> environments,
                                                  std::span<const std::string> extras = {});

}  // namespace forge::model
