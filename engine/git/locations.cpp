#include "engine/git/locations.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <mutex>

#include <fmt/format.h>

#include "engine/base/names.hpp"
#include "engine/base/on_first_use.hpp"
#include "engine/base/text.hpp"
#include "engine/formats/url.hpp"

namespace forge::git {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view placeholder = "{component}";

std::string filled_in(std::string_view url_template, std::string_view component) {
  std::string url(url_template);
  if (url.find(placeholder) == std::string::npos) return fmt::format("{}/{}", url, component);
  for (std::size_t at = 0; (at = url.find(placeholder, at)) != std::string::npos; at += component.size())
    url.replace(at, placeholder.size(), component);
  return url;
}

/// `https` of `https://host`; empty where there is none.
std::string_view scheme_of(std::string_view url) {
  const std::size_t at = url.find("://");
  return at == std::string_view::npos ? std::string_view() : url.substr(0, at);
}

constexpr std::string_view sdist_scheme = "sdist:";

/// Empty where git may be given the URL. git runs programs for `ext::`, and reads options from words with `-`.
std::string url_problem(std::string_view url) {
  constexpr std::array<std::string_view, 7> schemes = {"http", "https", "ssh", "git", "git+ssh", "ssh+git", "file"};
  if (url.empty()) return "it is empty";
  if (url.front() == '-') return "it starts with `-`";
  if (std::ranges::any_of(url, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }))
    return "it has a control character";
  if (url.starts_with(sdist_scheme))
    return PackageName::parse(url.substr(sdist_scheme.size())) ? "" : "behind `sdist:` stands no package's name";
  const std::string_view head = url.substr(0, url.find('/'));
  if (head.find("::") != std::string_view::npos && head.find('[') == std::string_view::npos)
    return fmt::format("`{}::` names a helper program", head.substr(0, head.find("::")));
  const std::string_view scheme = scheme_of(url);
  if (!scheme.empty() && std::ranges::count(schemes, scheme) == 0) return fmt::format("nothing reads `{}://`", scheme);
  return {};
}

std::string local_path(std::string_view url, const std::string& root) {
  constexpr std::string_view file_scheme = "file://";
  if (!url.starts_with(file_scheme)) return (fs::path(root) / url).lexically_normal().string();
  url.remove_prefix(file_scheme.size());
  return formats::percent_decoded(url.substr(std::min(url.find('/'), url.size())));
}

