/// The closure of a component of the forge: its tree at the release's ref with everything that its image installs
/// beside it, under the release's effective constraints.
#pragma once

#include <string>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/model/closure.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::model {

struct ComponentClosure {
  std::string release;
  std::string component;
  std::string platform;  ///< `linux/amd64`
  PackageName name;      ///< the component installs as
  Closure closure;
};

/// Computed once per snapshot. Fails where a tree can't be read, where it does not say its name, or where the snapshot
/// has no index. `extras` are asked for besides those that the image asks for.
[[nodiscard]] const Result<ComponentClosure>& component_closure(const workspace::Snapshot& snapshot,
                                                                const std::string& release,
                                                                const std::string& component,
                                                                const std::string& platform,
                                                                const std::vector<std::string>& extras = {});

}  // namespace forge::model
