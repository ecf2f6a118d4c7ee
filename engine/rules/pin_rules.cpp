#include "engine/rules/catalog.hpp"

namespace forge::rules {

std::span<const Rule> pin_rules() {
  return {};
}

}  // namespace forge::rules
