/// Just enough Unicode for positions and for telling text from bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace forge {

/// One character; an invalid byte decodes as U+FFFD of length 1.
struct Utf8Char {
  char32_t code_point = 0xFFFD;
  std::uint32_t length = 1;
  bool valid = false;
};

/// `at` must be inside `text`.
[[nodiscard]] Utf8Char decode_utf8(std::string_view text, std::size_t at);
/// Offset of the first byte that is no UTF-8; nothing where all of it is.
[[nodiscard]] std::optional<std::uint32_t> first_invalid_utf8(std::string_view text);
/// `text` with each invalid byte replaced by U+FFFD, for places that must print UTF-8.
[[nodiscard]] std::string to_valid_utf8(std::string_view text);

}  // namespace forge
