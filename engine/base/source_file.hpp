/// One input file: its name, its bytes, its line index. Immutable and shared.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "engine/base/line_index.hpp"
#include "engine/base/span.hpp"

namespace forge {

class SourceFile;
using SourceFilePtr = std::shared_ptr<const SourceFile>;

/// Bytes are kept as they are, CRLF and invalid UTF-8 included: patches are byte-exact.
class SourceFile {
 public:
  /// `path` is relative to the forge root with `/`; for a file of an upstream tree it is
  /// `<component>@<ref>:<path>`.
  SourceFile(std::string path, std::string text);
  static SourceFilePtr make(std::string path, std::string text);

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string_view text() const { return text_; }
  [[nodiscard]] std::string_view text(TextSpan span) const;
  [[nodiscard]] const LineIndex& lines() const { return lines_; }
  [[nodiscard]] LineColumn position(std::uint32_t offset, ColumnUnit unit) const {
    return lines_.position(text_, offset, unit);
  }
  /// The whole line (without its end) that holds `offset`.
  [[nodiscard]] TextSpan line_at(std::uint32_t offset) const;
  /// The same with its line end: what to delete so that the line is gone.
  [[nodiscard]] TextSpan full_line_at(std::uint32_t offset) const;

 private:
  std::string path_;
  std::string text_;
  LineIndex lines_;
};

}  // namespace forge
