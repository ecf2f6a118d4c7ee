/// Where the hunks of one section land in a file, as `git apply` would place them: no fuzz, but a search outwards from
/// the line a hunk names.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
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
/// One line of the old image beside the line that the file has in its place.
struct LineDifference {
  enum class Kind : std::uint8_t {
    trailing_blanks,
    indentation,
    line_end,  ///< CRLF or LF
    file_end,  ///< with or without a line end at the end of the file
    blanks,    ///< elsewhere in the line
    word,      ///< one word, or a piece of one
    changed,   ///< anything else
    missing,   ///< the file has no such line
    inserted   ///< the file has a line more
  };
  Kind kind = Kind::changed;
  TextSpan line{};         ///< in the patch; of an inserted line the one that should follow
  std::string expected{};  ///< empty for an inserted line
  std::string found{};     ///< empty for a missing line
  std::uint64_t at = 0;    ///< 1-based line of the file; of a missing line the one it should stand before; 0: outside
};
[[nodiscard]] std::string_view to_string(LineDifference::Kind kind);

/// A line that an earlier patch of the same run put into the file.
struct LineOrigin {
  std::size_t patch = 0;     ///< number in the run
  std::uint32_t offset = 0;  ///< in that patch's text
};

/// Tells which patch of a run made a line: such lines are views into its text.
class PatchTexts {
 public:
  /// `text` must outlive it.
  void add(std::string_view text);
  [[nodiscard]] std::optional<LineOrigin> origin_of(std::string_view line) const;

 private:
  struct Text {
    std::size_t size = 0;
    std::size_t patch = 0;
  };
  std::map<const char*, Text, std::less<>> texts_;
  std::size_t count_ = 0;
};

struct Mismatch {
  std::string reason{};    ///< a sentence
  TextSpan culprit{};      ///< in the patch: the first line that differs, or the hunk's header
  std::string expected{};  ///< that line's text, and the file's line that stands in its place
  std::string found{};
  std::uint64_t found_at = 0;  ///< 1-based; 0: there is no such line

  std::uint64_t nearest_at = 0;               ///< 1-based line of the place that is most like the old image; 0: none is
  std::size_t matching = 0;                   ///< lines of the old image that stand there
  std::size_t size = 0;                       ///< all lines of the old image
  std::vector<LineDifference> differences{};  ///< there, in order; the first of them where there are very many
  std::size_t more_differences = 0;           ///< left out
  std::optional<LineOrigin> found_from{};     ///< of the line found
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
  /// With what others found out about the content before.
  explicit PatchedLines(const FileContent& base);
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
  /// Places of the hunk's first line (negative: before the file) at which rare lines of the old image stand, blanks
  /// left out; the most promising first.
  [[nodiscard]] std::vector<std::int64_t> promising_places(const HunkImages& hunk, std::size_t most) const;
  /// Where lines equal to `line` but for blanks stand in [begin, end), as the base has them; ascending. Of a line that
  /// stands there more than `most` times, those nearest to `near`.
  [[nodiscard]] std::vector<std::size_t> alike(std::string_view line, std::size_t begin, std::size_t end,
                                               std::size_t near, std::size_t most) const;
  [[nodiscard]] Lines result() const;
  /// Whether each line of the result has its LF, but for the last. Looks only at what hunks made.
  [[nodiscard]] bool result_is_whole() const;

  /// Whether it would fit if no hunk had been put in yet.
  [[nodiscard]] bool fits_base(const HunkImages& hunk) const;
  /// A search was given up, so that find saying nothing means nothing. No real patch comes near that.
  [[nodiscard]] bool gave_up() const { return work_ > most_work; }
  /// Lines looked at so far; other things by what they cost against that.
  [[nodiscard]] std::uint64_t work() const { return work_; }

 private:
  static constexpr std::uint64_t most_work = std::uint64_t{1} << 30;

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
  class Cursor;
  using RunKind = std::pair<std::size_t, bool>;  ///< length, loose

  [[nodiscard]] Spot spot_at(std::size_t position) const;
  [[nodiscard]] Positions& positions() const;
  [[nodiscard]] std::size_t gap_end(std::size_t base_line) const;
  [[nodiscard]] bool is_untouched(std::size_t base_line) const;
  [[nodiscard]] std::size_t position_of(std::size_t base_line) const;
  [[nodiscard]] std::size_t position_or_edit(std::size_t base_line) const;
  [[nodiscard]] bool matches(const HunkImages& hunk, std::size_t at) const;
  [[nodiscard]] bool matches_irregular(const HunkImages& hunk, std::size_t at) const;
  [[nodiscard]] bool equal(std::string_view a, std::string_view b) const;
  [[nodiscard]] std::optional<std::size_t> outwards(const HunkImages& hunk, std::size_t start,
                                                    std::uint64_t work) const;
  [[nodiscard]] std::optional<std::size_t> find_far(const HunkImages& hunk, std::size_t start) const;
  [[nodiscard]] std::optional<std::size_t> find_irregular(const HunkImages& hunk, std::size_t start) const;
  template <class Visit>
  [[nodiscard]] bool visit_places(const std::vector<std::uint32_t>& want, Visit&& visit) const;
  template <class Fits>
  [[nodiscard]] std::optional<std::size_t> find_in_runs(RunKind kind, std::span<const std::uint32_t> want,
                                                        std::size_t start, Fits&& fits) const;
  [[nodiscard]] bool can_take(std::size_t base_line, std::size_t count) const;
  [[nodiscard]] std::optional<std::vector<std::uint32_t>> ids_of(const HunkImages& hunk) const;
  Edits::iterator edit_of(std::size_t begin, std::size_t end);
  [[nodiscard]] LineSearch& search() const;

  const Lines& base_;
  std::size_t size_;
  Edits edits_;         ///< by the first line of the base; one that begins where another ends becomes part of it
  bool seams_ = false;  ///< an edit may have no lines, so that what lies around it has become neighbours
  mutable std::unique_ptr<Positions> positions_;
  const FileContent* content_ = nullptr;                    ///< owns `base_`, where it is known
  mutable std::unique_ptr<LineSearch> own_search_;          ///< where it is not
  mutable std::map<RunKind, NumberRuns::Strikes> strikes_;  ///< runs that hunks have used up
  mutable std::uint64_t work_ = 0;
};

/// How much is said of a hunk that finds no place: for the lines at the nearest place the file is searched.
enum class Explanation { brief, full };

/// Why the hunk (seen forward) finds no place in `lines`. `earlier` are the texts of the run's earlier patches; null:
/// nobody asks.
[[nodiscard]] Mismatch explain_mismatch(const formats::Patch& patch, const formats::Hunk& hunk,
                                        const HunkImages& images, const PatchedLines& lines, const PatchTexts* earlier,
                                        Explanation explanation);

}  // namespace forge::model
