/// Which targets of a plan need no build, since an image of the same fingerprint was built before.
#pragma once

#include "engine/plan/build_plan.hpp"
#include "engine/plan/plan_record.hpp"

namespace forge::plan {

/// Compares every healthy target with the baseline of the plan's request: fills states and changes, links unchanged
/// targets that others are built from, adds what is gone as `removed`, and names the images to retag. A target that the
/// baseline had blocked, or that is made from a branch whose former commit is not known, counts as changed.
void mark_changes(BuildPlan& plan);

}  // namespace forge::plan
