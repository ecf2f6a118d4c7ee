#include "engine/formats/constraints.hpp"

namespace forge::formats {

Parsed<Constraints> parse_constraints(std::string_view) {
  return {};
}
Parsed<Overrides> parse_overrides(std::string_view) {
  return {};
}

}  // namespace forge::formats
