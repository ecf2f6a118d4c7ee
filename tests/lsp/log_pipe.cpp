#include "tests/lsp/log_pipe.hpp"

#include <array>
#include <filesystem>
#include <stdexcept>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace forge::lsp::test {

namespace {

constexpr int patience = 60'000;  // milliseconds; only a failing test waits for it

}  // namespace

LogPipe::LogPipe() {
  std::string pattern = (std::filesystem::temp_directory_path() / "forge-lsp-log-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
  folder_ = pattern;
  if (::mkfifo((folder_ + "/log").c_str(), 0600) != 0) throw std::runtime_error("mkfifo");
  // For both, so that neither side waits for the other to open it, and that it never ends.
  pipe_ = ::open((folder_ + "/log").c_str(), O_RDWR | O_CLOEXEC);
}

LogPipe::~LogPipe() {
  ::close(pipe_);
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::vector<std::string> LogPipe::arguments() const {
  return {"--log-file", folder_ + "/log", "--log-level", "debug"};
}

std::string LogPipe::line_with(const std::string& part) {
  for (;;) {
    std::string line = next_line();
    if (line.find(part) != std::string::npos) return line;
  }
}

int LogPipe::count_until(const std::string& part, const std::string& last) {
  for (int count = 0;;) {
    const std::string line = next_line();
    if (line.find(last) != std::string::npos) return count;
    if (line.find(part) != std::string::npos) ++count;
  }
}

std::string LogPipe::next_line() {
  std::size_t end = 0;
  while ((end = unread_.find('\n')) == std::string::npos) {
    pollfd ready{.fd = pipe_, .events = POLLIN, .revents = 0};
    if (::poll(&ready, 1, patience) <= 0) throw std::runtime_error("timed out waiting for a line of the log");
    std::array<char, 4096> buffer{};
    const ssize_t count = ::read(pipe_, buffer.data(), buffer.size());
    if (count > 0) unread_.append(buffer.data(), static_cast<std::size_t>(count));
  }
  std::string line = unread_.substr(0, end);
  unread_.erase(0, end + 1);
  return line;
}

}  // namespace forge::lsp::test
