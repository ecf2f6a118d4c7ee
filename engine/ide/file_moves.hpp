/// What else is to change when patches, or folders of patches, are renamed or deleted.
#pragma once

#include <string>
#include <vector>

#include "engine/base/finding.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::ide {

/// A file or a folder; paths relative to the root, without a slash at the end.
struct Move {
  std::string from;
  std::string to;
};

/// Edits of everything in the forge that names them: path filters and steps of workflows, scripts, Dockerfiles, reasons
/// of overrides, READMEs. A patch's bare name counts in overrides and READMEs, where only one patch has it.
[[nodiscard]] Fix edits_for_moves(const workspace::Snapshot& snapshot, const std::vector<Move>& moves);

/// Where the last patch of a library goes, the library comes from the package index again, so the overrides that took
/// its pin away go too.
[[nodiscard]] Fix edits_for_removals(const workspace::Snapshot& snapshot, const std::vector<std::string>& paths);

}  // namespace forge::ide
