#include "tests/support/shared_data.hpp"

#include <cstdlib>

namespace forge::support {

std::optional<std::filesystem::path> shared_data(std::string_view name) {
  const char* const given = std::getenv("FORGE_SHARED");
  const std::filesystem::path root =
      given != nullptr ? std::filesystem::path(given) : std::filesystem::path(FORGE_SOURCE_DIR) / ".." / "shared";
  const std::filesystem::path folder = root / "data" / name;
  if (!std::filesystem::is_directory(folder)) return std::nullopt;
  return folder;
}

}  // namespace forge::support
