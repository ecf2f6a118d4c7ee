/// Where the server writes about itself: the file of --log-file, else standard error. Never standard output.
#pragma once

#include <cstdio>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace forge::lsp {

class Log {
 public:
  /// An empty path: standard error. A file that can't be written: standard error too, with a line that says so.
  explicit Log(const std::string& path);

  /// From any thread. A full disk loses the line, not the server.
  void line(std::string_view text);

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::mutex mutex_;
  std::unique_ptr<std::FILE, Close> file_;
};

}  // namespace forge::lsp
