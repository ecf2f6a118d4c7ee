/// Package URLs (the purl specification): how a component is called outside of the forge.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace forge::sbom {

using Qualifiers = std::vector<std::pair<std::string, std::string>>;

/// `pkg:TYPE/NAMESPACE/NAME@VERSION?key=value`. Empty parts and qualifiers are left out, and everything is escaped; the
/// namespace may have several segments.
[[nodiscard]] std::string purl(std::string_view type, std::string_view space, std::string_view name,
                               std::string_view version, Qualifiers qualifiers = {});

/// Of a package on a Python index; `spelling` in any case.
[[nodiscard]] std::string pypi_purl(std::string_view spelling, std::string_view version);

/// Of a commit in a repository that is had by `url` (empty: only on this machine): of type `github`
/// where it is there, else a generic one of `name` and `version` with the address of the commit.
[[nodiscard]] std::string source_purl(std::string_view url, std::string_view commit, std::string_view name,
                                      std::string_view version);

/// `ssh://git@host/path` of `git@host:path`; anything else as it is.
[[nodiscard]] std::string as_uri(std::string_view url);

/// `ghcr.io/c5c3/nova:32.0.0-p1@sha256:…`, as a reference says it; the digest stands for the version.
[[nodiscard]] std::string oci_purl(std::string_view domain, std::string_view path, std::string_view tag,
                                   std::string_view digest);

}  // namespace forge::sbom
