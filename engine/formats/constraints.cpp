#include "engine/formats/constraints.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/formats/requirement.hpp"

namespace forge::formats {

namespace {

constexpr std::string_view pin_syntax = "pin-syntax";
constexpr std::string_view override_syntax = "override-syntax";

constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

constexpr bool is_name_char(char c) {
  return is_alnum(c) || c == '-' || c == '_' || c == '.';
}

TextSpan shifted(TextSpan span, std::uint32_t by) {
  return {span.begin + by, span.end + by};
}

TextSpan span_within(std::string_view text, std::string_view part) {
  const auto begin = part.data() - text.data();
  return span_of(begin, begin + static_cast<std::ptrdiff_t>(part.size()));
}

/// One line of a file, taken apart as far as comments go.
struct Line {
  std::string_view raw;      ///< without the line end
  std::string_view content;  ///< without comment and blanks around
  std::string_view comment;  ///< from `#` on
};

/// A comment starts at a `#` at the line's start or behind a blank.
std::size_t comment_start(std::string_view raw) {
  std::size_t at = raw.find('#');
  while (at != std::string_view::npos && at > 0 && !is_blank(raw[at - 1])) at = raw.find('#', at + 1);
  return at;
}

Line take_apart(std::string_view raw) {
  const std::size_t at = comment_start(raw);
  const std::string_view comment = at == std::string_view::npos ? raw.substr(raw.size()) : trim(raw.substr(at));
  return {raw, trim(raw.substr(0, at)), comment};
}

std::string_view without_bom(std::string_view text) {
  constexpr std::string_view bom = "\xEF\xBB\xBF";
  if (text.starts_with(bom)) text.remove_prefix(bom.size());
  return text;
}

/// Calls `visit` with each line without its LF; the CR of CR LF stays.
template <class Visit>
void for_each_line(std::string_view text, const Visit& visit) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    visit(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

// One line, read as a pin.

/// What a line came to: a pin where it could be understood, and everything that is wrong with it.
struct PinLine {
  std::optional<Pin> pin;
  std::vector<Problem> problems;  ///< without a rule
};

/// Where a line's results go.
struct Reading {
  Pin& pin;
  std::vector<Problem>& problems;
};

Problem problem(TextSpan span, std::string message, std::vector<ProblemFix> fixes = {}) {
  return {{}, span, std::move(message), std::move(fixes), {}, {}};
}

void explain_identical(const Marker& marker, std::uint32_t begin, Reading into) {
  if (const auto clause = identical_clause(marker))
    into.problems.push_back(problem(shifted(*clause, begin), "uv refuses `===` in a marker; write `==`."));
}

void read_marker(std::string_view content, std::size_t begin, Reading into) {
  Pin& pin = into.pin;
  const std::string_view text = trim(content.substr(begin));
  const TextSpan span = span_within(content, text);
  pin.marker = Spanned<std::string>{std::string(text), span};
  auto marker = parse_marker(text);
  if (marker) {
    pin.condition = *std::move(marker);
    return explain_identical(*pin.condition, span.begin, into);
  }
  into.problems.push_back(
      problem(shifted(marker.error().span, span.begin), "The marker makes no sense: " + marker.error().message + "."));
}

void explain_version(Reading into) {
  const Spanned<std::string>& version = into.pin.version;
  if (into.pin.parsed) return;
  if (version.value.empty()) {
    into.problems.push_back(problem(into.pin.op_span, "A version must follow `===`."));
    return;
  }
  const std::size_t comment = version.value.find('#');
  if (comment != std::string::npos && Version::parse(std::string_view(version.value).substr(0, comment))) {
    const TextSpan at = span_of(version.span.begin + comment, version.span.begin + comment);
    into.problems.push_back(problem(version.span,
                                    "Without a blank before it, `#` does not start a comment, so this is no version.",
                                    {{"Put blanks before the comment", at, "  "}}));
    return;
  }
  into.problems.push_back(
      problem(version.span, fmt::format("`{}` is no version, so nothing can ever match this pin.", version.value)));
}

/// The usual form without blanks, which nearly all lines have; false where the line is anything else. `into.pin` is a
/// fresh one.
bool read_usual_pin(std::string_view content, Reading into) {
  const auto* const name_end = std::ranges::find_if_not(content, is_name_char);
  const auto name_size = static_cast<std::size_t>(name_end - content.begin());
  if (!content.substr(name_size).starts_with("===")) return false;
  auto name = PackageName::parse(content.substr(0, name_size));
  const std::size_t version_begin = name_size + 3;
  const std::size_t version_end = std::min(content.find_first_of(" \t;", version_begin), content.size());
  const std::size_t semicolon = content.find_first_not_of(" \t", version_end);
  const std::string_view version = content.substr(version_begin, version_end - version_begin);
  if (!name || identical_word(version) != version || version.find(',') != std::string_view::npos) return false;
  if (semicolon != std::string_view::npos && content[semicolon] != ';') return false;
  Pin& pin = into.pin;
  pin.name = *std::move(name);
  pin.spelling = {std::string(content.substr(0, name_size)), span_of(0, name_size)};
  pin.op_span = span_of(name_size, version_begin);
  pin.version = {std::string(version), span_of(version_begin, version_end)};
  pin.parsed = Version::parse(pin.version.value);
  pin.span = span_of(0, content.size());
  explain_version(into);
  if (semicolon != std::string_view::npos) read_marker(content, semicolon + 1, into);
  return true;
}

void take_clauses(std::vector<Specifier> clauses, Pin& pin) {
  if (clauses.empty()) return;
  Specifier& first = clauses.front();
  pin.op = first.op;
  const auto op_size = to_string(first.op).size();
  pin.op_span = span_of(first.span.begin, first.span.begin + op_size);
  pin.version = {first.version_text, span_of(first.span.end - first.version_text.size(), first.span.end)};
  const bool exact = first.op == SpecifierOperator::identical || first.op == SpecifierOperator::equal;
  if (exact && !first.wildcard) pin.parsed = std::move(first.version);
  clauses.erase(clauses.begin());
  pin.rest = std::move(clauses);
}

void explain_extras(const Requirement& requirement, std::string_view content, Reading into) {
  if (requirement.extras.empty()) return;
  const std::size_t open = content.find('[', requirement.spelling.span.end);
  const TextSpan span = span_of(open, content.find(']', open) + 1);
  into.problems.push_back(
      problem(span, "A pin is for the package with all its extras; pip refuses a constraint that names some.",
              {{"Remove the extras", span, ""}}));
}

PinLine read_any_pin(std::string_view content) {
  PinLine out;
  auto requirement = parse_requirement(content);
  if (!requirement) {
    out.problems.push_back(problem(requirement.error().span,
                                   fmt::format("This is not `name===version`: {}.", requirement.error().message)));
    return out;
  }
  Pin& pin = out.pin.emplace();
  pin.name = requirement->name;
  pin.spelling = requirement->spelling;
  pin.span = span_of(0, content.size());
  if (requirement->url) pin.url = *requirement->url;
  take_clauses(std::move(requirement->specifiers.clauses), pin);
  if (requirement->marker) {
    pin.marker = Spanned<std::string>{
        std::string(content.substr(requirement->marker_span.begin, requirement->marker_span.size())),
        requirement->marker_span};
    pin.condition = *std::move(requirement->marker);
    explain_identical(*pin.condition, 0, {pin, out.problems});
  }
  explain_extras(*requirement, content, {pin, out.problems});
  if (!pin.op_span.empty() && pin.op == SpecifierOperator::identical) explain_version({pin, out.problems});
  return out;
}

PinLine read_pin(std::string_view content) {
  PinLine out;
  const bool usual =
      content.size() <= longest_requirement && read_usual_pin(content, {out.pin.emplace(), out.problems});
  return usual ? out : read_any_pin(content);
}

void shift(Pin& pin, std::uint32_t by) {
  pin.spelling.span = shifted(pin.spelling.span, by);
  pin.op_span = shifted(pin.op_span, by);
  pin.version.span = shifted(pin.version.span, by);
  if (pin.url) pin.url->span = shifted(pin.url->span, by);
  if (pin.marker) pin.marker->span = shifted(pin.marker->span, by);
  for (Specifier& clause : pin.rest) clause.span = shifted(clause.span, by);
  pin.span = shifted(pin.span, by);
}

void shift(Problem& one, std::uint32_t by) {
  one.span = shifted(one.span, by);
  for (ProblemFix& fix : one.fixes) fix.span = shifted(fix.span, by);
}

/// Moves a line's results to where the line stands, under the rule that is to report them.
void settle(PinLine& line, std::uint32_t by, std::string_view rule) {
  if (line.pin) shift(*line.pin, by);
  for (Problem& one : line.problems) {
    shift(one, by);
    one.rule = rule;
  }
}

// upper-constraints.txt

/// What a line that is no requirement was meant as; empty where that is not known.
std::string no_pin_reason(std::string_view content) {
  if (content.starts_with("-r") || content.starts_with("--requirement"))
    return "`-r` has no place here: pip would install what that file lists.";
  if (content.starts_with('-')) return "An option has no place in a constraints file; only pins are read here.";
  if (content.find("://") != std::string_view::npos)
    return "A URL without a name constrains nothing; write `name @ URL`, or pin a version.";
  return {};
}

class ConstraintsParser {
 public:
  explicit ConstraintsParser(std::string_view text) : text_(text) {}

  Parsed<Constraints> parse() {
    out_.value.pins.reserve(static_cast<std::size_t>(std::ranges::count(text_, '\n')) + 1);
    for_each_line(without_bom(text_), [this](std::string_view raw) { line(take_apart(raw)); });
    return std::move(out_);
  }

 private:
  void line(const Line& line) {
    if (line.content.empty()) return;
    const TextSpan span = span_within(text_, line.content);
    if (usual_pin(line.content, span)) return;
    PinLine read = read_any_pin(line.content);
    if (read.pin) {
      explain_form(read);
    } else if (std::string reason = no_pin_reason(line.content); !reason.empty()) {
      read.problems = {problem(span_of(0, line.content.size()), std::move(reason))};
    }
    settle(read, span.begin, pin_syntax);
    if (!read.pin || !read.pin->usable()) out_.value.left_out.push_back(span);
    if (read.pin) out_.value.pins.push_back(*std::move(read.pin));
    std::ranges::move(read.problems, std::back_inserter(out_.problems));
  }

  /// In its place at once: a file may have a hundred thousand of them.
  bool usual_pin(std::string_view content, TextSpan span) {
    if (content.size() > longest_requirement) return false;
    std::vector<Problem> problems;
    Pin& pin = out_.value.pins.emplace_back();
    if (!read_usual_pin(content, {pin, problems})) {
      out_.value.pins.pop_back();
      return false;
    }
    shift(pin, span.begin);
    if (!pin.usable()) out_.value.left_out.push_back(span);
    for (Problem& one : problems) {
      shift(one, span.begin);
      one.rule = pin_syntax;
      out_.problems.push_back(std::move(one));
    }
    return true;
  }

  static void explain_form(PinLine& read) {
    const Pin& pin = *read.pin;
    if (pin.url)
      read.problems.push_back(problem(pin.url->span, "A URL is no pin: what it will hold is not known here."));
    else if (pin.version.value.empty() && pin.op_span.empty())
      read.problems.push_back(problem(pin.spelling.span, "A name without `===version` constrains nothing."));
  }

  std::string_view text_;
  Parsed<Constraints> out_;
};

// overrides

class OverridesParser {
 public:
  explicit OverridesParser(std::string_view text) : text_(text) {}

  Parsed<Overrides> parse() {
    for_each_line(without_bom(text_), [this](std::string_view raw) { line(take_apart(raw)); });
    if (!text_.empty() && text_.back() != '\n' && last_is_entry_) explain_final_newline();
    return std::move(out_);
  }

 private:
  void line(const Line& line) {
    last_is_entry_ = !line.content.empty();
    if (last_is_entry_) {
      last_ = span_within(text_, line.content);
      line.content.front() == '-' ? removal(line) : replacement(line);
      reason_.clear();
    } else if (!line.comment.empty()) {
      reason_.push_back(line.comment);
    } else {
      reason_.clear();
    }
  }

  void explain_final_newline() {
    const TextSpan end = span_of(text_.size(), text_.size());
    out_.problems.push_back({"override-no-final-newline",
                             last_,
                             "The last line does not end with a newline, so the merge script skips it.",
                             {{"Add the newline", end, "\n"}},
                             {},
                             {}});
  }

  void add_problem(TextSpan span, std::string message, std::vector<ProblemFix> fixes = {}) {
    out_.problems.push_back({override_syntax, span, std::move(message), std::move(fixes), {}, {}});
  }

  /// Replaces the whole line, its comment moved above it.
  ProblemFix rewrite(const Line& line, const std::string& entry) const {
    const std::string above = line.comment.empty() ? "" : std::string(line.comment) + "\n";
    return {fmt::format("Write `{}`", entry), span_within(text_, line.raw), above + entry};
  }

  void removal(const Line& line) {
    const std::string_view spelling = trim(line.content.substr(1));
    auto name = PackageName::parse(spelling);
    if (!name) return refuse_removal(line, spelling);
    const std::string entry = "-" + std::string(spelling);
    if (line.raw != entry)
      add_problem(span_within(text_, line.raw),
                  fmt::format("{}: the merge script takes all of the line for the name and removes nothing.",
                              removal_fault(line, spelling)),
                  {rewrite(line, entry)});
    Override& added = add(line, *std::move(name), {std::string(spelling), span_within(text_, spelling)});
    added.pin.reset();
  }

  static std::string_view removal_fault(const Line& line, std::string_view spelling) {
    if (!line.comment.empty()) return "A comment stands behind the name";
    if (line.raw.ends_with('\r')) return "The line ends with CR LF";
    if (line.content.size() != spelling.size() + 1) return "A blank stands between `-` and the name";
    return is_blank(line.raw.front()) ? "A blank stands before `-`" : "A blank stands behind the name";
  }

  void refuse_removal(const Line& line, std::string_view spelling) {
    const TextSpan span = span_within(text_, line.content);
    out_.value.left_out.push_back(span);
    const auto* const name_end = std::ranges::find_if_not(spelling, is_name_char);
    const std::string_view start = spelling.substr(0, static_cast<std::size_t>(name_end - spelling.begin()));
    const bool versioned = leading_operator(trim(spelling.substr(start.size()))).has_value();
    if (versioned && PackageName::parse(start)) {
      const std::string entry = "-" + std::string(start);
      return add_problem(span, "A removal takes the name alone; the line is left out.", {rewrite(line, entry)});
    }
    add_problem(span, fmt::format("`{}` is neither `name===version` nor `-name`; the line is left out.", line.content));
  }

  void replacement(const Line& line) {
    PinLine read = read_pin(line.content);
    settle(read, span_within(text_, line.content).begin, override_syntax);
    const bool explained = !read.problems.empty();
    std::ranges::move(read.problems, std::back_inserter(out_.problems));
    if (!read.pin || !read.pin->exact() || !read.pin->usable()) {
      if (!explained) explain_inexact(*read.pin);
      out_.value.left_out.push_back(span_within(text_, line.content));
      return;
    }
    if (!explained) explain_form(line, *read.pin);
    Override& added = add(line, read.pin->name, read.pin->spelling);
    added.pin = std::move(read.pin);
    added.pin->op = SpecifierOperator::identical;
  }

  /// An entry that pins one version, in another dress than it should.
  void explain_form(const Line& line, const Pin& pin) {
    const bool spaced = pin.spelling.span.end != pin.op_span.begin || pin.op_span.end != pin.version.span.begin;
    const auto explain = [&](TextSpan span, std::string message) {
      Pin mended = pin;
      mended.op = SpecifierOperator::identical;
      add_problem(span, std::move(message), {rewrite(line, mended.line())});
    };
    if (pin.op == SpecifierOperator::equal) {
      explain(pin.op_span, "An override pins with `===`, not `==`.");
    } else if (spaced) {
      explain({pin.spelling.span.begin, pin.version.span.end},
              "Blanks around `===`: the merge script keeps the old pin beside this one.");
    } else if (is_blank(line.raw.front())) {
      explain(pin.spelling.span, "Blanks before the name: the merge script keeps the old pin beside this one.");
    } else if (line.raw.ends_with('\r')) {
      explain(pin.span, "The line ends with CR LF; lines here end with LF.");
    }
  }

  void explain_inexact(const Pin& pin) {
    if (pin.url) {
      add_problem(pin.url->span, "A URL can't be an override; the line is left out.");
    } else if (pin.op_span.empty()) {
      add_problem(pin.spelling.span,
                  "An override needs a version: `name===version`, or `-name` to remove; the line is left out.");
    } else {
      add_problem({pin.op_span.begin, pin.span.end}, "An override pins one version with `===`; the line is left out.");
    }
  }

  Override& add(const Line& line, PackageName name, Spanned<std::string> spelling) {
    Override& entry = out_.value.entries.emplace_back();
    entry.name = std::move(name);
    entry.spelling = std::move(spelling);
    entry.span = span_within(text_, line.content);
    take_reason(entry);
    return entry;
  }

  void take_reason(Override& entry) const {
    if (reason_.empty()) return;
    entry.reason_span = {span_within(text_, reason_.front()).begin, span_within(text_, reason_.back()).end};
    std::vector<std::string_view> words;
    for (std::string_view comment : reason_) {
      while (comment.starts_with('#')) comment.remove_prefix(1);
      if (trim(comment).starts_with("forge: ignore[")) continue;
      if (!trim(comment).empty()) words.push_back(trim(comment));
    }
    entry.reason = join(words, " ");
  }

  std::string_view text_;
  Parsed<Overrides> out_;
  std::vector<std::string_view> reason_;
  bool last_is_entry_ = false;
  TextSpan last_;
};

}  // namespace

bool Pin::usable() const {
  if (marker && !condition) return false;
  if (url) return url->value.front() != '#';  // once a blank stands before it, that would be a comment
  return !op_span.empty() && (op != SpecifierOperator::identical || parsed);
}

std::string Pin::requirement_text() const {
  if (url) return " @ " + url->value;
  if (op_span.empty()) return {};
  std::string out = std::string(to_string(op)) + version.value;
  for (const Specifier& clause : rest) out += "," + clause.str();
  return out;
}

std::string Pin::line() const {
  std::string out = spelling.value + requirement_text();
  if (marker) out += (url ? " ;" : ";") + marker->value;
  return out;
}

Parsed<Constraints> parse_constraints(std::string_view text) {
  return ConstraintsParser(text).parse();
}

Parsed<Overrides> parse_overrides(std::string_view text) {
  return OverridesParser(text).parse();
}

}  // namespace forge::formats
