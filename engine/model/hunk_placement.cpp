#include "engine/model/hunk_placement.hpp"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <utility>

#include "engine/base/cancellation.hpp"
#include "engine/model/line_search.hpp"

namespace forge::model {

namespace {

/// Lines to look at one by one on each side before an index of the whole file is made.
constexpr std::size_t near_tries = 64;
/// Plain looks at each line, all searches in it together, before the lines are numbered; and before all runs of a
/// length are put in order.
constexpr std::uint64_t scans_before_index = 8;
constexpr std::uint64_t scans_before_runs = 64;
/// Across a seam no index helps. No real patch has one, so less is spent on it.
constexpr std::uint64_t seam_cost = 4;

std::size_t rank_from(std::size_t start, std::size_t position) {
  return position > start ? 2 * (position - start) - 1 : 2 * (start - position);
}

bool is_irregular(const Lines& before, bool at_end) {
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (before[i].empty()) return true;
    const bool may_lack_end = at_end && i + 1 == before.size();
    if (before[i].back() != '\n' && !may_lack_end) return true;
  }
  return false;
}

}  // namespace

/// How many lines each line of the base stands for by now, itself and what was put in before it, as a Fenwick tree:
/// sums and searches take logarithmic time in whatever order the hunks come.
struct PatchedLines::Positions {
  std::vector<std::uint32_t> sums;  ///< one per line of the base and one for its end, counted from 1

  Positions(std::size_t base_lines, const Edits& edits) : sums(base_lines + 2, 1) {
    sums[0] = 0;
    sums[base_lines + 1] = 0;
    for (const auto& [begin, edit] : edits) {
      for (std::size_t line = begin; line < edit.end; ++line) sums[line + 1] = 0;
      sums[begin + 1] += static_cast<std::uint32_t>(edit.lines.size());
    }
    for (std::size_t i = 1; i < sums.size(); ++i) {
      const std::size_t above = i + (i & (~i + 1));
      if (above < sums.size()) sums[above] += sums[i];
    }
  }

  /// Unsigned arithmetic takes away as well.
  void add(std::size_t slot, std::uint32_t lines) {
    for (std::size_t i = slot + 1; i < sums.size(); i += i & (~i + 1)) sums[i] += lines;
  }
  [[nodiscard]] std::size_t before(std::size_t slot) const {
    std::uint32_t sum = 0;
    for (std::size_t i = slot; i > 0; i &= i - 1) sum += sums[i];
    return sum;
  }
  /// The slot that `position` belongs to, and how far it is in there.
  [[nodiscard]] std::pair<std::size_t, std::size_t> at(std::size_t position) const {
    std::size_t slot = 0;
    for (std::size_t step = std::bit_floor(sums.size()); step > 0; step /= 2) {
      if (slot + step >= sums.size() || sums[slot + step] > position) continue;
      slot += step;
      position -= sums[slot];
    }
    return {slot, position};
  }
};

/// Goes from line to line of the file in constant time, where looking a position up takes logarithmic time.
class PatchedLines::Cursor {
 public:
  Cursor(const PatchedLines& lines, std::size_t position) : lines_(&lines) {
    const Spot spot = lines.spot_at(position);
    base_ = spot.base;
    made_ = spot.edit != nullptr;
    offset_ = spot.offset;
    edit_ = made_ ? lines.edits_.find(base_) : lines.edits_.upper_bound(base_);
  }

  /// The line, unless a hunk made it or this is the end.
  [[nodiscard]] const std::string_view* untouched() const {
    return made_ || base_ >= lines_->base_.size() ? nullptr : &lines_->base_[base_];
  }

  void down() {
    if (!made_) {
      ++base_;
    } else if (++offset_ < edit_->second.lines.size()) {
      return;
    } else {
      base_ = edit_->second.end;
      ++edit_;
    }
    made_ = false;
    offset_ = 0;
    for (; edit_ != lines_->edits_.end() && edit_->first == base_; ++edit_) {
      made_ = !edit_->second.lines.empty();
      if (made_) return;
      base_ = edit_->second.end;
    }
  }

  void up() {
    if (made_ && offset_ > 0) {
      --offset_;
      return;
    }
    if (made_) base_ = edit_->first;
    made_ = false;
    while (edit_ != lines_->edits_.begin() && std::prev(edit_)->second.end == base_) {
      --edit_;
      made_ = !edit_->second.lines.empty();
      if (made_) {
        offset_ = edit_->second.lines.size() - 1;
        return;
      }
      base_ = edit_->first;
    }
    --base_;
  }

