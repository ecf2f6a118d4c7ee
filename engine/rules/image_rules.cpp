#include "engine/rules/catalog.hpp"

namespace forge::rules {

std::span<const Rule> image_rules() {
  return {};
}

}  // namespace forge::rules
