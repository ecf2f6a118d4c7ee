#include "engine/formats/url.hpp"

#include <algorithm>
#include <vector>

#include "engine/base/text.hpp"

namespace forge::formats {

namespace {

/// Views into one URL.
struct Parts {
  std::string_view scheme;     ///< without `:`
  bool has_authority = false;  ///< `//` follows the scheme
  std::string_view authority;
  std::string_view path;
  std::string_view query;  ///< with `?`
};

bool is_scheme(std::string_view text) {
  return !text.empty() && is_alpha(text.front()) &&
         std::ranges::all_of(text, [](char c) { return is_alnum(c) || c == '+' || c == '-' || c == '.'; });
}

Parts parts_of(std::string_view url) {
  Parts parts;
  url = url.substr(0, url.find('#'));
  if (const std::size_t colon = url.find_first_of(":/?");
      colon != std::string_view::npos && url[colon] == ':' && is_scheme(url.substr(0, colon))) {
    parts.scheme = url.substr(0, colon);
    url.remove_prefix(colon + 1);
  }
  if (url.starts_with("//")) {
    parts.has_authority = true;
    const std::size_t end = std::min(url.find_first_of("/?", 2), url.size());
    parts.authority = url.substr(2, end - 2);
    url.remove_prefix(end);
  }
  const std::size_t query = std::min(url.find('?'), url.size());
  parts.path = url.substr(0, query);
  parts.query = url.substr(query);
  return parts;
}

/// RFC 3986, 5.2.4, on an absolute path.
std::string without_dots(std::string_view path) {
  std::vector<std::string_view> kept;
  const auto elements = split(path, '/');
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const bool last = i + 1 == elements.size();
    const bool dots = elements[i] == "." || elements[i] == "..";
    if (elements[i] == ".." && kept.size() > 1) kept.pop_back();
    if (!dots) kept.push_back(elements[i]);
    if (dots && last) kept.emplace_back();
  }
  return join(kept, "/");
}

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  return is_hex(c) ? to_lower(c) - 'a' + 10 : -1;
}

}  // namespace

std::string resolve_url(std::string_view base, std::string_view reference) {
  const Parts from = parts_of(base);
  const Parts to = parts_of(trim(reference));
  const std::string_view scheme = to.scheme.empty() ? from.scheme : to.scheme;
  const bool own_place = !to.scheme.empty() || to.has_authority;
  const bool has_authority = own_place ? to.has_authority : from.has_authority;
  std::string out;
  if (!scheme.empty()) out.append(scheme).append(":");
  if (has_authority) out.append("//").append(own_place ? to.authority : from.authority);
  if (own_place) return out.append(without_dots(to.path)).append(to.query);
  if (to.path.empty()) return out.append(from.path).append(to.query.empty() ? from.query : to.query);
  if (to.path.starts_with('/')) return out.append(without_dots(to.path)).append(to.query);
  const std::string folder(from.path.substr(0, from.path.rfind('/') + 1));
  return out.append(without_dots((folder.empty() ? "/" : folder) + std::string(to.path))).append(to.query);
}

std::string_view url_fragment(std::string_view url) {
  const std::size_t hash = url.find('#');
  return hash == std::string_view::npos ? std::string_view() : url.substr(hash + 1);
}

std::string url_file_name(std::string_view url) {
  const std::string_view path = parts_of(url).path;
  return percent_decoded(path.substr(path.rfind('/') + 1));
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

std::string without_credentials(std::string_view url) {
  const std::string_view authority = parts_of(url).authority;
  const std::size_t at = authority.rfind('@');
  if (at == std::string_view::npos) return std::string(url);
  std::string out(url);
  out.erase(static_cast<std::size_t>(authority.data() - url.data()), at + 1);
  return out;
}

}  // namespace forge::formats
