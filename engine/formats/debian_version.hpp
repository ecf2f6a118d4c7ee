/// Versions of Debian packages: their grammar as bindep reads it, their order as dpkg has it.
#pragma once

#include <compare>
#include <cstddef>
#include <optional>
#include <string_view>

namespace forge::formats {

/// `[epoch:]upstream[-revision]`; views into the text that was parsed.
struct DebianVersion {
  std::string_view epoch = "0";
  std::string_view upstream;
  std::string_view revision;
};

/// How many bytes at the start of `text` are a version, taking as many as the grammar can; 0 where there is none.
[[nodiscard]] std::size_t debian_version_length(std::string_view text);
/// Nothing where `text` as a whole is no version.
[[nodiscard]] std::optional<DebianVersion> parse_debian_version(std::string_view text);
/// The same parts, cut as dpkg cuts them out of any text: the epoch ends at the first colon, the revision begins at the
/// last hyphen.
[[nodiscard]] DebianVersion split_debian_version(std::string_view text);
/// dpkg's order (deb-version(7)): `~` sorts before the end, letters before other characters, digits by value.
[[nodiscard]] std::strong_ordering compare(const DebianVersion& a, const DebianVersion& b);

}  // namespace forge::formats
