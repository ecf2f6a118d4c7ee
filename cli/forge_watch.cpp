#include "cli/forge_watch.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <system_error>

#include <fmt/format.h>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "cli/command.hpp"
#include "engine/workspace/file_store.hpp"

namespace forge::cli {

namespace {

namespace fs = std::filesystem;

constexpr int quiet_milliseconds = 50;
constexpr std::uint32_t changes = IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF;

/// Of the root only the forge's own names count: an answer may be written beside them.
bool concerns_forge(std::string_view name) {
  const auto& paths = workspace::forge_paths();
  return name.empty() || std::ranges::find(paths, name) != paths.end();
}

bool is_ready(int descriptor, int milliseconds) {
  pollfd wanted{descriptor, POLLIN, 0};
  while (true) {
    const int ready = ::poll(&wanted, 1, milliseconds);
    if (ready >= 0 || errno != EINTR) return ready > 0;
  }
}

}  // namespace

ForgeWatch::ForgeWatch(std::string root) : root_(std::move(root)), descriptor_(::inotify_init1(IN_CLOEXEC)) {
  if (descriptor_ < 0) throw NotDone(fmt::format("Changes can't be watched: {}.", std::strerror(errno)));
  watch(root_);
  watch_folders();
}

ForgeWatch::~ForgeWatch() {
  ::close(descriptor_);
}

void ForgeWatch::watch(const std::string& folder) {
  if (::inotify_add_watch(descriptor_, folder.c_str(), changes | IN_ONLYDIR) >= 0) return;
  if (errno == ENOSPC)
    throw NotDone("The system watches no more folders.", {"raise fs.inotify.max_user_watches with sysctl"});
}

/// Adding one that is watched changes nothing.
void ForgeWatch::watch_folders() {
  std::error_code error;
  for (const std::string& name : workspace::forge_paths()) {
    const fs::path top = fs::path(root_) / name;
    if (!fs::is_directory(top, error)) continue;
    watch(top.string());
    auto entry = fs::recursive_directory_iterator(top, fs::directory_options::skip_permission_denied, error);
    for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error))
      if (entry->is_directory(error) && !entry->is_symlink(error)) watch(entry->path().string());
  }
}

/// Whether one of those that wait is about the forge.
bool ForgeWatch::read_events() {
  alignas(inotify_event) std::array<char, 16384> buffer{};
  const ssize_t size = ::read(descriptor_, buffer.data(), buffer.size());
  bool concerned = false;
  for (ssize_t at = 0; at < size;) {
    inotify_event event{};
    std::memcpy(&event, buffer.data() + at, sizeof event);
    const char* name = event.len > 0 ? buffer.data() + at + sizeof event : "";
    // The root's watch was made first; it alone sees names that are not the forge's.
    concerned = concerned || event.wd != 1 || (event.mask & IN_Q_OVERFLOW) != 0 || concerns_forge(name);
    at += static_cast<ssize_t>(sizeof event + event.len);
  }
  return concerned;
}

void ForgeWatch::wait() {
  while (!(is_ready(descriptor_, -1) && read_events())) {
  }
  while (is_ready(descriptor_, quiet_milliseconds)) (void)read_events();
  watch_folders();
}

}  // namespace forge::cli
