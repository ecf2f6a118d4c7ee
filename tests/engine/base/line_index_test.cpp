#include "engine/base/line_index.hpp"

#include <string>

#include <doctest/doctest.h>

using forge::ColumnUnit;
using forge::LineColumn;
using forge::LineIndex;

TEST_CASE("line index: LF, CRLF and a lone CR end lines, nothing else does") {
  const std::string text = "a\nb\r\nc\rd\x0b\x0c e";
  const LineIndex lines(text);
  CHECK(lines.line_count() == 4);
  CHECK(lines.line_of(0) == 0);
  CHECK(lines.line_of(2) == 1);
  CHECK(lines.line_span(text, 1) == forge::TextSpan{2, 3});
  CHECK(lines.full_line_span(text, 1) == forge::TextSpan{2, 5});
  CHECK(lines.line_of(7) == 3);
}

TEST_CASE("line index: columns count what the unit says") {
  const std::string text = "x\xF0\x9F\x98\x80y\xC3\xA9z";  // x, an emoji, y, e acute, z
  const LineIndex lines(text);
  CHECK(lines.position(text, 5, ColumnUnit::utf8) == LineColumn{0, 5});
  CHECK(lines.position(text, 5, ColumnUnit::utf16) == LineColumn{0, 3});
  CHECK(lines.position(text, 5, ColumnUnit::utf32) == LineColumn{0, 2});
  CHECK(lines.offset(text, {0, 3}, ColumnUnit::utf16) == 5);
}

TEST_CASE("line index: a position inside a character is its start, one past the end the line's end") {
  const std::string text = "\xF0\x9F\x98\x80\nab";
  const LineIndex lines(text);
  CHECK(lines.offset(text, {0, 1}, ColumnUnit::utf16) == 0);
  CHECK(lines.offset(text, {0, 99}, ColumnUnit::utf16) == 4);
  CHECK(lines.offset(text, {9, 0}, ColumnUnit::utf16) == text.size());
  CHECK(lines.position(text, 2, ColumnUnit::utf16) == LineColumn{0, 0});
}
