/// The package index as the user's environment has it: variables, configuration files, cache folder.
#pragma once

#include <string>
#include <string_view>

#include "engine/index/index_settings.hpp"

namespace forge::environment {

/// What pip's and uv's variables and files say here. `root` is the forge's: its own uv.toml counts.
[[nodiscard]] index::ConfigurationSources index_sources(const std::string& root);
/// Which index that forge asks: `configured`, which is `index` of its forge.yaml, else by index_sources(). A path
/// counts from the root.
[[nodiscard]] index::IndexSettings index_settings(const std::string& root, const std::string& configured);
/// Where pages and files of indexes are kept.
[[nodiscard]] std::string index_cache_folder();

}  // namespace forge::environment
