/// The directory at the end of a zip archive, read from its last bytes alone: how a wheel's METADATA is found without
/// the wheel. Follows PKWARE's APPNOTE, sections 4.3.12 and 4.3.16; no zip64, no encryption, no spanning.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace forge::formats {

struct ZipEntry {
  std::string name;
  std::uint16_t method = 0;  ///< 0 stored, 8 deflated
  std::uint64_t compressed_size = 0;
  std::uint64_t size = 0;
  std::uint32_t crc32 = 0;
  std::uint64_t header_offset = 0;  ///< of the local header
};

struct ZipTail {
  std::uint64_t directory_offset = 0;
  std::uint64_t directory_size = 0;
};

/// Where the directory is. `tail` are the archive's last bytes, `archive_size` is the size of the whole. Nothing where
/// no end record is in it or it makes no sense.
[[nodiscard]] std::optional<ZipTail> find_zip_directory(std::string_view tail, std::uint64_t archive_size);
/// The entries; nothing where the directory is broken.
[[nodiscard]] std::optional<std::vector<ZipEntry>> parse_zip_directory(std::string_view directory);
/// How many bytes from `header_offset` on hold the entry for certain.
[[nodiscard]] std::uint64_t zip_entry_span(const ZipEntry& entry);
/// The content. `bytes` begin at the local header. Nothing where it is broken, larger than `most`, or its checksum
/// does not fit.
[[nodiscard]] std::optional<std::string> unpack_zip_entry(std::string_view bytes, const ZipEntry& entry,
                                                          std::size_t most);

}  // namespace forge::formats
