/// What people ask first of where a patch landed.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/formats/patch.hpp"
#include "engine/model/patch_series.hpp"

namespace forge::model {

/// The largest shift of a hunk, in lines, negative: up; 0 where all are exact.
[[nodiscard]] std::int64_t largest_offset(const PatchPlacement& placement);

/// How many lines further down the section's hunks before `hunk` (an index of Patch::hunks) leave what follows.
[[nodiscard]] std::int64_t shift_before(const formats::Patch& patch, const formats::Section& section, std::size_t hunk);

}  // namespace forge::model
