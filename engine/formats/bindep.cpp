#include "engine/formats/bindep.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include "engine/base/line_index.hpp"
#include "engine/base/text.hpp"
#include "engine/base/utf8.hpp"
#include "engine/formats/debian_version.hpp"

namespace forge::formats {

namespace {

using namespace std::string_view_literals;

constexpr std::string_view rule_name = "bindep-syntax";
// Real files have a few kilobytes and lines of less than a hundred bytes.
constexpr std::size_t largest_file = std::size_t{8} << 20;
constexpr std::size_t longest_line = std::size_t{64} << 10;
constexpr std::size_t most_problems = 500;

// Longer spellings first, so that the first match is the longest.
constexpr std::array operators{
    std::pair{"<="sv, BindepOperator::less_or_equal}, std::pair{"!="sv, BindepOperator::not_equal},
    std::pair{"=="sv, BindepOperator::equal},         std::pair{">="sv, BindepOperator::greater_or_equal},
    std::pair{"<"sv, BindepOperator::less},           std::pair{">"sv, BindepOperator::greater}};

struct Misspelling {
  std::string_view typed;
  std::string_view meant;  ///< empty: bindep has nothing like it
};
constexpr std::array misspelt_operators{Misspelling{"===", "=="}, Misspelling{"~=", ""},   Misspelling{"<<", "<"},
                                        Misspelling{">>", ">"},   Misspelling{"=>", ">="}, Misspelling{"=<", "<="},
                                        Misspelling{"<>", "!="}};
constexpr std::array conflict_markers{"<<<<<<<"sv, "|||||||"sv, "======="sv, ">>>>>>>"sv};

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}
bool is_name_start(char c) {
  return is_alnum(c) || c == '/';
}
bool is_name_char(char c) {
  return is_alnum(c) || std::string_view("./+-_").find(c) != std::string_view::npos;
}
bool is_atom_char(char c) {
  return is_lower(c) || is_digit(c) || c == ':' || c == '-' || c == '.';
}
bool is_operator_char(char c) {
  return std::string_view("<>=!~").find(c) != std::string_view::npos;
}

/// Reads one line. The first thing that bindep would refuse ends it, as `problem`.
class LineReader {
 public:
  LineReader(std::string_view text, TextSpan line) : text_(text), line_(line), at_(line.begin) {}

  /// Nothing for a comment, a blank line and a line with a problem.
  std::optional<BindepRule> read();
  std::optional<Problem> problem;

 private:
  [[nodiscard]] bool at_end() const { return at_ == line_.end; }
  [[nodiscard]] char peek(std::uint32_t ahead = 0) const { return at_ + ahead < line_.end ? text_[at_ + ahead] : '\n'; }
  [[nodiscard]] std::string_view rest() const { return text_.substr(at_, line_.end - at_); }
  [[nodiscard]] std::string_view slice(TextSpan span) const { return text_.substr(span.begin, span.size()); }
  /// The character at `at_`, for a message.
  [[nodiscard]] std::string shown() const;
  [[nodiscard]] TextSpan character() const;
  template <class Predicate>
  TextSpan take(Predicate predicate) {
    const std::uint32_t begin = at_;
    while (!at_end() && predicate(text_[at_])) ++at_;
    return {begin, at_};
  }
  TextSpan take_spaces() {
    return take([](char c) { return c == ' '; });
  }

  // All of these return false, so that a caller can leave with them.
  bool refuse(TextSpan span, std::string message);
  bool refuse(TextSpan span, std::string message, ProblemFix fix);
  bool refuse_tab(TextSpan blanks);
  bool refuse_end_of_line_blanks(std::uint32_t begin);
  bool refuse_missing_blank(std::string_view what);
  bool refuse_line_start();
  bool refuse_after_name();
  bool refuse_after_selector();
  bool refuse_after_constraints(const BindepRule& rule);
  bool refuse_atom_character(TextSpan atom);
  bool refuse_unclosed(char bracket, std::uint32_t open);
  bool refuse_operator();
  bool refuse_version();
  bool refuse_rest(std::string_view expected);

