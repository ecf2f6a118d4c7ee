#include "engine/model/placement_summary.hpp"

#include <cstdlib>
#include <variant>

namespace forge::model {

std::int64_t largest_offset(const PatchPlacement& placement) {
  std::int64_t largest = 0;
  for (const SectionPlacement& section : placement.sections)
    for (const HunkPlacement& hunk : section.hunks)
      if (const auto* offset = std::get_if<Offset>(&hunk); offset && std::abs(offset->lines) > std::abs(largest))
        largest = offset->lines;
  return largest;
}

}  // namespace forge::model
