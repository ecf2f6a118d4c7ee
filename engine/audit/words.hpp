/// What all reports of an audit say in the same words.
#pragma once

#include <string>
#include <string_view>

#include "engine/audit/audit.hpp"

namespace forge::audit {

/// `2 of 7 components are not ready, 1 is ready with risks.`
[[nodiscard]] std::string summary_of(const Audit& audit);
/// The heading of a column: `Ref`, `System packages`.
[[nodiscard]] std::string_view heading_of(Check check);

}  // namespace forge::audit
