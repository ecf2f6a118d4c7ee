/// The keys of forge.yaml in words, for those who write it. schemas/forge.schema.json has the same words and defaults;
/// a test compares them.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/formats/forge_config.hpp"

namespace forge::formats {

/// Those below another as `target.distro`.
struct ConfigKey {
  std::string_view name;
  std::string_view words;  ///< what it is for, a sentence
  bool is_mapping = false;
  /// Where its value is kept; null for both: in a way of its own.
  std::string ForgeConfig::* text = nullptr;
  std::vector<std::string> ForgeConfig::* list = nullptr;
};
/// In the order in which people write them. What stands below `upstreams` and `rules` is named by the forge itself.
[[nodiscard]] std::span<const ConfigKey> config_keys();
/// What counts where the key is left out, as it would be written; empty: nothing.
[[nodiscard]] std::string default_value(const ConfigKey& key);

}  // namespace forge::formats
