/// One hunk of a patch: its header's counts decide which lines belong to it.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "engine/base/problem.hpp"
#include "engine/formats/patch.hpp"

namespace forge::formats {

/// `@@ -A[,B] +C[,D] @@`, then anything; nothing where the line is none or lacks its LF.
[[nodiscard]] std::optional<Hunk> parse_hunk_header(std::string_view line);

struct HunkRead {
  std::size_t end = 0;
  std::optional<Problem> problem{};
};

/// `at` is the start of `@@ -`. Adds the hunk and its lines to `patch`.
[[nodiscard]] HunkRead read_hunk(std::string_view text, std::size_t at, const Section& section, Patch& patch);

}  // namespace forge::formats
