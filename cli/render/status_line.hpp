/// One line of progress on a terminal's standard error, gone when the work is done.
#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>

namespace forge::cli {

/// Thread-safe. Shows nothing before 0.3 seconds have passed, and at most ten lines a second.
class StatusLine {
 public:
  /// `enabled` is false where nobody looks: no terminal, `--quiet`.
  StatusLine(bool enabled, std::string title);
  ~StatusLine();
  StatusLine(const StatusLine&) = delete;
  StatusLine& operator=(const StatusLine&) = delete;

  void update(std::size_t done, std::size_t total, std::string_view what = {});
  /// Takes the line away, before anything else is written.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  const bool enabled_;
  const std::string title_;
  std::mutex mutex_;
  Clock::time_point next_;
  bool shown_ = false;
};

}  // namespace forge::cli
