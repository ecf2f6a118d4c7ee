/// An SBOM as CycloneDX 1.6 in JSON. The same value gives the same bytes: the serial number is made of the content.
#pragma once

#include <string>
#include <string_view>

#include "engine/sbom/sbom.hpp"

namespace forge::sbom {

/// `tool_version` is forge-analyze's own. Ends with a newline.
[[nodiscard]] std::string render_cyclonedx(const Sbom& sbom, std::string_view tool_version);

}  // namespace forge::sbom