  bool check_line_start();
  bool read_name(BindepRule& rule);
  bool read_parts(BindepRule& rule);
  bool read_selector(BindepRule& rule);
  bool read_item(BindepRule& rule);
  bool read_group(BindepRule& rule);
  std::optional<BindepAtom> read_atom();
  bool read_constraints(BindepRule& rule);
  bool read_constraint(BindepRule& rule);
  bool at_line_end_or_comment();
  /// Also for comparisons that bindep has not, such as `~=`.
  [[nodiscard]] bool at_constraint() const {
    return is_operator_char(peek()) && ((peek() != '!' && peek() != '~') || peek(1) == '=');
  }
  [[nodiscard]] bool in_selector_ends() const { return at_end() || peek() == '#'; }

  std::string_view text_;
  TextSpan line_;
  std::uint32_t at_;
};

std::optional<BindepRule> LineReader::read() {
  const TextSpan blanks = take_spaces();
  if (at_end() || peek() == '#') return std::nullopt;
  at_ = blanks.begin;
  BindepRule rule;
  if (!check_line_start() || !read_name(rule) || !read_parts(rule)) return std::nullopt;
  return rule;
}

bool LineReader::check_line_start() {
  const std::string_view line = rest();
  const bool conflict = std::ranges::any_of(conflict_markers, [&](auto marker) { return line.starts_with(marker); });
  if (conflict) return refuse(line_, "A conflict marker of git was left in the file; resolve the conflict.");
  if (at_ == 0 && line.starts_with("\xEF\xBB\xBF")) {
    return refuse({at_, at_ + 3}, "The file starts with a byte order mark, which bindep reads as part of the name.",
                  {"Remove the byte order mark", {at_, at_ + 3}, ""});
  }
  return is_name_start(peek()) || refuse_line_start();
}

bool LineReader::read_name(BindepRule& rule) {
  const TextSpan span = take(is_name_char);
  rule.name = {std::string(slice(span)), span};
  rule.selector_span = {span.end, span.end};
  if (!at_line_end_or_comment() && !is_blank(peek()) && peek() != '[' && !at_constraint()) return refuse_after_name();
  if (span.size() > 1) return true;
  return refuse(span, fmt::format("`{}` is too short: bindep takes names of two or more characters.", slice(span)));
}

/// What follows the name: a selector, constraints, a comment, each at most once and in this order.
bool LineReader::read_parts(BindepRule& rule) {
  TextSpan blanks = take_spaces();
  if (peek() == '[') {
    if (blanks.empty()) return refuse_missing_blank("`[`");
    if (!read_selector(rule)) return false;
    blanks = take_spaces();
    if (!at_end() && peek() != '#' && !at_constraint()) return refuse_after_selector();
  }
  if (at_constraint()) {
    if (blanks.empty()) return refuse_missing_blank("a version constraint");
    if (!read_constraints(rule)) return false;
    blanks = take_spaces();
    if (!at_end() && peek() != '#') return refuse_after_constraints(rule);
  }
  if (peek() == '#') return true;
  if (at_end()) return blanks.empty() || refuse_end_of_line_blanks(blanks.begin);
  return refuse_rest("`[`, a version constraint such as `>=1.0` or a comment");
}

bool LineReader::read_selector(BindepRule& rule) {
  const std::uint32_t open = at_++;
  while (true) {
    take_spaces();
    if (peek() == ']') break;
    if (in_selector_ends()) return refuse_unclosed(']', open);
    if (!read_item(rule)) return false;
  }
  ++at_;
  rule.selector_span = {open, at_};
  return true;
}

bool LineReader::read_item(BindepRule& rule) {
  if (peek() == '(') return read_group(rule);
  std::optional<BindepAtom> atom = read_atom();
  if (atom) rule.selector.emplace_back(std::move(*atom));
  return !problem.has_value();
}

bool LineReader::read_group(BindepRule& rule) {
  const std::uint32_t open = at_++;
  BindepGroup group;
  while (true) {
    take_spaces();
    if (peek() == ')') break;
    if (in_selector_ends() || peek() == ']') return refuse_unclosed(')', open);
    if (peek() == '(') return refuse(character(), "Groups do not nest; write one pair of parentheses per group.");
    std::optional<BindepAtom> atom = read_atom();
    if (!atom) return false;
    group.atoms.push_back(std::move(*atom));
  }
  ++at_;
  group.span = {open, at_};
  rule.selector.emplace_back(std::move(group));
  return true;
}

std::optional<BindepAtom> LineReader::read_atom() {
  const std::uint32_t begin = at_;
  const bool negated = peek() == '!';
  if (negated) ++at_;
  const TextSpan name = take(is_atom_char);
  const bool ends = at_end() || std::string_view(" ()[]!#").find(peek()) != std::string_view::npos;
  if (name.empty() || !ends) {
    refuse_atom_character({begin, at_});
    return std::nullopt;
  }
  return BindepAtom{std::string(slice(name)), negated, {begin, name.end}};
}

bool LineReader::read_constraints(BindepRule& rule) {
  do {
    if (!rule.constraints.empty()) ++at_;  // the comma
    if (!read_constraint(rule)) return false;
  } while (peek() == ',');
  return true;
}

bool LineReader::read_constraint(BindepRule& rule) {
  const std::uint32_t begin = at_;
  const std::string_view here = rest();
  const bool misspelt =
      std::ranges::any_of(misspelt_operators, [&](const Misspelling& bad) { return here.starts_with(bad.typed); });
  const auto* const op =
      std::ranges::find_if(operators, [&](const auto& known) { return here.starts_with(known.first); });
  if (misspelt || op == operators.end()) return refuse_operator();
  at_ += static_cast<std::uint32_t>(op->first.size());
  const std::size_t length = debian_version_length(rest());
  if (length == 0) return refuse_version();
  const TextSpan version{at_, at_ + static_cast<std::uint32_t>(length)};
  at_ = version.end;
  rule.constraints.push_back({op->second, {std::string(slice(version)), version}, {begin, version.end}});
  return at_line_end_or_comment() || is_blank(peek()) || peek() == ',' || refuse_version();
}

bool LineReader::at_line_end_or_comment() {
  return at_end() || peek() == '#';
}

std::string LineReader::shown() const {
  if (at_end()) return "the end of the line";
  const Utf8Char next = decode_utf8(text_, at_);
  if (next.code_point == '\t') return "a tab";
  if (next.code_point < 0x20 || next.code_point == 0x7F)
    return fmt::format("the control character U+{:04X}", static_cast<std::uint32_t>(next.code_point));
  return fmt::format("`{}`", text_.substr(at_, next.length));
}

TextSpan LineReader::character() const {
  return {at_, at_end() ? at_ : at_ + decode_utf8(text_, at_).length};
}

bool LineReader::refuse(TextSpan span, std::string message) {
  problem = Problem{rule_name, span, std::move(message)};
  return false;
}

bool LineReader::refuse(TextSpan span, std::string message, ProblemFix fix) {
  refuse(span, std::move(message));
  problem->fixes.push_back(std::move(fix));
  return false;
}

bool LineReader::refuse_tab(TextSpan blanks) {
  const bool at_edge = blanks.begin == line_.begin || blanks.end == line_.end;
  return refuse(blanks, "bindep takes a tab in comments only; write blanks.",
                {at_edge ? "Remove the tab" : "Replace the tab by a blank", blanks, at_edge ? "" : " "});
}

bool LineReader::refuse_end_of_line_blanks(std::uint32_t begin) {
  return refuse({begin, line_.end}, "A blank at the end of a line makes bindep refuse the file.",
                {"Remove the blank", {begin, line_.end}, ""});
}

bool LineReader::refuse_missing_blank(std::string_view what) {
  return refuse(character(), fmt::format("A blank must stand before {}.", what), {"Insert a blank", {at_, at_}, " "});
}

bool LineReader::refuse_line_start() {
  const TextSpan blanks = take(is_blank);
  if (blanks.empty())
    return refuse(character(), fmt::format("A line starts with the name of a package, not with {}; "
                                           "comments start with `#`.",
                                           shown()));
  if (slice(blanks).find('\t') != std::string_view::npos) return refuse_tab(blanks);
  return refuse(blanks, "The name of a package must start at the beginning of its line.",
                {"Remove the blanks", blanks, ""});
}

bool LineReader::refuse_after_name() {
  if (peek() == ':')
    return refuse(character(), "A name can't hold `:`; bindep knows no architectures, so write the name alone.");
  if (peek() == '(')
    return refuse(character(), "A name can't hold `(`; bindep knows no rpm capabilities, so write a package's name.");
  return refuse(character(),
                fmt::format("A name can't hold {}; it takes letters, digits and `.`, `+`, `-`, `_`, `/`.", shown()));
}

bool LineReader::refuse_after_selector() {
  if (peek() == '[') return refuse(character(), "A line takes one selector; write all profiles in one pair of `[ ]`.");
  if (peek() == ']') return refuse(character(), "This `]` closes nothing.", {"Remove the `]`", character(), ""});
  return refuse_rest("a version constraint such as `>=1.0` or a comment");
}

bool LineReader::refuse_after_constraints(const BindepRule& rule) {
  const TextSpan blanks{rule.constraints.back().span.end, at_};
  if (peek() == ',') {
    return refuse(blanks, "No blank may stand inside version constraints.", {"Remove the blank", blanks, ""});
  }
  const TextSpan constraints{rule.constraints.front().span.begin, rule.constraints.back().span.end};
  const std::size_t close = rest().find(']');
  if (peek() != '[' || close == std::string_view::npos) return refuse_rest("a comment");
  const TextSpan selector{at_, at_ + static_cast<std::uint32_t>(close) + 1};
  if (!rule.selector_span.empty()) return refuse_after_selector();
  return refuse(
      selector, "The selector goes before the version constraints.",
      {"Move it", {constraints.begin, selector.end}, fmt::format("{} {}", slice(selector), slice(constraints))});
}

bool LineReader::refuse_atom_character(TextSpan atom) {
  const bool negated = !atom.empty() && text_[atom.begin] == '!';
  const bool bare = atom.size() == (negated ? 1U : 0U);
  if (negated && bare && peek() == '(') return refuse(atom, "A group takes no `!`; negate the profiles inside it.");
  if (negated && bare && peek() == '!') return refuse(character(), "One `!` negates a profile; two are not allowed.");
  if (negated && bare && peek() == ' ') {
    const TextSpan blanks = take_spaces();
    return refuse(blanks, "No blank may stand between `!` and its profile.", {"Remove the blank", blanks, ""});
  }
  if (peek() == ',') {
    const std::uint32_t comma = at_++;
    const TextSpan tail{comma, take_spaces().end};
    return refuse({comma, comma + 1}, "Profiles are separated by blanks, not by commas.",
                  {"Replace the comma by a blank", tail, " "});
  }
  if (peek() == '\t') return refuse_tab(take(is_blank));
  if (is_upper(peek()) || peek() == '_') {
    const bool upper = is_upper(peek());
    at_ = atom.begin + (negated ? 1U : 0U);
    const TextSpan whole = take([](char c) { return is_atom_char(c) || is_upper(c) || c == '_'; });
    std::string mended = to_lower(slice(whole));
    std::ranges::replace(mended, '_', '-');
    std::string title = fmt::format("Write `{}`", mended);
    return refuse(whole,
                  upper ? fmt::format("`{}` can't be a profile: profiles are in lower case.", slice(whole))
                        : fmt::format("`{}` can't be a profile: `_` is not allowed, write `-`.", slice(whole)),
                  {std::move(title), whole, std::move(mended)});
  }
  if (peek() == ')') return refuse(character(), "This `)` closes nothing.", {"Remove the `)`", character(), ""});
  if (peek() == '[') return refuse(character(), "Selectors do not nest; a group is written in `( )`.");
  return refuse(
      character(),
      fmt::format("A profile can't hold {}; it takes lower-case letters, digits and `:`, `-`, `.`.", shown()));
}

bool LineReader::refuse_unclosed(char bracket, std::uint32_t open) {
  std::uint32_t end = at_;
  while (end > open && is_blank(text_[end - 1])) --end;
  const char opening = bracket == ']' ? '[' : '(';
  return refuse({open, open + 1}, fmt::format("This `{}` is never closed.", opening),
                {fmt::format("Insert `{}`", bracket), {end, end}, std::string(1, bracket)});
}

bool LineReader::refuse_operator() {
  constexpr std::string_view known = "bindep compares by `<`, `<=`, `==`, `!=`, `>=` and `>`.";
  const TextSpan typed = take(is_operator_char);
  const auto* const misspelt = std::ranges::find(misspelt_operators, slice(typed), &Misspelling::typed);
  const std::string_view meant = slice(typed) == "="                    ? "=="
                                 : misspelt == misspelt_operators.end() ? ""
                                                                        : misspelt->meant;
  if (typed.empty()) {
    if (is_blank(peek())) {
      const TextSpan blanks = take(is_blank);
      return refuse(blanks, "No blank may stand inside version constraints.", {"Remove the blank", blanks, ""});
    }
    return refuse(character(), fmt::format("A version constraint is expected here, not {}; {}", shown(), known));
  }
  std::string message = fmt::format("`{}` is no comparison; {}", slice(typed), known);
  if (meant.empty()) return refuse(typed, std::move(message));
  return refuse(typed, std::move(message), {fmt::format("Write `{}`", meant), typed, std::string(meant)});
}

bool LineReader::refuse_version() {
  if (is_blank(peek())) {
    const TextSpan blanks = take(is_blank);
    return refuse(blanks, "No blank may stand inside version constraints.", {"Remove the blank", blanks, ""});
  }
  return refuse(character(), fmt::format("A version can't go on with {}; it reads `[epoch:]version[-revision]`, starts "
                                         "with a digit and holds letters, digits and `.`, `+`, `~`, `:`, `-`.",
                                         shown()));
}

bool LineReader::refuse_rest(std::string_view expected) {
  std::uint32_t begin = at_;
  while (begin > line_.begin && is_blank(text_[begin - 1])) --begin;
  const std::uint32_t here = at_;
  at_ = begin;
  const TextSpan blanks = take(is_blank);
  if (slice(blanks).find('\t') != std::string_view::npos) return refuse_tab(blanks);
  at_ = here;
  return refuse(character(), fmt::format("Only {} may stand here, not {}.", expected, shown()));
}

std::optional<Problem> invalid_utf8(std::string_view text, TextSpan line) {
  const auto at = first_invalid_utf8(text.substr(line.begin, line.size()));
  if (!at) return std::nullopt;
  return Problem{rule_name,
                 {line.begin + *at, line.begin + *at + 1},
                 "This byte is no UTF-8, so bindep can't read the file; save it as UTF-8."};
}

Problem missing_newline(std::string_view text) {
  const auto end = static_cast<std::uint32_t>(text.size());
  std::uint32_t last = end - 1;
  while (last > 0 && (static_cast<unsigned char>(text[last]) & 0xC0U) == 0x80U) --last;  // inside a character
  const std::string line_end = text.find("\r\n") != std::string_view::npos ? "\r\n" : "\n";
  return {rule_name,
          {last, end},
          "The last line does not end in a newline, and older releases of bindep refuse the whole file then.",
          {{"Add the newline", {end, end}, line_end}}};
}

/// A line that is understood and complete adds its rule; any other adds problems.
void read_line(std::string_view text, TextSpan line, bool terminated, Parsed<Bindep>& parsed) {
  if (line.size() > longest_line) {
    parsed.problems.push_back({rule_name, {line.begin, line.begin + 1}, "The line is longer than 64 KiB."});
    return;
  }
  std::optional<Problem> encoding = invalid_utf8(text, line);
  LineReader reader(text, line);
  std::optional<BindepRule> rule = encoding ? std::nullopt : reader.read();
  if (encoding) parsed.problems.push_back(std::move(*encoding));
  if (reader.problem) parsed.problems.push_back(std::move(*reader.problem));
  if (!terminated)
    parsed.problems.push_back(missing_newline(text));
  else if (rule)
    parsed.value.rules.push_back(std::move(*rule));
}

}  // namespace

