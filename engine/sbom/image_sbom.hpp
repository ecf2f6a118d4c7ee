/// A target of the build plan -> what its image will hold.
#pragma once

#include <string>

#include "engine/plan/build_plan.hpp"
#include "engine/sbom/sbom.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::sbom {

struct SbomRequest {
  std::string platform;    ///< `linux/amd64`
  std::string upstream{};  ///< the template that wins over forge.yaml's; empty: it does not
};

/// What can't be examined becomes a gap, so this never fails. May be called for many targets at once.
[[nodiscard]] Sbom image_sbom(const workspace::Snapshot& snapshot, const plan::PlanTarget& target,
                              const SbomRequest& request);

}  // namespace forge::sbom
