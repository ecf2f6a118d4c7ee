#include "engine/git/history.hpp"

#include <algorithm>
#include <cstring>
#include <queue>
#include <unordered_set>

#include "engine/base/cancellation.hpp"

namespace forge::git {

namespace {

// Committers' clocks differ, so a parent may look younger than its child; a day covers what real histories have.
constexpr std::int64_t clock_slop_seconds = 86'400;

constexpr unsigned from_tip = 1;
constexpr unsigned from_hidden = 2;

}  // namespace

std::size_t History::IdHash::operator()(const ObjectId& id) const noexcept {
  std::size_t hash = 0;
  std::memcpy(&hash, id.bytes.data(), sizeof hash);
  return hash;
}

/// Newest first; of equal dates the one that was queued first.
class History::DateQueue {
 public:
  void push(Commit* commit) { queue_.push({commit, next_++}); }
  [[nodiscard]] bool empty() const { return queue_.empty(); }
  [[nodiscard]] std::int64_t newest() const { return queue_.top().commit->time; }
  Commit* pop() {
    Commit* commit = queue_.top().commit;
    queue_.pop();
    return commit;
  }

 private:
  struct Entry {
    Commit* commit;
    std::uint64_t order;
    bool operator<(const Entry& other) const {
      if (commit->time != other.commit->time) return commit->time < other.commit->time;
      return order > other.order;
    }
  };
  std::priority_queue<Entry> queue_;
  std::uint64_t next_ = 0;
};

/// Which of the two sides reaches each commit that was met. Both go backwards in step, newest first.
class History::Painting {
 public:
  void add(Commit* commit, unsigned colours) {
    Mark& mark = marks_[commit];
    const unsigned before = mark.colours;
    mark.colours |= colours;
    if (mark.colours == before) return;
    if (before == from_tip && mark.queued) --open_;
    if (!mark.queued) queue_.push(commit);
    if (mark.colours == from_tip) {
      ++open_;
      oldest_ = std::min(oldest_, commit->time);
    }
    mark.queued = true;
  }
  /// Nothing is left that only the tip reaches.
  [[nodiscard]] bool tip_exhausted() const { return open_ == 0; }
  /// And what the hidden side has still to tell about is older than all of it.
  [[nodiscard]] bool settled() const {
    return queue_.empty() || (open_ == 0 && queue_.newest() < oldest_ - clock_slop_seconds);
  }
  std::pair<Commit*, unsigned> pop() {
    Commit* commit = queue_.pop();
    Mark& mark = marks_[commit];
    mark.queued = false;
    if (mark.colours == from_tip) --open_;
    return {commit, mark.colours};
  }
  [[nodiscard]] unsigned colours(const Commit* commit) const {
    const auto found = marks_.find(commit);
    return found == marks_.end() ? 0 : found->second.colours;
  }
  [[nodiscard]] bool only_tip(const Commit* commit) const { return colours(commit) == from_tip; }
  [[nodiscard]] std::size_t count_only_tip() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(marks_, [](const auto& mark) { return mark.second.colours == from_tip; }));
  }

 private:
  struct Mark {
    unsigned colours = 0;
    bool queued = false;
  };
  std::unordered_map<const Commit*, Mark> marks_;
  DateQueue queue_;
  std::size_t open_ = 0;  // queued commits that only the tip is known to reach
  std::int64_t oldest_ = INT64_MAX / 2;
};

Result<std::size_t> History::count_between(const ObjectId& base, const ObjectId& tip) {
  FORGE_TRY_ASSIGN(const Painting painting, paint(tip, {base}, nullptr));
  return painting.count_only_tip();
}

Result<bool> History::is_ancestor(const ObjectId& ancestor, const ObjectId& descendant) {
  const Commit* wanted = find(ancestor);
  FORGE_TRY_ASSIGN(const Painting painting, paint(descendant, {ancestor}, wanted));
  return (painting.colours(wanted) & from_tip) != 0;
}

Result<void> History::walk(const ObjectId& from, const std::vector<ObjectId>& hidden,
                           const std::function<Result<bool>(const ObjectId&)>& visit) {
  std::optional<Painting> painting;
  if (!hidden.empty()) {
    FORGE_TRY_ASSIGN(painting, paint(from, hidden, nullptr));
  }
  std::unordered_set<const Commit*> met;
  DateQueue queue;
  const auto meet = [&](Commit* commit) -> Result<void> {
    if (!met.insert(commit).second || (painting && !painting->only_tip(commit))) return {};
    FORGE_TRY(load(commit));
    queue.push(commit);
    return {};
  };
  FORGE_TRY(meet(find(from)));
  while (!queue.empty()) {
    throw_if_cancelled();
    const Commit* commit = queue.pop();
    FORGE_TRY_ASSIGN(const bool go_on, visit(commit->id));
    if (!go_on) return {};
    for (Commit* parent : commit->parents) FORGE_TRY(meet(parent));
  }
  return {};
}

Result<History::Painting> History::paint(const ObjectId& tip, const std::vector<ObjectId>& hidden,
                                         const Commit* until_reached) {
  Painting painting;
  const auto add = [&](Commit* commit, unsigned colours) -> Result<void> {
    FORGE_TRY(load(commit));
    painting.add(commit, colours);
    return {};
  };
  FORGE_TRY(add(find(tip), from_tip));
  for (const ObjectId& id : hidden) FORGE_TRY(add(find(id), from_hidden));
  const auto done = [&] {
    if (until_reached == nullptr) return painting.settled();
    return painting.tip_exhausted() || (painting.colours(until_reached) & from_tip) != 0;
  };
  while (!done()) {
    throw_if_cancelled();
    const auto [commit, colours] = painting.pop();
    for (Commit* parent : commit->parents) FORGE_TRY(add(parent, colours));
  }
  return painting;
}

History::Commit* History::find(const ObjectId& id) {
  const std::lock_guard lock(mutex_);
  return find_locked(id);
}

History::Commit* History::find_locked(const ObjectId& id) {
  auto [at, added] = by_id_.try_emplace(id, nullptr);
  if (added) {
    at->second = &commits_.emplace_back();
    at->second->id = id;
  }
  return at->second;
}

Result<History::Commit*> History::load(Commit* commit) {
  if (commit->loaded.load(std::memory_order_acquire)) return commit;
  FORGE_TRY_ASSIGN(const HistoryLink link, read_(commit->id));
  const std::lock_guard lock(mutex_);
  if (commit->loaded.load(std::memory_order_relaxed)) return commit;
  commit->time = link.time;
  for (const ObjectId& parent : link.parents) commit->parents.push_back(find_locked(parent));
  commit->loaded.store(true, std::memory_order_release);
  return commit;
}

}  // namespace forge::git
