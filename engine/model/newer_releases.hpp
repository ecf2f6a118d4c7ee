/// The queue across releases: whether what a patch changes is in the releases that come after its own.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "engine/workspace/snapshot.hpp"

namespace forge::model {

/// A newer release whose source neither has the change nor gets it by a patch.
struct ReleaseWithout {
  std::string release;
  std::string ref;
  bool applies = false;  ///< behind that release's own patches
};

/// Of the `patch`th patch of a series. The first newer release that carries it or has it ends the list: what comes
/// after is that one's matter. The same change is known by its Change-Id, by its subject, by an equal diff, by the
/// commit it was picked from, or since it applies in reverse. A release whose source can't be looked at, or that has
/// none of the files, is left out.
[[nodiscard]] std::vector<ReleaseWithout> newer_releases_without(const workspace::Snapshot& snapshot,
                                                                 const workspace::PatchSeries& series,
                                                                 std::size_t patch);

}  // namespace forge::model
