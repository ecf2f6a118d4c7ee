/// What a source tree declares: the input is its files, one behind another with a zero byte between.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/formats/python_project.hpp"

namespace {

using namespace forge;

using Files = std::map<std::string, std::string, std::less<>>;

void require_inside(const formats::TreePlace& place, const Files& files) {
  const auto file = files.find(place.path);
  const std::size_t size = file == files.end() ? 0 : file->second.size();
  if (place.span.begin > place.span.end || place.span.end > size) std::abort();
}

void require_inside(const std::vector<formats::DeclaredRequirement>& list, const Files& files) {
  for (const auto& one : list) require_inside(one.place, files);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::array paths = {"setup.cfg", "setup.py", "pyproject.toml", "requirements.txt", "test-requirements.txt"};
  const std::string all(data, data + size);
  Files files;
  std::size_t at = 0;
  for (const char* path : paths) {
    const std::size_t end = std::min(all.find('\0', at), all.size());
    if (end > at) files[path] = all.substr(at, end - at);
    at = std::min(end + 1, all.size());
  }
  const formats::DeclaredRequirements declared =
      formats::declared_requirements([&](std::string_view path) -> std::optional<std::string_view> {
        const auto file = files.find(path);
        return file == files.end() ? std::nullopt : std::optional<std::string_view>(file->second);
      });
  require_inside(declared.runtime, files);
  require_inside(declared.build, files);
  for (const auto& extra : declared.extras) {
    require_inside(extra.place, files);
    require_inside(extra.requirements, files);
  }
  for (const auto& part : declared.unreadable) require_inside(part.place, files);
  require_inside(declared.requires_python_place, files);
  return 0;
}
