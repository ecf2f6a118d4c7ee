/// A fix applied to files in memory.
#pragma once

#include <map>
#include <string>

#include "engine/base/finding.hpp"

namespace forge::support {

using TextFiles = std::map<std::string, std::string, std::less<>>;

[[nodiscard]] TextFiles apply_fix(TextFiles files, const Fix& fix);

}  // namespace forge::support