 private:
  const PatchedLines* lines_;
  std::size_t base_ = 0;
  Edits::const_iterator edit_;  ///< the one that made the line, else the next one down
  bool made_ = false;
  std::size_t offset_ = 0;
};

PatchedLines::PatchedLines(const Lines& base) : base_(base), size_(base.size()) {}
PatchedLines::PatchedLines(const FileContent& base) : base_(base.lines()), size_(base_.size()), content_(&base) {}
PatchedLines::~PatchedLines() = default;

PatchedLines::Positions& PatchedLines::positions() const {
  if (!positions_) positions_ = std::make_unique<Positions>(base_.size(), edits_);
  return *positions_;
}

LineSearch& PatchedLines::search() const {
  if (content_ != nullptr) return content_->search();
  if (!own_search_) own_search_ = std::make_unique<LineSearch>(base_);
  return *own_search_;
}

PatchedLines::Spot PatchedLines::spot_at(std::size_t position) const {
  if (edits_.empty()) return {position};
  if (position >= size_) return {base_.size()};
  const auto [slot, offset] = positions().at(position);
  const auto edit = edits_.find(slot);
  if (edit != edits_.end() && offset < edit->second.lines.size()) return {slot, &edit->second, offset};
  return {slot};
}

/// Where the untouched lines end that `base_line` is one of.
std::size_t PatchedLines::gap_end(std::size_t base_line) const {
  const auto next = edits_.upper_bound(base_line);
  return next == edits_.end() ? base_.size() : next->first;
}

bool PatchedLines::is_untouched(std::size_t base_line) const {
  const auto next = edits_.upper_bound(base_line);
  return next == edits_.begin() || std::prev(next)->second.end <= base_line;
}

/// Of an untouched line, or of the end.
std::size_t PatchedLines::position_of(std::size_t base_line) const {
  if (edits_.empty()) return base_line;
  const auto edit = edits_.find(base_line);
  return positions().before(base_line) + (edit == edits_.end() ? 0 : edit->second.lines.size());
}

/// Of a line that gave way, where that which took its place begins; so the order of positions is that of the base.
std::size_t PatchedLines::position_or_edit(std::size_t base_line) const {
  if (is_untouched(base_line)) return position_of(base_line);
  return positions().before(std::prev(edits_.upper_bound(base_line))->first);
}

bool PatchedLines::can_take(std::size_t base_line, std::size_t count) const {
  return is_untouched(base_line) && base_line + count <= gap_end(base_line);
}

std::string_view PatchedLines::line(std::size_t index) const {
  const Spot spot = spot_at(index);
  return spot.edit == nullptr ? base_[spot.base] : spot.edit->lines[spot.offset];
}

/// Counts as work, long lines for more.
bool PatchedLines::equal(std::string_view a, std::string_view b) const {
  constexpr std::size_t bytes_of_one = 256;
  ++work_;
  if (a.size() != b.size()) return false;
  work_ += a.size() / bytes_of_one;
  return a == b;
}

bool PatchedLines::matches(const HunkImages& hunk, std::size_t at) const {
  const std::size_t count = hunk.before.size();
  if (at + count > size_ || (hunk.at_end && at + count != size_) || (hunk.at_beginning && at != 0)) return false;
  if (hunk.irregular) return matches_irregular(hunk, at);
  std::size_t done = 0;
  while (done < count) {
    const Spot spot = spot_at(at + done);
    if (spot.edit != nullptr) return false;
    const std::size_t stop = std::min(count - done, gap_end(spot.base) - spot.base);
    for (std::size_t i = 0; i < stop; ++i, ++done) {
      if (!equal(base_[spot.base + i], hunk.before[done])) return false;
    }
  }
  return true;
}

