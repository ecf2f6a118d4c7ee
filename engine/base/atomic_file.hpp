/// Writing files so that nobody ever sees half of one.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/result.hpp"

namespace forge {

/// Writes `text` beside `path` under a temporary name and renames it; on failure the old file stays as it was.
/// Missing parent folders are made. A device or pipe is written to as it is.
[[nodiscard]] Result<void> write_file_atomically(const std::string& path, std::string_view text);

}  // namespace forge
