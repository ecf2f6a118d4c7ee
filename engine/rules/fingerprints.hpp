/// What makes a finding the same one after lines above it came or went.
#pragma once

#include <string>
#include <vector>

#include "engine/base/finding.hpp"

namespace forge::rules {

/// One for each finding, 32 hexadecimal digits: of the rule, the file and the text of the line; equal ones are told
/// apart by their order.
[[nodiscard]] std::vector<std::string> fingerprints(const std::vector<Finding>& findings);

}  // namespace forge::rules
