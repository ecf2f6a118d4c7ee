#include "lsp/log.hpp"

#include <fmt/format.h>

namespace forge::lsp {

namespace {

constexpr std::size_t most_recent = 20;

}  // namespace

Log::Log(const std::string& path) {
  if (path.empty()) return;
  file_.reset(std::fopen(path.c_str(), "a"));
  if (!file_) line(fmt::format("the log file `{}` can't be written", path));
}

void Log::line(std::string_view text) {
  const std::scoped_lock lock(mutex_);
  std::FILE* out = file_ ? file_.get() : stderr;
  const std::string whole = fmt::format("forge-lsp: {}\n", text);
  std::fwrite(whole.data(), 1, whole.size(), out);
  std::fflush(out);
  recent_.emplace_back(text);
  if (recent_.size() > most_recent) recent_.pop_front();
}

std::vector<std::string> Log::recent() const {
  const std::scoped_lock lock(mutex_);
  return {recent_.begin(), recent_.end()};
}

}  // namespace forge::lsp
