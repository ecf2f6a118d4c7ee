#include "engine/formats/dockerfile.hpp"

namespace forge::formats {

Parsed<Dockerfile> parse_dockerfile(std::string_view) {
  return {};
}

}  // namespace forge::formats
