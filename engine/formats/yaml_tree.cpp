#include "engine/formats/yaml_tree.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <sstream>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "engine/base/line_index.hpp"
#include "engine/base/text.hpp"
#include "engine/base/utf8.hpp"

namespace forge::formats {

namespace {

constexpr std::string_view rule = "file-syntax";
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::size_t max_nodes = 200'000;  // also bounds what aliases may multiply
constexpr std::size_t max_broken_lines = 20;

struct TooLarge {};

/// yaml-cpp takes a quote that is never closed as good; for us the line is broken.
struct UnclosedQuote {
  std::uint32_t begin = 0;
};

/// End of a quoted scalar that starts at `begin`; nothing where the quote is never closed.
std::optional<std::uint32_t> end_of_quoted(std::string_view text, std::uint32_t begin) {
  const char quote = text[begin];
  for (std::size_t at = begin + 1; at < text.size(); ++at) {
    if (quote == '"' && text[at] == '\\') {
      ++at;
    } else if (text[at] == quote) {
      if (quote == '\'' && at + 1 < text.size() && text[at + 1] == quote) {
        ++at;
        continue;
      }
      return static_cast<std::uint32_t>(at + 1);
    }
  }
  return std::nullopt;
}

/// End of a plain scalar: its value's characters in order, with the line folds that YAML made blanks of.
std::uint32_t end_of_plain(std::string_view text, std::uint32_t begin, std::string_view value) {
  const auto is_white = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  std::size_t at = begin;
  for (std::size_t i = 0; i < value.size() && at < text.size();) {
    if (text[at] == value[i] && !is_white(value[i])) {
      ++at;
      ++i;
    } else if (is_white(text[at])) {
      ++at;
    } else if (is_white(value[i])) {
      ++i;
    } else {
      break;
    }
  }
  return static_cast<std::uint32_t>(at);
}

/// Builds the tree from yaml-cpp's events. Marks are byte offsets of starts; ends are found by rescanning.
class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(std::string_view text, std::uint32_t shift) : text_(text), shift_(shift) {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const std::uint32_t at = offset(mark);
    add({YamlNode::Kind::null, {at, at}}, anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto named = anchors_.find(anchor);
    YamlNode copy = named == anchors_.end() ? YamlNode{} : named->second;
    const std::uint32_t at = offset(mark);
    copy.span = {at, end_of_word(at)};
    count(copy);
    add(std::move(copy), 0);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    YamlNode node{YamlNode::Kind::scalar, {}, value};
    node.plain = tag == "?";
    const std::uint32_t begin = skip_properties(offset(mark));
    node.span = {begin, end_of_scalar(begin, node)};
    // A plain `~` or `null` comes as a scalar; to everyone who reads the file it is no value.
    if (node.plain && yaml_type_of_plain(value) == "null") node.kind = YamlNode::Kind::null;
    add(std::move(node), anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(YamlNode::Kind::sequence, mark, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(YamlNode::Kind::mapping, mark, anchor);
  }
  void OnMapEnd() override { close(); }

  /// Whatever is complete, also when the text broke off in the middle.
  YamlNode take() {
    while (!open_.empty()) close();
    return std::move(root_);
  }

 private:
  struct Open {
    YamlNode node;
    YAML::anchor_t anchor = 0;
    std::optional<YamlNode> key{};
  };

  std::uint32_t offset(const YAML::Mark& mark) const {
    const auto at = static_cast<std::size_t>(std::max(mark.pos, 0)) + shift_;
    return static_cast<std::uint32_t>(std::min(at, text_.size()));
  }

  std::uint32_t end_of_word(std::uint32_t at) const {
    while (at < text_.size() && std::string_view(" \t\r\n,]}").find(text_[at]) == std::string_view::npos) ++at;
    return at;
  }

  /// yaml-cpp marks a scalar with `!tag` or `&anchor` at the property.
  std::uint32_t skip_properties(std::uint32_t at) const {
    while (at < text_.size() && (text_[at] == '!' || text_[at] == '&')) {
      at = end_of_word(at);
      while (at < text_.size() && (text_[at] == ' ' || text_[at] == '\t')) ++at;
    }
    return at;
  }

  std::uint32_t end_of_scalar(std::uint32_t begin, const YamlNode& node) const {
    if (begin >= text_.size()) return begin;
    const char first = text_[begin];
    if (node.plain) return end_of_plain(text_, begin, node.text);
    if (first == '|' || first == '>') return end_of_block(begin);
    if (first != '"' && first != '\'') return end_of_plain(text_, begin, node.text);
    if (const auto end = end_of_quoted(text_, begin)) return *end;
    throw UnclosedQuote{begin};
  }

  /// A block scalar ends before the first line that is indented no deeper than the line that opens it.
  std::uint32_t end_of_block(std::uint32_t begin) const {
    const auto indent_of = [&](std::size_t line) {
      std::size_t at = line;
      while (at < text_.size() && text_[at] == ' ') ++at;
      return at - line;
    };
    std::size_t line = text_.rfind('\n', begin);
    line = line == std::string_view::npos ? 0 : line + 1;
    const std::size_t outer = indent_of(line);
    std::size_t end = std::min(text_.find('\n', begin), text_.size());
    while (end < text_.size()) {
      const std::size_t next = std::min(text_.find('\n', end + 1), text_.size());
      const std::string_view content = text_.substr(end + 1, next - end - 1);
      if (!trim(content).empty() && indent_of(end + 1) <= outer) break;
      end = next;
    }
    return static_cast<std::uint32_t>(end);
  }

  /// A word on a line of its own without colon comes as a key without value; report_lost_lines() tells of it.
  bool is_lone_word(TextSpan key) const {
    std::size_t before = key.begin;
    while (before > 0 && (text_[before - 1] == ' ' || text_[before - 1] == '\t')) --before;
    const bool starts_line = before == 0 || text_[before - 1] == '\n';
    const std::size_t after = text_.find_first_not_of(" \t", key.end);
    return starts_line && (after == std::string_view::npos || text_[after] != ':');
  }

  void count(const YamlNode& node) {
    if (++nodes_ > max_nodes) throw TooLarge{};
    for (const YamlNode& item : node.items) count(item);
    for (const YamlNode::Entry& entry : node.entries) {
      count(entry.key);
      count(entry.value);
    }
  }

  void open(YamlNode::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    const std::uint32_t at = offset(mark);
    open_.push_back({YamlNode{kind, {at, at}}, anchor});
  }

  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    add(std::move(done.node), done.anchor);
  }

  void add(YamlNode node, YAML::anchor_t anchor) {
    if (++nodes_ > max_nodes) throw TooLarge{};
    if (anchor != 0) anchors_[anchor] = node;
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    parent.node.span.end = std::max(parent.node.span.end, node.span.end);
    if (parent.node.kind == YamlNode::Kind::sequence) {
      parent.node.items.push_back(std::move(node));
    } else if (!parent.key) {
      parent.key = std::move(node);
    } else {
      if (!node.is_null() || !is_lone_word(parent.key->span))
        parent.node.entries.push_back({std::move(*parent.key), std::move(node)});
      parent.key.reset();
    }
  }

  std::string_view text_;
  std::uint32_t shift_;
  YamlNode root_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, YamlNode> anchors_;
  std::size_t nodes_ = 0;
};

/// A line whose value opens a quote and does not close it: the usual cause of an error that yaml-cpp sees far below.
bool leaves_quote_open(std::string_view line) {
  for (std::size_t at = 0; at < line.size(); ++at) {
    const char c = line[at];
    const bool starts_token = at == 0 || std::string_view(" \t[{,").find(line[at - 1]) != std::string_view::npos;
    if (c == '#' && starts_token) return false;
    if ((c == '"' || c == '\'') && starts_token) {
      const auto end = end_of_quoted(line, static_cast<std::uint32_t>(at));
      if (!end) return true;
      at = *end - 1;
    }
  }
  return false;
}

/// A line that opens more brackets than it closes: where a flow collection that never ends began.
bool leaves_bracket_open(std::string_view line) {
  int open = 0;
  for (std::size_t at = 0; at < line.size() && line[at] != '#'; ++at) {
    if (line[at] == '"' || line[at] == '\'')
      at = end_of_quoted(line, static_cast<std::uint32_t>(at)).value_or(line.size()) - 1;
    else if (line[at] == '[' || line[at] == '{')
      ++open;
    else if (line[at] == ']' || line[at] == '}')
      --open;
  }
  return open > 0;
}

/// The line to blame for an error seen at `offset`.
std::uint32_t broken_line(std::string_view text, const LineIndex& lines, std::uint32_t offset) {
  const std::uint32_t seen = lines.line_of(offset);
  for (const auto& looks_broken : {leaves_quote_open, leaves_bracket_open}) {
    for (std::uint32_t line = 0; line <= seen; ++line) {
      const TextSpan span = lines.line_span(text, line);
      if (looks_broken(text.substr(span.begin, span.size()))) return line;
    }
  }
  // At the end of the text, or at the line after: blame the last line that says something.
  for (std::uint32_t line = seen + 1; line-- > 0;) {
    const TextSpan span = lines.line_span(text, line);
    if (!trim(text.substr(span.begin, span.size())).empty()) return line;
  }
  return seen;
}

TextSpan trimmed(std::string_view text, TextSpan span) {
  while (span.begin < span.end && (text[span.begin] == ' ' || text[span.begin] == '\t')) ++span.begin;
  while (span.begin < span.end && (text[span.end - 1] == ' ' || text[span.end - 1] == '\t')) --span.end;
  return span;
}

struct Attempt {
  YamlNode root;
  std::optional<std::pair<std::uint32_t, std::string>> error{};  ///< where, and yaml-cpp's words
};

Attempt attempt(const std::string& text, std::vector<Problem>& problems) {
  const std::uint32_t shift = text.starts_with(byte_order_mark) ? 3 : 0;
  TreeBuilder builder(text, shift);
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) return {};
    TreeBuilder second(text, shift);
    if (parser.HandleNextDocument(second)) {
      const YamlNode extra = second.take();
      problems.push_back({rule,
                          {extra.span.begin, std::max(extra.span.begin, extra.span.end)},
                          "A second YAML document starts here; only the first one is read."});
    }
    return {builder.take()};
  } catch (const YAML::Exception& error) {
    const auto at = static_cast<std::uint32_t>(std::max(error.mark.pos, 0)) + shift;
    return {builder.take(), std::pair{std::min(at, static_cast<std::uint32_t>(text.size())), error.msg}};
  } catch (const UnclosedQuote& quote) {
    return {builder.take(), std::pair{quote.begin, std::string("a quote is never closed")}};
  } catch (const TooLarge&) {
    return {YamlNode{}, std::pair{0U, fmt::format("more than {} nodes", max_nodes)}};
  }
}

void report_duplicates(const YamlNode& node, std::string_view text, const LineIndex& lines,
                       std::vector<Problem>& problems) {
  std::map<std::string_view, TextSpan> seen;
  for (const YamlNode::Entry& entry : node.entries) {
    if (entry.key.is_scalar()) {
      const auto [first, fresh] = seen.emplace(entry.key.text, entry.key.span);
      if (!fresh) {
        problems.push_back(
            {rule,
             entry.key.span,
             fmt::format("`{}` stands twice; readers of YAML silently take the last one.", entry.key.text),
             {{"Remove this line", lines.full_line_span(text, lines.line_of(entry.key.span.begin)), ""}},
             first->second,
             "the first one"});
      }
    }
    report_duplicates(entry.value, text, lines, problems);
  }
  for (const YamlNode& item : node.items) report_duplicates(item, text, lines, problems);
}

void collect_lines(const YamlNode& node, const LineIndex& lines, std::vector<bool>& covered) {
  const auto cover = [&](TextSpan span) {
    const std::uint32_t last = lines.line_of(span.end > span.begin ? span.end - 1 : span.end);
    for (std::uint32_t line = lines.line_of(span.begin); line <= last; ++line) covered[line] = true;
  };
  if (node.is_scalar() || node.is_null()) cover(node.span);
  for (const YamlNode& item : node.items) collect_lines(item, lines, covered);
  for (const YamlNode::Entry& entry : node.entries) {
    cover(entry.key.span);
    collect_lines(entry.value, lines, covered);
  }
}

/// yaml-cpp drops a trailing word without colon silently (jbeder/yaml-cpp#819): lines that no node came from.
void report_lost_lines(const YamlNode& root, std::string_view text, const LineIndex& lines,
                       std::vector<Problem>& problems) {
  std::vector<bool> covered(lines.line_count(), false);
  collect_lines(root, lines, covered);
  for (std::uint32_t line = 0; line < lines.line_count(); ++line) {
    if (covered[line]) continue;
    const TextSpan span = trimmed(text, lines.line_span(text, line));
    const std::string_view content = text.substr(span.begin, span.size());
    const bool says_something = std::ranges::any_of(content, [](char c) { return is_alnum(c); });
    const bool passes = content.empty() || std::string_view("#%-.&!").find(content.front()) != std::string_view::npos ||
                        content.starts_with(byte_order_mark);
    if (says_something && !passes)
      problems.push_back({rule, span, fmt::format("`{}` is no `key: value`; readers of YAML drop it.", content)});
  }
}

bool all_of_class(std::string_view text, bool (*in_class)(char)) {
  return !text.empty() && std::ranges::all_of(text, in_class);
}

bool is_yaml_number(std::string_view text) {
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  const std::string lower = to_lower(text);
  if (lower == ".inf" || lower == ".nan") return true;
  const auto digits = [](std::string_view t) {
    return all_of_class(t, [](char c) { return is_digit(c) || c == '_'; });
  };
  if (lower.starts_with("0x")) return all_of_class(std::string_view(lower).substr(2), is_hex);
  if (lower.starts_with("0o")) return digits(std::string_view(lower).substr(2));
  if (lower.starts_with("0b")) return digits(std::string_view(lower).substr(2));
  if (lower.find(':') != std::string::npos)  // YAML 1.1: 1:20 is eighty
    return is_digit(lower.front()) && std::ranges::all_of(split(lower, ':'), digits);
  if (const std::size_t e = lower.find('e'); e != std::string::npos) {
    std::string_view exponent = std::string_view(lower).substr(e + 1);
    if (!exponent.empty() && (exponent.front() == '-' || exponent.front() == '+')) exponent.remove_prefix(1);
    return digits(exponent) && e > 0 && is_yaml_number(std::string_view(lower).substr(0, e));
  }
  const auto pieces = split(lower, '.');
  if (pieces.size() > 2) return false;
  const bool whole = pieces[0].empty() || digits(pieces[0]);
  if (pieces.size() == 1) return digits(pieces[0]) && is_digit(lower.front());
  const bool fraction = pieces[1].empty() || digits(pieces[1]);
  return whole && fraction && !(pieces[0].empty() && pieces[1].empty());
}

bool is_yaml_date(std::string_view text) {
  if (text.size() < 8 || !is_digit(text.front())) return false;
  const auto pieces = split(text.substr(0, text.find_first_of("Tt ")), '-');
  return pieces.size() == 3 && pieces[0].size() == 4 && pieces[1].size() <= 2 && pieces[2].size() <= 2 &&
         std::ranges::all_of(pieces, [](std::string_view p) { return all_of_class(p, is_digit); });
}

std::optional<Problem> unreadable(std::string_view text) {
  if (const auto at = first_invalid_utf8(text))
    return Problem{rule, {*at, *at + 1}, "This byte is no UTF-8; YAML files must be UTF-8."};
  if (const std::size_t at = text.find('\0'); at != std::string_view::npos)
    return Problem{rule, span_of(at, at + 1), "The file holds a NUL byte; it is no YAML."};
  return std::nullopt;
}

}  // namespace

