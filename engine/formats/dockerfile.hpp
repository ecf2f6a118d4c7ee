#pragma once

#include <string_view>

#include "engine/base/problem.hpp"

namespace forge::formats {

struct Dockerfile {};

[[nodiscard]] Parsed<Dockerfile> parse_dockerfile(std::string_view text);

}  // namespace forge::formats
