/// What a Python source tree says of itself, as far as an export must know it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace forge::formats {

struct PythonProject {
  std::string name;  ///< as written: pbr compares it letter by letter
  bool uses_pbr = false;
};

/// From the texts of setup.cfg, setup.py and pyproject.toml, empty where there is none. Nothing where none names the
/// project. `[metadata] name` of setup.cfg wins over `[project] name` of pyproject.toml, as in pbr.
[[nodiscard]] std::optional<PythonProject> python_project(std::string_view setup_cfg, std::string_view setup_py,
                                                          std::string_view pyproject);

}  // namespace forge::formats