Parsed<YamlNode> parse_yaml(std::string_view text) {
  if (auto problem = unreadable(text)) return {{}, {std::move(*problem)}};
  const LineIndex lines(text);
  std::string rest(text);
  std::vector<Problem> broken;
  for (std::size_t tries = 0;; ++tries) {
    std::vector<Problem> problems;
    Attempt result = attempt(rest, problems);
    if (!result.error || tries == max_broken_lines) {
      report_duplicates(result.root, text, lines, problems);
      if (!result.error) report_lost_lines(result.root, rest, lines, problems);
      broken.insert(broken.end(), problems.begin(), problems.end());
      return {std::move(result.root), std::move(broken)};
    }
    const std::uint32_t line = broken_line(rest, lines, result.error->first);
    const TextSpan span = lines.line_span(text, line);
    const bool quote = leaves_quote_open(rest.substr(span.begin, span.size()));
    const TextSpan culprit = trimmed(rest, span);
    broken.push_back({rule, culprit,
                      quote ? std::string("The quote on this line is never closed.")
                            : fmt::format("This is no YAML: {}.", result.error->second)});
    if (culprit.empty()) return {std::move(result.root), std::move(broken)};
    std::fill(rest.begin() + span.begin, rest.begin() + span.end, ' ');
  }
}

std::string_view yaml_type_of_plain(std::string_view text) {
  constexpr std::array<std::string_view, 8> booleans = {"true", "false", "yes", "no", "on", "off", "y", "n"};
  const std::string lower = to_lower(text);
  if (text.empty() || lower == "null" || lower == "~") return "null";
  if (std::ranges::find(booleans, lower) != booleans.end()) return "boolean";
  if (is_yaml_number(text)) return "number";
  if (is_yaml_date(text)) return "date";
  return {};
}

}  // namespace forge::formats
