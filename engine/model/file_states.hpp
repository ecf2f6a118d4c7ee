/// The states that one file had in history, as seen from a commit, and where it went when it was renamed.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/git/change_history.hpp"
#include "engine/git/upstreams.hpp"

namespace forge::model {

/// A file that has another name in the commit's tree, and the commit that renamed it.
struct FileMove {
  std::string path;
  git::ObjectId commit;
};

/// Asks for the repository's history only when something is asked of it. Not for use by several threads.
class FileStates {
 public:
  FileStates(const git::Repository& repository, const git::ObjectId& commit)
      : repository_(repository), commit_(commit) {}

  using Exists = std::function<bool(std::string_view path)>;
  /// Where the file that is called `path` elsewhere in history is: renamed on the way to the commit, or only after it.
  /// Goes through several renames. Nothing where it was not renamed to anything that `exists`.
  [[nodiscard]] Result<std::optional<FileMove>> moved(std::string_view path, const Exists& exists);

  /// The commit on the way to ours that removed `path`; nothing where none did.
  [[nodiscard]] Result<std::optional<git::ObjectId>> removed_by(std::string_view path);

  /// Shows the contents that stood at one of `paths` (the names of one file), each once: first those of the commit's
  /// ancestors, the newest first, then those of other branches, the oldest first. At most a few hundred; ends where
  /// `visit` says false.
  using Visit = std::function<bool(const git::BlobPtr& content, const git::ObjectId& commit)>;
  [[nodiscard]] Result<void> for_each_state(const std::vector<std::string>& paths, const Visit& visit);

 private:
  using Number = git::ChangeHistory::Number;
  [[nodiscard]] Result<void> load();
  /// Commits that touch `path` on the way to ours, the newest first, then the others, the oldest first.
  [[nodiscard]] std::vector<Number> by_distance(std::string_view path) const;
  [[nodiscard]] Result<std::optional<FileMove>> one_move(std::string_view path) const;

  const git::Repository& repository_;
  git::ObjectId commit_;
  git::ChangeHistoryPtr history_;
  git::ChangeHistory::Reach reach_;
};

}  // namespace forge::model
