/// One patch file tried on a tree, as one `git apply` does it: first every section is checked, then, where all fit,
/// the results are put in.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/formats/patch.hpp"
#include "engine/model/hunk_placement.hpp"
#include "engine/model/tree_state.hpp"

namespace forge::model {

/// Why a section does not fit.
enum class Obstacle {
  none,
  target_missing,  ///< the file to change is not in the tree
  target_gone,     ///< an earlier section of the patch renamed or deleted it
  target_exists,   ///< the file to make is there already
  wrong_type,      ///< file, link or submodule where the patch has another of them
  forbidden_path,  ///< git refuses to write there
  beyond_link,     ///< a parent folder is a symbolic link
  mismatch,        ///< a hunk or a binary block does not fit the content
  content_left,    ///< a deletion that does not know the whole file
  collision        ///< a file in place of a folder, or the reverse
};

struct SectionPlacement {
  Obstacle obstacle = Obstacle::none;
  std::string reason{};                ///< a sentence; empty where it fits
  TextSpan culprit{};                  ///< in the patch
  std::vector<HunkPlacement> hunks{};  ///< one per hunk, where they were tried
  bool already_applied = false;        ///< it does not fit, but its result is there
};

/// What git remembers through a run besides the tree.
struct RunMemory {
  std::set<std::string, std::less<>> links_made;
  std::set<std::string, std::less<>> links_removed;
  /// Of the run's earlier patches. Owned by who runs it.
  const PatchTexts* earlier = nullptr;
};

struct PatchAttempt {
  bool applies = false;
  bool refused = false;  ///< for a forbidden path git ends with the status of a malformed patch
  std::vector<SectionPlacement> sections;
};

/// Applies `patch` to `tree` where all its sections fit; otherwise tree and memory stay as they were. The texts of
/// patches must live as long as the tree.
[[nodiscard]] PatchAttempt attempt_patch(TreeState& tree, RunMemory& memory, std::string_view text,
                                         const formats::Patch& patch, Direction direction);

/// The same for one section alone, named by its index, and without a memory of the run.
[[nodiscard]] PatchAttempt attempt_section(TreeState& tree, std::string_view text, const formats::Patch& patch,
                                           std::size_t section, Direction direction);

/// Marks the sections and hunks that do not fit but whose result is there already.
void find_already_applied(PatchAttempt& attempt, TreeState& tree, const RunMemory& memory, std::string_view text,
                          const formats::Patch& patch);

}  // namespace forge::model
