/// What of a release's overrides still makes sense on other constraints.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/formats/constraints.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::audit {

struct CarriedOverride {
  std::string entry;  ///< as written: `requests===2.32.4`, `-oslo.lantern`
  bool kept = true;
  bool doubtful = false;  ///< a person should look at it
  std::string reason;     ///< a sentence; empty for one that is simply kept
};

struct CarriedOverrides {
  std::string text;  ///< the file without what is dropped; empty where nothing is left
  std::vector<CarriedOverride> entries;
};

/// `before` are the constraints that the overrides were written for; null where there are none.
/// Dropped is what repeats the new pin, what is older than a pin that it was to raise, and a removal of what is not
/// pinned; comments above it go with it.
[[nodiscard]] CarriedOverrides carry_overrides(const workspace::Document<formats::Overrides>& overrides,
                                               const formats::Constraints* before, const formats::Constraints& now);

}  // namespace forge::audit
