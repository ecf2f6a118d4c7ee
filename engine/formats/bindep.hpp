#pragma once

#include <string_view>

#include "engine/base/problem.hpp"

namespace forge::formats {

struct Bindep {};

[[nodiscard]] Parsed<Bindep> parse_bindep(std::string_view text);

}  // namespace forge::formats
