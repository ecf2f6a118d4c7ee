#pragma once

#include <string>

#include "engine/audit/audit.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::audit {

/// What became of each patch of a component, those for trees linked in it included.
void add_patch_facts(const workspace::Snapshot& snapshot, const std::string& release, Row& row);

}  // namespace forge::audit
