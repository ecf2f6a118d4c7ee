/// What a Python source tree says of itself, without running any of it: name, requirements, extras. Several files can
/// say so, and setuptools and pbr decide between them; this follows setuptools 80 with pbr 7.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/problem.hpp"
#include "engine/formats/requirements_file.hpp"
#include "engine/formats/specifier.hpp"

namespace forge::formats {

struct PythonProject {
  std::string name;  ///< as written: pbr compares it letter by letter
  bool uses_pbr = false;
  bool asks_git = false;  ///< its version is made from git by another tool, which takes a PKG-INFO instead of it
};

/// From the texts of setup.cfg, setup.py and pyproject.toml, empty where there is none. Nothing where none names the
/// project. `[metadata] name` of setup.cfg wins over `[project] name` of pyproject.toml, as in pbr.
[[nodiscard]] std::optional<PythonProject> python_project(std::string_view setup_cfg, std::string_view setup_py,
                                                          std::string_view pyproject);

enum class ProjectStyle {
  none,                 ///< no Python project
  setup_cfg_legacy,     ///< setup.py asks for pbr, no pyproject.toml
  setup_cfg_pbr_build,  ///< pyproject.toml has a build system alone, and the rest is pbr's
  pyproject_dynamic,    ///< pyproject.toml has [project], and its dependencies come from elsewhere
  pyproject,            ///< pyproject.toml has [project] with its dependencies
  setuptools            ///< setup.cfg or setup.py without pbr
};
/// `setup.cfg-legacy`, `setup.cfg+pbr.build`, `pyproject-dynamic`, `pyproject`, `setuptools`, `none`.
[[nodiscard]] std::string_view to_string(ProjectStyle style);

/// A place in a file of the tree.
struct TreePlace {
  std::string path;  ///< `requirements.txt`
  TextSpan span;
};

struct DeclaredRequirement {
  std::string text;         ///< `oslo.config>=6.8.0`: without comment; a marker that stands apart is put behind it
  Requirement requirement;  ///< its spans are of `text`
  TreePlace place;
};

struct DeclaredExtra {
  std::string name;       ///< normalised
  std::string spelling;   ///< as written
  std::string from;       ///< `setup.cfg [extras]`, `pyproject.toml [project.optional-dependencies]`, ...
  bool implicit = false;  ///< pbr makes `test` out of test-requirements.txt
  TreePlace place;        ///< of its name; for an implicit one of the whole file
  std::vector<DeclaredRequirement> requirements;
};

/// What a tree has that can't be read or told, and why.
struct UnreadablePart {
  TreePlace place;
  std::string message;  ///< a sentence
};

struct DeclaredRequirements {
  ProjectStyle style = ProjectStyle::none;
  bool uses_pbr = false;
  std::optional<PackageName> name;  ///< it installs as; absent where nothing says so statically
  std::string name_spelling;
  std::string static_version;  ///< empty where pbr or code makes it; with pbr the least it can be
  std::vector<DeclaredRequirement> runtime;
  std::vector<DeclaredExtra> extras;       ///< in the order of their file
  std::vector<DeclaredRequirement> build;  ///< resolved in isolation: constraints do not apply to them
  std::optional<SpecifierSet> requires_python;
  std::string requires_python_text;
  TreePlace requires_python_place;
  bool runtime_known = true;  ///< false where code decides, or this is no Python project: then `runtime` tells nothing
  bool extras_known = true;   ///< likewise
  std::vector<UnreadablePart> unreadable;

  /// Compares normalised names; null where there is none.
  [[nodiscard]] const DeclaredExtra* find_extra(std::string_view written) const;
};

/// Gives the text of a file of the tree, nothing where there is none. Views stay valid while the answer is computed.
using TreeReader = std::function<std::optional<std::string_view>(std::string_view path)>;

[[nodiscard]] DeclaredRequirements declared_requirements(const TreeReader& read);

}  // namespace forge::formats
