#include "engine/model/hunk_alignment.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <unordered_map>

#include "engine/base/text.hpp"
#include "engine/model/line_search.hpp"

namespace forge::model {

namespace {

constexpr std::size_t common_line = 64;  // a line that stands more often in the file tells nothing of a place

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

std::string without_blanks(std::string_view line) {
  std::string out;
  for (const char c : line) {
    if (!is_blank(c)) out += c;
  }
  return out;
}

}  // namespace

std::vector<std::int64_t> PatchedLines::promising_places(const HunkImages& hunk, std::size_t most) const {
  std::unordered_map<std::int64_t, double> votes;
  for (std::size_t i = 0; i < hunk.before.size(); ++i) {
    const std::span<const std::uint32_t> places = search().places_without_blanks(hunk.before[i]);
    if (places.size() > common_line) continue;
    for (const std::uint32_t place : places) {
      if (!is_untouched(place)) continue;
      votes[static_cast<std::int64_t>(position_of(place)) - static_cast<std::int64_t>(i)] +=
          1.0 / static_cast<double>(places.size());
    }
  }
  work_ += search().take_work() + hunk.before.size();
  const auto start = static_cast<std::int64_t>(search_start(hunk));
  std::vector<std::pair<std::int64_t, double>> order(votes.begin(), votes.end());
  const auto better = [start](const auto& a, const auto& b) {
    const auto key = [start](const auto& p) { return std::tuple(-p.second, std::abs(p.first - start), p.first); };
    return key(a) < key(b);
  };
  const std::size_t kept = std::min(most, order.size());
  std::ranges::partial_sort(order, order.begin() + static_cast<std::ptrdiff_t>(kept), better);
  std::vector<std::int64_t> out;
  out.reserve(kept);
  for (std::size_t i = 0; i < kept; ++i) out.push_back(order[i].first);
  return out;
}

std::vector<std::size_t> PatchedLines::alike(std::string_view line, std::size_t begin, std::size_t end,
                                             std::size_t near, std::size_t most) const {
  const std::span<const std::uint32_t> places = search().places_without_blanks(line);
  const auto position = [this](std::uint32_t place) { return position_or_edit(place); };
  const auto first = std::ranges::lower_bound(places, begin, {}, position);
  const auto last = std::ranges::lower_bound(places, end, {}, position);
  auto from = first;
  auto to = last;
  if (static_cast<std::size_t>(last - first) > most) {
    const auto middle = std::ranges::lower_bound(places, near, {}, position);
    const auto half = static_cast<std::ptrdiff_t>(most / 2);
    from = middle - std::min(half, middle - first);
    to = middle + std::min(half, last - middle);
  }
  std::vector<std::size_t> out;
  for (; from < to; ++from) {
    if (is_untouched(*from)) out.push_back(position_of(*from));
  }
  return out;
}

namespace {

/// Lines that are equal but for blanks; of an alignment, the fixed points.
struct Pair {
  std::size_t before = 0;
  std::size_t file = 0;
};
struct Chain {
  double score = 0;
  std::vector<Pair> pairs;
};

class Aligner {
 public:
  Aligner(const HunkImages& hunk, const PatchedLines& lines) : hunk_(hunk), lines_(lines) {}

  std::vector<AlignedLine> run() {
    const std::size_t size = hunk_.before.size();
    constexpr std::size_t most_places = 8;
    constexpr std::size_t lines_in_all = 20'000;
    const std::size_t tries = std::clamp<std::size_t>(size == 0 ? 1 : lines_in_all / size, 1, most_places);
    Chain best;
    for (const std::int64_t place : lines_.promising_places(hunk_, tries)) {
      Chain chain = chain_at(place);
      if (chain.score > best.score) best = std::move(chain);
    }
    return best.pairs.empty() ? align_at_start(hunk_, lines_) : fill(best.pairs);
  }

