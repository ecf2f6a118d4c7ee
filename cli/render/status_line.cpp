#include "cli/render/status_line.hpp"

#include <cstdio>

#include <fmt/format.h>

namespace forge::cli {

StatusLine::StatusLine(bool enabled, std::string title)
    : enabled_(enabled), title_(std::move(title)), next_(Clock::now() + std::chrono::milliseconds(300)) {}

StatusLine::~StatusLine() {
  clear();
}

void StatusLine::clear() {
  const std::scoped_lock lock(mutex_);
  if (shown_) std::fputs("\r\x1b[K", stderr);
  shown_ = false;
}

void StatusLine::update(std::size_t done, std::size_t total, std::string_view what) {
  if (!enabled_) return;
  const std::scoped_lock lock(mutex_);
  const auto now = Clock::now();
  if (now < next_) return;
  next_ = now + std::chrono::milliseconds(100);
  shown_ = true;
  fmt::print(stderr, "\r\x1b[K{} [{}/{}] {}", title_, done, total, what);
  std::fflush(stderr);
}

}  // namespace forge::cli
