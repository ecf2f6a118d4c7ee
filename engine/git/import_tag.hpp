/// Puts a tree of files into a bare repository as a commit without parents and a tag on it: how a released source
/// archive becomes a ref that can be analysed like any other.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "engine/base/result.hpp"
#include "engine/git/upstreams.hpp"

namespace forge::git {

struct TagImport {
  std::string tag;
  std::string message;
  std::int64_t time = 0;  ///< of author and committer, seconds since the epoch, UTC
};

/// Adds one file to the tree; `path` with `/`, `mode` 0100644, 0100755 or 0120000.
using AddFile = std::function<Result<void>(std::string_view path, std::uint32_t mode, std::string_view content)>;

/// Makes the repository where there is none. `fill` is called once. The same input gives the same commit. A tag that
/// stands for another commit is not moved: `invalid`. The caller holds the MirrorLock.
[[nodiscard]] Result<ObjectId> import_tag(const std::string& repository, const TagImport& import,
                                          const std::function<Result<void>(const AddFile&)>& fill);

}  // namespace forge::git
