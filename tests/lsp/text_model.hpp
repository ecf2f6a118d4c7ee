/// What the text of a document is after edits, as slowly and plainly as can be: the oracle of the server's own buffer.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "engine/base/line_index.hpp"
#include "engine/base/utf8.hpp"
#include "lsp/protocol/types.hpp"

namespace forge::lsp::test {

/// A document as the protocol defines its edits, in the most obvious way: walks from the start of the text, character
/// by character.
class TextModel {
 public:
  TextModel(std::string text, ColumnUnit unit) : text_(std::move(text)), unit_(unit) {}

  void apply(const protocol::ContentChange& change) {
    if (!change.range) {
      text_ = change.text;
      return;
    }
    std::size_t begin = offset(change.range->start);
    std::size_t end = offset(change.range->end);
    if (begin > end) std::swap(begin, end);
    text_ = text_.substr(0, begin) + change.text + text_.substr(end);
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  [[nodiscard]] std::size_t offset(protocol::Position position) const {
    std::size_t at = 0;
    for (std::uint32_t line = 0; line < position.line; ++line) {
      while (at < text_.size() && text_[at] != '\n' && text_[at] != '\r') ++at;
      if (at == text_.size()) return at;
      at += text_[at] == '\r' && at + 1 < text_.size() && text_[at + 1] == '\n' ? 2U : 1U;
    }
    std::uint32_t column = 0;
    while (at < text_.size() && text_[at] != '\n' && text_[at] != '\r') {
      const Utf8Char character = decode_utf8(text_, at);
      column += width(character);
      if (column > position.character) break;
      at += character.length;
    }
    return at;
  }

  [[nodiscard]] std::uint32_t width(const Utf8Char& character) const {
    if (unit_ == ColumnUnit::utf8) return character.length;
    return unit_ == ColumnUnit::utf16 && character.code_point > 0xFFFF ? 2 : 1;
  }

  std::string text_;
  ColumnUnit unit_;
};

}  // namespace forge::lsp::test
