#include "engine/workspace/disk_stamp.hpp"

#include <functional>
#include <string_view>

#include <fmt/format.h>
#include <sys/stat.h>

#include "engine/workspace/file_store.hpp"

namespace forge::workspace {

std::uint64_t disk_stamp(const std::string& root) {
  const auto paths = disk_files(root)->list();
  if (!paths) return 0;
  std::uint64_t stamp = 1;
  for (const std::string& path : *paths) {
    struct stat file{};
    const bool there = ::stat((root + "/" + path).c_str(), &file) == 0;
    const std::string now =
        fmt::format("{}{}:{}:{}.{}:{}.{}", stamp, path, there ? file.st_ino : 0, file.st_size, file.st_mtim.tv_sec,
                    file.st_mtim.tv_nsec, file.st_ctim.tv_sec, file.st_ctim.tv_nsec);
    stamp = std::hash<std::string_view>{}(now);
  }
  return stamp;
}

}  // namespace forge::workspace
