/// What an image will weigh: `bindep --closure`.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/command.hpp"
#include "engine/base/result.hpp"
#include "engine/model/apt_closure.hpp"

namespace forge::cli {

/// Packages of the closure with versions, sizes and who asked; `unknown` and `unmet` where not all is well.
[[nodiscard]] nlohmann::ordered_json closure_json(const model::AptClosure& closure, const std::string& platform);
/// The same as a table with a line of totals.
[[nodiscard]] std::string closure_text(const model::AptClosure& closure, bool color);

}  // namespace forge::cli
