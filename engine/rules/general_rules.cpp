#include "engine/rules/catalog.hpp"

namespace forge::rules {

std::span<const Rule> general_rules() {
  return {};
}

}  // namespace forge::rules
