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
/// One self-contained page.
[[nodiscard]] std::string audit_html(const audit::Audit& audit);

/// `2 of 7 components are not ready, 1 is ready with risks.`
[[nodiscard]] std::string audit_summary(const audit::Audit& audit);
/// The heading of a column: `Ref`, `System packages`.
[[nodiscard]] std::string_view heading_of(audit::Check check);

}  // namespace forge::cli
