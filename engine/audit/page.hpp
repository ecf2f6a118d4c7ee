/// Style and script of the audit's page. Both stand inline in it, admitted by their digests alone.
#pragma once

#include <string_view>

namespace forge::audit {

extern const std::string_view audit_style;
/// Filters, and all parts open for a print. The page is whole without it.
extern const std::string_view audit_script;

}  // namespace forge::audit
