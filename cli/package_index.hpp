/// The package index as the user's environment has it: variables, configuration files, cache folder.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "cli/command.hpp"
#include "engine/index/index_settings.hpp"
#include "engine/workspace/workspace.hpp"

namespace forge::cli {

using IndexProgress = std::function<void(std::size_t, std::size_t, std::string_view)>;

/// What pip's and uv's variables and files say here. `root` is the forge's: its own uv.toml counts.
[[nodiscard]] index::ConfigurationSources index_sources(const std::string& root);
/// Makes the index of a forge: by `index` of its forge.yaml, else by index_sources(). A path counts from the root.
[[nodiscard]] workspace::IndexFactory index_factory(const Invocation& invocation, IndexProgress progress = {});

/// Package lists: of `--apt` where it is given, else of `configured` (lines of forge.yaml, whose paths count from
/// `root`), else the public archives of `distro`; null where it has none.
[[nodiscard]] index::DistributionPtr open_distribution(const Invocation& invocation, std::string_view distro,
                                                       const std::vector<std::string>& configured,
                                                       const std::string& root, const IndexProgress& progress = {});
/// The package lists of a forge's target: by `target.apt` of its forge.yaml, else the distribution's public archives.
[[nodiscard]] workspace::DistributionFactory distribution_factory(const Invocation& invocation,
                                                                  IndexProgress progress = {});

}  // namespace forge::cli
