/// Which upstreams a forge needs.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "engine/workspace/snapshot.hpp"

namespace forge::model {

/// Every component of every release's refs, and `requirements` where the forge is compared with it.
[[nodiscard]] std::set<std::string> upstream_components(const workspace::Snapshot& snapshot);

/// The refs that releases name for the component, sorted.
[[nodiscard]] std::set<std::string> named_refs(const workspace::Snapshot& snapshot, std::string_view component);

}  // namespace forge::model
