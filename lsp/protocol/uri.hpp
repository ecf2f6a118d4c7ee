/// file: URIs <-> paths. Other schemes have no path here.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace forge::lsp::protocol {

/// Absolute and without `.` and `..`; nothing for another scheme, another host or a NUL in it.
[[nodiscard]] std::optional<std::string> path_of_uri(std::string_view uri);
[[nodiscard]] std::string uri_of_path(std::string_view path);
/// Equal for two spellings of one URI.
[[nodiscard]] std::string uri_key(std::string_view uri);

}  // namespace forge::lsp::protocol
