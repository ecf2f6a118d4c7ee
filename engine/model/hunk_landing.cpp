#include "engine/model/hunk_landing.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "engine/base/text.hpp"
#include "engine/git/object_hash.hpp"
#include "engine/model/hunk_scope.hpp"
#include "engine/model/linked_trees.hpp"

namespace forge::model {

namespace {

using formats::Hunk;
using formats::HunkLine;
using formats::LineKind;
using formats::Patch;
using formats::Section;
using Kind = OddLanding::Kind;

/// What fits at more places than this is a table or a list, where nobody learns anything from the places' names.
constexpr std::size_t most_places = 32;
/// Hunks of a patch whose places are compared: bounds the work on a hostile patch.
constexpr std::size_t most_hunks = 500;
constexpr std::size_t most_named = 3;

std::size_t distance(std::int64_t a, std::int64_t b) {
  return static_cast<std::size_t>(std::abs(a - b));
}

/// One place of a hunk.
struct Spot {
  std::size_t at = 0;       ///< index of its first line
  std::int64_t offset = 0;  ///< from where the hunk says
  LineScope scope{};
};

/// A hunk of a section, as it was put in.
struct PlacedHunk {
  const Hunk* hunk = nullptr;
  NamedScope named;
  Spot landing;
  std::vector<Spot> others;             ///< where it fits as well and would make another file
  std::optional<Spot> done{};           ///< where its result stands already, nearer than where it landed
  std::optional<Spot> named_place{};    ///< first line of what it names, where it did not land in that
  std::optional<ScopedLine> repeats{};  ///< where an equal hunk landed before
};

/// The section's neighbours tell how far the lines around have moved.
struct Neighbours {
  std::optional<std::int64_t> before;
  std::optional<std::int64_t> after;

  [[nodiscard]] bool support(std::int64_t offset) const {
    if (!before && !after) return false;
    if (!before || !after) return offset == (before ? *before : *after);
    return offset >= std::min(*before, *after) && offset <= std::max(*before, *after);
  }
};

bool says_something(std::string_view line) {
  return std::ranges::any_of(line, is_alnum);
}

/// Whether the hunk's result can be told from other code: something is added, or little is taken out of much context.
/// What remains of a large removal proves nothing.
bool makes_something(std::string_view text, const Patch& patch, const Hunk& hunk) {
  constexpr std::uint64_t context_lines = 4;
  const auto adds = std::ranges::any_of(patch.lines_of(hunk), [&](const HunkLine& line) {
    return line.kind == LineKind::added && says_something(text.substr(line.text.begin, line.text.size()));
  });
  const std::uint64_t removed = hunk.before.count - std::min(hunk.before.count, hunk.after.count);
  return adds || (hunk.after.count >= context_lines && 2 * removed <= hunk.after.count);
}

/// Whether the hunk makes the same file at either place, as in a run of equal lines.
bool makes_the_same(const Lines& lines, const HunkImages& images, std::size_t p, std::size_t q) {
  if (p > q) std::swap(p, q);
  const std::size_t before = images.before.size();
  const std::size_t after = images.after.size();
  const std::size_t between = q - p;
  const auto at_p = [&](std::size_t i) { return i < after ? images.after[i] : lines[p + before + (i - after)]; };
  const auto at_q = [&](std::size_t i) { return i < between ? lines[p + i] : images.after[i - between]; };
  for (std::size_t i = 0; i < between + after; ++i) {
    if (at_p(i) != at_q(i)) return false;
  }
  return true;
}

/// A file while the hunks of a section are put in, with what they have made of it.
class File {
 public:
  explicit File(const Lines& base) : lines_(base) {}

  [[nodiscard]] const Lines& lines() const { return lines_; }

  /// Every place of a hunk that may stand anywhere; nothing where there are more than most_places. Takes linear time
  /// (Knuth, Morris, Pratt).
  [[nodiscard]] std::vector<std::size_t> places(const HunkImages& hunk) const {
    std::vector<std::size_t> out;
    const Lines& want = hunk.before;
    if (hunk.irregular || hunk.at_beginning || hunk.at_end || want.empty()) return out;
    const std::vector<std::size_t> border = borders(want);
    std::size_t size = 0;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      while (size > 0 && lines_[i] != want[size]) size = border[size - 1];
      if (lines_[i] == want[size]) ++size;
      if (size < want.size()) continue;
      const std::size_t at = i + 1 - size;
      if (!touches_made(at, want.size())) out.push_back(at);
      if (out.size() > most_places) return {};
      size = border[size - 1];
    }
    return out;
  }

