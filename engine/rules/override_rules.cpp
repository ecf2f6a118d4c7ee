#include "engine/rules/catalog.hpp"

namespace forge::rules {

std::span<const Rule> override_rules() {
  return {};
}

}  // namespace forge::rules
