/// The server's own log as events: what it says on --log-level debug, as it says it.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace forge::lsp::test {

class LogPipe {
 public:
  LogPipe();
  ~LogPipe();
  LogPipe(const LogPipe&) = delete;
  LogPipe& operator=(const LogPipe&) = delete;

  /// For the server's command line.
  [[nodiscard]] std::vector<std::string> arguments() const;
  /// The next line that has `part` in it; earlier ones are dropped. Fails the test in time.
  std::string line_with(const std::string& part);
  /// How many lines with `part` in them came up to, and without, the one with `last`.
  int count_until(const std::string& part, const std::string& last);

 private:
  std::string next_line();

  std::string folder_;
  int pipe_ = -1;
  std::string unread_;
};

}  // namespace forge::lsp::test
