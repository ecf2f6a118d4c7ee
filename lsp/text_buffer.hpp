/// The text of an open document, changed in place edit by edit.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/line_index.hpp"
#include "lsp/protocol/types.hpp"

namespace forge::lsp {

class TextBuffer {
 public:
  explicit TextBuffer(std::string text);

  /// A position past the end of a line or of the text is that end; a range the wrong way round is turned.
  void apply(const protocol::ContentChange& change, ColumnUnit unit);

  [[nodiscard]] std::string_view text() const { return text_; }
  /// The same text for as long as anybody needs it; copied once per change that somebody asks after.
  [[nodiscard]] std::shared_ptr<const std::string> shared_text() const;
  /// Where lines begin; what a fresh LineIndex of the text would hold.
  [[nodiscard]] const std::vector<std::uint32_t>& line_starts() const { return starts_; }

 private:
  [[nodiscard]] std::uint32_t offset(protocol::Position position, ColumnUnit unit) const;
  void replace(std::uint32_t begin, std::uint32_t end, std::string_view new_text);
  void index_lines(std::uint32_t begin, std::uint32_t old_end, std::uint32_t new_end);

  std::string text_;
  std::vector<std::uint32_t> starts_;
  mutable std::shared_ptr<const std::string> shared_;
};

}  // namespace forge::lsp
