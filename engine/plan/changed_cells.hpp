/// Which targets two states of a forge can differ in at all, told from the files that changed, so that the others need
/// not be looked at.
#pragma once

#include <optional>

#include "engine/plan/build_plan.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::plan {

/// A superset of what differs: the images that a changed file can reach through bases, sources and constraints, in
/// every release where one of them is reached, and those made from a ref that may move. Nothing where all can differ.
/// Both snapshots are of commits and were loaded by one workspace.
[[nodiscard]] std::optional<Cells> cells_that_may_differ(const workspace::Snapshot& before,
                                                         const workspace::Snapshot& after, const BuildRequest& request);

}  // namespace forge::plan
