#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace forge::formats {

enum class Deflated { raw, gzip };

/// Unpacks the whole of `bytes`; nothing where it is broken or its content is larger than `most`. A gzip stream may
/// have several members.
[[nodiscard]] std::optional<std::string> inflate(std::string_view bytes, Deflated kind, std::size_t most);

}  // namespace forge::formats