  void replace(std::size_t at, const HunkImages& hunk) {
    const auto place = lines_.begin() + static_cast<std::ptrdiff_t>(at);
    const auto rest = lines_.erase(place, place + static_cast<std::ptrdiff_t>(hunk.before.size()));
    lines_.insert(rest, hunk.after.begin(), hunk.after.end());
    for (auto& [begin, end] : made_) {
      if (begin < at) continue;
      begin = begin + hunk.after.size() - hunk.before.size();
      end = end + hunk.after.size() - hunk.before.size();
    }
    made_.emplace_back(at, at + hunk.after.size());
  }

 private:
  /// For each prefix the length of its longest proper end that is also its beginning.
  static std::vector<std::size_t> borders(const Lines& want) {
    std::vector<std::size_t> out(want.size(), 0);
    for (std::size_t i = 1, size = 0; i < want.size(); ++i) {
      while (size > 0 && want[i] != want[size]) size = out[size - 1];
      if (want[i] == want[size]) ++size;
      out[i] = size;
    }
    return out;
  }

  [[nodiscard]] bool touches_made(std::size_t at, std::size_t count) const {
    return std::ranges::any_of(made_, [&](const auto& made) { return at < made.second && made.first < at + count; });
  }

  Lines lines_;
  std::vector<std::pair<std::size_t, std::size_t>> made_;  ///< [begin, end) of what hunks put in: taboo to later ones
};

/// The hunks of one section, put in one after the other.
class SectionWalk {
 public:
  SectionWalk(std::string_view text, const Patch& patch, const Section& section, const Lines& base)
      : text_(text),
        patch_(patch),
        section_(section),
        base_(base),
        patched_(base),
        python_(is_python(section.path().value)) {}

  /// `moved`: some of the hunks are not where they say. `budget`: how many may be looked at closely; it is used up.
  void run(bool moved, std::size_t& budget) {
    if (moved) file_.emplace(base_);
    for (const Hunk& hunk : patch_.hunks_of(section_)) {
      const HunkImages images = hunk_images(text_, patch_, hunk, Direction::forward);
      const std::optional<std::size_t> at = patched_.find(images);
      if (!at) return;  // an earlier answer said otherwise; nothing to add
      PlacedHunk& placed =
          placed_.emplace_back(PlacedHunk{.hunk = &hunk, .named = {}, .landing = spot(*at, hunk), .others = {}});
      if (file_ && budget > 0) {
        --budget;
        compare(placed, images);
        file_->replace(*at, images);
      }
      note_joined(hunk, images, *at);
      patched_.replace(*at, images);
    }
  }

  [[nodiscard]] std::vector<PlacedHunk> take_placed() { return std::move(placed_); }
  /// Line, and the hunk that joined it with the next.
  [[nodiscard]] const std::vector<std::pair<std::size_t, TextSpan>>& joined() const { return joined_; }
  [[nodiscard]] FileContentPtr result(const FileContentPtr& base) const {
    return std::make_shared<const FileContent>(patched_.result(), patched_.result_is_whole(), *base);
  }

 private:
  [[nodiscard]] static Spot spot(std::size_t at, const Hunk& hunk) {
    const std::int64_t start = hunk.after.start == 0 ? 0 : static_cast<std::int64_t>(hunk.after.start) - 1;
    return {.at = at, .offset = static_cast<std::int64_t>(at) - start, .scope = {}};
  }

  void compare(PlacedHunk& placed, const HunkImages& images) const {
    placed.named = named_scope(text_, patch_, *placed.hunk, python_);
    const std::size_t landing = placed.landing.at;
    for (const std::size_t at : file_->places(images)) {
      if (at != landing && !makes_the_same(file_->lines(), images, landing, at))
        placed.others.push_back(spot(at, *placed.hunk));
    }
    const bool moved = placed.landing.offset != 0;
    if (moved) find_done(placed);
    if (placed.others.empty() && !placed.done && (!moved || placed.named.name.empty())) return;
    find_scopes(placed);
    if (moved) find_named(placed);
  }

