#include "engine/formats/patch_hunk.hpp"

#include <limits>
#include <utility>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/formats/patch_header.hpp"
#include "engine/formats/patch_names.hpp"

namespace forge::formats {

namespace {

constexpr std::size_t shortest_marker = 12;  // with its line end; translations of "No newline" are all longer

bool take(std::string_view& rest, std::string_view word) {
  if (!rest.starts_with(word)) return false;
  rest.remove_prefix(word.size());
  return true;
}

std::optional<std::uint64_t> take_number(std::string_view& rest) {
  constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  if (rest.empty() || !is_digit(rest.front())) return std::nullopt;
  std::uint64_t value = 0;
  for (; !rest.empty() && is_digit(rest.front()); rest.remove_prefix(1)) {
    const auto digit = static_cast<std::uint64_t>(rest.front() - '0');
    value = value > (most - digit) / 10 ? most : value * 10 + digit;
  }
  return value;
}

std::optional<HunkRange> take_range(std::string_view& rest) {
  HunkRange range;
  const std::optional<std::uint64_t> start = take_number(rest);
  if (!start) return std::nullopt;
  range.start = *start;
  if (!take(rest, ",")) return range;
  const std::optional<std::uint64_t> count = take_number(rest);
  if (!count) return std::nullopt;
  range.count = *count;
  return range;
}

/// How many lines of each image the body at `at` has, whatever its header says: up to the next hunk, section or mail,
/// the signature of format-patch, or the end. Nothing where something else ends it.
std::optional<std::pair<std::uint64_t, std::uint64_t>> recount(std::string_view text, std::size_t at) {
  std::uint64_t before = 0;
  std::uint64_t after = 0;
  std::uint64_t blank = 0;  // empty lines that nothing but an end follows belong to no hunk
  for (std::size_t end = 0; at < text.size(); at = end) {
    end = line_end(text, at);
    const std::string_view rest = text.substr(at);
    if (rest.starts_with("-- \n") || rest.starts_with("@@ -") || rest.starts_with("diff ") || rest.starts_with("From "))
      break;
    if (rest.starts_with("--- ") && text.substr(end).starts_with("+++ ")) break;
    switch (text[at]) {
      case '\n':
        ++blank;
        continue;
      case ' ':
        ++before;
        ++after;
        break;
      case '-':
        ++before;
        break;
      case '+':
        ++after;
        break;
      case '\\':
        break;
      default:
        return std::nullopt;
    }
    before += blank;
    after += std::exchange(blank, 0);
  }
  return std::pair(before, after);
}

/// Of `-3,4` in a hunk's header the `4`; of `-3`, which counts one line, the `3`.
TextSpan count_span(std::string_view text, TextSpan header, char side) {
  const std::size_t begin = text.find(side, header.begin + 3) + 1;
  const std::size_t end = text.find(' ', begin);
  const std::size_t comma = text.find(',', begin);
  return span_of(comma < end ? comma + 1 : begin, end);
}

/// Reads the lines of one hunk's body.
class BodyReader {
 public:
  BodyReader(std::string_view text, std::size_t at, Hunk& hunk, std::vector<HunkLine>& lines)
      : text_(text), at_(at), hunk_(hunk), lines_(lines) {}

  std::optional<Problem> read() {
    const std::size_t body = at_;
    while (at_ < text_.size() && (before() < hunk_.before.count || after() < hunk_.after.count)) {
      if (std::optional<Problem> problem = read_line()) return miscounted(std::move(*problem), body);
    }
    if (before() < hunk_.before.count || after() < hunk_.after.count) return cut_off();
    if (added_ == 0 && removed_ == 0)
      return malformed(hunk_.header, "This hunk changes nothing: none of its lines starts with `+` or `-`.");
    take_last_marker();
    return std::nullopt;
  }

  [[nodiscard]] std::size_t end() const { return at_; }

 private:
  [[nodiscard]] std::uint64_t before() const { return context_ + removed_; }
  [[nodiscard]] std::uint64_t after() const { return context_ + added_; }

  std::optional<Problem> read_line() {
    const std::size_t end = line_end(text_, at_);
    if (text_[end - 1] != '\n') return cut_off();
    switch (text_[at_]) {
      case '\n':
        count_context();
        add(LineKind::context, at_, end);
        break;
      case ' ':
        count_context();
        add(LineKind::context, at_ + 1, end);
        break;
      case '-':
        ++removed_;
        hunk_.trailing = 0;
        add(LineKind::removed, at_ + 1, end);
        break;
      case '+':
        ++added_;
        hunk_.trailing = 0;
        add(LineKind::added, at_ + 1, end);
        break;
      case '\\':
        if (end - at_ < shortest_marker || text_[at_ + 1] != ' ') return no_body_line();
        add_marker(end);
        break;
      default:
        return no_body_line();
    }
    if (before() > hunk_.before.count || after() > hunk_.after.count) return one_too_many();
    at_ = end;
    return std::nullopt;
  }

  void count_context() {
    ++context_;
    ++hunk_.trailing;
    if (added_ == 0 && removed_ == 0) ++hunk_.leading;
  }

  void add(LineKind kind, std::size_t begin, std::size_t end) { lines_.push_back({kind, span_of(begin, end)}); }

  /// Takes the line end off the line before it; of an empty context line nothing is left then.
  void add_marker(std::size_t end) {
    if (lines_.size() > hunk_.first_line && lines_.back().kind != LineKind::none) {
      HunkLine& last = lines_.back();
      const bool bare = text_[last.text.begin] == '\n' && text_[last.text.begin - 1] == '\n';
      if (bare)
        last.kind = LineKind::none;
      else
        --last.text.end;
    }
    add(LineKind::none, at_, end);
  }

