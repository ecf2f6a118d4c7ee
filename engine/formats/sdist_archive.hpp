/// The few files of an sdist that say what it is: PKG-INFO, pyproject.toml, setup.py, setup.cfg of its top folder, and
/// the requires.txt that setuptools recorded when it was made.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace forge::formats {

/// Texts; empty where there is no such file.
struct SdistFiles {
  std::string pkg_info;
  std::string pyproject;
  std::string setup_py;
  std::string setup_cfg;
  std::string requires_txt;
};

/// The lines of a requires.txt as Requires-Dist has them: `[extra:marker]` becomes part of the requirement's marker.
[[nodiscard]] std::vector<std::string> requires_dist_of(std::string_view requires_txt);

/// Nothing where read_source_archive reads nothing, or it unpacks to more than `most` bytes.
[[nodiscard]] std::optional<SdistFiles> read_sdist(std::string_view archive, std::size_t most);

}  // namespace forge::formats
