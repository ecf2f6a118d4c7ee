/// Tells when a file of a forge changes on disk.
#pragma once

#include <string>

namespace forge::cli {

/// Watches the forge's folders and the files at its root from when it is made, so that no change is missed between two
/// waits. Throws NotDone where the system can't watch (or not that many folders).
class ForgeWatch {
 public:
  explicit ForgeWatch(std::string root);
  ~ForgeWatch();
  ForgeWatch(const ForgeWatch&) = delete;
  ForgeWatch& operator=(const ForgeWatch&) = delete;

  /// Returns once something has changed since the last call, and nothing more for a moment: an editor writes in steps,
  /// a branch switch many files.
  void wait();

 private:
  void watch_folders();
  void watch(const std::string& folder);
  bool read_events();

  std::string root_;
  int descriptor_ = -1;
};

}  // namespace forge::cli
