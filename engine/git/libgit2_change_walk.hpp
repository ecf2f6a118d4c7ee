/// The one walk over a repository's whole history: commits and folders are read, no blob.
#pragma once

#include <set>
#include <span>
#include <vector>

#include "engine/base/task_pool.hpp"
#include "engine/git/change_history.hpp"
#include "engine/git/libgit2_handles.hpp"

namespace forge::git {

/// The commits that `tips` reach and `known` does not have, parents before their children, older before younger.
/// Of a merge, and of a commit of `shallow` (its parents are not here), the changed paths are not looked for. `invalid`
/// where a commit or folder can't be read or the whole is over a bound.
[[nodiscard]] Result<std::vector<HashedChange>> walk_changes(HandlePool& handles, const std::set<ObjectId>& shallow,
                                                             std::span<const ObjectId> tips, const ChangeHistory& known,
                                                             const TaskPool& pool);

}  // namespace forge::git