/// Line by line blanks do not count; the bytes as a whole have to be there, and may end within the file's line.
bool PatchedLines::matches_irregular(const HunkImages& hunk, std::size_t at) const {
  constexpr std::size_t bytes_of_one = 16;
  for (std::size_t i = 0; i < hunk.before.size(); ++i) {
    const Spot spot = spot_at(at + i);
    if (spot.edit != nullptr) return false;
    work_ += 2 + (base_[spot.base].size() + hunk.before[i].size()) / bytes_of_one;
    if (blankless_hash(base_[spot.base]) != blankless_hash(hunk.before[i])) return false;
  }
  std::size_t index = at;
  std::string_view rest = index < size_ ? line(index) : std::string_view();
  for (std::string_view want : hunk.before) {
    while (!want.empty()) {
      while (rest.empty() && ++index < size_) rest = line(index);
      const std::size_t size = std::min(rest.size(), want.size());
      if (size == 0 || rest.substr(0, size) != want.substr(0, size)) return false;
      rest.remove_prefix(size);
      want.remove_prefix(size);
    }
  }
  if (!hunk.at_end) return true;
  while (rest.empty() && ++index < size_) rest = line(index);
  return rest.empty();
}

std::size_t PatchedLines::search_start(const HunkImages& hunk) const {
  if (hunk.at_beginning) return 0;
  if (hunk.at_end) return hunk.before.size() <= size_ ? size_ - hunk.before.size() : size_;
  const auto start = static_cast<std::int32_t>(hunk.after_start == 0 ? 0 : hunk.after_start - 1);
  if (start < 0 || static_cast<std::size_t>(start) > size_) return size_;
  return static_cast<std::size_t>(start);
}

/// Tries start, start + 1, start - 1, start + 2 …, and says the place, or the file's size + 1 where `work` ran out.
std::optional<std::size_t> PatchedLines::outwards(const HunkImages& hunk, std::size_t start, std::uint64_t work) const {
  const std::uint64_t stop = work_ + work;
  if (matches(hunk, start)) return start;
  const auto fits = [&](const Cursor& cursor, std::size_t position) {
    ++work_;
    if (hunk.irregular) return matches(hunk, position);
    const std::string_view* line = cursor.untouched();
    return line != nullptr && equal(*line, hunk.before.front()) && matches(hunk, position);
  };
  Cursor below(*this, start);
  Cursor above(*this, start);
  const std::size_t most = std::max(start, size_ - start);
  for (std::size_t distance = 1; distance <= most; ++distance) {
    if (work_ > stop) return size_ + 1;
    if (distance <= size_ - start) {
      below.down();
      if (fits(below, start + distance)) return start + distance;
    }
    if (distance <= start) {
      above.up();
      if (fits(above, start - distance)) return start - distance;
    }
  }
  return std::nullopt;
}

std::optional<std::size_t> PatchedLines::find(const HunkImages& hunk) const {
  throw_if_cancelled();
  if (hunk.before.size() > size_ || gave_up()) return std::nullopt;
  const std::size_t start = search_start(hunk);
  if (hunk.at_beginning || hunk.at_end || hunk.before.empty())
    return matches(hunk, start) ? std::optional(start) : std::nullopt;
  const std::uint64_t before = work_;
  const std::uint64_t nearby = 2 * near_tries + 4 * hunk.before.size();
  const bool scans = !search().has_index() && search().may_scan(scans_before_index);
  const std::optional<std::size_t> near = outwards(hunk, start,
                                                   seams_  ? most_work
                                                   : scans ? nearby + 4 * size_
                                                           : nearby);
  if (work_ - before > nearby) search().note_scan(work_ - before);
  if (seams_) work_ += seam_cost * (work_ - before);
  if (near != size_ + 1) return near;
  if (gave_up()) return std::nullopt;
  return hunk.irregular ? find_irregular(hunk, start) : find_far(hunk, start);
}

/// Of the runs equal to `want` the nearest to `start` that lies in untouched lines and `fits`.
template <class Fits>
std::optional<std::size_t> PatchedLines::find_in_runs(RunKind kind, std::span<const std::uint32_t> want,
                                                      std::size_t start, Fits&& fits) const {
  const NumberRuns& runs = search().runs(kind.first, kind.second);
  work_ += search().take_work();
  NumberRuns::Strikes& strikes = strikes_[kind];
  const NumberRuns::Group group = runs.find(want);
  const Spot spot = spot_at(start);
  const std::size_t middle = spot.edit == nullptr ? spot.base : spot.edit->end;
  std::optional<std::size_t> below = runs.at_or_after(group, middle, strikes);
  std::optional<std::size_t> above = runs.before(group, middle, strikes);
  const auto rank = [&](std::size_t run) { return rank_from(start, position_of(runs.place(run))); };
  while (!gave_up()) {
    ++work_;
    if (below && !can_take(runs.place(*below), want.size())) {
      NumberRuns::strike(*below, strikes);
      below = runs.at_or_after(group, middle, strikes);
    } else if (above && !can_take(runs.place(*above), want.size())) {
      NumberRuns::strike(*above, strikes);
      above = runs.before(group, middle, strikes);
    } else if (!below && !above) {
      return std::nullopt;
    } else {
      const bool down = below && (!above || rank(*below) < rank(*above));
      const std::size_t place = runs.place(down ? *below : *above);
      const std::size_t position = position_of(place);
      if (fits(place)) return position;
      if (down)
        below = runs.at_or_after(group, place + 1, strikes);
      else
        above = runs.before(group, place, strikes);
    }
  }
  return std::nullopt;
}

