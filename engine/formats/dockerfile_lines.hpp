/// The lowest level of a Dockerfile: physical lines, logical lines put together from them, and words.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/span.hpp"

namespace forge::formats {

/// Text put together from pieces of a source, which knows where each byte came from.
class JoinedText {
 public:
  void add(std::string_view piece, std::size_t source_offset);
  /// Appends the bytes `[begin, end)` of another text of the same source.
  void add(const JoinedText& other, std::size_t begin, std::size_t end);
  /// The bytes `[begin, end)` of this text as a joined text of their own.
  [[nodiscard]] JoinedText part(std::size_t begin, std::size_t end) const;

  [[nodiscard]] std::string_view text() const { return text_; }
  /// The source's range from the first to behind the last of these bytes; what stands between pieces is inside.
  [[nodiscard]] TextSpan span(std::size_t begin, std::size_t end) const;
  [[nodiscard]] Spanned<std::string> spanned(std::size_t begin, std::size_t end) const;
  [[nodiscard]] Spanned<std::string> spanned() const { return spanned(0, text_.size()); }

 private:
  struct Piece {
    std::size_t begin;   ///< in this text
    std::size_t source;  ///< in the source
  };
  [[nodiscard]] std::size_t source_of(std::size_t at) const;

  std::string text_;
  std::vector<Piece> pieces_;
};

/// Walks over the physical lines; a line's end is LF, and CRs before it belong to it.
class LineReader {
 public:
  explicit LineReader(std::string_view text) : text_(text) {}

  /// The next line without its end; nothing at the end of the text.
  [[nodiscard]] std::optional<TextSpan> next();
  [[nodiscard]] std::size_t offset() const { return at_; }
  void rewind(std::size_t offset) { at_ = offset; }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

/// The logical line that starts with the physical line `first`: continuations are appended, comment lines and empty
/// lines inside them dropped. Empty where `first` is empty or a comment.
[[nodiscard]] JoinedText read_logical_line(std::string_view text, TextSpan first, LineReader& lines, char escape);

[[nodiscard]] constexpr bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

/// Half-open range of bytes in a JoinedText.
using Range = std::pair<std::size_t, std::size_t>;

/// Words between blanks from `from` on; quotes mean nothing.
[[nodiscard]] std::vector<Range> blank_words(std::string_view text, std::size_t from);
/// Words between blanks outside of quotes, an escaped character counted as one of the word (ARG, ENV, LABEL).
[[nodiscard]] std::vector<Range> quoted_words(std::string_view text, std::size_t from, char escape);

/// `<<NAME`, `<<-NAME`, `<<"NAME"` among the words of a logical line.
struct HeredocMark {
  Range name;  ///< with its quotes
  std::string terminator;
  bool expands = true;
  bool strips_tabs = false;
};
/// Quotes and backslashes protect as in a shell, whatever the file's escape character is. None in a line with an open
/// quote.
[[nodiscard]] std::vector<HeredocMark> heredoc_marks(std::string_view text);

}  // namespace forge::formats
