/// What a repository on disk can tell beside its objects, for those who would rather have no answer than wait.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "engine/base/answer_folder.hpp"
#include "engine/git/upstreams.hpp"

namespace forge::git {

/// A Repository may be one of these too.
class RepositoryOnDisk {
 public:
  virtual ~RepositoryOnDisk() = default;
  /// When somebody last fetched into it; nothing where that can't be told.
  [[nodiscard]] virtual std::optional<Timestamp> fetched() const = 0;
  /// Repository::changes where it was walked already, else null.
  [[nodiscard]] virtual std::shared_ptr<const ChangeHistory> changes_if_known() const = 0;
  /// Where answers about its history are kept for later processes.
  [[nodiscard]] virtual const AnswerFolder& answers() const = 0;
  /// Gives back the memory of what can be read again: mapped packs, opened handles, blobs; false where there was none.
  /// For times of quiet: whoever asks next opens anew. From any thread, also while others ask.
  virtual bool rest() const = 0;
};

/// The time of FETCH_HEAD is that of the last fetch, of ours and of somebody's by hand; a clone by hand has none.
[[nodiscard]] std::optional<Timestamp> fetch_time(const std::string& repository);

/// When that file of a repository, bare or not, was written.
[[nodiscard]] std::optional<Timestamp> time_of_file(const std::string& repository, const char* name);

}  // namespace forge::git
