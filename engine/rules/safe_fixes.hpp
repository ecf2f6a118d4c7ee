/// Mending what can be mended without asking.
#pragma once

#include <string>
#include <vector>

#include "engine/base/finding.hpp"

namespace forge::rules {

struct MendedFile {
  SourceFilePtr file;  ///< as it is
  std::string text;    ///< as it would be
  std::size_t fixes = 0;
};

/// The edits of the first safe fix of each finding; one that touches what another has changed is left out.
[[nodiscard]] std::vector<TextEdit> safe_edits(const std::vector<Finding>& findings);

/// The first safe fix of each finding, in the order of the findings; one that touches what another has changed is left
/// for the next time. Fixes that make, rename or remove files are left to people. Sorted by path.
[[nodiscard]] std::vector<MendedFile> safe_fixes(const std::vector<Finding>& findings);

}  // namespace forge::rules
