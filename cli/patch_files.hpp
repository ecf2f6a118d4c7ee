#pragma once

#include <string>

#include "engine/base/source_file.hpp"

namespace forge::cli {

/// The patch at a path of the command line. Throws NotDone when it can't be read or is larger than 64 MiB.
[[nodiscard]] SourceFilePtr read_patch(const std::string& path);

}  // namespace forge::cli
