/// Answers that outlive their snapshot: of a question whose inputs stay the same in one snapshot after the other, so
/// that an editor does not pay for them anew with every keystroke. What a snapshot alone remembers is `Snapshot::once`.
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <iterator>
#include <memory>
#include <mutex>
#include <utility>

namespace forge::model {

/// The last few answers by their inputs, whatever the snapshot. `Inputs` names all that the answer depends on and owns
/// none of it; `gone()` says that nobody can ask with them any more. From any thread.
template <class Inputs, class Answer>
class KeptAnswers {
 public:
  /// `most` of them are kept: as many as there may be forges, times releases, open at once.
  explicit KeptAnswers(std::size_t most) : most_(most) {}

  template <class Compute>
  std::shared_ptr<const Answer> get(const Inputs& inputs, const Compute& compute) {
    if (auto known = find(inputs)) return known;
    auto made = std::make_shared<const Answer>(compute());
    const std::scoped_lock lock(mutex_);
    std::erase_if(kept_, [](const auto& one) { return one.first.gone(); });
    kept_.emplace_front(inputs, made);
    if (kept_.size() > most_) kept_.pop_back();
    return made;
  }

 private:
  std::shared_ptr<const Answer> find(const Inputs& inputs) {
    const std::scoped_lock lock(mutex_);
    const auto found = std::ranges::find_if(kept_, [&](const auto& one) { return one.first == inputs; });
    if (found == kept_.end()) return nullptr;
    // The one that was not asked for longest is the first to go.
    std::rotate(kept_.begin(), found, std::next(found));
    return kept_.front().second;
  }

  std::size_t most_;
  std::mutex mutex_;
  std::deque<std::pair<Inputs, std::shared_ptr<const Answer>>> kept_;
};

/// Whether both are the same object, be it alive or not.
template <class T>
bool is_same(const std::weak_ptr<T>& a, const std::weak_ptr<T>& b) {
  return !a.owner_before(b) && !b.owner_before(a);
}

}  // namespace forge::model
