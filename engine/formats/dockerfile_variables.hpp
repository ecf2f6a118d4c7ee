/// `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME#pattern}` and quotes in a word of a Dockerfile, as BuildKit replaces
/// them.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace forge::formats {

/// What is known of the variables: a value, or nothing where only the build can tell. Names that are not in it are
/// unset.
using Variables = std::map<std::string, std::optional<std::string>, std::less<>>;

/// The word with quotes removed and variables replaced. Nothing where it depends on what only the build knows, is
/// malformed, grows over 4 KiB, or takes a large text apart by a pattern (`${X#…}`, `${X/…/…}`).
[[nodiscard]] std::optional<std::string> expand_word(std::string_view word, const Variables& variables, char escape);

}  // namespace forge::formats
