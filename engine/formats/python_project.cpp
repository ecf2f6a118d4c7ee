#include "engine/formats/python_project.hpp"

#include <functional>

#include "engine/base/text.hpp"

namespace forge::formats {

namespace {

/// Calls `visit` with each line of a section of an INI or TOML file, comments left out, until it returns false.
void for_each_line(std::string_view text, std::string_view section,
                   const std::function<bool(std::string_view)>& visit) {
  bool inside = false;
  for (const std::string_view line : split(text, '\n')) {
    const std::string_view content = trim(line);
    if (content.empty() || content.front() == '#' || content.front() == ';') continue;
    if (line.front() == '[')
      inside = content == section;
    else if (inside && !visit(line))
      return;
  }
}

std::string_view without_quotes(std::string_view value) {
  const bool quoted = value.size() > 1 && (value.front() == '"' || value.front() == '\'');
  return quoted ? value.substr(1, value.find(value.front(), 1) - 1) : value;
}

/// The value of `name` in a section.
std::string name_in(std::string_view text, std::string_view section, std::string_view separators) {
  std::string name;
  for_each_line(text, section, [&](std::string_view line) {
    const std::size_t separator = line.find_first_of(separators);
    if (separator == std::string_view::npos || line.front() == ' ' || line.front() == '\t') return true;
    if (to_lower(trim(line.substr(0, separator))) != "name") return true;
    name = without_quotes(trim(line.substr(separator + 1)));
    return false;
  });
  return name;
}

bool requires_pbr(std::string_view pyproject) {
  bool found = false;
  for_each_line(pyproject, "[build-system]", [&](std::string_view line) {
    found = line.find("\"pbr") != std::string_view::npos || line.find("'pbr") != std::string_view::npos;
    return !found;
  });
  return found;
}

}  // namespace

std::optional<PythonProject> python_project(std::string_view setup_cfg, std::string_view setup_py,
                                            std::string_view pyproject) {
  PythonProject project;
  project.name = name_in(setup_cfg, "[metadata]", "=:");
  if (project.name.empty()) project.name = name_in(pyproject, "[project]", "=");
  if (project.name.empty()) return std::nullopt;
  project.uses_pbr = setup_py.find("pbr") != std::string_view::npos || requires_pbr(pyproject);
  return project;
}

}  // namespace forge::formats
