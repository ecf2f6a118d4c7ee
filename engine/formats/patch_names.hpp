/// File names as git reads them in the headers of a patch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace forge::formats {

/// Blank in git's sense: no vertical tab, no form feed.
[[nodiscard]] constexpr bool is_patch_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/// Past the LF of the line that holds `at`; the end of the text where there is none.
[[nodiscard]] std::size_t line_end(std::string_view text, std::size_t at);

/// What ends an unquoted name: always LF and CR, and on `---` and `+++` lines also a tab.
enum class NameEnd { tab, line };

/// A name with its C quoting undone, `strip` components taken off, and repeated slashes made one.
[[nodiscard]] std::optional<std::string> read_name(std::string_view text, std::size_t at, int strip, NameEnd end);

/// The name of a traditional header: a time stamp after it is no part of it. `other` (the first line's name) is taken
/// instead where it is the start of this one: `x` of `x` and `x~`.
[[nodiscard]] std::optional<std::string> read_traditional_name(std::string_view text, std::size_t at, int strip,
                                                               const std::optional<std::string>& other = {});

/// The name that both halves of `diff --git A B` agree on; `at` is after `diff --git `.
[[nodiscard]] std::optional<std::string> read_git_line_name(std::string_view text, std::size_t at, int strip);

/// `/dev/null` and a blank.
[[nodiscard]] bool is_dev_null(std::string_view text, std::size_t at);
/// The line ends, after its last tab, in a time stamp that is the epoch: how GNU diff says that a side is missing.
[[nodiscard]] bool has_epoch_stamp(std::string_view text, std::size_t at);

/// Why git refuses to write such a path (`verify_path` with its defaults on Linux); empty where it does not.
/// `mode` matters for symbolic links. Paths that no file system takes (over 4096 bytes) are refused as well.
[[nodiscard]] std::string_view forbidden_path_reason(std::string_view path, std::uint32_t mode);

}  // namespace forge::formats
