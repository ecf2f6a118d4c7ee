/// Three-way merge and line diff of texts in memory, as git itself does them: libgit2 carries git's xdiff.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace forge::git {

/// Lines of ours that a change of theirs collides with: `count` of them from `first` (1-based) on.
struct MergeConflict {
  std::size_t first = 0;
  std::size_t count = 0;
};

struct TextMerge {
  std::string text{};                       ///< nothing where there is a conflict
  std::optional<MergeConflict> conflict{};  ///< the first one
};

/// `theirs` was made from `base`, and so was `ours`. Lines that both sides changed equally are no conflict. With
/// patience, lines that are unique on all sides are matched up first, which now and then tells moved code apart.
enum class MergeDiff { standard, patience };
[[nodiscard]] TextMerge merge_texts(std::string_view base, std::string_view ours, std::string_view theirs,
                                    MergeDiff diff = MergeDiff::standard);

/// The hunks of a unified diff, from the first `@@` on, with what stands behind `@@` as in `git diff`; empty where the
/// texts are equal.
[[nodiscard]] std::string diff_texts(std::string_view before, std::string_view after, unsigned context_lines);

}  // namespace forge::git
