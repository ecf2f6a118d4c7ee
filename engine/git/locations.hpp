/// Where the upstream of each component is: a repository on this machine, used in place, or a bare mirror of a URL.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "engine/base/result.hpp"
#include "engine/formats/forge_config.hpp"
#include "engine/git/libgit2_repository.hpp"
#include "engine/git/upstreams.hpp"

namespace forge::git {

struct LocationOptions {
  std::string root;           ///< of the forge; relative paths in its configuration start here
  std::string mirror_folder;  ///< holds the mirrors
  std::string upstream{};     ///< wins over the configuration's template (not over its exceptions); empty: it does not
  RepositoryOptions repository{};
};

struct Location {
  std::string component;
  std::string url;  ///< as configured, with the component filled in
  /// The repository that is read. For a remote URL the mirror `<mirror folder>/<host>/<path>.git`, so forges with other
  /// upstreams share a folder and each says what it is; `<mirror folder>/<component>.git` or `.../<component>`, put
  /// there by hand, comes first.
  std::string path;
  bool is_mirror = false;
  /// Of `sdist:NAME` the package whose released source archives stand for the history (one tag each); else empty.
  std::string sdist{};

  /// `url` without a password.
  [[nodiscard]] std::string public_url() const;
};

/// `invalid` for a name that is no component's and a URL that must not be given to git.
[[nodiscard]] Result<Location> locate(const formats::ForgeConfig& config, const LocationOptions& options,
                                      std::string_view component);

/// Whether an upstream is asked for over the network: `https://host/...`, `git@host:path`.
[[nodiscard]] bool is_remote_url(std::string_view url);

/// The upstreams of a forge. `open` fails with `not_found` where a local path holds no repository (the configuration is
/// wrong), and with `unavailable` where a mirror is missing or can't be read.
[[nodiscard]] std::shared_ptr<const Upstreams> located_upstreams(formats::ForgeConfig config, LocationOptions options);

}  // namespace forge::git
