#include "engine/formats/bindep.hpp"

namespace forge::formats {

Parsed<Bindep> parse_bindep(std::string_view) {
  return {};
}

}  // namespace forge::formats
