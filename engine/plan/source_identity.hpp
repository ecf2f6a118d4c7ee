/// What tells one exported tree from another, without reading its files.
#pragma once

#include <string>

#include "engine/base/result.hpp"
#include "engine/plan/build_plan.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::plan {

/// `sha256:…` over git's ids of the patched trees (the component's own and those it links) and what the export adds for
/// pbr. Equal where exported_tree() gives the same files. Fails with `invalid` where a patch does not apply, else as
/// the repository does.
[[nodiscard]] Result<std::string> source_identity(const workspace::Snapshot& snapshot, const PlanSource& source);

}  // namespace forge::plan
