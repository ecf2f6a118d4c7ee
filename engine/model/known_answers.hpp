/// Answers that take git for a while, for those who would rather have none than wait: given only where somebody has
/// asked for them before.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "engine/model/declared_requirements.hpp"
#include "engine/model/upstream_change.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::model {

/// declared_requirements; null where nobody has asked.
[[nodiscard]] const Result<ComponentRequirements>* known_requirements(const workspace::Snapshot& snapshot,
                                                                      const std::string& release,
                                                                      const std::string& component);
/// upstream_changes; likewise.
[[nodiscard]] const Result<std::vector<PatchUpstream>>* known_upstream_changes(const workspace::Snapshot& snapshot,
                                                                               const workspace::PatchSeries& series);

/// Beside a snapshot's answer whether it is there yet. Whoever computes it sets it.
template <class T>
struct KnownAnswer {
  std::shared_ptr<std::atomic<const T*>> answer = std::make_shared<std::atomic<const T*>>(nullptr);

  [[nodiscard]] static std::atomic<const T*>& of(const workspace::Snapshot& snapshot, const std::string& question) {
    return *snapshot.once<KnownAnswer>(question, [] { return KnownAnswer(); }).answer;
  }
};

}  // namespace forge::model
