/// Byte offset <-> line and column. Lines end at LF, CRLF or a lone CR and nowhere else, as in LSP 3.17.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/base/span.hpp"

namespace forge {

/// What one column counts: bytes, UTF-16 code units or code points.
enum class ColumnUnit { utf8, utf16, utf32 };

/// Both 0-based.
struct LineColumn {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  friend auto operator<=>(const LineColumn&, const LineColumn&) = default;
};

/// Sorted starts of lines; built once per text. Holds no text itself: callers pass the same text again.
class LineIndex {
 public:
  explicit LineIndex(std::string_view text);

  [[nodiscard]] std::uint32_t line_count() const { return static_cast<std::uint32_t>(starts_.size()); }
  /// 0-based line that holds `offset`; an offset past the end is on the last line.
  [[nodiscard]] std::uint32_t line_of(std::uint32_t offset) const;
  /// The line's bytes without its line end. A line past the last is empty, at the end of the text.
  [[nodiscard]] TextSpan line_span(std::string_view text, std::uint32_t line) const;
  /// The same with its line end.
  [[nodiscard]] TextSpan full_line_span(std::string_view text, std::uint32_t line) const;

  [[nodiscard]] LineColumn position(std::string_view text, std::uint32_t offset, ColumnUnit unit) const;
  /// A column past the line's end is the line's end; one inside a character is that character's start.
  [[nodiscard]] std::uint32_t offset(std::string_view text, LineColumn position, ColumnUnit unit) const;

 private:
  std::vector<std::uint32_t> starts_;
};

}  // namespace forge
