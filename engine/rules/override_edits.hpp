/// Fixes that put entries into overrides/<release>/constraints.txt.
#pragma once

#include <string>

#include "engine/base/finding.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::rules {

/// Adds `entry` (one or more lines, without the last newline) at the end of the release's override file, or makes that
/// file.
[[nodiscard]] Fix add_override(const workspace::Snapshot& snapshot, const std::string& release,
                               const std::string& entry);

}  // namespace forge::rules
