/// Git's object ids, computed here so that results of patches get their ids without a repository being written to.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "engine/git/upstreams.hpp"

namespace forge::git {

/// The id that `git hash-object -t TYPE` gives. `type` is `blob`, `tree` or `commit`.
[[nodiscard]] ObjectId hash_object(std::string_view type, std::string_view content);

/// The id of the folder with these entries, which may come in any order.
[[nodiscard]] ObjectId hash_tree(std::span<const TreeEntry> entries);

/// Git's order within a folder: by bytes, a folder's name as though it ended in `/`.
[[nodiscard]] bool before_in_tree(const TreeEntry& a, const TreeEntry& b);

inline constexpr std::uint32_t mode_type_mask = 0170000;
inline constexpr std::uint32_t mode_file = 0100000;
inline constexpr std::uint32_t mode_link = 0120000;
inline constexpr std::uint32_t mode_submodule = 0160000;
inline constexpr std::uint32_t mode_folder = 0040000;

}  // namespace forge::git
