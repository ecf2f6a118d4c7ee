/// The files of a Python source distribution: a tar (gz, xz, bz2) or zip with one folder `name-version/` in it (PEP
/// 625; older ones are looser). Read in memory through libarchive; nothing is written anywhere.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"

namespace forge::formats {

struct ArchivedFile {
  std::string path;        ///< below the one top folder, with `/`
  std::uint32_t mode = 0;  ///< git's: 0100644, 0100755, 0120000
  std::string content;     ///< of a link its target
  std::int64_t time = 0;   ///< of its last change, seconds since the epoch
};

struct ArchiveLimits {
  std::size_t files = 200'000;
  std::size_t bytes = std::size_t{1} << 30;  ///< of all contents, unpacked
};

/// Sorted by path; of several entries with one path the last counts, as tar unpacks them. Failures are all `invalid`:
/// no archive, cut in half, over a limit, a path that leaves the folder or that git refuses, a device.
[[nodiscard]] Result<std::vector<ArchivedFile>> read_source_archive(std::string_view bytes,
                                                                    const ArchiveLimits& limits = {});

}  // namespace forge::formats
