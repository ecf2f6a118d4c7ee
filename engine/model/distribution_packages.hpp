/// The distribution's packages for the platforms of the target, and what a name that they do not have may mean.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/model/apt_cache.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::model {

/// The packages of a distribution for `platform` (`linux/arm64`); `not_found` without a distribution.
[[nodiscard]] Result<AptCache> packages_of(const index::Distribution* distribution, const std::string& platform);

/// The packages for `platform` (`linux/arm64`), or why they are not known. Null where there is no distribution to ask.
/// Computed once per snapshot.
[[nodiscard]] const Result<AptCache>* distribution_packages(const workspace::Snapshot& snapshot,
                                                            const std::string& platform);

/// The package that most likely took the place of `name`, which the distribution does not have: `libssl3t64` of
/// `libssl3`, `libicu74` of `libicu70`, `libldap2` of `libldap-2.5-0`, a known rename, else the nearest name.
struct Successor {
  std::string name;
  bool is_likely = false;  ///< it is the same thing under another name; else it is only spelt alike
};
[[nodiscard]] std::optional<Successor> successor_of(const AptCache& cache, std::string_view name);

}  // namespace forge::model
