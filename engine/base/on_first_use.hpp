/// A value that is made when it is first asked for.
#pragma once

#include <atomic>
#include <mutex>

namespace forge {

/// Computed by whoever asks first; the others wait for it. Where that ends with an exception the next one computes:
/// as with std::call_once, whose exceptions ThreadSanitizer does not know.
template <class T>
class OnFirstUse {
 public:
  template <class Compute>
  const T& get(const Compute& compute) {
    if (!ready_.load(std::memory_order_acquire)) {
      const std::scoped_lock lock(mutex_);
      if (!ready_.load(std::memory_order_relaxed)) {
        value_ = compute();
        ready_.store(true, std::memory_order_release);
      }
    }
    return value_;
  }
  /// Null where nobody has asked yet, or the answer is still being made.
  [[nodiscard]] const T* if_ready() const { return ready_.load(std::memory_order_acquire) ? &value_ : nullptr; }

 private:
  std::mutex mutex_;
  std::atomic<bool> ready_ = false;
  T value_{};
};

}  // namespace forge
