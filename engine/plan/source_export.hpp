/// A component's tree as a build takes it: its ref's files with the patches applied, and what pbr needs in place of
/// git.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/base/task_pool.hpp"
#include "engine/git/object_hash.hpp"
#include "engine/git/upstreams.hpp"
#include "engine/plan/build_plan.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::plan {

struct ExportedFile {
  std::string path;        ///< with `/`, no `.`, `..` or `.git` in it
  std::uint32_t mode = 0;  ///< 0644, 0755, or git::mode_link with the link's target as content
  git::BlobPtr content;
};

struct ExportedTree {
  PlanSource source;
  std::vector<ExportedFile> files;  ///< sorted by path
  std::string digest;               ///< `sha256:…` over paths, modes and contents
  std::string manifest;             ///< JSON, written beside the folder
  std::vector<std::string> notes;   ///< what may surprise whoever builds from it; parts of sentences
};

/// Reads every file; a submodule's are those of the commit that the tree links, from the repository of the component
/// that its folder is named after, with the patches for that copy (model/linked_trees.hpp). Fails with `invalid` where
/// a patch does not apply, and where the tree holds a submodule in a submodule, a link out of it, a pointer to Git LFS,
/// or a path that can't be written safely; with `unavailable` where a submodule's commit is not to be had.
[[nodiscard]] Result<ExportedTree> exported_tree(const workspace::Snapshot& snapshot, const PlanSource& source,
                                                 const TaskPool& pool = TaskPool(1));

enum class Written { changed, unchanged };

/// Makes `folder` hold exactly the tree: modes 0644 and 0755, times of the commit. It is written beside the folder and
/// renamed; a folder whose manifest (`<folder>.json`) is the same is left alone.
[[nodiscard]] Result<Written> write_tree(const ExportedTree& tree, const std::string& folder,
                                         const TaskPool& pool = TaskPool(1));

/// Makes an empty folder, the context of a library that a release does not patch.
[[nodiscard]] Result<void> make_empty_folder(const std::string& folder);

}  // namespace forge::plan
