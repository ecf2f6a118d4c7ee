/// Debian packages that serve to build software and have no work in a finished image.
#pragma once

#include <string_view>

namespace forge::model {

/// What makes `package` (a bare name, without version or architecture) a build tool, as words that go after
/// "it is"; empty where nothing does. Unknown names count as runtime packages.
[[nodiscard]] std::string_view build_only_kind(std::string_view package);

}  // namespace forge::model
