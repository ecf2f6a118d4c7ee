#include "engine/formats/zip_directory.hpp"

#include <algorithm>

#include <zlib.h>

#include "engine/formats/inflate.hpp"

namespace forge::formats {

namespace {

constexpr std::size_t end_record_size = 22;
constexpr std::size_t directory_record_size = 46;
constexpr std::size_t local_header_size = 30;
constexpr std::size_t longest_extra = 65'535;
constexpr std::size_t most_entries = 100'000;

/// Little-endian; the caller has checked the length.
std::uint64_t number_at(std::string_view bytes, std::size_t at, std::size_t width) {
  std::uint64_t value = 0;
  for (std::size_t i = width; i > 0; --i) value = value << 8U | static_cast<unsigned char>(bytes[at + i - 1]);
  return value;
}

bool has_signature(std::string_view bytes, std::size_t at, std::string_view signature) {
  return bytes.size() >= at + 4 && bytes.substr(at, 4) == signature;
}

}  // namespace

std::optional<ZipTail> find_zip_directory(std::string_view tail, std::uint64_t archive_size) {
  if (tail.size() < end_record_size || tail.size() > archive_size) return std::nullopt;
  const std::size_t at = tail.rfind("PK\x05\x06", tail.size() - end_record_size);
  if (at == std::string_view::npos) return std::nullopt;
  const ZipTail found{number_at(tail, at + 16, 4), number_at(tail, at + 12, 4)};
  const std::uint64_t end_record = archive_size - tail.size() + at;
  if (found.directory_offset + found.directory_size > end_record) return std::nullopt;
  return found;
}

std::optional<std::vector<ZipEntry>> parse_zip_directory(std::string_view directory) {
  std::vector<ZipEntry> entries;
  while (!directory.empty()) {
    if (directory.size() < directory_record_size || !has_signature(directory, 0, "PK\x01\x02") ||
        entries.size() >= most_entries)
      return std::nullopt;
    const std::size_t name = number_at(directory, 28, 2);
    const std::size_t rest = number_at(directory, 30, 2) + number_at(directory, 32, 2);
    if (directory.size() < directory_record_size + name + rest) return std::nullopt;
    entries.push_back({.name = std::string(directory.substr(directory_record_size, name)),
                       .method = static_cast<std::uint16_t>(number_at(directory, 10, 2)),
                       .compressed_size = number_at(directory, 20, 4),
                       .size = number_at(directory, 24, 4),
                       .crc32 = static_cast<std::uint32_t>(number_at(directory, 16, 4)),
                       .header_offset = number_at(directory, 42, 4)});
    directory.remove_prefix(directory_record_size + name + rest);
  }
  return entries;
}

std::uint64_t zip_entry_span(const ZipEntry& entry) {
  return local_header_size + entry.name.size() + longest_extra + entry.compressed_size;
}

std::optional<std::string> unpack_zip_entry(std::string_view bytes, const ZipEntry& entry, std::size_t most) {
  if (bytes.size() < local_header_size || !has_signature(bytes, 0, "PK\x03\x04") || entry.size > most)
    return std::nullopt;
  const std::size_t begin = local_header_size + number_at(bytes, 26, 2) + number_at(bytes, 28, 2);
  if (bytes.size() < begin || bytes.size() - begin < entry.compressed_size) return std::nullopt;
  const std::string_view packed = bytes.substr(begin, entry.compressed_size);
  std::optional<std::string> content;
  if (entry.method == 0) content = std::string(packed);
  if (entry.method == 8) content = inflate(packed, Deflated::raw, most);
  if (!content || content->size() != entry.size) return std::nullopt;
  const auto checksum = ::crc32(0, reinterpret_cast<const Bytef*>(content->data()), static_cast<uInt>(content->size()));
  return checksum == entry.crc32 ? content : std::nullopt;
}

}  // namespace forge::formats
