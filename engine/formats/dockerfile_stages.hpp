/// Where a Dockerfile names its own stages.
#pragma once

#include <cstddef>
#include <vector>

#include "engine/formats/dockerfile.hpp"

namespace forge::formats {

struct StageMention {
  std::size_t stage = 0;  ///< index of the stage that is named
  std::size_t by = 0;     ///< index of the stage in which it is
  TextSpan span;
  bool declares = false;  ///< behind `AS`; else something is taken from the stage
};
/// Sorted by place. A stage without a name is mentioned by its number only.
[[nodiscard]] std::vector<StageMention> stage_mentions(const Dockerfile& file);

}  // namespace forge::formats
