/// One ref in its upstream's history: what came before it, what else there is, and which version had it first. What
/// the questions about a failing patch start from.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/git/change_history.hpp"
#include "engine/git/upstreams.hpp"
#include "engine/model/first_tag.hpp"
#include "engine/model/upstream_refs.hpp"

namespace forge::model {

/// A commit as people are told of it.
struct KnownCommit {
  git::ObjectId id;
  std::string subject;
  git::Timestamp date;  ///< of the commit
  std::string tag;      ///< the first version that has it; empty: none does
};

/// What a commit made of one file: the blobs, nothing where it is not a file there.
struct FileStep {
  git::ChangeHistory::Number commit = 0;
  std::string path;  ///< its name in the commit, of a removed file the one before
  std::optional<git::ObjectId> before;
  std::optional<git::ObjectId> after;
};

/// What the questions about one run of patches may still cost. Where it is used up there are no answers any more; no
/// real series comes near that.
struct PastBudget {
  std::size_t steps = 20'000;                     ///< of walks through the commits that touch a file
  std::uint64_t bytes = std::uint64_t{4} << 30U;  ///< of states read and looked through

  [[nodiscard]] bool is_spent() const { return steps == 0 || bytes == 0; }
  /// False where it is used up by that.
  [[nodiscard]] bool take_step() {
    if (steps > 0) --steps;
    return !is_spent();
  }
  void take_bytes(std::uint64_t count) { bytes -= std::min(bytes, count); }
};

/// Never changes; any number of threads may read it. The repository's refs must outlive it.
class UpstreamPast {
 public:
  /// Fails where the history can't be read or does not hold the commit.
  [[nodiscard]] static Result<UpstreamPast> read(const UpstreamRefs& upstream, const git::ObjectId& commit);

  [[nodiscard]] const git::Repository& repository() const { return *upstream_->repository; }
  [[nodiscard]] const git::ObjectId& tree() const { return tree_; }
  /// History ends in a shallow boundary: nothing can be said to have never been.
  [[nodiscard]] bool is_incomplete() const { return upstream_->repository->is_shallow(); }

  /// Visits what the ref's past did to the file, newest first, under its former names too, until `visit` returns false
  /// or `most` commits were seen; whether it got to the end.
  [[nodiscard]] Result<bool> walk_back(std::string_view path, std::size_t most,
                                       const std::function<Result<bool>(const FileStep&)>& visit) const;
  /// The same for commits that the ref does not have: those of its series first, then those of the main branch, then
  /// all others, each from the oldest.
  [[nodiscard]] Result<bool> walk_ahead(std::string_view path, std::size_t most,
                                        const std::function<Result<bool>(const FileStep&)>& visit) const;

  /// Of a commit in the ref's past the first version on its line, of another one the first of all.
  [[nodiscard]] Result<KnownCommit> describe(git::ChangeHistory::Number commit) const;
  /// The regular file at `path` of a commit.
  [[nodiscard]] Result<std::optional<git::ObjectId>> file_at(const git::ObjectId& commit, std::string_view path) const;
  [[nodiscard]] const git::ChangeHistory& history() const { return *history_; }

 private:
  [[nodiscard]] Result<FileStep> step(git::ChangeHistory::Number commit, std::string path) const;

  const UpstreamRefs* upstream_ = nullptr;
  git::ChangeHistoryPtr history_;
  git::ObjectId tree_;
  git::ChangeHistory::Number tip_ = 0;
  git::ChangeHistory::Reach past_;
  std::optional<git::ChangeHistory::Reach> series_;
  std::optional<git::ChangeHistory::Reach> main_;
  FirstTags on_line_;
  FirstTags anywhere_;
};

/// Read once per snapshot, component and commit.
[[nodiscard]] const Result<UpstreamPast>& upstream_past(const workspace::Snapshot& snapshot, std::string_view component,
                                                        const git::ObjectId& commit);

}  // namespace forge::model
