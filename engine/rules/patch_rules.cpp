#include "engine/rules/catalog.hpp"

namespace forge::rules {

std::span<const Rule> patch_rules() {
  return {};
}

}  // namespace forge::rules