  void find_scopes(PlacedHunk& placed) const {
    const ScopeFinder scopes(file_->lines(), python_);
    const auto find = [&](Spot& spot) { spot.scope = scopes.at(spot.at + placed.hunk->leading, placed.named.indent); };
    find(placed.landing);
    std::ranges::for_each(placed.others, find);
    if (placed.done) find(*placed.done);
  }

  /// Once in the file and nothing else.
  void find_done(PlacedHunk& placed) const {
    if (!makes_something(text_, patch_, *placed.hunk)) return;
    const HunkImages result = hunk_images(text_, patch_, *placed.hunk, Direction::reverse);
    const std::vector<std::size_t> places = file_->places(result);
    if (places.size() != 1 || places.front() == placed.landing.at) return;
    Spot there = spot(places.front(), *placed.hunk);
    if (distance(there.offset, 0) < distance(placed.landing.offset, 0)) placed.done = std::move(there);
  }

  /// What the hunk names is still in the file, and the hunk is not in it.
  void find_named(PlacedHunk& placed) const {
    if (!placed.named.holds_change || placed.named.name.empty() || placed.named.matches(placed.landing.scope)) return;
    const Lines& lines = file_->lines();
    const auto found = std::ranges::find_if(lines, [&](std::string_view l) { return placed.named.opened_by(l); });
    if (found == lines.end()) return;
    placed.named_place = Spot{.at = static_cast<std::size_t>(found - lines.begin())};
    placed.named_place->scope.names.emplace_back(placed.named.name);
  }

  /// A line without its end that is no longer the last one of the file.
  void note_joined(const Hunk& hunk, const HunkImages& images, std::size_t at) {
    for (std::size_t i = 0; i < images.after.size(); ++i) {
      if (images.after[i].ends_with('\n')) continue;
      const bool last = i + 1 == images.after.size() && at + images.before.size() == patched_.size();
      if (!last) joined_.emplace_back(at + i, span_of_line(hunk, i));
    }
  }

  /// In the patch: the line that is the `index`th of the hunk's result.
  [[nodiscard]] TextSpan span_of_line(const Hunk& hunk, std::size_t index) const {
    for (const HunkLine& line : patch_.lines_of(hunk)) {
      if (line.kind != LineKind::context && line.kind != LineKind::added) continue;
      if (index-- == 0) return line.text;
    }
    return hunk.header;
  }

  std::string_view text_;
  const Patch& patch_;
  const Section& section_;
  const Lines& base_;
  PatchedLines patched_;
  std::optional<File> file_;
  bool python_;
  std::vector<PlacedHunk> placed_;
  std::vector<std::pair<std::size_t, TextSpan>> joined_;
};

/// What a place of a hunk has for and against it.
class Judge {
 public:
  explicit Judge(const std::vector<PlacedHunk>& hunks) : hunks_(hunks) {}

  struct Verdict {
    Kind kind = Kind::ambiguous;
    std::vector<Spot> others;
  };

  [[nodiscard]] std::optional<Verdict> judge(std::size_t i) const {
    const PlacedHunk& placed = hunks_[i];
    if (placed.hunk->before.count == 0 && placed.landing.offset != 0) return Verdict{Kind::end_of_file, {}};
    const Neighbours around = neighbours(i);
    const bool at_home = placed.named.holds_change && placed.named.matches(placed.landing.scope);
    if (placed.done && !around.support(placed.landing.offset) && !is_outdone(placed))
      return Verdict{Kind::again, {*placed.done}};
    if (auto found = in_named_scope(placed, at_home)) return found;
    if (i > 0 && placed.landing.at < hunks_[i - 1].landing.at)
      return Verdict{Kind::out_of_order, {hunks_[i - 1].landing}};
    if (placed.named_place && !around.support(placed.landing.offset))
      return Verdict{Kind::elsewhere, {*placed.named_place}};
    return rivals(i, around, at_home);
  }

