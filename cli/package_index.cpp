#include "cli/package_index.hpp"

#include <filesystem>
#include <vector>

#include <fmt/format.h>

#include "cli/environment.hpp"
#include "cli/user/index_sources.hpp"
#include "engine/index/distribution.hpp"
#include "engine/index/http_index.hpp"

namespace forge::cli {

namespace fs = std::filesystem;

workspace::IndexFactory index_factory(const Invocation& invocation, IndexProgress progress) {
  return [&invocation, progress = std::move(progress)](const formats::ForgeConfig& config) {
    const std::string root = forge_root(invocation);
    const index::IndexSettings settings = environment::index_settings(root, config.index);
    for (const std::string& one : settings.unsupported) say(invocation, fmt::format("warning: {}\n", one));
    index::IndexOptions options{.cache_folder = environment::index_cache_folder(), .offline = is_offline(invocation)};
    options.progress = progress;
    index::PackageIndexPtr made = index::http_index(settings, options);
    note(invocation,
         fmt::format("package index: {} (from {}); cache in {}", made->name(), settings.origin, options.cache_folder));
    return made;
  };
}

index::DistributionPtr open_distribution(const Invocation& invocation, std::string_view distro,
                                         const std::vector<std::string>& configured, const std::string& root,
                                         const IndexProgress& progress) {
  std::vector<index::AptSource> sources;
  const bool is_given = invocation.has("--apt");
  for (const std::string& text : is_given ? invocation.values("--apt") : configured)
    sources.push_back(value_or_stop(index::parse_apt_source(text, is_given ? fs::current_path().string() : root)));
  if (sources.empty()) sources = index::default_apt_sources(distro);
  if (sources.empty()) return nullptr;
  // The network is reached as for the Python index; which one that is does not matter.
  const index::IndexSettings settings = environment::index_settings(root, {});
  index::IndexOptions options{.cache_folder = environment::index_cache_folder(), .offline = is_offline(invocation)};
  options.progress = progress;
  index::DistributionPtr made = index::http_distribution(std::move(sources), settings, options);
  note(invocation, fmt::format("package lists of {}: {}", distro, made->name()));
  return made;
}

workspace::DistributionFactory distribution_factory(const Invocation& invocation, IndexProgress progress) {
  return [&invocation, progress = std::move(progress)](const formats::ForgeConfig& config) {
    const std::string root = fs::absolute(forge_root(invocation)).lexically_normal().string();
    return open_distribution(invocation, config.distro, config.apt, root, progress);
  };
}

}  // namespace forge::cli
