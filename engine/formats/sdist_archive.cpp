#include "engine/formats/sdist_archive.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/formats/inflate.hpp"
#include "engine/formats/zip_directory.hpp"

namespace forge::formats {

namespace {

constexpr std::size_t block = 512;
constexpr std::size_t largest_file = 4U << 20U;

/// Which field holds the file of that name; null for the others.
std::string* field_for(std::string_view path, SdistFiles& files) {
  if (path.starts_with("./")) path.remove_prefix(2);
  const std::size_t slash = path.find('/');
  if (slash == std::string_view::npos) return nullptr;
  const std::string_view name = path.substr(slash + 1);
  if (name.ends_with(".egg-info/requires.txt")) return &files.requires_txt;
  if (name == "PKG-INFO") return &files.pkg_info;
  if (name == "pyproject.toml") return &files.pyproject;
  if (name == "setup.py") return &files.setup_py;
  if (name == "setup.cfg") return &files.setup_cfg;
  return nullptr;
}

std::string_view text_field(std::string_view header, std::size_t at, std::size_t size) {
  const std::string_view field = header.substr(at, size);
  return field.substr(0, field.find('\0'));
}

/// Octal, or base 256 where the first bit is set (GNU).
std::optional<std::size_t> size_field(std::string_view header) {
  std::string_view field = header.substr(124, 12);
  if ((static_cast<unsigned char>(field.front()) & 0x80U) != 0) return std::nullopt;  // over 8 GiB
  while (!field.empty() && field.front() == ' ') field.remove_prefix(1);
  std::size_t size = 0;
  std::from_chars(field.data(), field.data() + field.size(), size, 8);
  return size;
}

/// Regular files of a tar (ustar, GNU, pax); long names are of no interest, since ours are short.
std::optional<SdistFiles> read_tar(std::string_view tar) {
  SdistFiles files;
  while (tar.size() >= block && tar.front() != '\0') {
    const std::string_view header = tar.substr(0, block);
    const auto size = size_field(header);
    tar.remove_prefix(block);
    if (!size || *size > tar.size()) return std::nullopt;
    const char type = header[156];
    const std::string prefix(text_field(header, 257, 6).starts_with("ustar") ? text_field(header, 345, 155) : "");
    const std::string path = (prefix.empty() ? std::string() : prefix + "/") + std::string(text_field(header, 0, 100));
    const bool regular = type == '0' || type == '\0';
    std::string* field = regular && *size <= largest_file ? field_for(path, files) : nullptr;
    if (field != nullptr && field->empty()) *field = tar.substr(0, *size);
    tar.remove_prefix(std::min((*size + block - 1) / block * block, tar.size()));
  }
  return files;
}

std::optional<SdistFiles> read_zip(std::string_view archive) {
  const auto tail = find_zip_directory(archive, archive.size());
  if (!tail) return std::nullopt;
  const auto entries = parse_zip_directory(archive.substr(tail->directory_offset, tail->directory_size));
  if (!entries) return std::nullopt;
  SdistFiles files;
  for (const ZipEntry& entry : *entries) {
    std::string* field = field_for(entry.name, files);
    if (field == nullptr || entry.header_offset >= archive.size()) continue;
    auto text = unpack_zip_entry(archive.substr(entry.header_offset), entry, largest_file);
    if (!text) return std::nullopt;
    *field = *std::move(text);
  }
  return files;
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
  if (archive.starts_with("PK")) return read_zip(archive);
  const auto tar = inflate(archive, Deflated::gzip, most);
  return tar ? read_tar(*tar) : std::nullopt;
}

}  // namespace forge::formats
