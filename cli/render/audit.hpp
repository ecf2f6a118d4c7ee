/// The audit of a release for people and for programs.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "engine/audit/audit.hpp"

namespace forge::cli {

/// Verdict, matrix of component by check, and below it why each component is not ready.
[[nodiscard]] std::string audit_text(const audit::Audit& audit, bool color);
/// The same with all facts and findings; docs/audit.md describes the shape.
[[nodiscard]] nlohmann::ordered_json audit_json(const audit::Audit& audit);
/// For the summary of a job.
[[nodiscard]] std::string audit_markdown(const audit::Audit& audit);

}  // namespace forge::cli
