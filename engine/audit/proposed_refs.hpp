/// Which ref a component starts a new release with.
#pragma once

#include <string>

#include "engine/workspace/snapshot.hpp"

namespace forge::audit {

enum class RefChoice {
  newest,       ///< the newest version of the release's series, or of all where the component follows no series
  pre_release,  ///< the series has nothing else yet
  earlier,      ///< a library without a version of the series: the newest before it
  branch,       ///< a service without one: the branch that leads to it
  kept          ///< the ref of the release before, since nothing else could be told
};
/// `newest`, `pre-release`, …
[[nodiscard]] std::string_view to_string(RefChoice choice);

struct ProposedRef {
  std::string component;
  std::string before;  ///< the ref in the release that the new one is made from; may be empty
  std::string ref;     ///< empty where even that is not known
  RefChoice choice = RefChoice::kept;
  std::string reason;  ///< a sentence
};

/// `release` need not be in the forge. What a series is, is read from the upstream's branches and tags; a release newer
/// than all of them is what the main branch leads to.
[[nodiscard]] ProposedRef propose_ref(const workspace::Snapshot& snapshot, const std::string& from,
                                      const std::string& release, const std::string& component);

}  // namespace forge::audit
