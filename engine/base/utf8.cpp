#include "engine/base/utf8.hpp"

namespace forge {

namespace {

constexpr char32_t first_code_point_of_length[] = {0, 0, 0x80, 0x800, 0x10000};

}  // namespace

Utf8Char decode_utf8(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(at);
  if (lead < 0x80) return {lead, 1, true};
  std::uint32_t length = 0;
  char32_t code_point = 0;
  if ((lead & 0xE0) == 0xC0) {
    length = 2;
    code_point = lead & 0x1FU;
  } else if ((lead & 0xF0) == 0xE0) {
    length = 3;
    code_point = lead & 0x0FU;
  } else if ((lead & 0xF8) == 0xF0) {
    length = 4;
    code_point = lead & 0x07U;
  } else {
    return {};
  }
  if (at + length > text.size()) return {};
  for (std::uint32_t i = 1; i < length; ++i) {
    const unsigned char next = byte(at + i);
    if ((next & 0xC0) != 0x80) return {};
    code_point = (code_point << 6) | (next & 0x3FU);
  }
  const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
  if (code_point < first_code_point_of_length[length] || code_point > 0x10FFFF || surrogate) return {};
  return {code_point, length, true};
}

std::optional<std::uint32_t> first_invalid_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const Utf8Char character = decode_utf8(text, at);
    if (!character.valid) return static_cast<std::uint32_t>(at);
    at += character.length;
  }
  return std::nullopt;
}

std::string to_valid_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const Utf8Char character = decode_utf8(text, at);
    if (character.valid)
      out.append(text.substr(at, character.length));
    else
      out.append("\xEF\xBF\xBD");
    at += character.length;
  }
  return out;
}

}  // namespace forge
