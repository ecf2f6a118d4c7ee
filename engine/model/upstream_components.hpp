/// Which upstreams a forge needs.
#pragma once

#include <set>
#include <string>

#include "engine/workspace/snapshot.hpp"

namespace forge::model {

/// Every component of every release's refs, and `requirements` where the forge is compared with it.
[[nodiscard]] std::set<std::string> upstream_components(const workspace::Snapshot& snapshot);

}  // namespace forge::model
