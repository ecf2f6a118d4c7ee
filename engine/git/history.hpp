/// Questions about the shape of a history, answered over commits that are read once and kept small.
/// libgit2's walker orders equal dates by its heap; versions need the order of `git log` (see walk).
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/git/upstreams.hpp"

namespace forge::git {

/// A commit's place in history: committer time and parents.
struct HistoryLink {
  std::int64_t time = 0;
  std::vector<ObjectId> parents;
};

/// Any thread may ask. Commits are remembered for good: about 100 bytes each.
class History {
 public:
  using Read = std::function<Result<HistoryLink>(const ObjectId&)>;
  explicit History(Read read) : read_(std::move(read)) {}

  /// Commits reachable from `tip` and not from `base`.
  [[nodiscard]] Result<std::size_t> count_between(const ObjectId& base, const ObjectId& tip);
  [[nodiscard]] Result<bool> is_ancestor(const ObjectId& ancestor, const ObjectId& descendant);
  /// In the order of plain `git log`: newest committer date first, equal dates in the order they were met.
  [[nodiscard]] Result<void> walk(const ObjectId& from, const std::vector<ObjectId>& hidden,
                                  const std::function<Result<bool>(const ObjectId&)>& visit);

 private:
  struct Commit {
    ObjectId id;
    std::atomic<bool> loaded = false;  // written last; then the fields below never change
    std::int64_t time = 0;
    std::vector<Commit*> parents;
  };
  struct IdHash {
    std::size_t operator()(const ObjectId& id) const noexcept;
  };
  class Painting;
  class DateQueue;

  [[nodiscard]] Commit* find(const ObjectId& id);
  [[nodiscard]] Commit* find_locked(const ObjectId& id);
  /// With its time and parents read.
  [[nodiscard]] Result<Commit*> load(Commit* commit);
  [[nodiscard]] Result<Painting> paint(const ObjectId& tip, const std::vector<ObjectId>& hidden,
                                       const Commit* until_reached);

  Read read_;
  std::mutex mutex_;
  std::deque<Commit> commits_;
  std::unordered_map<ObjectId, Commit*, IdHash> by_id_;
};

}  // namespace forge::git
