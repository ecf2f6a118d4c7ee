/// The summary of a diff that `git format-patch` puts between `---` and the diff.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/span.hpp"

namespace forge::model {

/// Changed lines of one file.
struct FileStat {
  std::string name;
  std::uint64_t added = 0;
  std::uint64_t removed = 0;
  friend bool operator==(const FileStat&, const FileStat&) = default;
};

/// Its lines up to and with `N files changed`, as git words them in 72 columns.
[[nodiscard]] std::string diffstat_text(std::span<const FileStat> files);

struct DiffstatBlock {
  TextSpan span;          ///< the lines of the files, and `N files changed`
  std::size_t files = 0;  ///< lines of files
};
/// The last one in text[from, to); nothing where there is none.
[[nodiscard]] std::optional<DiffstatBlock> find_diffstat(std::string_view text, std::size_t from, std::size_t to);

}  // namespace forge::model
