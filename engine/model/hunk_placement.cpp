#include "engine/model/hunk_placement.hpp"

#include <algorithm>
#include <cstdlib>
#include <span>
#include <unordered_map>
#include <utility>

namespace forge::model {

namespace {

/// Lines to look at one by one on each side before an index of the whole file is made.
constexpr std::size_t near_tries = 400;

std::size_t rank_from(std::size_t start, std::size_t position) {
  return position > start ? 2 * (position - start) - 1 : 2 * (start - position);
}

/// Git's own hash of a line, blanks left out: it decides together with the bytes where a last line without LF fits.
std::uint32_t blankless_hash(std::string_view line) {
  constexpr std::uint32_t kept_bits = 0xFFFFFF;
  std::uint32_t hash = 0;
  for (const char c : line) {
    if (c != ' ' && c != '\t' && c != '\r' && c != '\n') hash = hash * 3 + static_cast<unsigned char>(c);
  }
  return hash & kept_bits;
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

/// Numbers for the distinct lines of the base, and where each stands.
class PatchedLines::Index {
 public:
  explicit Index(const Lines& base) {
    numbers_.reserve(base.size());
    ids_.reserve(base.size());
    for (const std::string_view line : base) {
      const auto [at, is_new] = numbers_.try_emplace(line, static_cast<std::uint32_t>(numbers_.size()));
      ids_.push_back(at->second);
    }
    starts_.assign(numbers_.size() + 1, 0);
    for (const std::uint32_t id : ids_) ++starts_[id + 1];
    for (std::size_t i = 1; i < starts_.size(); ++i) starts_[i] += starts_[i - 1];
    places_.resize(ids_.size());
    std::vector<std::uint32_t> next(starts_.begin(), starts_.end() - 1);
    for (std::size_t i = 0; i < ids_.size(); ++i) places_[next[ids_[i]]++] = static_cast<std::uint32_t>(i);
  }

  [[nodiscard]] std::optional<std::uint32_t> id(std::string_view line) const {
    const auto at = numbers_.find(line);
    if (at == numbers_.end()) return std::nullopt;
    return at->second;
  }
  [[nodiscard]] std::span<const std::uint32_t> places(std::uint32_t id) const {
    return std::span(places_).subspan(starts_[id], starts_[id + 1] - starts_[id]);
  }
  [[nodiscard]] std::span<const std::uint32_t> ids() const { return ids_; }

 private:
  std::unordered_map<std::string_view, std::uint32_t> numbers_;
  std::vector<std::uint32_t> ids_;
  std::vector<std::uint32_t> starts_;
  std::vector<std::uint32_t> places_;
};

PatchedLines::PatchedLines(const Lines& base) : base_(base), size_(base.size()) {}
PatchedLines::~PatchedLines() = default;

PatchedLines::Gap PatchedLines::gap(std::size_t number) const {
  Gap out;
  if (number > 0) {
    const Edit& before = edits_[number - 1];
    out.begin = before.end;
    out.at = before.at + before.lines.size();
  }
  out.end = number < edits_.size() ? edits_[number].begin : base_.size();
  return out;
}

std::size_t PatchedLines::gap_number_at(std::size_t position) const {
  const auto after =
      std::ranges::upper_bound(edits_, position, {}, [](const Edit& e) { return e.at + e.lines.size(); });
  return static_cast<std::size_t>(after - edits_.begin());
}

std::size_t PatchedLines::gap_number_of_base(std::size_t base_line) const {
  const auto after = std::ranges::upper_bound(edits_, base_line, {}, &Edit::end);
  return static_cast<std::size_t>(after - edits_.begin());
}

std::optional<std::size_t> PatchedLines::position_of_base(std::size_t base_line) const {
  const Gap g = gap(gap_number_of_base(base_line));
  if (base_line < g.begin || base_line >= g.end) return std::nullopt;
  return g.at + (base_line - g.begin);
}

bool PatchedLines::is_made(std::size_t position) const {
  return position >= gap(gap_number_at(position)).end_at();
}

std::string_view PatchedLines::line(std::size_t index) const {
  const std::size_t number = gap_number_at(index);
  const Gap g = gap(number);
  if (index < g.end_at()) return base_[g.begin + (index - g.at)];
  return edits_[number].lines[index - edits_[number].at];
}

bool PatchedLines::matches(const HunkImages& hunk, std::size_t at) const {
  const std::size_t count = hunk.before.size();
  if (at + count > size_ || (hunk.at_end && at + count != size_) || (hunk.at_beginning && at != 0)) return false;
  if (hunk.irregular) return matches_irregular(hunk, at);
  if (count == 0) return true;
  std::size_t done = 0;
  while (done < count) {
    const Gap g = gap(gap_number_at(at + done));
    if (at + done >= g.end_at()) return false;
    const std::size_t stop = std::min(count, g.end_at() - at);
    for (; done < stop; ++done) {
      if (base_[g.begin + (at + done - g.at)] != hunk.before[done]) return false;
    }
  }
  return true;
}

/// Line by line blanks do not count; the bytes as a whole have to be there, and may end within the file's line.
bool PatchedLines::matches_irregular(const HunkImages& hunk, std::size_t at) const {
  for (std::size_t i = 0; i < hunk.before.size(); ++i) {
    if (is_made(at + i) || blankless_hash(line(at + i)) != blankless_hash(hunk.before[i])) return false;
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

/// Visits start, start + 1, start - 1, start + 2 … until `fits`, at most `tries` on each side.
template <class Visit>
std::optional<std::size_t> PatchedLines::outwards(std::size_t start, std::size_t tries, Visit&& fits) const {
  if (fits(start)) return start;
  const std::size_t most = std::min(tries, std::max(start, size_ - start));
  for (std::size_t distance = 1; distance <= most; ++distance) {
    if (distance <= size_ - start && fits(start + distance)) return start + distance;
    if (distance <= start && fits(start - distance)) return start - distance;
  }
  return std::nullopt;
}

std::optional<std::size_t> PatchedLines::find(const HunkImages& hunk) const {
  if (hunk.before.size() > size_) return std::nullopt;
  const std::size_t start = search_start(hunk);
  const auto fits = [&](std::size_t at) { return matches(hunk, at); };
  if (hunk.irregular) return outwards(start, size_, fits);
  if (hunk.at_beginning || hunk.at_end || hunk.before.empty()) return fits(start) ? std::optional(start) : std::nullopt;
  if (const std::optional<std::size_t> near = outwards(start, near_tries, fits)) return near;
  return size_ > near_tries ? find_by_index(hunk, start) : std::nullopt;
}

const PatchedLines::Index& PatchedLines::index() const {
  if (!index_) index_ = std::make_unique<const Index>(base_);
  return *index_;
}

namespace {

/// For each prefix of `want` the length of its longest proper end that is also its beginning.
std::vector<std::size_t> borders(std::span<const std::uint32_t> want) {
  std::vector<std::size_t> out(want.size(), 0);
  for (std::size_t i = 1, size = 0; i < want.size(); ++i) {
    while (size > 0 && want[i] != want[size]) size = out[size - 1];
    if (want[i] == want[size]) ++size;
    out[i] = size;
  }
  return out;
}

/// Calls `visit` with every place of `want` in `text`, in linear time (Knuth, Morris, Pratt).
template <class Visit>
void for_each_place(std::span<const std::uint32_t> text, std::span<const std::uint32_t> want, Visit&& visit) {
  const std::vector<std::size_t> border = borders(want);
  std::size_t size = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    while (size > 0 && text[i] != want[size]) size = border[size - 1];
    if (text[i] == want[size]) ++size;
    if (size < want.size()) continue;
    visit(i + 1 - size);
    size = border[size - 1];
  }
}

}  // namespace

/// Goes by the hunk's rarest line, or, where even that one stands almost everywhere, through the whole file once.
std::optional<std::size_t> PatchedLines::find_by_index(const HunkImages& hunk, std::size_t start) const {
  std::vector<std::uint32_t> want;
  std::size_t rarest = 0;
  for (const std::string_view wanted : hunk.before) {
    const std::optional<std::uint32_t> id = index().id(wanted);
    if (!id) return std::nullopt;
    want.push_back(*id);
    if (index().places(*id).size() < index().places(want[rarest]).size()) rarest = want.size() - 1;
  }
  std::optional<std::size_t> best;
  const auto consider = [&](std::size_t at) {
    if (!best || rank_from(start, at) < rank_from(start, *best)) best = at;
  };
  const std::span<const std::uint32_t> places = index().places(want[rarest]);
  if (places.size() <= base_.size() / want.size()) {
    for (const std::uint32_t place : places) {
      const std::optional<std::size_t> position = position_of_base(place);
      if (position && *position >= rarest && matches(hunk, *position - rarest)) consider(*position - rarest);
    }
    return best;
  }
  for_each_place(index().ids(), want, [&](std::size_t place) {
    const Gap g = gap(gap_number_of_base(place));
    if (place >= g.begin && place + want.size() <= g.end) consider(g.at + (place - g.begin));
  });
  return best;
}

void PatchedLines::replace(std::size_t at, const HunkImages& hunk) {
  const std::size_t first = gap_number_at(at);
  const Gap start = gap(first);
  Edit edit{.begin = start.begin + (at - start.at), .at = at, .lines = hunk.after};
  edit.end = edit.begin;
  std::size_t last = first;
  if (!hunk.before.empty()) {
    const std::size_t last_line = at + hunk.before.size() - 1;
    last = gap_number_at(last_line);
    const Gap end = gap(last);
    edit.end = end.begin + (last_line - end.at) + 1;
  }
  edits_.erase(edits_.begin() + static_cast<std::ptrdiff_t>(first), edits_.begin() + static_cast<std::ptrdiff_t>(last));
  const std::size_t grown = hunk.after.size();
  const std::size_t shrunk = hunk.before.size();
  for (std::size_t i = first; i < edits_.size(); ++i) edits_[i].at = edits_[i].at + grown - shrunk;
  size_ = size_ + grown - shrunk;
  const auto place = edits_.begin() + static_cast<std::ptrdiff_t>(first);
  if (first > 0 && edits_[first - 1].end == edit.begin) {
    Edit& before = edits_[first - 1];
    before.end = edit.end;
    before.lines.insert(before.lines.end(), edit.lines.begin(), edit.lines.end());
  } else {
    edits_.insert(place, std::move(edit));
  }
}

Lines PatchedLines::result() const {
  Lines out;
  out.reserve(size_);
  for (std::size_t i = 0; i <= edits_.size(); ++i) {
    const Gap g = gap(i);
    const auto from = base_.begin();
    out.insert(out.end(), from + static_cast<std::ptrdiff_t>(g.begin), from + static_cast<std::ptrdiff_t>(g.end));
    if (i < edits_.size()) out.insert(out.end(), edits_[i].lines.begin(), edits_[i].lines.end());
  }
  return out;
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