  void take_last_marker() {
    if (text_.size() - at_ <= shortest_marker || !text_.substr(at_).starts_with("\\ ")) return;
    const std::size_t end = line_end(text_, at_);
    add_marker(end);
    at_ = end;
  }

  [[nodiscard]] std::string counts_so_far() const {
    return fmt::format("its header says {} old and {} new lines, and {} old and {} new ones stand before this",
                       hunk_.before.count, hunk_.after.count, before(), after());
  }

  /// Where the header's counts are all that is wrong, they are what it is about, and can be mended.
  [[nodiscard]] Problem miscounted(Problem problem, std::size_t body) const {
    const auto counted = recount(text_, body);
    if (!counted || (counted->first == hunk_.before.count && counted->second == hunk_.after.count)) return problem;
    const TextSpan stops = problem.span;
    const TextSpan before = count_span(text_, hunk_.header, '-');
    const TextSpan after = count_span(text_, hunk_.header, '+');
    const bool first = counted->first != hunk_.before.count;
    problem.span = first ? before : after;
    if (first && counted->second != hunk_.after.count) problem.span.end = after.end;
    problem.message =
        fmt::format("The counts do not add up: this header says {} old and {} new lines, and the hunk has {} and {}.",
                    hunk_.before.count, hunk_.after.count, counted->first, counted->second);
    problem.related = stops;
    problem.related_message = "git stops here.";
    problem.fixes = {
        {fmt::format("Count {} old and {} new lines", counted->first, counted->second),
         span_of(hunk_.header.begin + 4, after.end),
         fmt::format("{},{} +{},{}", hunk_.before.start, counted->first, hunk_.after.start, counted->second)}};
    return problem;
  }

  [[nodiscard]] std::optional<Problem> cut_off() const {
    const bool half_line = at_ < text_.size();
    return malformed(
        half_line ? line_at(text_, at_) : hunk_.header,
        fmt::format("The file ends within this hunk: its header says {} old and {} new lines, there are {} and {}{}.",
                    hunk_.before.count, hunk_.after.count, before(), after(),
                    half_line ? ", and the last line has no line end" : ""));
  }

  [[nodiscard]] std::optional<Problem> one_too_many() const {
    return malformed(line_at(text_, at_),
                     fmt::format("This line is one too many for its hunk, whose header says {} old and {} new lines.",
                                 hunk_.before.count, hunk_.after.count));
  }

  [[nodiscard]] std::optional<Problem> no_body_line() const {
    const TextSpan line = line_at(text_, at_);
    const std::string_view shown = text_.substr(line.begin, line.size());
    if (shown.empty())
      return malformed({line.begin, line.begin + 1},
                       "An empty line with a CRLF end can't stand in a hunk: convert the patch to LF line ends, or let "
                       "the line start with a blank.");
    return malformed(line, fmt::format("This line can't stand in a hunk (`+`, `-` or a blank must come first) and the "
                                       "hunk is not complete: {}.",
                                       counts_so_far()));
  }

  std::string_view text_;
  std::size_t at_;
  Hunk& hunk_;
  std::vector<HunkLine>& lines_;
  std::uint64_t context_ = 0;
  std::uint64_t removed_ = 0;
  std::uint64_t added_ = 0;
};

std::optional<Problem> contradiction(const Section& section, const Hunk& hunk) {
  if (section.creates == Certainty::yes && hunk.before.count > 0)
    return malformed(hunk.header, fmt::format("`{}` is a new file, but this hunk expects {} lines in it.",
                                              section.path().value, hunk.before.count));
  if (section.deletes == Certainty::yes && hunk.after.count > 0)
    return malformed(hunk.header, fmt::format("`{}` is deleted, but this hunk leaves {} lines in it.",
                                              section.path().value, hunk.after.count));
  return std::nullopt;
}

}  // namespace

std::optional<Hunk> parse_hunk_header(std::string_view line) {
  if (!line.ends_with('\n') || !take(line, "@@ -")) return std::nullopt;
  const std::optional<HunkRange> before = take_range(line);
  if (!before || !take(line, " +")) return std::nullopt;
  const std::optional<HunkRange> after = take_range(line);
  if (!after || !take(line, " @@")) return std::nullopt;
  Hunk hunk;
  hunk.before = *before;
  hunk.after = *after;
  return hunk;
}

HunkRead read_hunk(std::string_view text, std::size_t at, const Section& section, Patch& patch) {
  const std::size_t body = line_end(text, at);
  std::optional<Hunk> hunk = parse_hunk_header(text.substr(at, body - at));
  if (!hunk)
    return {at, malformed(line_at(text, at), "This is no hunk header: `@@ -START,COUNT +START,COUNT @@` is expected.")};
  hunk->header = line_at(text, at);
  hunk->first_line = static_cast<std::uint32_t>(patch.lines.size());
  BodyReader reader(text, body, *hunk, patch.lines);
  std::optional<Problem> problem = reader.read();
  if (!problem) problem = contradiction(section, *hunk);
  if (problem && problem->span != hunk->header && problem->related.empty()) {
    problem->related = hunk->header;
    problem->related_message = "The header of the hunk.";
  }
  hunk->body = span_of(body, reader.end());
  hunk->line_count = static_cast<std::uint32_t>(patch.lines.size()) - hunk->first_line;
  patch.hunks.push_back(*hunk);
  return {reader.end(), std::move(problem)};
}

}  // namespace forge::formats
