/// Keeps two processes from writing one mirror.
#pragma once

#include <string>
#include <utility>

#include "engine/base/result.hpp"

namespace forge::git {

/// Held while a mirror is written, by one process at a time; goes with the process that holds it.
class MirrorLock {
 public:
  /// Fails with `io` at once where another process holds it. `mirror` itself need not exist, its folder must.
  [[nodiscard]] static Result<MirrorLock> take(const std::string& mirror);
  MirrorLock(MirrorLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  MirrorLock& operator=(MirrorLock&&) = delete;
  ~MirrorLock();

 private:
  explicit MirrorLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace forge::git
