#include "engine/git/fetch_time.hpp"

#include <filesystem>

#include <sys/stat.h>

namespace forge::git {

std::optional<Timestamp> time_of_file(const std::string& repository, const char* name) {
  const std::filesystem::path base(repository);
  for (const std::filesystem::path& folder : {base, base / ".git"}) {
    struct ::stat status{};
    if (::stat((folder / name).c_str(), &status) == 0) return Timestamp{status.st_mtim.tv_sec, 0};
  }
  return std::nullopt;
}

std::optional<Timestamp> fetch_time(const std::string& repository) {
  return time_of_file(repository, "FETCH_HEAD");
}

}  // namespace forge::git
