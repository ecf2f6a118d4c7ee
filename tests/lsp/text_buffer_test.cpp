#include "lsp/text_buffer.hpp"

#include <algorithm>
#include <cstdint>
#include <ostream>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "tests/lsp/text_model.hpp"

using forge::ColumnUnit;
using forge::lsp::TextBuffer;
using forge::lsp::protocol::ContentChange;
using forge::lsp::protocol::Position;
using forge::lsp::protocol::Range;
using forge::lsp::test::TextModel;

namespace {

class Editor {
 public:
  explicit Editor(std::uint32_t seed) : random_(seed) {}

  ContentChange change() {
    if (pick(200) == 0) return {std::nullopt, words(20)};
    const Position start{pick(8), pick(12)};
    const Position end = pick(3) == 0 ? start : Position{start.line + pick(3), pick(12)};
    return {Range{start, end}, words(pick(5))};
  }

 private:
  std::uint32_t pick(std::uint32_t below) { return static_cast<std::uint32_t>(random_() % below); }

  std::string words(std::uint32_t count) {
    static const std::vector<std::string> pieces = {
        "a",         "keystone: \"28.0.0\"", "\n", "\r\n",     "\r",          "\n\r", "\xF0\x9F\x98\x80",
        "e\xCC\x81", "\xE6\xBC\xA2",         "\t", "\xC2\x85", "\xE2\x80\xA8"};
    std::string text;
    for (std::uint32_t i = 0; i < count; ++i) text += pieces[pick(static_cast<std::uint32_t>(pieces.size()))];
    return text;
  }

  std::mt19937 random_;
};

/// What a fresh index of the text says.
std::vector<std::uint32_t> line_starts(const std::string& text) {
  const forge::LineIndex lines(text);
  std::vector<std::uint32_t> starts;
  for (std::uint32_t line = 0; line < lines.line_count(); ++line)
    starts.push_back(lines.full_line_span(text, line).begin);
  return starts;
}

}  // namespace

TEST_CASE("text buffer: 20,000 random edits equal those of a brute-force model, in each encoding") {
  for (const ColumnUnit unit : {ColumnUnit::utf8, ColumnUnit::utf16, ColumnUnit::utf32}) {
    Editor editor(7);
    TextBuffer buffer("");
    TextModel model("", unit);
    for (int i = 0; i < 20'000; ++i) {
      const ContentChange change = editor.change();
      buffer.apply(change, unit);
      model.apply(change);
      REQUIRE(buffer.text() == model.text());
      REQUIRE(buffer.line_starts() == line_starts(model.text()));
    }
  }
}

TEST_CASE("text buffer: a position past the end of its line, or of the text, is that end") {
  TextBuffer buffer("ab\r\ncd");
  buffer.apply({Range{{0, 99}, {0, 99}}, "!"}, ColumnUnit::utf16);
  buffer.apply({Range{{4000000000, 0}, {4000000000, 7}}, "."}, ColumnUnit::utf16);
  CHECK(buffer.text() == "ab!\r\ncd.");
}

TEST_CASE("text buffer: a position inside a surrogate pair is the character's start") {
  TextBuffer buffer("\xF0\x9F\x98\x80x");
  buffer.apply({Range{{0, 1}, {0, 2}}, ""}, ColumnUnit::utf16);
  CHECK(buffer.text() == "x");
}

TEST_CASE("text buffer: a shared text stays as it was") {
  TextBuffer buffer("one");
  const auto before = buffer.shared_text();
  CHECK(buffer.shared_text() == before);
  buffer.apply({std::nullopt, "two"}, ColumnUnit::utf16);
  CHECK(*before == "one");
  CHECK(*buffer.shared_text() == "two");
}
