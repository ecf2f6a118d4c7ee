/// What git calls a commit, as others have written it down.
#pragma once

#include <span>

#include <git2.h>

#include "engine/git/upstreams.hpp"

namespace forge::git {

/// `tags` stand for the commit. Never fails: what can't be read is left out.
[[nodiscard]] CommitName read_commit_name(git_repository* repository, git_odb* odb, const ObjectId& commit,
                                          std::span<const NamedRef> tags);

}  // namespace forge::git