Parsed<Bindep> parse_bindep(std::string_view text) {
  Parsed<Bindep> parsed;
  if (text.size() > largest_file) {
    parsed.problems.push_back({rule_name, {0, 0}, "The file is larger than 8 MiB, so it is not read."});
    return parsed;
  }
  const LineIndex lines(text);
  for (std::uint32_t number = 0; number < lines.line_count(); ++number) {
    const TextSpan line = lines.line_span(text, number);
    const TextSpan whole = lines.full_line_span(text, number);
    if (whole.empty()) break;  // behind the last line end
    if (parsed.problems.size() >= most_problems) {
      parsed.problems.push_back({rule_name,
                                 {line.begin, static_cast<std::uint32_t>(text.size())},
                                 "There are too many bad lines; the rest of the file is not read."});
      break;
    }
    read_line(text, line, whole.end > line.end, parsed);
  }
  return parsed;
}

std::string_view to_string(BindepOperator op) {
  return std::ranges::find(operators, op, &std::pair<std::string_view, BindepOperator>::second)->first;
}

std::string constraint_text(const BindepRule& rule) {
  std::string text;
  for (const BindepConstraint& constraint : rule.constraints)
    text += fmt::format("{}{}{}", text.empty() ? "" : ",", to_string(constraint.op), constraint.version.value);
  return text;
}

}  // namespace forge::formats