 private:
  /// Offsets of the next hunks on either side that fit at one place only.
  [[nodiscard]] Neighbours neighbours(std::size_t i) const {
    Neighbours out;
    for (std::size_t k = i; k-- > 0 && !out.before;) {
      if (is_telling(hunks_[k])) out.before = hunks_[k].landing.offset;
    }
    for (std::size_t k = i + 1; k < hunks_.size() && !out.after; ++k) {
      if (is_telling(hunks_[k])) out.after = hunks_[k].landing.offset;
    }
    return out;
  }

  /// Its offset says how far the lines around have moved. A hunk that is bound to the beginning always lands there.
  static bool is_telling(const PlacedHunk& placed) {
    return placed.others.empty() && !placed.repeats && placed.hunk->before.start > 1;
  }

  /// The hunk is where it says it belongs, and its result stands somewhere else.
  static bool is_outdone(const PlacedHunk& placed) {
    return placed.named.holds_change && placed.named.matches(placed.landing.scope) &&
           !placed.named.matches(placed.done->scope);
  }

  /// It fits inside of what it names, and landed outside.
  static std::optional<Verdict> in_named_scope(const PlacedHunk& placed, bool at_home) {
    if (!placed.named.holds_change || at_home) return std::nullopt;
    Verdict verdict{Kind::elsewhere, {}};
    for (const Spot& other : placed.others) {
      if (placed.named.matches(other.scope)) verdict.others.push_back(other);
    }
    if (verdict.others.empty()) return std::nullopt;
    return verdict;
  }

  /// Places that have as much for them as the landing.
  [[nodiscard]] std::optional<Verdict> rivals(std::size_t i, const Neighbours& around, bool at_home) const {
    const PlacedHunk& placed = hunks_[i];
    if (around.support(placed.landing.offset)) return std::nullopt;
    const bool moved = placed.landing.offset != 0;
    Verdict verdict{Kind::ambiguous, {}};
    for (const Spot& other : placed.others) {
      if (at_home && !placed.named.matches(other.scope)) continue;
      const bool supported = around.support(other.offset);
      if (!supported && (!moved || !is_near(placed, other, around))) continue;
      if (is_in_order(i, other.at)) verdict.others.push_back(other);
    }
    if (verdict.others.empty()) return std::nullopt;
    return verdict;
  }

  /// Seen from where the lines around have moved to, or from where the hunk says, the place is about as far as the
  /// landing.
  static bool is_near(const PlacedHunk& placed, const Spot& other, const Neighbours& around) {
    constexpr std::size_t ratio = 4;
    std::vector<std::int64_t> expected;
    if (around.before) expected.push_back(*around.before);
    if (around.after) expected.push_back(*around.after);
    if (expected.empty()) expected.push_back(0);
    return std::ranges::any_of(expected, [&](std::int64_t offset) {
      return distance(other.offset, offset) <= ratio * distance(placed.landing.offset, offset);
    });
  }

  /// Hunks of a section stand in the order of the file.
  [[nodiscard]] bool is_in_order(std::size_t i, std::size_t at) const {
    if (i > 0 && at < hunks_[i - 1].landing.at) return false;
    return i + 1 >= hunks_.size() || at <= hunks_[i + 1].landing.at;
  }

  const std::vector<PlacedHunk>& hunks_;
};

/// A series once more on its tree, this time with an eye on the places.
class Replay {
 public:
  Replay(const git::Repository& repository, const git::ObjectId& tree, const SeriesPlacement& placement,
         std::span<const PatchText> patches)
      : tree_(repository, tree), placement_(placement), patches_(patches) {}

  Result<std::vector<OddLanding>> run() {
    for (number_ = 0; number_ < patches_.size() && !tree_.failure(); ++number_) {
      if (placement_.patches[number_].verdict != PatchVerdict::applies) continue;
      look_at_patch();
      (void)attempt_patch(tree_, memory_, text(), patch(), Direction::forward);
    }
    if (tree_.failure()) return tl::unexpected<Failure>(*tree_.failure());
    return std::move(out_);
  }

