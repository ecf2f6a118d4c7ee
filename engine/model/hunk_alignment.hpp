/// The old image of a hunk that fits nowhere, laid beside the place of the file that is most like it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/model/hunk_placement.hpp"

namespace forge::model {

/// A line of the old image and one of the file; where either is missing the other has no counterpart.
struct AlignedLine {
  std::optional<std::size_t> before{};  ///< index in the old image
  std::optional<std::size_t> file{};    ///< index in the file
};

/// All lines of the old image in order, with the file's lines between them. Empty for an empty image. Chains of lines
/// that are equal but for blanks are laid through the promising places; near-linear in the size of the hunk.
[[nodiscard]] std::vector<AlignedLine> align(const HunkImages& hunk, const PatchedLines& lines);
/// The same line by line from where git would begin to search, without a look at the rest of the file.
[[nodiscard]] std::vector<AlignedLine> align_at_start(const HunkImages& hunk, const PatchedLines& lines);

/// What kind of difference two lines have that are not equal.
[[nodiscard]] LineDifference::Kind kind_of_difference(std::string_view expected, std::string_view found);

}  // namespace forge::model
