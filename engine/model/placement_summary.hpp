/// What people ask first of a patch that was tried.
#pragma once

#include <cstdint>

#include "engine/model/patch_series.hpp"

namespace forge::model {

/// The largest shift of a hunk, in lines, negative: up; 0 where all are exact.
[[nodiscard]] std::int64_t largest_offset(const PatchPlacement& placement);

}  // namespace forge::model