 private:
  [[nodiscard]] std::string_view text() const { return patches_[number_].text; }
  [[nodiscard]] const Patch& patch() const { return placement_.patches[number_].parsed->value; }

  void look_at_patch() {
    changed_.clear();
    budget_ = most_hunks;
    for (std::size_t i = 0; i < patch().sections.size(); ++i) {
      const Section& section = patch().sections[i];
      note_submodule(section);
      note_overwritten(section);
      const FileContentPtr source = source_of(section);
      if (source == nullptr || section.binary || section.hunk_count == 0) continue;
      look_at_hunks(section, placement_.patches[number_].sections[i], source);
    }
  }

  /// As the earlier sections of the patch left it; null for a new file.
  FileContentPtr source_of(const Section& section) {
    if (!section.old_path) return nullptr;
    const std::string& path = section.old_path->value;
    if (!section.renames && !section.copies) {
      if (const auto at = changed_.find(path); at != changed_.end()) return at->second;
    }
    return tree_.find(path) == nullptr ? nullptr : tree_.content(path);
  }

  OddLanding& add(Kind kind, TextSpan span, const Section& section) {
    return out_.emplace_back(
        OddLanding{.kind = kind, .patch = number_, .span = span, .path = section.path().value, .at = {}, .named = {}});
  }

  void note_submodule(const Section& section) {
    const auto is_submodule = [](std::uint32_t mode) { return (mode & git::mode_type_mask) == git::mode_submodule; };
    const TreeFile* file = section.old_path ? tree_.find(section.old_path->value) : nullptr;
    if (is_submodule(section.old_mode) || is_submodule(section.new_mode) || (file && is_submodule(file->mode)))
      add(Kind::submodule, section.path().span, section);
  }

  void note_overwritten(const Section& section) {
    if (section.renames || section.copies || !section.old_path || !section.new_path) return;
    const std::string& to = section.new_path->value;
    if (section.old_path->value == to || (tree_.find(to) == nullptr && !changed_.contains(to))) return;
    add(Kind::overwrites, section.new_path->span, section);
  }

  void look_at_hunks(const Section& section, const SectionPlacement& placement, const FileContentPtr& source) {
    const bool moved = std::ranges::any_of(
        placement.hunks, [](const HunkPlacement& hunk) { return std::holds_alternative<Offset>(hunk); });
    SectionWalk walk(text(), patch(), section, source->lines());
    walk.run(moved, budget_);
    if (section.new_path) changed_.insert_or_assign(section.new_path->value, walk.result(source));
    for (const auto& [line, span] : walk.joined()) add(Kind::joins_lines, span, section).at.line = line + 1;
    std::vector<PlacedHunk> hunks = walk.take_placed();
    for (PlacedHunk& placed : hunks) placed.repeats = landed_before(section, placed);
    const Judge judge(hunks);
    for (std::size_t i = 0; i < hunks.size(); ++i) {
      const PlacedHunk& placed = hunks[i];
      if (placed.repeats) {
        OddLanding& odd = add(Kind::repeated, placed.hunk->header, section);
        describe(odd, placed, {});
        odd.others.push_back(*placed.repeats);
      } else if (const auto verdict = judge.judge(i)) {
        describe(add(verdict->kind, placed.hunk->header, section), placed, verdict->others);
      }
    }
  }

  static ScopedLine scoped_line(const Spot& spot) { return {.line = spot.at + 1, .scope = spot.scope.label()}; }

  static void describe(OddLanding& odd, const PlacedHunk& placed, const std::vector<Spot>& others) {
    odd.at = scoped_line(placed.landing);
    odd.lines = placed.landing.offset;
    odd.named = placed.named.name.empty() ? placed.named.heading : placed.named.name;
    for (const Spot& other : others) {
      if (odd.others.size() < most_named) odd.others.push_back(scoped_line(other));
    }
  }

