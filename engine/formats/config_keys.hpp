/// The keys of forge.yaml in words, for those who write it.
#pragma once

#include <span>
#include <string_view>

namespace forge::formats {

/// Those below another as `target.distro`.
struct ConfigKey {
  std::string_view name;
  std::string_view words;  ///< what it is for
  bool is_mapping = false;
};
/// In the order in which people write them. What stands below `upstreams` and `rules` is named by the forge itself.
[[nodiscard]] std::span<const ConfigKey> config_keys();

}  // namespace forge::formats
