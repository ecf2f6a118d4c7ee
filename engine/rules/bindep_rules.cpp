#include "engine/rules/catalog.hpp"

namespace forge::rules {

std::span<const Rule> bindep_rules() {
  return {};
}

}  // namespace forge::rules
