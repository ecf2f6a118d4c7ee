/// Where a distribution's package lists are: lines of apt's sources.list, files, folders.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"

namespace forge::index {

/// One place with lists.
struct AptSource {
  enum class Kind {
    archive,  ///< `deb URI SUITE COMPONENT…`: an archive with `dists/`, or a flat one whose suite ends in `/`
    file,     ///< one Packages file, packed or not: a path or a URL
    folder    ///< a folder with files named as apt names its lists: …_binary-amd64_Packages
  };
  Kind kind = Kind::archive;
  std::string uri;  ///< without a `/` at its end; of a file or folder the path
  std::string suite{};
  std::vector<std::string> components{};
  std::vector<std::string> architectures{};  ///< empty: all
  [[nodiscard]] bool serves(std::string_view architecture) const;
};

/// `deb [arch=amd64,arm64] http://… noble main universe` (sources.list(5)), the URL of a Packages file, or a path,
/// which counts from `root`. A folder is told by a `/` at its end, or is one apt keeps its lists in. `invalid`
/// otherwise.
[[nodiscard]] Result<AptSource> parse_apt_source(std::string_view text, std::string_view root);

/// The public archives of a target (`ubuntu:noble`, `debian:bookworm`): release, updates, security. Empty where the
/// distribution has no apt or its archives are not known here.
[[nodiscard]] std::vector<AptSource> default_apt_sources(std::string_view distro);

/// `amd64` of `linux/amd64`, `armhf` of `linux/arm/v7`; empty where Debian has no such port.
[[nodiscard]] std::string debian_architecture(std::string_view platform);

}  // namespace forge::index
