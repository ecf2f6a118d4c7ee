/// The only file that starts threads in the engine.
#pragma once

#include <cstddef>
#include <functional>

namespace forge {

/// Runs independent pieces of work on a fixed number of threads.
class TaskPool {
 public:
  /// `jobs` threads at most; 0 or 1: everything runs on the caller's thread, which is how tests run.
  explicit TaskPool(std::size_t jobs) : jobs_(jobs) {}

  /// Calls `work(0)` ... `work(count - 1)`, each once, in any order, and returns when all are done.
  /// The first exception is rethrown here after that. Between two pieces the caller's cancellation is looked at.
  void for_each(std::size_t count, const std::function<void(std::size_t)>& work) const;

  [[nodiscard]] std::size_t jobs() const { return jobs_; }

 private:
  std::size_t jobs_;
};

}  // namespace forge
