/// The fixes that findings carry, as an editor offers them at a place.
#pragma once

#include <string_view>
#include <vector>

#include "engine/base/finding.hpp"

namespace forge::ide {

/// Points into the findings that it was made from.
struct CodeAction {
  const Finding* finding = nullptr;
  const Fix* fix = nullptr;
  bool preferred = false;  ///< the first fix of its finding, if it touches no file but by editing its text
};

/// Every fix of the findings that touch `span` in the file at `path`, in the order of the findings.
[[nodiscard]] std::vector<CodeAction> code_actions(const std::vector<Finding>& findings, std::string_view path,
                                                   TextSpan span);

}  // namespace forge::ide
