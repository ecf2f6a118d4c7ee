/// From a file's own bytes to what it says of itself.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/formats/zip_directory.hpp"
#include "engine/index/package_index.hpp"

namespace forge::index {

/// Of METADATA. Fails (`invalid`) where it is another project's or another version's.
[[nodiscard]] Result<FileMetadata> metadata_of_wheel(std::string_view text, const FileQuestion& question);
/// Of the whole archive.
[[nodiscard]] Result<FileMetadata> metadata_of_sdist(std::string_view archive, const FileQuestion& question);
/// The path of METADATA in the wheel's directory: `<name>-<version>.dist-info/METADATA`; null where there is none.
[[nodiscard]] const formats::ZipEntry* find_metadata_entry(const std::vector<formats::ZipEntry>& entries);

/// As the cache keeps it, and back; nothing where it is no such text.
[[nodiscard]] std::string to_text(const FileMetadata& metadata);
[[nodiscard]] std::optional<FileMetadata> from_text(std::string_view text);

}  // namespace forge::index
