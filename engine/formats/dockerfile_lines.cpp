#include "engine/formats/dockerfile_lines.hpp"

#include <algorithm>

#include "engine/base/text.hpp"

namespace forge::formats {

void JoinedText::add(std::string_view piece, std::size_t source_offset) {
  if (piece.empty()) return;
  const bool continues =
      !pieces_.empty() && pieces_.back().source + (text_.size() - pieces_.back().begin) == source_offset;
  if (!continues) pieces_.push_back({text_.size(), source_offset});
  text_ += piece;
}

void JoinedText::add(const JoinedText& other, std::size_t begin, std::size_t end) {
  while (begin < end) {
    const auto next = std::ranges::upper_bound(other.pieces_, begin, {}, &Piece::begin);
    const std::size_t stop = next == other.pieces_.end() ? end : std::min(end, next->begin);
    add(other.text().substr(begin, stop - begin), other.source_of(begin));
    begin = stop;
  }
}

JoinedText JoinedText::part(std::size_t begin, std::size_t end) const {
  JoinedText out;
  out.add(*this, begin, end);
  return out;
}

TextSpan JoinedText::span(std::size_t begin, std::size_t end) const {
  if (pieces_.empty()) return {};
  const std::size_t first = source_of(begin);
  return end > begin ? span_of(first, source_of(end - 1) + 1) : span_of(first, first);
}

Spanned<std::string> JoinedText::spanned(std::size_t begin, std::size_t end) const {
  return {text_.substr(begin, end - begin), span(begin, end)};
}

std::size_t JoinedText::source_of(std::size_t at) const {
  const auto next = std::ranges::upper_bound(pieces_, at, {}, &Piece::begin);
  const Piece& piece = *(next == pieces_.begin() ? next : std::prev(next));
  return piece.source + (at - piece.begin);
}

std::optional<TextSpan> LineReader::next() {
  if (at_ >= text_.size()) return std::nullopt;
  const std::size_t begin = at_;
  const std::size_t newline = text_.find('\n', begin);
  std::size_t end = newline == std::string_view::npos ? text_.size() : newline;
  at_ = newline == std::string_view::npos ? text_.size() : newline + 1;
  while (end > begin && text_[end - 1] == '\r') --end;
  return span_of(begin, end);
}

namespace {

bool is_comment(std::string_view line) {
  const std::string_view rest = trim(line);
  return !rest.empty() && rest.front() == '#';
}

/// The line without an escape character at its end, if that is a continuation: blanks may follow it, and another
/// escape character may not stand before it.
std::optional<std::string_view> before_continuation(std::string_view line, char escape) {
  std::size_t end = line.size();
  while (end > 0 && (line[end - 1] == ' ' || line[end - 1] == '\t')) --end;
  if (end == 0 || line[end - 1] != escape) return std::nullopt;
  if (end > 1 && line[end - 2] == escape) return std::nullopt;
  return line.substr(0, end - 1);
}

}  // namespace

JoinedText read_logical_line(std::string_view text, TextSpan first, LineReader& lines, char escape) {
  JoinedText out;
  std::size_t begin = first.begin;
  while (begin < first.end && is_space(text[begin])) ++begin;
  std::string_view line = text.substr(begin, first.end - begin);
  if (is_comment(line)) return out;
  std::optional<std::string_view> continued = before_continuation(line, escape);
  out.add(continued.value_or(line), begin);
  while (continued) {
    const std::optional<TextSpan> next = lines.next();
    if (!next) break;
    line = text.substr(next->begin, next->size());
    if (is_comment(line) || trim(line).empty()) continue;
    continued = before_continuation(line, escape);
    out.add(continued.value_or(line), next->begin);
  }
  return out;
}

std::vector<Range> blank_words(std::string_view text, std::size_t from) {
  std::vector<Range> words;
  std::size_t at = from;
  while (true) {
    while (at < text.size() && is_space(text[at])) ++at;
    if (at >= text.size()) return words;
    const std::size_t begin = at;
    while (at < text.size() && !is_space(text[at])) ++at;
    words.emplace_back(begin, at);
  }
}

namespace {

/// Behind the word that starts at `at`.
std::size_t skip_quoted_word(std::string_view text, std::size_t at, char escape) {
  char quote = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (quote == 0 && is_space(c)) break;
    if (quote == 0 && (c == '\'' || c == '"'))
      quote = c;
    else if (c == quote)
      quote = 0;
    else if (c == escape && quote != '\'' && at + 1 < text.size())
      ++at;
  }
  return at;
}

}  // namespace

std::vector<Range> quoted_words(std::string_view text, std::size_t from, char escape) {
  std::vector<Range> words;
  std::size_t at = from;
  while (true) {
    while (at < text.size() && is_space(text[at])) ++at;
    if (at >= text.size()) return words;
    const std::size_t end = skip_quoted_word(text, at, escape);
    words.emplace_back(at, end);
    at = end;
  }
}

namespace {

bool has_open_quote(std::string_view text) {
  char quote = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '\\' && quote != '\'')
      ++at;
    else if (quote == 0 && (c == '\'' || c == '"'))
      quote = c;
    else if (c == quote)
      quote = 0;
  }
  return quote != 0;
}

std::string without_quotes(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\\' && at + 1 < text.size())
      out += text[++at];
    else if (text[at] != '\'' && text[at] != '"')
      out += text[at];
  }
  return out;
}

std::optional<HeredocMark> heredoc_mark(std::string_view text, Range word) {
  std::size_t at = word.first;
  while (at < word.second && is_digit(text[at])) ++at;
  if (text.substr(at, 2) != "<<") return std::nullopt;
  at += 2;
  HeredocMark mark;
  if (at < word.second && text[at] == '-') {
    mark.strips_tabs = true;
    ++at;
  }
  const std::string_view name = text.substr(at, word.second - at);
  if (name.empty() || name.find('<') != std::string_view::npos) return std::nullopt;
  mark.name = {at, word.second};
  mark.terminator = without_quotes(name);
  mark.expands = name.find_first_of("'\"\\") == std::string_view::npos;
  return mark;
}

}  // namespace

std::vector<HeredocMark> heredoc_marks(std::string_view text) {
  std::vector<HeredocMark> marks;
  if (text.find("<<") == std::string_view::npos || has_open_quote(text)) return marks;
  for (const Range& word : quoted_words(text, 0, '\\'))
    if (std::optional<HeredocMark> mark = heredoc_mark(text, word)) marks.push_back(std::move(*mark));
  return marks;
}

}  // namespace forge::formats
