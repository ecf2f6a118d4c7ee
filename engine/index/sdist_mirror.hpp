/// Mirrors made of released source archives, for an upstream `sdist:NAME`: each release becomes a commit without
/// parents and a tag, so that tag refs can be analysed where no git host can be reached. Branches, commits and what
/// lies between releases are not to be had this way, and files that an sdist leaves out or adds (PKG-INFO, *.egg-info,
/// AUTHORS, ChangeLog) are as the sdist has them.
#pragma once

#include <span>
#include <string>

#include "engine/base/result.hpp"
#include "engine/git/locations.hpp"
#include "engine/git/mirror.hpp"
#include "engine/index/package_index.hpp"

namespace forge::index {

/// Brings the releases that `refs` name into the mirror of `location` (its `sdist` is set); those that are there are
/// not asked for again, since a release never changes. Failures: `not_found` for a ref that is no version or was never
/// released as an sdist, else as the index's and git's; what was brought before stays, also where it is cut
/// (Cancelled).
[[nodiscard]] Result<git::SyncOutcome> sync_sdists(const git::Location& location, std::span<const std::string> refs,
                                                   const PackageIndex& index);

/// The same for any upstream: by git where it is no `sdist:`. `refs` and `index` count for that kind alone.
[[nodiscard]] Result<git::SyncOutcome> sync_upstream(const git::Location& location, std::span<const std::string> refs,
                                                     const git::SyncOptions& options, const PackageIndex& index);

}  // namespace forge::index
