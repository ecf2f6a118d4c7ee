/// Work whose answer nobody waits for any more ends early: whoever begins it says how that is known, once, for its own
/// thread and for those that TaskPool gives it; what takes long asks now and then.
#pragma once

#include <exception>
#include <stop_token>

namespace forge {

/// Thrown out of work that was cut. Nothing of it is remembered: whoever asks next computes anew.
class Cancelled : public std::exception {
 public:
  [[nodiscard]] const char* what() const noexcept override { return "cancelled"; }
};

struct Cancellation {
  std::stop_token obsolete{};  ///< the answer is not wanted any more; the next one may need much of the same
  std::stop_token ending{};    ///< nobody will ask again
};

/// Holds on this thread until it is destroyed; the one before holds then again.
class CancellationScope {
 public:
  explicit CancellationScope(Cancellation cancellation);
  ~CancellationScope();
  CancellationScope(const CancellationScope&) = delete;
  CancellationScope& operator=(const CancellationScope&) = delete;

 private:
  Cancellation cancellation_;
  const Cancellation* before_;
};

/// Of the innermost scope; without one nothing is ever cut.
[[nodiscard]] Cancellation current_cancellation();
/// Throws Cancelled. Costs a few nanoseconds.
void throw_if_cancelled();

}  // namespace forge
