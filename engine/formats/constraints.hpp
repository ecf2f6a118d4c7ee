/// upper-constraints.txt and overrides/<release>/constraints.txt.
#pragma once

#include <string_view>
#include <vector>

#include "engine/base/names.hpp"
#include "engine/base/problem.hpp"

namespace forge::formats {

/// One `name===version[;marker]` line.
struct Pin {
  PackageName name;
  TextSpan span;
};

struct Constraints {
  std::vector<Pin> pins;
};

struct Override {
  PackageName name;
  TextSpan span;
};

struct Overrides {
  std::vector<Override> entries;
};

[[nodiscard]] Parsed<Constraints> parse_constraints(std::string_view text);
[[nodiscard]] Parsed<Overrides> parse_overrides(std::string_view text);

}  // namespace forge::formats
