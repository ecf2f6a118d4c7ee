#include "cli/user/user_folders.hpp"

#include <cstdlib>

namespace forge::environment {

std::string variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::string() : std::string(value);
}

std::string cache_folder() {
  if (const std::string cache = variable("XDG_CACHE_HOME"); !cache.empty()) return cache + "/forge-analyze";
  if (const std::string home = variable("HOME"); !home.empty()) return home + "/.cache/forge-analyze";
  return "/var/cache/forge-analyze";
}

}  // namespace forge::environment
