/// The contract's JSON shapes. Written by hand, so that a field renamed inside never changes what others rely on.
#pragma once

#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "engine/base/finding.hpp"

namespace forge::cli {

/// Pretty-printed, one trailing newline; bytes that are no UTF-8 become U+FFFD.
[[nodiscard]] std::string to_text(const nlohmann::ordered_json& json);

/// `line`, `column` (1-based, UTF-16) and, where asked, `endLine`, `endColumn` (exclusive) of a place, with its `file`.
[[nodiscard]] nlohmann::ordered_json place_json(const Place& place, bool with_end);
[[nodiscard]] nlohmann::ordered_json finding_json(const Finding& finding);
/// The answer of `check`.
[[nodiscard]] nlohmann::ordered_json findings_json(const std::vector<Finding>& findings);

}  // namespace forge::cli
