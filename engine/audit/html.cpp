#include "engine/audit/html.hpp"

#include <cstdint>

#include <fmt/format.h>

#include "engine/base/sha256.hpp"
#include "engine/base/text.hpp"
#include "engine/base/utf8.hpp"

namespace forge::audit {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

/// Marks, embeddings, overrides and isolates of the bidirectional algorithm.
bool turns_direction(char32_t c) {
  return c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

bool is_control(char32_t c) {
  return (c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7F && c < 0xA0);
}

std::uint8_t nibble(char hex) {
  return static_cast<std::uint8_t>(is_digit(hex) ? hex - '0' : hex - 'a' + 10);
}

std::string bytes_of_hex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes += static_cast<char>(static_cast<unsigned>(nibble(hex[i])) << 4U | nibble(hex[i + 1]));
  return bytes;
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8U | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k)
      out += i + k <= bytes.size() ? digits[group >> (18U - 6U * static_cast<unsigned>(k)) & 63U] : '=';
  }
  return out;
}

}  // namespace

std::string html_text(std::string_view text) {
  const std::string valid = to_valid_utf8(text);
  std::string out;
  for (std::size_t at = 0; at < valid.size();) {
    const Utf8Char character = decode_utf8(valid, at);
    const char32_t code = character.code_point;
    const std::string_view bytes = std::string_view(valid).substr(at, character.length);
    at += character.length;
    if (code == '&')
      out += "&amp;";
    else if (code == '<')
      out += "&lt;";
    else if (code == '>')
      out += "&gt;";
    else if (code == '"')
      out += "&quot;";
    else if (code == '\'')
      out += "&#39;";
    else if (is_control(code) || turns_direction(code))
      out += replacement;
    else
      out += bytes;
  }
  return out;
}

std::string html_words(std::string_view text) {
  std::string out;
  const std::vector<std::string_view> pieces = split(text, '`');
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const bool is_code = i % 2 == 1 && i + 1 < pieces.size();
    if (i % 2 == 1 && !is_code) out += "`";  // one without its other
    const std::string piece = html_text(pieces[i]);
    out += is_code ? "<code>" + piece + "</code>" : piece;
  }
  std::string lines;
  for (const char c : out) lines += c == '\n' ? std::string("<br>") : std::string(1, c);
  return lines;
}

std::string csp_digest(std::string_view text) {
  return fmt::format("'sha256-{}'", base64(bytes_of_hex(sha256_hex(text))));
}

}  // namespace forge::audit
