/// Where the hunks of one section land in a file, as `git apply` would place them: no fuzz, but a search outwards from
/// the line a hunk names.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/formats/patch.hpp"
#include "engine/model/file_content.hpp"
#include "engine/model/line_index.hpp"

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
/// taboo to the later ones. Time is near linear in file and hunks together; what would still take too long is given up.
/// Not for use by several threads.
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

  /// Whether it would fit if no hunk had been put in yet.
  [[nodiscard]] bool fits_base(const HunkImages& hunk) const;
  /// A search was given up, so that find saying nothing means nothing. No real patch comes near that.
  [[nodiscard]] bool gave_up() const { return work_ > most_work; }

 private:
  static constexpr std::uint64_t most_work = std::uint64_t{1} << 32;  // lines looked at

  /// Lines of the base from where it stands in edits_ up to `end` gave way to `lines`.
  struct Edit {
    std::size_t end = 0;
    Lines lines;
  };
  using Edits = std::map<std::size_t, Edit>;
  /// A line of the file: one of the base, or number `offset` of what an edit made at `base`.
  struct Spot {
    std::size_t base = 0;
    const Edit* edit = nullptr;
    std::size_t offset = 0;
  };
  struct Positions;
  struct Search;

  [[nodiscard]] Spot spot_at(std::size_t position) const;
  [[nodiscard]] Positions& positions() const;
  [[nodiscard]] std::size_t gap_end(std::size_t base_line) const;
  [[nodiscard]] bool is_untouched(std::size_t base_line) const;
  [[nodiscard]] std::size_t position_of(std::size_t base_line) const;
  [[nodiscard]] bool matches(const HunkImages& hunk, std::size_t at) const;
  [[nodiscard]] bool matches_irregular(const HunkImages& hunk, std::size_t at) const;
  [[nodiscard]] bool equal(std::string_view a, std::string_view b) const;
  [[nodiscard]] std::optional<std::size_t> outwards(const HunkImages& hunk, std::size_t start,
                                                    std::uint64_t work) const;
  [[nodiscard]] std::optional<std::size_t> find_far(const HunkImages& hunk, std::size_t start) const;
  [[nodiscard]] std::optional<std::size_t> find_irregular(const HunkImages& hunk, std::size_t start) const;
  [[nodiscard]] std::optional<std::size_t> find_once(const std::vector<std::uint32_t>& want, std::size_t start) const;
  template <class Fits>
  [[nodiscard]] std::optional<std::size_t> find_in_runs(NumberRuns& runs, std::span<const std::uint32_t> want,
                                                        std::size_t start, Fits&& fits) const;
  [[nodiscard]] bool can_take(std::size_t base_line, std::size_t count) const;
  [[nodiscard]] std::optional<std::vector<std::uint32_t>> ids_of(const HunkImages& hunk) const;
  Edits::iterator edit_of(std::size_t begin, std::size_t end);
  [[nodiscard]] Search& search() const;

  const Lines& base_;
  std::size_t size_;
  Edits edits_;         ///< by the first line of the base; one that begins where another ends becomes part of it
  bool seams_ = false;  ///< an edit may have no lines, so that what lies around it has become neighbours
  mutable std::unique_ptr<Positions> positions_;
  mutable std::unique_ptr<Search> search_;
  mutable std::uint64_t work_ = 0;
};

/// Why the hunk (seen forward) finds no place in `lines`, which come from `base`.
[[nodiscard]] Mismatch explain_mismatch(const formats::Patch& patch, const formats::Hunk& hunk,
                                        const HunkImages& images, const PatchedLines& lines, const Lines& base);

}  // namespace forge::model
