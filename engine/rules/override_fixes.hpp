/// Fixes that add entries to a release's override file.
#pragma once

#include <string>

#include "engine/base/finding.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::rules {

/// Adds `lines`, each without its line end, to the release's override file, or makes that file.
[[nodiscard]] Fix add_override_lines(const workspace::Snapshot& snapshot, const std::string& release, std::string title,
                                     const std::vector<std::string>& lines);
/// The same for one entry, with it as the title.
[[nodiscard]] Fix add_override(const workspace::Snapshot& snapshot, const std::string& release,
                               const std::string& entry);

}  // namespace forge::rules