 private:
  /// The best chain of lines that are alike, near the place.
  [[nodiscard]] Chain chain_at(std::int64_t place) const {
    constexpr std::int64_t slack = 60;  // lines that upstream may have put in or taken out
    constexpr std::size_t most_per_line = 16;
    constexpr std::size_t pairs_looked_back = 96;
    const auto size = static_cast<std::int64_t>(hunk_.before.size());
    const auto end = static_cast<std::int64_t>(lines_.size());
    const auto within = [end](std::int64_t at) {
      return static_cast<std::size_t>(std::clamp<std::int64_t>(at, 0, end));
    };
    const std::size_t from = within(place - slack);
    const std::size_t to = within(place + size + slack);
    struct Link {
      Pair pair;
      double score = 0;
      std::size_t previous = 0;  // number + 1
    };
    std::vector<Link> links;
    std::size_t best = 0;
    for (std::size_t i = 0; i < hunk_.before.size(); ++i) {
      const std::size_t expected = within(place + static_cast<std::int64_t>(i));
      const std::size_t line_begin = links.size();
      for (const std::size_t at : lines_.alike(hunk_.before[i], from, to, expected, most_per_line)) {
        const double worth = worth_of(i, at);
        Link link{
            {i, at}, worth - shift_cost(static_cast<std::int64_t>(at) - static_cast<std::int64_t>(expected)) / 4, 0};
        const std::size_t stop = line_begin > pairs_looked_back ? line_begin - pairs_looked_back : 0;
        for (std::size_t j = line_begin; j-- > stop;) {
          const Pair& before = links[j].pair;
          if (before.file >= at) continue;
          const auto shift = static_cast<std::int64_t>(at - before.file) - static_cast<std::int64_t>(i - before.before);
          const double score = links[j].score + worth - shift_cost(shift);
          if (score > link.score) {
            link.score = score;
            link.previous = j + 1;
          }
        }
        links.push_back(link);
        if (link.score > links[best].score) best = links.size() - 1;
      }
    }
    Chain out;
    if (links.empty()) return out;
    out.score = links[best].score;
    for (std::size_t at = best + 1; at != 0; at = links[at - 1].previous) out.pairs.push_back(links[at - 1].pair);
    std::ranges::reverse(out.pairs);
    return out;
  }

  static double shift_cost(std::int64_t shift) {
    return shift == 0 ? 0 : 0.15 + std::min(0.6, 0.02 * static_cast<double>(std::abs(shift)));
  }

  [[nodiscard]] double worth_of(std::size_t before, std::size_t file) const {
    const std::string_view line = hunk_.before[before];
    if (trim(line).size() <= 1) return 0.2;
    return lines_.line(file) == line ? 1.0 : 0.8;
  }

  [[nodiscard]] std::vector<AlignedLine> fill(const std::vector<Pair>& pairs) const {
    std::vector<AlignedLine> out;
    const Pair& first = pairs.front();
    const std::size_t head = std::min(first.before, first.file);
    // What stands before the first and after the last of them is taken line by line: there is no end to it in the file.
    for (std::size_t i = head; i < first.before; ++i) out.push_back({.before = i - head});
    for (std::size_t i = head; i > 0; --i) out.push_back({first.before - i, first.file - i});
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      if (i > 0) between({pairs[i - 1].before + 1, pairs[i - 1].file + 1}, pairs[i], out);
      out.push_back({pairs[i].before, pairs[i].file});
    }
    std::size_t file = pairs.back().file + 1;
    for (std::size_t i = pairs.back().before + 1; i < hunk_.before.size(); ++i, ++file) {
      AlignedLine line{.before = i};
      if (file < lines_.size()) line.file = file;
      out.push_back(line);
    }
    return out;
  }

  /// Lines that have no equal: first those that are similar, then what is left in order.
  void between(Pair begin, Pair end, std::vector<AlignedLine>& out) const {
    const std::size_t rows = end.before - begin.before;
    const std::size_t columns = end.file - begin.file;
    constexpr std::size_t most_compared = 2'500;
    if (rows * columns <= 1 || rows * columns > most_compared) {
      in_order(begin, end, out);
      return;
    }
    for (const Pair& similar : similar_lines(begin, end)) {
      in_order(begin, similar, out);
      out.push_back({similar.before, similar.file});
      begin = {similar.before + 1, similar.file + 1};
    }
    in_order(begin, end, out);
  }

  static void in_order(Pair begin, Pair end, std::vector<AlignedLine>& out) {
    for (; begin.before < end.before && begin.file < end.file; ++begin.before, ++begin.file)
      out.push_back({begin.before, begin.file});
    for (; begin.before < end.before; ++begin.before) out.push_back({.before = begin.before});
    for (; begin.file < end.file; ++begin.file) out.push_back({.file = begin.file});
  }

