#include "tests/support/archive.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <doctest/doctest.h>

namespace forge::support {

std::string archive_of(const std::vector<ArchiveEntry>& entries, bool zip) {
  archive* writer = archive_write_new();
  if (zip) {
    archive_write_set_format_zip(writer);
  } else {
    archive_write_set_format_pax_restricted(writer);
    archive_write_add_filter_gzip(writer);
  }
  std::string out(1 << 20, '\0');
  std::size_t used = 0;
  archive_write_set_bytes_in_last_block(writer, 1);
  archive_write_open_memory(writer, out.data(), out.size(), &used);
  for (const ArchiveEntry& entry : entries) {
    archive_entry* raw = archive_entry_new();
    archive_entry_set_pathname(raw, entry.path.c_str());
    archive_entry_set_filetype(raw, entry.type);
    archive_entry_set_perm(raw, entry.permissions);
    archive_entry_set_mtime(raw, 1'700'000'000, 0);
    archive_entry_set_size(raw, static_cast<la_int64_t>(entry.content.size()));
    if (!entry.link.empty() && entry.hard) archive_entry_set_hardlink(raw, entry.link.c_str());
    if (!entry.link.empty() && !entry.hard) archive_entry_set_symlink(raw, entry.link.c_str());
    archive_write_header(writer, raw);
    if (!entry.content.empty()) archive_write_data(writer, entry.content.data(), entry.content.size());
    archive_entry_free(raw);
  }
  archive_write_close(writer);
  archive_write_free(writer);
  out.resize(used);
  return out;
}

std::string packed(const std::string& text, const char* filter) {
  archive* writer = archive_write_new();
  archive_write_set_format_raw(writer);
  REQUIRE(archive_write_add_filter_by_name(writer, filter) == ARCHIVE_OK);
  archive_write_set_bytes_in_last_block(writer, 1);
  std::string out(text.size() + 65536, '\0');
  std::size_t used = 0;
  REQUIRE(archive_write_open_memory(writer, out.data(), out.size(), &used) == ARCHIVE_OK);
  archive_entry* entry = archive_entry_new();
  archive_entry_set_filetype(entry, AE_IFREG);
  REQUIRE(archive_write_header(writer, entry) == ARCHIVE_OK);
  REQUIRE(archive_write_data(writer, text.data(), text.size()) == static_cast<la_ssize_t>(text.size()));
  archive_entry_free(entry);
  archive_write_close(writer);
  archive_write_free(writer);
  out.resize(used);
  return out;
}

}  // namespace forge::support
