#include "lsp/protocol/uri.hpp"

#include <filesystem>

#include <fmt/format.h>

#include "engine/base/text.hpp"

namespace forge::lsp::protocol {

namespace {

unsigned hex_value(char c) {
  c = to_lower(c);
  return static_cast<unsigned>(is_digit(c) ? c - '0' : c - 'a' + 10);
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size() && is_hex(text[i + 1]) && is_hex(text[i + 2]);
    out += escape ? static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2])) : text[i];
    if (escape) i += 2;
  }
  return out;
}

}  // namespace

std::optional<std::string> path_of_uri(std::string_view uri) {
  constexpr std::string_view scheme = "file://";
  if (to_lower(uri.substr(0, scheme.size())) != scheme) return std::nullopt;
  uri.remove_prefix(scheme.size());
  const std::size_t slash = uri.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::string host = to_lower(uri.substr(0, slash));
  const std::string path = percent_decoded(uri.substr(slash));
  if (!(host.empty() || host == "localhost") || path.find('\0') != std::string::npos) return std::nullopt;
  return std::filesystem::path(path).lexically_normal().string();
}

std::string uri_of_path(std::string_view path) {
  std::string uri = "file://";
  for (const char c : path) {
    const bool plain = is_alnum(c) || std::string_view("/-._~").find(c) != std::string_view::npos;
    uri += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return uri;
}

std::string uri_key(std::string_view uri) {
  if (const auto path = path_of_uri(uri)) return uri_of_path(*path);
  return percent_decoded(uri);
}

}  // namespace forge::lsp::protocol
