/// Archives for tests, as a Python build would make them.
#pragma once

#include <string>
#include <vector>

namespace forge::support {

struct ArchiveEntry {
  std::string path;
  std::string content{};
  unsigned type = 0100000;  ///< of `stat`
  unsigned permissions = 0644;
  std::string link{};
  bool hard = false;
};

/// A `.tar.gz`, or a `.zip`; every time in it is 1 700 000 000.
[[nodiscard]] std::string archive_of(const std::vector<ArchiveEntry>& entries, bool zip = false);

/// One text, packed: `gzip`, `xz`, `lz4`, `zstd`, `bzip2`.
[[nodiscard]] std::string packed(const std::string& text, const char* filter);

}  // namespace forge::support
