#include "engine/sbom/purl.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "engine/base/text.hpp"

namespace forge::sbom {

namespace {

/// Names and versions escape everything but unreserved characters and the colon; values of qualifiers keep slashes too.
std::string escaped(std::string_view text, bool slashes) {
  std::string out;
  for (const char c : text) {
    const bool plain = is_alnum(c) || std::string_view("-._~:").find(c) != std::string_view::npos;
    out += plain || (slashes && c == '/') ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

/// Where a forge of git repositories has one: `github.com`, `openstack/nova`.
struct Hosted {
  std::string host;
  std::string path;
};

std::optional<Hosted> hosted(std::string_view uri) {
  const std::size_t scheme = uri.find("://");
  if (scheme == std::string_view::npos) return std::nullopt;
  uri.remove_prefix(scheme + 3);
  const std::size_t slash = uri.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  std::string_view host = uri.substr(0, slash);
  host.remove_prefix(host.rfind('@') + 1);  // npos + 1: nothing
  std::string_view path = uri.substr(slash + 1);
  while (path.ends_with('/')) path.remove_suffix(1);
  if (path.ends_with(".git")) path.remove_suffix(4);
  if (path.find('/') == std::string_view::npos) return std::nullopt;
  return Hosted{to_lower(host), std::string(path)};
}

}  // namespace

std::string purl(std::string_view type, std::string_view space, std::string_view name, std::string_view version,
                 Qualifiers qualifiers) {
  std::string out = fmt::format("pkg:{}/", type);
  for (const std::string_view segment : split(space, '/'))
    if (!segment.empty()) out += escaped(segment, false) + "/";
  out += escaped(name, false);
  if (!version.empty()) out += "@" + escaped(version, false);
  std::erase_if(qualifiers, [](const auto& one) { return one.second.empty(); });
  std::ranges::sort(qualifiers);
  char before = '?';
  for (const auto& [key, value] : qualifiers) {
    out += fmt::format("{}{}={}", before, key, escaped(value, true));
    before = '&';
  }
  return out;
}

std::string pypi_purl(std::string_view spelling, std::string_view version) {
  std::string name = to_lower(spelling);
  std::ranges::replace(name, '_', '-');
  return purl("pypi", {}, name, version);
}

std::string as_uri(std::string_view url) {
  const std::size_t colon = url.find(':');
  const bool is_scp = url.find("://") == std::string_view::npos && colon != std::string_view::npos && colon > 0 &&
                      url.find('/') > colon;
  if (!is_scp) return std::string(url);
  return fmt::format("ssh://{}/{}", url.substr(0, colon), url.substr(colon + 1));
}

std::string source_purl(std::string_view url, std::string_view commit, std::string_view name,
                        std::string_view version) {
  const std::string uri = as_uri(url);
  const std::optional<Hosted> place = hosted(uri);
  const std::string_view revision = commit.empty() ? version : commit;
  if (place && place->host == "github.com" && std::ranges::count(place->path, '/') == 1) {
    const std::string path = to_lower(place->path);  // the type's names have no case
    const std::size_t slash = path.find('/');
    return purl("github", path.substr(0, slash), path.substr(slash + 1), revision);
  }
  if (!place || commit.empty()) return purl("generic", {}, name, version);
  return purl("generic", {}, name, version, {{"vcs_url", fmt::format("git+{}@{}", uri, commit)}});
}

std::string oci_purl(std::string_view domain, std::string_view path, std::string_view tag, std::string_view digest) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  return purl("oci", {}, to_lower(name), digest,
              {{"repository_url", fmt::format("{}/{}", domain, path)}, {"tag", std::string(tag)}});
}

}  // namespace forge::sbom
