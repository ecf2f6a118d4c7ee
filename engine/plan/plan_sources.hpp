/// Which tree of a component a release builds.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "engine/base/result.hpp"
#include "engine/plan/build_plan.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::plan {

/// The folder, relative to the forge's root, that an exported tree goes to.
[[nodiscard]] std::string source_folder(std::string_view component, std::string_view release);
/// The folder with the effective constraints of a release and nothing else.
[[nodiscard]] std::string constraints_folder(std::string_view release);

/// The component's ref in that release made definite. Failures: `not_found` (no such ref), `unavailable` (no
/// repository here), `invalid` (no version can be told).
/// Computed once per snapshot.
[[nodiscard]] const Result<PlanSource>& plan_source(const workspace::Snapshot& snapshot, std::string_view component,
                                                    std::string_view release);

/// The trees of a release's patched libraries as one, each in a folder of its component's name. It has no ref, commit
/// or version of its own. `libraries` are those of the target that takes it.
[[nodiscard]] PlanSource libraries_source(std::string_view release, std::span<const PlanSource> libraries);

}  // namespace forge::plan
