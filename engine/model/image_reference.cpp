#include "engine/model/image_reference.hpp"

#include <algorithm>

#include "engine/base/text.hpp"

namespace forge::model {

std::string ImageReference::short_form() const {
  std::string out = domain == "docker.io" ? "" : domain + "/";
  const bool official = domain == "docker.io" && path.starts_with("library/");
  out += official ? path.substr(path.find('/') + 1) : path;
  if (!tag.empty() && (tag != "latest" || !digest.empty())) out += ":" + tag;
  if (!digest.empty()) out += "@" + digest;
  return out;
}

std::string ImageReference::long_form() const {
  const std::string name = domain + "/" + path;
  if (!digest.empty()) return tag.empty() ? name + "@" + digest : name + ":" + tag + "@" + digest;
  return name + ":" + (tag.empty() ? "latest" : tag);
}

namespace {

constexpr bool is_path_alnum(char c) {
  return is_lower(c) || is_digit(c);
}

/// Letters and digits, joined by one of `.`, `_`, `__` or any run of `-`.
bool is_path_component(std::string_view text) {
  if (text.empty() || !is_path_alnum(text.front()) || !is_path_alnum(text.back())) return false;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && !is_path_alnum(text[end])) ++end;
    const std::string_view joint = text.substr(at, end - at);
    const bool dashes = joint.find_first_not_of('-') == std::string_view::npos;
    if (!dashes && joint != "." && joint != "_" && joint != "__") return false;
    at = end + 1;
  }
  return true;
}

bool is_domain(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view host = text.substr(0, colon);
  const auto allowed = [](char c) { return is_alnum(c) || c == '.' || c == '-'; };
  if (host.empty() || !is_alnum(host.front()) || !is_alnum(host.back()) || !std::ranges::all_of(host, allowed))
    return false;
  if (colon == std::string_view::npos) return true;
  const std::string_view port = text.substr(colon + 1);
  return !port.empty() && std::ranges::all_of(port, is_digit);
}

/// Whether the part before the first slash is a registry and no part of the path.
bool looks_like_domain(std::string_view text) {
  return text == "localhost" || text.find_first_of(".:") != std::string_view::npos ||
         std::ranges::any_of(text, is_upper);
}

/// Takes the domain off `text`.
std::string take_domain(std::string_view& text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos || !looks_like_domain(text.substr(0, slash))) return "docker.io";
  std::string domain(text.substr(0, slash));
  text.remove_prefix(slash + 1);
  return domain == "index.docker.io" ? "docker.io" : domain;
}

}  // namespace

std::optional<ImageReference> parse_image_reference(std::string_view text) {
  if (text.empty() || text.size() > 512) return std::nullopt;
  ImageReference out;
  if (const std::size_t at = text.find('@'); at != std::string_view::npos) {
    out.digest = text.substr(at + 1);
    if (!is_image_digest(out.digest)) return std::nullopt;
    text = text.substr(0, at);
  }
  out.domain = take_domain(text);
  if (!is_domain(out.domain)) return std::nullopt;
  if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
    out.tag = text.substr(colon + 1);
    if (!is_image_tag(out.tag)) return std::nullopt;
    text = text.substr(0, colon);
  }
  if (text.size() > 255 || !std::ranges::all_of(split(text, '/'), is_path_component)) return std::nullopt;
  const bool official = out.domain == "docker.io" && text.find('/') == std::string_view::npos;
  out.path = (official ? "library/" : "") + std::string(text);
  return out;
}

bool is_image_tag(std::string_view text) {
  const auto allowed = [](char c) { return is_alnum(c) || c == '_' || c == '.' || c == '-'; };
  return !text.empty() && text.size() <= 128 && text.front() != '.' && text.front() != '-' &&
         std::ranges::all_of(text, allowed);
}

bool is_image_digest(std::string_view text) {
  constexpr std::string_view algorithm = "sha256:";
  if (!text.starts_with(algorithm) || text.size() != algorithm.size() + 64) return false;
  return std::ranges::all_of(text.substr(algorithm.size()), [](char c) { return is_hex(c) && !is_upper(c); });
}

}  // namespace forge::model
