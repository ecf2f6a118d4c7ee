/// Packages that openstack/requirements leaves out of upper-constraints.txt on purpose (its denylist.txt), and the
/// installers themselves.
#pragma once

#include "engine/base/names.hpp"

namespace forge::model {

enum class UnpinnedReason {
  none,
  floats,  ///< tools, linters, test suites, certificates: meant to be the newest
  service  ///< meant to be built from source beside what needs it, or named in its newest version
};

/// By the lists of 2025.1 to 2026.1.
[[nodiscard]] UnpinnedReason unpinned_on_purpose(const PackageName& name);

}  // namespace forge::model
