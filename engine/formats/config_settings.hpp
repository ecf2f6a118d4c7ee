/// Settings of a user, an editor's say, that go over a forge's own forge.yaml.
#pragma once

#include <string_view>

#include "engine/formats/forge_config.hpp"

namespace forge::formats {

/// `text` has the keys of forge.yaml, as YAML or as JSON; what it sets wins over `base`, the maps entry by entry.
/// Unknown keys and values are problems, and leave what is in `base`.
[[nodiscard]] Parsed<ForgeConfig> parse_settings(std::string_view text, const ForgeConfig& base);

}  // namespace forge::formats
