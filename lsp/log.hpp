/// Where the server writes about itself: the file of --log-file, else standard error. Never standard output.
#pragma once

#include <cstdio>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace forge::lsp {

class Log {
 public:
  /// An empty path: standard error. A file that can't be written: standard error too, with a line that says so.
  explicit Log(const std::string& path);

  /// From any thread. A full disk loses the line, not the server.
  void line(std::string_view text);
  /// The last lines, the newest last.
  [[nodiscard]] std::vector<std::string> recent() const;

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  mutable std::mutex mutex_;
  std::deque<std::string> recent_;
  std::unique_ptr<std::FILE, Close> file_;
};

}  // namespace forge::lsp
