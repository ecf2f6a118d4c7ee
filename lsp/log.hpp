/// Where the server writes about itself: the file of --log-file, else standard error. Never standard output. From any
/// thread; a full disk loses the line, not the server.
#pragma once

#include <cstdio>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace forge::lsp {

enum class LogLevel { off, info, debug };

class Log {
 public:
  /// An empty path: standard error. A file that can't be written: standard error too, with a line that says so.
  explicit Log(const std::string& path, LogLevel level = LogLevel::info);

  /// What went wrong, and what an operator wants to know.
  void line(std::string_view text);
  /// What the server does, run by run; only where somebody asked for it.
  void debug(std::string_view text);
  /// The last of `line`, the newest last.
  [[nodiscard]] std::vector<std::string> recent() const;

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  void write(std::string_view text);

  LogLevel level_;
  mutable std::mutex mutex_;
  std::deque<std::string> recent_;
  std::unique_ptr<std::FILE, Close> file_;
};

}  // namespace forge::lsp