  /// In order, with the largest sum of similarities.
  [[nodiscard]] std::vector<Pair> similar_lines(Pair begin, Pair end) const {
    const std::size_t rows = end.before - begin.before;
    const std::size_t columns = end.file - begin.file;
    std::vector<double> best((rows + 1) * (columns + 1), 0);
    const auto cell = [&](std::size_t r, std::size_t c) -> double& { return best[r * (columns + 1) + c]; };
    std::vector<double> alike(rows * columns);
    for (std::size_t r = rows; r-- > 0;) {
      for (std::size_t c = columns; c-- > 0;) {
        alike[r * columns + c] = similarity(hunk_.before[begin.before + r], lines_.line(begin.file + c));
        cell(r, c) = std::max({cell(r + 1, c), cell(r, c + 1), cell(r + 1, c + 1) + alike[r * columns + c]});
      }
    }
    std::vector<Pair> out;
    for (std::size_t r = 0, c = 0; r < rows && c < columns;) {
      if (alike[r * columns + c] > 0 && cell(r, c) == cell(r + 1, c + 1) + alike[r * columns + c])
        out.push_back({begin.before + r++, begin.file + c++});
      else if (cell(r, c) == cell(r + 1, c))
        ++r;
      else
        ++c;
    }
    return out;
  }

  /// The share of a line that beginning and end of the other repeat; 0 where it is less than half.
  static double similarity(std::string_view a, std::string_view b) {
    a = trim(a);
    b = trim(b);
    if (a.empty() || b.empty()) return 0;
    const auto [front, ignored] = std::ranges::mismatch(a, b);
    const auto prefix = static_cast<std::size_t>(front - a.begin());
    std::size_t suffix = 0;
    while (suffix < std::min(a.size(), b.size()) - prefix && a[a.size() - 1 - suffix] == b[b.size() - 1 - suffix])
      ++suffix;
    const double share = static_cast<double>(prefix + suffix) / static_cast<double>(std::max(a.size(), b.size()));
    return share < 0.5 ? 0 : share;
  }

  const HunkImages& hunk_;
  const PatchedLines& lines_;
};

bool is_word(char c) {
  return is_alnum(c) || c == '_' || (static_cast<unsigned char>(c) & 0x80U) != 0;
}

/// What is left of a line without the words that both begin and end with has no blank in it.
bool differ_in_one_word(std::string_view a, std::string_view b) {
  const std::size_t shorter = std::min(a.size(), b.size());
  std::size_t prefix = 0;
  while (prefix < shorter && a[prefix] == b[prefix]) ++prefix;
  std::size_t suffix = 0;
  while (suffix < shorter - prefix && a[a.size() - 1 - suffix] == b[b.size() - 1 - suffix]) ++suffix;
  while (prefix > 0 && is_word(a[prefix - 1])) --prefix;
  while (suffix > 0 && is_word(a[a.size() - suffix])) --suffix;
  if (prefix + suffix == 0) return false;
  const auto middle = [&](std::string_view line) { return line.substr(prefix, line.size() - prefix - suffix); };
  return std::ranges::none_of(middle(a), is_blank) && std::ranges::none_of(middle(b), is_blank);
}

}  // namespace

std::vector<AlignedLine> align(const HunkImages& hunk, const PatchedLines& lines) {
  return Aligner(hunk, lines).run();
}

std::vector<AlignedLine> align_at_start(const HunkImages& hunk, const PatchedLines& lines) {
  const std::size_t start = lines.search_start(hunk);
  std::vector<AlignedLine> out;
  for (std::size_t i = 0; i < hunk.before.size(); ++i) {
    AlignedLine line{.before = i};
    if (start + i < lines.size()) line.file = start + i;
    out.push_back(line);
  }
  return out;
}

LineDifference::Kind kind_of_difference(std::string_view expected, std::string_view found) {
  using enum LineDifference::Kind;
  if (trim(expected) == trim(found)) {
    if (expected.ends_with("\r\n") != found.ends_with("\r\n")) return line_end;
    if (expected.ends_with("\n") != found.ends_with("\n")) return file_end;
    const auto indentation_of = [](std::string_view line) { return line.substr(0, line.find_first_not_of(" \t")); };
    return indentation_of(expected) == indentation_of(found) ? trailing_blanks : indentation;
  }
  if (without_blanks(expected) == without_blanks(found)) return blanks;
  return differ_in_one_word(trim(expected), trim(found)) ? word : changed;
}

std::string_view to_string(LineDifference::Kind kind) {
  using enum LineDifference::Kind;
  switch (kind) {
    case trailing_blanks:
      return "trailing-blanks";
    case indentation:
      return "indentation";
    case line_end:
      return "line-end";
    case file_end:
      return "file-end";
    case blanks:
      return "blanks";
    case word:
      return "word";
    case changed:
      return "changed";
    case missing:
      return "missing";
    case inserted:
      return "inserted";
  }
  return "changed";
}

}  // namespace forge::model
