/// The headers of a patch's sections: `diff --git` with its extended lines, and the traditional `---`, `+++` pair.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "engine/base/problem.hpp"
#include "engine/formats/patch.hpp"

namespace forge::formats {

struct HeaderRead {
  std::size_t end = 0;  ///< after the header's last line
  std::optional<Problem> problem{};
};

/// `at` is the start of `diff --git `. What an earlier header without lines left in `section` stays and can
/// contradict this one, as it does for git.
[[nodiscard]] HeaderRead read_git_header(std::string_view text, std::size_t at, const StripGuess& guess,
                                         Section& section);

/// `at` is the start of `--- `; `+++ ` and a hunk follow.
[[nodiscard]] HeaderRead read_traditional_header(std::string_view text, std::size_t at, StripGuess& guess,
                                                 Section& section);

[[nodiscard]] Problem malformed(TextSpan span, std::string message);

/// The line that holds `at`, without its end.
[[nodiscard]] TextSpan line_at(std::string_view text, std::size_t at);

}  // namespace forge::formats
