/// What Renovate's configuration says of files that only its regular expressions know: which values it will bump.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/problem.hpp"
#include "engine/base/span.hpp"

namespace forge::formats {

/// A custom manager of type `regex`.
struct UpdateManager {
  std::vector<std::string> files{};    ///< patterns of whole paths, in RE2's syntax
  std::vector<std::string> matches{};  ///< `matchStrings`, likewise
};

struct UpdateConfig {
  std::vector<UpdateManager> managers{};
  /// Every manager that may look at the forge's own files is here, and understood. False where presets of other
  /// repositories, other strategies or unknown patterns may add some.
  bool whole = false;
};

/// A file over a megabyte, or one that is no JSON with comments, is not `whole`; that is no problem of the forge.
[[nodiscard]] Parsed<UpdateConfig> parse_update_config(std::string_view text);

/// Some manager looks at that path.
[[nodiscard]] bool looks_at(const UpdateConfig& config, std::string_view path);
/// Where in the file's text the managers that look at `path` find a value to bump.
[[nodiscard]] std::vector<TextSpan> updated_values(const UpdateConfig& config, std::string_view path,
                                                   std::string_view text);

}  // namespace forge::formats
