/// requirements.txt as pbr reads it, which is not as pip does: https://docs.openstack.org/pbr and its `packaging.py`.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/problem.hpp"
#include "engine/formats/requirement.hpp"

namespace forge::formats {

/// One requirement as a source tree has it, with the place that says so.
struct RequirementLine {
  std::string text;  ///< without comment and blanks around
  Requirement requirement;
  TextSpan span;  ///< in its file
};

struct RequirementsFile {
  struct Entry {
    std::optional<Spanned<std::string>> include;  ///< `-r file`, relative to the tree's root; else a requirement
    std::optional<RequirementLine> line;
  };
  std::vector<Entry> entries;  ///< in file order
};

/// Comments, blank lines and options for an index are passed over. Of a URL only the name behind `#egg=` counts. Lines
/// that stop a build are problems, filed under `requirements-unreadable`, and left out.
[[nodiscard]] Parsed<RequirementsFile> parse_requirements_file(std::string_view text);

/// One requirement of a list: what stands before ` #`. `span` is where it was written.
[[nodiscard]] std::optional<RequirementLine> requirement_line(std::string_view written, TextSpan span,
                                                              std::vector<Problem>& problems);

}  // namespace forge::formats