  /// Where an equal hunk that claims the same line landed. Without context a hunk is no more than its line.
  std::optional<ScopedLine> landed_before(const Section& section, const PlacedHunk& placed) {
    const Hunk& hunk = *placed.hunk;
    if (hunk.leading + hunk.trailing == 0) return std::nullopt;
    const auto [at, is_new] =
        landed_.try_emplace({section.path().value, hunk.before.start, text().substr(hunk.body.begin, hunk.body.size())},
                            scoped_line(placed.landing));
    return is_new || placed.landing.offset == 0 ? std::nullopt : std::optional(at->second);
  }

  TreeState tree_;
  RunMemory memory_;
  const SeriesPlacement& placement_;
  std::span<const PatchText> patches_;
  std::size_t number_ = 0;
  std::size_t budget_ = 0;
  std::map<std::string, FileContentPtr, std::less<>> changed_;
  std::map<std::tuple<std::string, std::uint64_t, std::string_view>, ScopedLine> landed_;
  std::vector<OddLanding> out_;
};

bool is_body_line(std::string_view line) {
  if (trim(line) == "--") return false;  // a signature
  if (line.starts_with("--- ") || line.starts_with("+++ ")) return false;
  return line.starts_with(' ') || line.starts_with('+') || line.starts_with('-');
}

TextSpan lines_from(std::string_view text, std::size_t begin, std::size_t bound, bool& changes) {
  std::size_t at = begin;
  while (at < bound) {
    const std::size_t end = std::min(text.find('\n', at), bound - 1) + 1;
    const std::string_view line = text.substr(at, end - at);
    if (!is_body_line(line)) break;
    changes |= !line.starts_with(' ');
    at = end;
  }
  return span_of(begin, at);
}

/// A header so near to the end that git does not look at it.
std::optional<TextSpan> cut_header(std::string_view text, std::size_t from) {
  constexpr std::size_t seen_from = 6;
  constexpr std::string_view word = "diff --git ";
  if (text.size() <= from) return std::nullopt;
  std::size_t begin = text.rfind('\n', text.size() - 2);
  begin = begin == std::string_view::npos ? 0 : begin + 1;
  if (const std::size_t above = begin == 0 ? 0 : text.rfind('\n', begin - 2) + 1;
      !text.substr(begin).starts_with(word) && text.size() - begin < seen_from && above >= from)
    begin = above;
  if (begin < from || !text.substr(begin).starts_with(word)) return std::nullopt;
  return span_of(begin, std::min(text.find('\n', begin), text.size()));
}

}  // namespace

Result<std::vector<OddLanding>> find_odd_landings(const git::Repository& repository, const SeriesPlacement& placement,
                                                  std::span<const PatchText> patches) {
  FORGE_TRY_ASSIGN(const git::CommitInfo info, repository.commit(placement.commit));
  return Replay(repository, info.tree, placement, patches).run();
}

const Result<std::vector<OddLanding>>& odd_landings(const workspace::Snapshot& snapshot,
                                                    const workspace::PatchSeries& series) {
  return snapshot.once<Result<std::vector<OddLanding>>>(
      "landings of patches/" + series.component + "/" + series.release, [&]() -> Result<std::vector<OddLanding>> {
        const Result<SeriesPlacement>& placement = series_placement(snapshot, series);
        if (!placement) return tl::unexpected<Failure>(placement.error());
        FORGE_TRY_ASSIGN(const SeriesBase base, series_base(snapshot, series.component, series.release));
        return find_odd_landings(*base.repository, *placement, patch_texts(series));
      });
}

std::vector<DroppedText> dropped_text(std::string_view text, const Patch& patch) {
  std::vector<DroppedText> out;
  if (patch.refused || patch.sections.empty()) return out;
  for (std::size_t i = 0; i < patch.sections.size(); ++i) {
    const Section& section = patch.sections[i];
    if (section.hunk_count == 0) continue;
    const std::size_t bound = i + 1 < patch.sections.size() ? patch.sections[i + 1].span.begin : text.size();
    DroppedText dropped;
    dropped.span = lines_from(text, section.span.end, bound, dropped.changes);
    dropped.hunk = patch.hunks_of(section).back().header;
    if (!dropped.span.empty()) out.push_back(dropped);
  }
  if (const auto header = cut_header(text, patch.sections.back().span.end))
    out.push_back({.span = *header, .hunk = {}, .changes = true});
  return out;
}

}  // namespace forge::model
