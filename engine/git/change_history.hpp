/// What every commit of a repository changed: its paths and its Change-Ids, small enough to be kept on disk and quick
/// to ask. Walked once; a repository remembers it (Repository::changes).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/git/upstreams.hpp"

namespace forge::git {

/// What one commit changed against its first parent. A merge counts as changing nothing: what it brings in stands in
/// the commits that it merges.
struct CommitChange {
  ObjectId id;
  std::vector<ObjectId> parents;
  std::int64_t time = 0;                ///< of the committer, seconds since the epoch
  std::vector<std::string> change_ids;  ///< values of `Change-Id:` trailers
  std::vector<std::string> paths;       ///< changed, made or removed; a rename is two of them
};

/// Never changes once made, so any number of threads may read it.
class ChangeHistory {
 public:
  /// A commit's place. Parents have smaller numbers than their children.
  using Number = std::uint32_t;

  /// The commits that one of them reaches, itself included.
  class Reach {
   public:
    [[nodiscard]] bool contains(Number commit) const { return commit < bits_.size() && bits_[commit]; }

   private:
    friend class ChangeHistory;
    std::vector<bool> bits_;
  };

  /// Parents come before their children in `commits`; a parent that is not among them (shallow clone) is left out.
  [[nodiscard]] static ChangeHistory build(std::span<const CommitChange> commits);

  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] std::optional<Number> find(const ObjectId& commit) const;
  [[nodiscard]] ObjectId id(Number commit) const;
  [[nodiscard]] std::int64_t time(Number commit) const;
  [[nodiscard]] std::span<const Number> parents(Number commit) const;

  /// Linear in the number of commits (a millisecond for 100,000).
  [[nodiscard]] Reach reach(Number tip) const;

  /// Commits that change exactly this path (no folder, no pattern), in ascending order.
  [[nodiscard]] std::vector<Number> touching(std::string_view path) const;
  /// Commits that change all of these paths and no other, in ascending order.
  [[nodiscard]] std::vector<Number> changing_exactly(std::span<const std::string> paths) const;
  /// Commits with that Change-Id, in ascending order.
  [[nodiscard]] std::vector<Number> with_change_id(std::string_view change_id) const;

 private:
  struct Commit {
    ObjectId id;
    std::int64_t time = 0;
    std::vector<Number> parents;
  };

  std::vector<Commit> commits_;
  std::map<ObjectId, Number> numbers_;
  std::map<std::string, std::vector<Number>, std::less<>> by_path_;
  std::map<std::string, std::vector<Number>, std::less<>> by_change_id_;
  std::map<std::vector<std::string>, std::vector<Number>> by_paths_;
};

using ChangeHistoryPtr = std::shared_ptr<const ChangeHistory>;

}  // namespace forge::git
