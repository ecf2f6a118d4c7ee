/// Text for an HTML page.
#pragma once

#include <string>
#include <string_view>

namespace forge::audit {

/// As text or as the value of a quoted attribute. What is no UTF-8, control characters and those that turn the
/// direction of writing become U+FFFD, so that a page shows what is there.
[[nodiscard]] std::string html_text(std::string_view text);
/// The same with pieces between backticks as `<code>`, and line ends as `<br>`.
[[nodiscard]] std::string html_words(std::string_view text);

/// For a Content-Security-Policy: `'sha256-…'` of an inline script or style.
[[nodiscard]] std::string csp_digest(std::string_view text);

}  // namespace forge::audit