/// A name for one piece of a URL in a folder: whatever is not plain is written `%XX`.
std::string folder_name(std::string_view piece) {
  std::string name;
  for (const char c : piece) {
    const bool plain = is_alnum(c) || c == '_' || c == '+' || (!name.empty() && (c == '.' || c == '-'));
    name += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return name;
}

/// `opendev.org/openstack/nova.git` of `https://user@opendev.org/openstack/nova`.
std::string mirror_name(std::string_view url) {
  const std::string_view scheme = scheme_of(url);
  if (!scheme.empty()) url.remove_prefix(scheme.size() + 3);
  const std::size_t host_end = scheme.empty() ? url.find(':') : url.find('/');
  std::string_view host = url.substr(0, host_end);
  if (const std::size_t at = host.rfind('@'); at != std::string_view::npos) host.remove_prefix(at + 1);
  std::string_view path = host_end == std::string_view::npos ? std::string_view() : url.substr(host_end + 1);
  while (path.ends_with('/')) path.remove_suffix(1);
  if (path.ends_with(".git")) path.remove_suffix(4);
  std::vector<std::string> pieces{folder_name(host)};
  for (const std::string_view piece : split(path, '/')) {
    if (!piece.empty()) pieces.push_back(folder_name(piece));
  }
  return join(pieces, "/") + ".git";
}

std::string mirror_path(const std::string& folder, std::string_view component, std::string_view url) {
  for (const std::string_view suffix : {".git", ""}) {
    const fs::path by_hand = fs::path(folder) / fmt::format("{}{}", component, suffix);
    std::error_code ignored;
    // A host is never named like a component's mirror unless somebody chose it to be, so a repository is looked for.
    if (fs::exists(by_hand / "objects", ignored) || fs::exists(by_hand / ".git", ignored)) return by_hand.string();
  }
  return (fs::path(folder) / mirror_name(url)).string();
}

/// git takes `path.git` for `path` too.
std::string existing_local_path(std::string path) {
  std::error_code ignored;
  if (!fs::exists(path, ignored) && fs::exists(path + ".git", ignored)) return path + ".git";
  return path;
}

Result<RepositoryPtr> open_location(const Location& location, const RepositoryOptions& options) {
  std::error_code ignored;
  if (fs::exists(location.path, ignored)) return open_repository(location.path, options);
  if (location.is_mirror) {
    return fail(Failure::Kind::unavailable,
                fmt::format("There is no mirror of `{}` (`{}`) here.", location.component, location.public_url()),
                {"run `forge-analyze mirror sync`"});
  }
  return fail(Failure::Kind::not_found,
              fmt::format("There is no repository of `{}` at `{}`.", location.component, location.path),
              {"correct `upstream` or `upstreams` in forge.yaml, or give `--upstream`"});
}

class LocatedUpstreams final : public Upstreams {
 public:
  LocatedUpstreams(formats::ForgeConfig config, LocationOptions options)
      : config_(std::move(config)), options_(std::move(options)) {}

  [[nodiscard]] Result<RepositoryPtr> open(std::string_view component) const override {
    return slot_of(component).get([&] { return open_anew(component); });
  }

 private:
  using Slot = OnFirstUse<Result<RepositoryPtr>>;

  Slot& slot_of(std::string_view component) const {
    const std::lock_guard lock(mutex_);
    const auto found = slots_.find(component);
    return found != slots_.end() ? found->second : slots_[std::string(component)];
  }
  [[nodiscard]] Result<RepositoryPtr> open_anew(std::string_view component) const {
    FORGE_TRY_ASSIGN(const Location location, locate(config_, options_, component));
    return open_location(location, options_.repository);
  }

  const formats::ForgeConfig config_;
  const LocationOptions options_;
  mutable std::mutex mutex_;
  mutable std::map<std::string, Slot, std::less<>> slots_;
};

}  // namespace

std::string Location::public_url() const {
  const std::size_t begin = scheme_of(url).empty() ? 0 : scheme_of(url).size() + 3;
  const std::size_t at = url.substr(0, url.find('/', begin)).rfind('@');
  const std::size_t colon = url.find(':', begin);
  if (begin == 0 || at == std::string::npos || colon > at) return url;
  return url.substr(0, colon) + url.substr(at);
}

bool is_remote_url(std::string_view url) {
  const std::string_view scheme = scheme_of(url);
  if (!scheme.empty()) return scheme != "file";
  const std::size_t colon = url.find(':');
  return colon != std::string_view::npos && colon > 0 && url.find('/') > colon;
}

Result<Location> locate(const formats::ForgeConfig& config, const LocationOptions& options,
                        std::string_view component) {
  if (!is_component_name(component))
    return fail(Failure::Kind::invalid, fmt::format("`{}` can't be the name of a component.", component));
  const auto exception = config.upstreams.find(component);
  const std::string& url_template = exception != config.upstreams.end() ? exception->second
                                    : options.upstream.empty()          ? config.upstream
                                                                        : options.upstream;
  const bool is_exception = exception != config.upstreams.end();
  Location location{std::string(component), is_exception ? url_template : filled_in(url_template, component), {}};
  if (const std::string problem = url_problem(location.url); !problem.empty()) {
    return fail(Failure::Kind::invalid,
                fmt::format("The upstream `{}` of `{}` is refused: {}.", location.url, component, problem));
  }
  location.is_mirror = is_remote_url(location.url);
  if (location.url.starts_with(sdist_scheme)) location.sdist = location.url.substr(sdist_scheme.size());
  location.path = location.is_mirror ? mirror_path(options.mirror_folder, component, location.url)
                                     : existing_local_path(local_path(location.url, options.root));
  return location;
}

std::shared_ptr<const Upstreams> located_upstreams(formats::ForgeConfig config, LocationOptions options) {
  return std::make_shared<const LocatedUpstreams>(std::move(config), std::move(options));
}

}  // namespace forge::git
