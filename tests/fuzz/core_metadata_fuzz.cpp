/// METADATA from any bytes: what is kept of it is read again as the same, and its requirements are judged or refused.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "engine/formats/core_metadata.hpp"
#include "engine/index/file_metadata.hpp"

namespace {

using namespace forge;

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  const formats::CoreMetadata core = formats::parse_core_metadata(text);
  const formats::CoreMetadata again = formats::parse_core_metadata(core.str());
  require(again.str() == core.str());
  require(again.requires_dist == core.requires_dist && again.provides_extras == core.provides_extras);
  require(again.license_expression == core.license_expression && again.licenses == core.licenses);
  require(again.requirements_are_static() == core.requirements_are_static());
  const index::FileMetadata kept{.core = core, .settled = false, .needs_pkg_resources = true};
  const auto read = index::from_text(index::to_text(kept));
  require(read && read->core.str() == core.str() && !read->settled && read->needs_pkg_resources);
  static_cast<void>(index::from_text(text));
  for (const std::string& requirement : core.requires_dist) {
    const auto parsed = formats::parse_published_requirement(requirement);
    if (!parsed) require(parsed.error().span.end <= requirement.size());
  }
  static_cast<void>(formats::parse_published_specifiers(core.requires_python));
  return 0;
}
