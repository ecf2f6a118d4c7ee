#include <ctime>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/git/upstreams.hpp"

namespace forge::git {

namespace {

std::uint8_t hex_value(char c) {
  if (is_digit(c)) return static_cast<std::uint8_t>(c - '0');
  return static_cast<std::uint8_t>(to_lower(c) - 'a' + 10);
}

}  // namespace

std::string ObjectId::hex() const {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(2 * bytes.size());
  for (const std::uint8_t byte : bytes) {
    out += digits[byte >> 4];
    out += digits[byte & 0xF];
  }
  return out;
}

std::optional<ObjectId> ObjectId::from_hex(std::string_view hex) {
  ObjectId id;
  if (hex.size() != 2 * id.bytes.size()) return std::nullopt;
  for (std::size_t i = 0; i < id.bytes.size(); ++i) {
    if (!is_hex(hex[2 * i]) || !is_hex(hex[2 * i + 1])) return std::nullopt;
    id.bytes[i] = static_cast<std::uint8_t>(hex_value(hex[2 * i]) << 4 | hex_value(hex[2 * i + 1]));
  }
  return id;
}

std::string_view to_string(RefKind kind) {
  switch (kind) {
    case RefKind::tag:
      return "tag";
    case RefKind::branch:
      return "branch";
    case RefKind::commit:
      return "commit";
  }
  return "commit";
}

std::string to_rfc3339(const Timestamp& time) {
  const auto seconds = static_cast<std::time_t>(time.seconds);
  std::tm parts{};
  if (gmtime_r(&seconds, &parts) == nullptr) return "1970-01-01T00:00:00Z";
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                     parts.tm_hour, parts.tm_min, parts.tm_sec);
}

}  // namespace forge::git
