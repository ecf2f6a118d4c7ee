/// The few files of an sdist that say what it is: PKG-INFO, pyproject.toml, setup.py, setup.cfg of its top folder.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace forge::formats {

/// Texts; empty where there is no such file.
struct SdistFiles {
  std::string pkg_info;
  std::string pyproject;
  std::string setup_py;
  std::string setup_cfg;
};

/// From a `.tar.gz` or `.zip`, by the archive's own first bytes. Nothing where it is neither, is broken, or unpacks to
/// more than `most` bytes. Nothing is written anywhere, so names in the archive can't escape.
[[nodiscard]] std::optional<SdistFiles> read_sdist(std::string_view archive, std::size_t most);

}  // namespace forge::formats
