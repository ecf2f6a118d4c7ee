/// Files of upstream trees for an editor to look at: read from git's objects, never from a disk.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/result.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::ide {

/// A file of a component's tree at a commit.
struct TreeFile {
  std::string component;
  std::string commit;      ///< 40 digits
  std::string path;        ///< in the tree
  std::uint32_t line = 0;  ///< from 0
};

/// Its text, in UTF-8 whatever the bytes are. `not_found` where the component, the commit or the file is none;
/// `invalid` for what is no regular file or larger than eight megabytes.
[[nodiscard]] Result<std::string> source_text(const workspace::Snapshot& snapshot, const TreeFile& file);

}  // namespace forge::ide
