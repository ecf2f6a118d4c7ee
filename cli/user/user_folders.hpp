/// What the command line and the server both take from the environment that they run in.
#pragma once

#include <string>

namespace forge::environment {

/// Empty where it is not set.
[[nodiscard]] std::string variable(const std::string& name);
/// Of this program, below the user's; nothing is made.
[[nodiscard]] std::string cache_folder();

}  // namespace forge::environment
