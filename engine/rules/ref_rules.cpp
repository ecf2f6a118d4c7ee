#include "engine/rules/catalog.hpp"

namespace forge::rules {

std::span<const Rule> ref_rules() {
  return {};
}

}  // namespace forge::rules
