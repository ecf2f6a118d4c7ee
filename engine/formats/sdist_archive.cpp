#include "engine/formats/sdist_archive.hpp"

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/formats/source_archive.hpp"

namespace forge::formats {

namespace {

constexpr std::size_t largest_file = 4U << 20U;

/// Which field holds the file of that name; null for the others.
std::string* field_for(std::string_view name, SdistFiles& files) {
  if (name.ends_with(".egg-info/requires.txt")) return &files.requires_txt;
  if (name == "PKG-INFO") return &files.pkg_info;
  if (name == "pyproject.toml") return &files.pyproject;
  if (name == "setup.py") return &files.setup_py;
  if (name == "setup.cfg") return &files.setup_cfg;
  return nullptr;
}

}  // namespace

std::vector<std::string> requires_dist_of(std::string_view requires_txt) {
  std::vector<std::string> found;
  std::string condition;
  for (const std::string_view raw : split(requires_txt, '\n')) {
    const std::string_view line = trim(raw);
    if (line.empty()) continue;
    if (line.front() != '[' || line.back() != ']') {
      found.push_back(condition.empty() ? std::string(line) : fmt::format("{}; {}", line, condition));
      continue;
    }
    const std::string_view section = line.substr(1, line.size() - 2);
    const std::size_t colon = section.find(':');
    const std::string_view extra = section.substr(0, colon);
    const std::string_view marker = colon == std::string_view::npos ? std::string_view() : section.substr(colon + 1);
    condition = extra.empty() ? std::string(marker) : fmt::format("extra == '{}'", extra);
    if (!extra.empty() && !marker.empty()) condition = fmt::format("({}) and {}", marker, condition);
  }
  return found;
}

std::optional<SdistFiles> read_sdist(std::string_view archive, std::size_t most) {
  Result<std::vector<ArchivedFile>> all = read_source_archive(archive, {.bytes = most});
  if (!all) return std::nullopt;
  SdistFiles files;
  for (ArchivedFile& file : *all) {
    std::string* field = file.content.size() <= largest_file ? field_for(file.path, files) : nullptr;
    if (field != nullptr && field->empty()) *field = std::move(file.content);
  }
  return files;
}

}  // namespace forge::formats
