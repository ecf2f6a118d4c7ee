#include "lsp/protocol/uri.hpp"

#include <filesystem>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/formats/url.hpp"

namespace forge::lsp::protocol {

std::optional<std::string> path_of_uri(std::string_view uri) {
  constexpr std::string_view scheme = "file://";
  if (to_lower(uri.substr(0, scheme.size())) != scheme) return std::nullopt;
  uri.remove_prefix(scheme.size());
  const std::size_t slash = uri.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::string host = to_lower(uri.substr(0, slash));
  const std::string path = formats::percent_decoded(uri.substr(slash));
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
  return formats::percent_decoded(uri);
}

}  // namespace forge::lsp::protocol
