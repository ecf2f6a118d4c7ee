/// Whether a forge on disk is still what it was, without reading its files.
#pragma once

#include <cstdint>
#include <string>

namespace forge::workspace {

/// Another number once a file of the forge at `root` was added, removed or changed; 0 where there is no such folder.
/// Costs a listing of its folders and one stat per file.
[[nodiscard]] std::uint64_t disk_stamp(const std::string& root);

}  // namespace forge::workspace
