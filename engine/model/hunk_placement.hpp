/// Where the hunks of one section land in a file, as `git apply` would place them: no fuzz, but a search outwards from
/// the line a hunk names.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/formats/patch.hpp"
#include "engine/model/file_content.hpp"

namespace forge::model {

/// `at` is the 1-based line in the file as the earlier hunks of the section left it.
struct Exact {
  std::uint64_t at = 0;
};
struct Offset {
  std::uint64_t at = 0;
  std::int64_t lines = 0;  ///< further down than the hunk says; negative: up
};
/// The hunk does not fit, but what it would make is there.
struct AlreadyApplied {
  std::uint64_t at = 0;
};
struct Mismatch {
  std::string reason{};    ///< a sentence
  TextSpan culprit{};      ///< in the patch: the first line that differs, or the hunk's header
  std::string expected{};  ///< that line's text, and the file's line that stands in its place
  std::string found{};
  std::uint64_t found_at = 0;  ///< 1-based; 0: there is no such line
};

/// How `git apply` would see one hunk.
using HunkPlacement = std::variant<Exact, Offset, AlreadyApplied, Mismatch>;

enum class Direction { forward, reverse };
[[nodiscard]] constexpr Direction opposite(Direction direction) {
  return direction == Direction::forward ? Direction::reverse : Direction::forward;
}

/// One hunk seen in one direction.
struct HunkImages {
  Lines before;
  Lines after;
  std::uint64_t before_start = 0;
  std::uint64_t after_start = 0;
  bool at_beginning = false;  ///< must match at the first line
  bool at_end = false;        ///< must match at the last lines
  bool irregular = false;     ///< a line of `before` lacks its LF where others may follow
};

[[nodiscard]] HunkImages hunk_images(std::string_view text, const formats::Patch& patch, const formats::Hunk& hunk,
                                     Direction direction);

/// The lines of a file while the hunks of one section are put in. Lines that a hunk made, its context included, are
/// taboo to the later ones.
class PatchedLines {
 public:
  explicit PatchedLines(const Lines& base);
  ~PatchedLines();
  PatchedLines(const PatchedLines&) = delete;
  PatchedLines& operator=(const PatchedLines&) = delete;

  /// Index of the line where the hunk matches nearest to its start, of two at the same distance the later.
  [[nodiscard]] std::optional<std::size_t> find(const HunkImages& hunk) const;
  /// `at` is what find said.
  void replace(std::size_t at, const HunkImages& hunk);

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::string_view line(std::size_t index) const;
  /// Where git begins to search.
  [[nodiscard]] std::size_t search_start(const HunkImages& hunk) const;
  /// The place where most lines of the old image stand in order: index of its first line, which may lie before the
  /// file (negative).
  [[nodiscard]] std::optional<std::int64_t> nearest(const HunkImages& hunk) const;
  [[nodiscard]] Lines result() const;

 private:
  /// Lines [begin, end) of the base gave way to `lines`, of which the first is now at `at`.
  struct Edit {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::size_t at = 0;
    Lines lines;
  };
  /// Untouched lines between two edits: [begin, end) of the base, now at `at`.
  struct Gap {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::size_t at = 0;
    [[nodiscard]] std::size_t end_at() const { return at + (end - begin); }
  };
  class Index;

  [[nodiscard]] Gap gap(std::size_t number) const;
  [[nodiscard]] std::size_t gap_number_at(std::size_t position) const;
  [[nodiscard]] std::size_t gap_number_of_base(std::size_t base_line) const;
  [[nodiscard]] std::optional<std::size_t> position_of_base(std::size_t base_line) const;
  [[nodiscard]] bool matches(const HunkImages& hunk, std::size_t at) const;
  [[nodiscard]] bool matches_irregular(const HunkImages& hunk, std::size_t at) const;
  [[nodiscard]] bool is_made(std::size_t position) const;
  template <class Visit>
  [[nodiscard]] std::optional<std::size_t> outwards(std::size_t start, std::size_t tries, Visit&& fits) const;
  [[nodiscard]] std::optional<std::size_t> find_by_index(const HunkImages& hunk, std::size_t start) const;
  [[nodiscard]] const Index& index() const;

  const Lines& base_;
  std::size_t size_;
  std::vector<Edit> edits_;  ///< by position; one that begins where another ends becomes part of it
  mutable std::unique_ptr<const Index> index_;
};

/// Why the hunk (seen forward) finds no place in `lines`, which come from `base`.
[[nodiscard]] Mismatch explain_mismatch(const formats::Patch& patch, const formats::Hunk& hunk,
                                        const HunkImages& images, const PatchedLines& lines, const Lines& base);

}  // namespace forge::model
