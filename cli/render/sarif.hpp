/// Findings as SARIF 2.1.0 (OASIS), for GitHub's code scanning and other viewers.
#pragma once

#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "engine/base/finding.hpp"

namespace forge::cli {

/// One run, with the rules that were met. Positions count UTF-16 units. A partial fingerprint is made of the rule, the
/// file and the text of the line, so a finding keeps it when lines above come and go.
[[nodiscard]] nlohmann::ordered_json findings_sarif(const std::vector<Finding>& findings);

}  // namespace forge::cli
