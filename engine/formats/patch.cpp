#include "engine/formats/patch.hpp"

namespace forge::formats {

Parsed<Patch> parse_patch(std::string_view) {
  return {};
}

}  // namespace forge::formats
