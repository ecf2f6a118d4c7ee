/// A few files of a component's source tree: at its ref in a release, with its patches applied, in memory.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/base/source_file.hpp"
#include "engine/model/patch_series.hpp"
#include "engine/model/tree_state.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::model {

/// Not for use by several threads; reads only what is asked for. Valid as long as the snapshot.
class SourceTree {
 public:
  /// Fails where the ref, the upstream or the commit is not to be had; the rules on refs report that. A patch that does
  /// not apply is left out and the ones behind it are tried without it; the rules on patches report that.
  [[nodiscard]] static Result<SourceTree> open(const workspace::Snapshot& snapshot, std::string_view release,
                                               std::string_view component);

  /// The file with its place in the tree as its path: `keystone@28.0.0:setup.cfg`. Null where there is none, where it
  /// is no regular file, or where it is over a megabyte.
  [[nodiscard]] SourceFilePtr read(std::string_view path);
  /// Whether there is a file, link or submodule of that path.
  [[nodiscard]] bool has(std::string_view path) { return tree_->find(path) != nullptr; }
  /// Every file read so far, by its path in the tree.
  [[nodiscard]] const std::map<std::string, SourceFilePtr, std::less<>>& files() const { return files_; }

  [[nodiscard]] const std::string& ref() const { return ref_; }
  [[nodiscard]] const git::ObjectId& commit() const { return commit_; }
  /// Paths of the patches that were left out.
  [[nodiscard]] const std::vector<std::string>& left_out() const { return left_out_; }
  [[nodiscard]] const std::optional<Failure>& failure() const { return tree_->failure(); }

 private:
  SourceTree() = default;
  void apply(const workspace::PatchSeries& series);

  std::string component_;
  std::string ref_;
  git::ObjectId commit_;
  git::RepositoryPtr repository_;
  std::vector<ParsedPatchPtr> patches_;  ///< what the tree's content may point into
  std::unique_ptr<TreeState> tree_;
  std::map<std::string, SourceFilePtr, std::less<>> files_;
  std::vector<std::string> left_out_;
};

}  // namespace forge::model
