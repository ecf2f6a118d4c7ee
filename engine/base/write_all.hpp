#pragma once

#include <string_view>

namespace forge {

/// Writes all of `text` to an open file; false, with errno set, where that fails.
[[nodiscard]] bool write_all(int file, std::string_view text);

}  // namespace forge
