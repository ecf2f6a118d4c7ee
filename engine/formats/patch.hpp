#pragma once

#include <string_view>

#include "engine/base/problem.hpp"

namespace forge::formats {

struct Patch {};

[[nodiscard]] Parsed<Patch> parse_patch(std::string_view text);

}  // namespace forge::formats
