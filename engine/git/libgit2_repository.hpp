/// A repository on this machine, read by libgit2.
#pragma once

#include <string>

#include "engine/git/upstreams.hpp"

namespace forge::git {

struct RepositoryOptions {
  /// Where the walk over the history, and answers about it, are remembered for later processes; empty: nowhere. Made
  /// when it is needed, and not being able to write there is no failure. The repository itself is never written to.
  std::string cache_folder{};
  std::size_t jobs = 1;  ///< threads of that walk
};

/// A bare mirror, a clone, a worktree, a shallow clone; exactly at `path`, not above it. `unavailable` where there is
/// none. Tags and branches are listed once, when first asked for; open it again to see newer ones.
[[nodiscard]] Result<RepositoryPtr> open_repository(const std::string& path, RepositoryOptions options = {});

}  // namespace forge::git
