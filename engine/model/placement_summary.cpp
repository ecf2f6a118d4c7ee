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

std::int64_t shift_before(const formats::Patch& patch, const formats::Section& section, std::size_t hunk) {
  std::int64_t shift = 0;
  for (std::size_t i = section.first_hunk; i < hunk; ++i)
    for (const formats::HunkLine& line : patch.lines_of(patch.hunks[i]))
      shift += line.kind == formats::LineKind::added ? 1 : line.kind == formats::LineKind::removed ? -1 : 0;
  return shift;
}

}  // namespace forge::model
