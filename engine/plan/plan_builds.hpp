/// Snapshot and request -> plan.
#pragma once

#include <vector>

#include "engine/base/finding.hpp"
#include "engine/base/result.hpp"
#include "engine/plan/build_plan.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::plan {

/// A request for everything with forge.yaml's settings: local, nothing pushed.
[[nodiscard]] BuildRequest default_request(const formats::ForgeConfig& config);

/// forge.yaml's platforms, Python and distribution, and its registry where the request names none.
void take_settings(const formats::ForgeConfig& config, BuildRequest& request);

/// A pure function of its arguments. `findings` are what the rules found; one of level error blocks the targets whose
/// inputs it is about, and every target that builds from those. Fails with `invalid` where the request makes no sense
/// for this forge, and never because of the forge's files.
[[nodiscard]] Result<BuildPlan> plan_builds(const workspace::Snapshot& snapshot, const BuildRequest& request,
                                            const std::vector<Finding>& findings);

}  // namespace forge::plan
