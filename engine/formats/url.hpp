/// URLs as far as an index page needs them (RFC 3986).
#pragma once

#include <string>
#include <string_view>

namespace forge::formats {

/// `reference` as it stands in a document at `base`: absolute, `//host/x`, `/x`, `../x`, `?q`; without its fragment.
[[nodiscard]] std::string resolve_url(std::string_view base, std::string_view reference);
/// The fragment, without `#`; empty where there is none.
[[nodiscard]] std::string_view url_fragment(std::string_view url);
/// The last element of the path, percent-decoded.
[[nodiscard]] std::string url_file_name(std::string_view url);
/// `%41` becomes `A`; what is no escape stays.
[[nodiscard]] std::string percent_decoded(std::string_view text);
/// Without user name and password: what may be shown and written down.
[[nodiscard]] std::string without_credentials(std::string_view url);

}  // namespace forge::formats
