/// A repository on this machine, read by libgit2.
#pragma once

#include <string>

#include "engine/git/upstreams.hpp"

namespace forge::git {

/// A bare mirror, a clone, a worktree, a shallow clone; exactly at `path`, not above it. `unavailable` where there is
/// none. Tags and branches are listed once, when first asked for; open it again to see newer ones.
[[nodiscard]] Result<RepositoryPtr> open_repository(std::string path);

}  // namespace forge::git