std::optional<std::size_t> PatchedLines::find_irregular(const HunkImages& hunk, std::size_t start) const {
  std::vector<std::uint32_t> want;
  for (const std::string_view line : hunk.before) want.push_back(blankless_hash(line));
  return find_in_runs({want.size(), true}, want, start,
                      [&](std::size_t place) { return matches(hunk, position_of(place)); });
}

/// Nothing where a line of the old image stands nowhere in the base.
std::optional<std::vector<std::uint32_t>> PatchedLines::ids_of(const HunkImages& hunk) const {
  const LineIndex& index = search().index();
  work_ += search().take_work() + hunk.before.size();
  std::vector<std::uint32_t> out;
  for (const std::string_view wanted : hunk.before) {
    const std::optional<std::uint32_t> id = index.id(wanted);
    if (!id) return std::nullopt;
    out.push_back(*id);
  }
  return out;
}

/// Calls `visit` with every place of `want` in the base, by its rarest line, or, where even that one stands almost
/// everywhere, through the whole base. False, and nothing done, where that costs too much beside what the hunk's own
/// size and the searches before allow.
template <class Visit>
bool PatchedLines::visit_places(const std::vector<std::uint32_t>& want, Visit&& visit) const {
  const LineIndex& index = search().index();
  const std::span<const std::uint32_t> ids = index.ids();
  const auto count = [&](std::uint32_t id) { return index.places(id).size(); };
  const auto rarest = static_cast<std::size_t>(std::ranges::min_element(want, {}, count) - want.begin());
  const std::span<const std::uint32_t> places = index.places(want[rarest]);
  const bool through_all = places.size() > base_.size() / want.size();
  const std::uint64_t cost = through_all ? base_.size() : places.size() * want.size();
  if (cost > near_tries + 8 * want.size()) {
    if (!search().may_scan(scans_before_runs)) return false;
    search().note_scan(cost);
  }
  work_ += cost;
  if (through_all) {
    for_each_place(ids, want, visit);
    return true;
  }
  for (const std::uint32_t place : places) {
    if (place < rarest || place - rarest + want.size() > ids.size()) continue;
    if (std::ranges::equal(ids.subspan(place - rarest, want.size()), want)) visit(place - rarest);
  }
  return true;
}

/// The first searches go through the file by themselves; where more come, all runs of that length are put in order.
std::optional<std::size_t> PatchedLines::find_far(const HunkImages& hunk, std::size_t start) const {
  const std::optional<std::vector<std::uint32_t>> want = ids_of(hunk);
  if (!want) return std::nullopt;
  std::optional<std::size_t> best;
  const auto consider = [&](std::size_t place) {
    if (!can_take(place, want->size())) return;
    const std::size_t position = position_of(place);
    if (!best || rank_from(start, position) < rank_from(start, *best)) best = position;
  };
  if (visit_places(*want, consider)) return best;
  const std::span<const std::uint32_t> ids = search().index().ids();
  return find_in_runs({want->size(), false}, *want, start, [&](std::size_t place) {
    work_ += want->size();
    return std::ranges::equal(ids.subspan(place, want->size()), *want);
  });
}

bool PatchedLines::fits_base(const HunkImages& hunk) const {
  if (edits_.empty()) return find(hunk).has_value();
  if (hunk.irregular || hunk.at_beginning || hunk.at_end || hunk.before.empty()) {
    PatchedLines fresh(base_);
    fresh.content_ = content_;
    fresh.work_ = work_;
    const bool fits = fresh.find(hunk).has_value();
    work_ = fresh.work_;
    return fits;
  }
  const std::optional<std::vector<std::uint32_t>> want = ids_of(hunk);
  if (!want || want->size() > base_.size()) return false;
  bool found = false;
  if (visit_places(*want, [&](std::size_t) { found = true; })) return found;
  const NumberRuns& runs = search().runs(want->size(), false);
  work_ += search().take_work() + want->size();
  const NumberRuns::Group group = runs.find(*want);
  const std::span<const std::uint32_t> ids = search().index().ids();
  return group.begin < group.end && std::ranges::equal(ids.subspan(runs.place(group.begin), want->size()), *want);
}

