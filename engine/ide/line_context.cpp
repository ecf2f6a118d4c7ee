#include "engine/ide/line_context.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "engine/base/text.hpp"

namespace forge::ide {

namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

bool is_quote(char c) {
  return c == '"' || c == '\'';
}

std::size_t skip_blanks(std::string_view text, std::size_t at) {
  while (at < text.size() && is_blank(text[at])) ++at;
  return at;
}

/// End of the quoted scalar that begins at `at`, its closing quote left out.
std::size_t quoted_end(std::string_view text, std::size_t at) {
  const char quote = text[at];
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    if (text[i] == quote) return i;
    if (text[i] == '\\' && quote == '"') ++i;
  }
  return text.size();
}

/// Where a comment begins, seen from `at`: a `#` behind a blank.
std::size_t comment_from(std::string_view text, std::size_t at) {
  for (std::size_t i = at; i < text.size(); ++i)
    if (text[i] == '#' && (i == 0 || is_blank(text[i - 1]))) return i;
  return text.size();
}

/// Without blanks at the end, but never shorter than up to the cursor.
std::size_t trimmed_end(const TypedLine& line, std::size_t begin, std::size_t end) {
  while (end > begin && end > line.cursor && is_blank(line.text[end - 1])) --end;
  return std::max(begin, end);
}

TypedScalar scalar(const TypedLine& line, std::size_t begin, std::size_t end, char quote, bool closed) {
  const std::size_t up_to = std::clamp<std::size_t>(line.cursor, begin, end);
  return {span_of(line.begin + begin, line.begin + end), std::string(line.text.substr(begin, up_to - begin)), quote,
          closed};
}

/// The scalar from `begin` on, which ends at one of `ends` where it has no quotes; nothing where the cursor is not in
/// it.
std::optional<TypedScalar> scalar_at(const TypedLine& line, std::size_t begin, std::string_view ends) {
  if (begin < line.text.size() && is_quote(line.text[begin])) {
    std::size_t end = quoted_end(line.text, begin);
    const bool closed = end < line.text.size();
    if (!closed) end = trimmed_end(line, begin + 1, comment_from(line.text, begin + 1));
    if (line.cursor < begin + 1 || line.cursor > end) return std::nullopt;
    return scalar(line, begin + 1, end, line.text[begin], closed);
  }
  std::size_t end = std::min(line.text.find_first_of(ends, begin), comment_from(line.text, begin));
  end = trimmed_end(line, begin, std::min(end, line.text.size()));
  if (line.cursor > end) return std::nullopt;
  if (line.cursor >= begin) return scalar(line, begin, end, 0, false);
  // In the blanks before: a value can begin there only where none is behind.
  const bool is_free = begin == line.text.size() || line.text[begin] == '#';
  return is_free ? std::optional(scalar(line, line.cursor, line.cursor, 0, false)) : std::nullopt;
}

/// The colon that ends the key which begins at `at`: followed by a blank or the line's end.
std::size_t colon_after(std::string_view text, std::size_t at) {
  if (at < text.size() && is_quote(text[at])) at = std::min(quoted_end(text, at) + 1, text.size());
  for (; at < text.size(); ++at) {
    if (text[at] == '#' && at > 0 && is_blank(text[at - 1])) return std::string_view::npos;
    if (text[at] == ':' && (at + 1 == text.size() || is_blank(text[at + 1]) || is_quote(text[at + 1]))) return at;
  }
  return std::string_view::npos;
}

std::string unquoted(std::string_view text) {
  text = trim(text);
  if (text.size() >= 2 && is_quote(text.front()) && text.back() == text.front()) text = text.substr(1, text.size() - 2);
  return std::string(text);
}

}  // namespace

TypedLine typed_line(const SourceFile& file, std::uint32_t offset) {
  const TextSpan span = file.line_at(offset);
  return {file.text(span), span.begin, std::clamp(offset, span.begin, span.end) - span.begin};
}

std::optional<TypedEntry> typed_entry(const TypedLine& line) {
  if (comment_from(line.text.substr(0, line.cursor), 0) < line.cursor) return std::nullopt;
  TypedEntry entry;
  std::size_t at = skip_blanks(line.text, 0);
  entry.indent = static_cast<std::uint32_t>(at);
  if (at + 1 < line.text.size() && line.text[at] == '-' && is_blank(line.text[at + 1])) {
    entry.item = true;
    at = skip_blanks(line.text, at + 1);
  }
  const std::size_t colon = colon_after(line.text, at);
  entry.has_colon = colon != std::string_view::npos;
  if (!entry.has_colon || line.cursor <= colon) {
    // At the beginning of a blank line a key may be typed.
    if (line.cursor < at && skip_blanks(line.text, 0) < line.text.size()) return std::nullopt;
    const std::size_t begin = std::min<std::size_t>(at, line.cursor);
    entry.indent = std::min(entry.indent, line.cursor);
    entry.name = scalar_at(line, begin, ":");
    if (!entry.name) return std::nullopt;
    return entry;
  }
  entry.key = unquoted(line.text.substr(at, colon - at));
  entry.value = scalar_at(line, skip_blanks(line.text, colon + 1), {});
  return entry;
}

std::optional<TypedScalar> typed_item(const TypedLine& line) {
  constexpr std::string_view ends = ",]";
  const std::size_t first = skip_blanks(line.text, 0);
  if (first + 1 < line.text.size() && line.text[first] == '-' && is_blank(line.text[first + 1]))
    return scalar_at(line, std::min<std::size_t>(skip_blanks(line.text, first + 1), line.text.size()), {});
  const std::size_t open = line.text.find('[');
  if (open == std::string_view::npos || open >= line.cursor) return std::nullopt;
  for (std::size_t at = open + 1; at <= line.text.size();) {
    at = skip_blanks(line.text, at);
    if (const auto item = scalar_at(line, at, ends)) return item;
    if (at < line.text.size() && is_quote(line.text[at])) at = quoted_end(line.text, at);
    const std::size_t end = line.text.find_first_of(ends, at);
    if (end == std::string_view::npos || line.text[end] == ']') return std::nullopt;
    at = end + 1;
  }
  return std::nullopt;
}

std::vector<std::string> keys_above(const SourceFile& file, std::uint32_t offset, std::uint32_t indent) {
  std::vector<std::string> keys;
  for (std::uint32_t line = file.lines().line_of(offset); line-- > 0 && indent > 0;) {
    const std::string_view text = file.text(file.lines().line_span(file.text(), line));
    const std::size_t at = skip_blanks(text, 0);
    if (at == text.size() || text[at] == '#' || at >= indent) continue;
    const std::size_t colon = colon_after(text, at);
    if (colon == std::string_view::npos) continue;
    keys.push_back(unquoted(text.substr(at, colon - at)));
    indent = static_cast<std::uint32_t>(at);
  }
  std::ranges::reverse(keys);
  return keys;
}

char usual_quote(std::string_view text) {
  std::array<std::size_t, 3> counts{};
  for (const std::string_view line : split(text, '\n')) {
    const std::size_t colon = colon_after(line, skip_blanks(line, 0));
    if (colon == std::string_view::npos || line.front() == '#') continue;
    const std::size_t at = skip_blanks(line, colon + 1);
    if (at >= line.size() || line[at] == '#' || line[at] == '\r') continue;
    ++counts[line[at] == '"' ? 0 : line[at] == '\'' ? 1 : 2];
  }
  if (counts[1] > counts[0] && counts[1] >= counts[2]) return '\'';
  return counts[2] > std::max<std::size_t>(counts[0], 1) ? '\0' : '"';
}

}  // namespace forge::ide
