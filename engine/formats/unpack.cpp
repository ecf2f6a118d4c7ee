#include "engine/formats/unpack.hpp"

#include <memory>
#include <vector>

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

namespace forge::formats {

namespace {

struct Close {
  void operator()(archive* reader) const { archive_read_free(reader); }
};

tl::unexpected<Failure> refused(archive* reader) {
  const char* message = archive_error_string(reader);
  return fail(Failure::Kind::invalid,
              fmt::format("Packed data can't be read: {}.", message == nullptr ? "it is damaged" : message));
}

/// libarchive takes data without a known start for raw only where it is not empty, and looks no further than it must.
bool is_packed(std::string_view bytes) {
  using std::string_view_literals::operator""sv;
  for (const std::string_view magic : {"\x1f\x8b"sv,
                                       "\xfd"
                                       "7zXZ\0"sv,
                                       "BZh"sv, "\x04\x22\x4d\x18"sv, "\x28\xb5\x2f\xfd"sv})
    if (bytes.starts_with(magic)) return true;
  return false;
}

}  // namespace

Result<void> unpack(std::string_view packed, std::size_t most_bytes,
                    const std::function<void(std::string_view)>& take) {
  const auto too_much = [&] {
    return fail(Failure::Kind::invalid, fmt::format("Unpacked, it is larger than {} MiB.", most_bytes >> 20U));
  };
  if (!is_packed(packed)) {
    if (packed.size() > most_bytes) return too_much();
    take(packed);
    return {};
  }
  const std::unique_ptr<archive, Close> reader(archive_read_new());
  archive_read_support_filter_gzip(reader.get());
  archive_read_support_filter_xz(reader.get());
  archive_read_support_filter_bzip2(reader.get());
  archive_read_support_filter_lz4(reader.get());
  archive_read_support_filter_zstd(reader.get());
  archive_read_support_format_raw(reader.get());
  archive_entry* entry = nullptr;
  if (archive_read_open_memory(reader.get(), packed.data(), packed.size()) != ARCHIVE_OK ||
      archive_read_next_header(reader.get(), &entry) != ARCHIVE_OK)
    return refused(reader.get());
  std::vector<char> block(std::size_t{256} << 10);
  for (std::size_t total = 0;;) {
    const la_ssize_t size = archive_read_data(reader.get(), block.data(), block.size());
    if (size < 0) return refused(reader.get());
    if (size == 0) return {};
    total += static_cast<std::size_t>(size);
    if (total > most_bytes) return too_much();
    take({block.data(), static_cast<std::size_t>(size)});
  }
}

}  // namespace forge::formats