void PatchedLines::replace(std::size_t at, const HunkImages& hunk) {
  const Spot spot = spot_at(at);
  auto edit = edits_.find(spot.base);
  if (spot.edit != nullptr) {  // a hunk without old lines, within what another made
    Lines& lines = edit->second.lines;
    constexpr std::size_t moved_for_one = 4;
    work_ += (lines.size() - spot.offset) / moved_for_one;
    lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(spot.offset), hunk.after.begin(), hunk.after.end());
  } else {
    const std::size_t end = hunk.before.empty() ? spot.base : spot_at(at + hunk.before.size() - 1).base + 1;
    edit = edit_of(spot.base, end);
    edit->second.lines.insert(edit->second.lines.end(), hunk.after.begin(), hunk.after.end());
  }
  if (positions_) positions_->add(edit->first, static_cast<std::uint32_t>(hunk.after.size()));
  size_ = size_ + hunk.after.size() - hunk.before.size();
  seams_ = seams_ || (edit->second.lines.empty() && edit->second.end < base_.size());
}

/// The edit that [begin, end) of the base now belongs to: the one that ended where it begins, or a new one. Edits
/// within have no lines.
PatchedLines::Edits::iterator PatchedLines::edit_of(std::size_t begin, std::size_t end) {
  if (positions_) {
    for (std::size_t line = begin; line < end; ++line) {
      if (is_untouched(line)) positions_->add(line, ~std::uint32_t{0});
    }
  }
  const auto next = edits_.erase(edits_.upper_bound(begin), edits_.lower_bound(std::max(begin + 1, end)));
  if (next != edits_.begin() && std::prev(next)->second.end == begin) {
    std::prev(next)->second.end = end;
    return std::prev(next);
  }
  return edits_.insert_or_assign(begin, Edit{.end = end, .lines = {}}).first;
}

Lines PatchedLines::result() const {
  Lines out;
  out.reserve(size_);
  std::size_t done = 0;
  const auto keep_up_to = [&](std::size_t end) {
    out.insert(out.end(), base_.begin() + static_cast<std::ptrdiff_t>(done),
               base_.begin() + static_cast<std::ptrdiff_t>(end));
  };
  for (const auto& [begin, edit] : edits_) {
    keep_up_to(begin);
    out.insert(out.end(), edit.lines.begin(), edit.lines.end());
    done = edit.end;
  }
  keep_up_to(base_.size());
  return out;
}

bool PatchedLines::result_is_whole() const {
  const bool last_is_cut = !base_.empty() && !base_.back().ends_with('\n');
  for (auto edit = edits_.begin(); edit != edits_.end(); ++edit) {
    const Lines& lines = edit->second.lines;
    const bool at_end = std::next(edit) == edits_.end() && edit->second.end == base_.size();
    if (!lines.empty() && last_is_cut && edit->first == base_.size()) return false;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const bool may_lack_end = at_end && i + 1 == lines.size();
      if (lines[i].empty() || (lines[i].back() != '\n' && !may_lack_end)) return false;
    }
  }
  return true;
}

HunkImages hunk_images(std::string_view text, const formats::Patch& patch, const formats::Hunk& hunk,
                       Direction direction) {
  HunkImages out;
  const bool forward = direction == Direction::forward;
  const formats::LineKind only_before = forward ? formats::LineKind::removed : formats::LineKind::added;
  for (const formats::HunkLine& line : patch.lines_of(hunk)) {
    if (line.kind == formats::LineKind::none) continue;
    const std::string_view content = text.substr(line.text.begin, line.text.size());
    if (line.kind == formats::LineKind::context || line.kind == only_before) out.before.push_back(content);
    if (line.kind == formats::LineKind::context || line.kind != only_before) out.after.push_back(content);
  }
  out.before_start = forward ? hunk.before.start : hunk.after.start;
  out.after_start = forward ? hunk.after.start : hunk.before.start;
  out.at_beginning = out.before_start <= 1;
  out.at_end = hunk.trailing == 0;
  out.irregular = is_irregular(out.before, out.at_end);
  return out;
}

}  // namespace forge::model
