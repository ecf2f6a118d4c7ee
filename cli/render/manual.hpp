/// The commands' table as a reference to read.
#pragma once

#include <string>

namespace forge::cli {

/// One manual page for man(7): forge-analyze(1).
[[nodiscard]] std::string manual_troff();
[[nodiscard]] std::string manual_markdown();

}  // namespace forge::cli
