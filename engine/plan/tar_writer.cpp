#include "engine/plan/tar_writer.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace forge::plan {

namespace {

constexpr std::size_t record = 512;
constexpr std::size_t name_size = 100;
constexpr std::size_t prefix_size = 155;
constexpr std::uint64_t largest_octal = 077777777777ULL;  // eleven digits

/// Prefix and name, split at a slash; nothing where they do not fit.
std::optional<std::pair<std::string_view, std::string_view>> split_name(std::string_view path) {
  if (path.size() <= name_size) return std::pair(std::string_view(), path);
  const std::size_t from = path.size() - name_size - 1;
  for (std::size_t slash = path.find('/', from); slash != std::string_view::npos; slash = path.find('/', slash + 1)) {
    if (slash > prefix_size) break;
    if (slash > 0 && slash + 1 < path.size()) return std::pair(path.substr(0, slash), path.substr(slash + 1));
  }
  return std::nullopt;
}

/// `30 mtime=1350244992.023960108\n`: the number counts its own digits too.
std::string pax_record(std::string_view key, std::string_view value) {
  const std::size_t rest = key.size() + value.size() + 3;
  std::size_t size = rest;
  while (size != rest + std::to_string(size).size()) size = rest + std::to_string(size).size();
  return fmt::format("{} {}={}\n", size, key, value);
}

void put(std::string& header, std::size_t at, std::string_view text) {
  header.replace(at, text.size(), text);
}

}  // namespace

void TarWriter::add_header(const Entry& entry, std::string_view name, std::string_view prefix) {
  std::string header(record, '\0');
  put(header, 0, name.substr(0, name_size));
  put(header, 100, fmt::format("{:07o}", entry.mode));
  put(header, 108, "0000000");
  put(header, 116, "0000000");
  put(header, 124, fmt::format("{:011o}", std::min<std::uint64_t>(entry.content.size(), largest_octal)));
  put(header, 136, fmt::format("{:011o}", std::clamp<std::int64_t>(time_, 0, largest_octal)));
  put(header, 148, "        ");
  header[156] = entry.type;
  put(header, 157, entry.target.substr(0, name_size));
  put(header, 257, std::string_view("ustar\00000", 8));
  put(header, 329, "0000000");
  put(header, 337, "0000000");
  put(header, 345, prefix);
  unsigned sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  put(header, 148, fmt::format("{:06o}", sum));
  header[154] = '\0';
  out_ += header;
}

void TarWriter::add_content(std::string_view content) {
  out_ += content;
  out_.append((record - content.size() % record) % record, '\0');
}

void TarWriter::add(const Entry& entry) {
  const auto name = split_name(entry.path);
  std::string extended;
  if (!name) extended += pax_record("path", entry.path);
  if (entry.target.size() > name_size) extended += pax_record("linkpath", entry.target);
  if (entry.content.size() > largest_octal) extended += pax_record("size", std::to_string(entry.content.size()));
  if (!extended.empty()) {
    add_header({.path = {}, .type = 'x', .mode = 0644, .content = extended}, "PaxHeader", "");
    add_content(extended);
  }
  add_header(entry, name ? name->second : entry.path, name ? name->first : "");
  add_content(entry.content);
}

void TarWriter::add_file(std::string_view path, std::uint32_t mode, std::string_view content) {
  add({.path = path, .type = '0', .mode = mode, .content = content});
}

void TarWriter::add_folder(std::string_view path) {
  add({.path = path, .type = '5', .mode = 0755});
}

void TarWriter::add_link(std::string_view path, std::string_view target) {
  add({.path = path, .type = '2', .mode = 0777, .target = target});
}

std::string TarWriter::take() {
  out_.append(2 * record, '\0');
  return std::move(out_);
}

}  // namespace forge::plan
