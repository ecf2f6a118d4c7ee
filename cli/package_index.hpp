/// The package index and the package lists of a command's forge.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "cli/command.hpp"
#include "engine/workspace/workspace.hpp"

namespace forge::cli {

using IndexProgress = std::function<void(std::size_t, std::size_t, std::string_view)>;

/// Makes the index of a forge: as environment::index_settings says.
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
