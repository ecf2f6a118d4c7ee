#include "engine/base/line_index.hpp"

#include <algorithm>

#include "engine/base/utf8.hpp"

namespace forge {

namespace {

std::uint32_t units_of(const Utf8Char& character, ColumnUnit unit) {
  switch (unit) {
    case ColumnUnit::utf8:
      return character.length;
    case ColumnUnit::utf16:
      return character.code_point > 0xFFFF ? 2 : 1;
    case ColumnUnit::utf32:
      return 1;
  }
  return 1;
}

}  // namespace

LineIndex::LineIndex(std::string_view text) {
  starts_.push_back(0);
  const auto begin_at = [this](std::size_t offset) { starts_.push_back(static_cast<std::uint32_t>(offset)); };
  std::size_t cr = text.find('\r');
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t newline = std::min(text.find('\n', at), text.size());
    for (; cr < newline; cr = text.find('\r', cr + 1))
      if (cr + 1 != newline || newline == text.size()) begin_at(cr + 1);
    at = newline + 1;
    if (newline < text.size()) begin_at(at);
  }
}

std::uint32_t LineIndex::line_of(std::uint32_t offset) const {
  const auto after = std::ranges::upper_bound(starts_, offset);
  return static_cast<std::uint32_t>(after - starts_.begin()) - 1;
}

TextSpan LineIndex::full_line_span(std::string_view text, std::uint32_t line) const {
  const auto size = static_cast<std::uint32_t>(text.size());
  if (line >= starts_.size()) return {size, size};
  return {starts_[line], line + 1 < starts_.size() ? starts_[line + 1] : size};
}

TextSpan LineIndex::line_span(std::string_view text, std::uint32_t line) const {
  TextSpan span = full_line_span(text, line);
  if (span.end > span.begin && text[span.end - 1] == '\n') --span.end;
  if (span.end > span.begin && text[span.end - 1] == '\r') --span.end;
  return span;
}

LineColumn LineIndex::position(std::string_view text, std::uint32_t offset, ColumnUnit unit) const {
  offset = std::min(offset, static_cast<std::uint32_t>(text.size()));
  const std::uint32_t line = line_of(offset);
  std::uint32_t column = 0;
  for (std::uint32_t at = starts_[line]; at < offset;) {
    const Utf8Char character = decode_utf8(text, at);
    if (at + character.length > offset) break;
    column += units_of(character, unit);
    at += character.length;
  }
  return {line, column};
}

std::uint32_t LineIndex::offset(std::string_view text, LineColumn position, ColumnUnit unit) const {
  const TextSpan line = line_span(text, position.line);
  std::uint32_t column = 0;
  std::uint32_t at = line.begin;
  while (at < line.end) {
    const Utf8Char character = decode_utf8(text, at);
    column += units_of(character, unit);
    if (column > position.column) break;
    at += character.length;
  }
  return at;
}

}  // namespace forge
