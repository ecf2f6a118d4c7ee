/// The audit as a page.
#pragma once

#include <string>

#include "engine/audit/audit.hpp"

namespace forge::audit {

/// One self-contained page.
[[nodiscard]] std::string render_html(const Audit& audit);

}  // namespace forge::audit
