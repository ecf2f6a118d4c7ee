#pragma once

#include <string>
#include <string_view>

namespace forge::cli {

/// What becomes of one file, as a unified diff; `stays` is false where the file goes.
[[nodiscard]] std::string file_diff(std::string_view path, std::string_view before, std::string_view after, bool stays,
                                    bool color);

}  // namespace forge::cli
