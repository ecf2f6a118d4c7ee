/// Files that the command line names.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/source_file.hpp"

namespace forge::cli {

/// The bytes of a file, of a pipe, or of standard input for `-`. Throws NotDone, naming it as `what` ("patch"), when it
/// can't be read or is larger than 64 MiB.
[[nodiscard]] std::string read_input_file(const std::string& path, std::string_view what = "file");

/// The patch at a path of the command line.
[[nodiscard]] SourceFilePtr read_patch(const std::string& path);

}  // namespace forge::cli
