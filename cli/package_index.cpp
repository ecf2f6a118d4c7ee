#include "cli/package_index.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "cli/environment.hpp"
#include "engine/index/distribution.hpp"
#include "engine/index/http_index.hpp"

namespace forge::cli {

namespace {

namespace fs = std::filesystem;
using index::ConfigurationSources;

std::string environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::string() : std::string(value);
}

/// A file that is not there or can't be read says nothing.
void add_file(std::vector<ConfigurationSources::File>& files, const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream || !fs::is_regular_file(path)) return;
  files.push_back({path, std::string(std::istreambuf_iterator<char>(stream), {})});
}

std::string user_configuration(const std::string& home) {
  std::string given = environment("XDG_CONFIG_HOME");
  if (!given.empty()) return given;
  return home.empty() ? std::string() : home + "/.config";
}

/// https://pip.pypa.io/en/stable/topics/configuration/#location
void read_pip_files(const std::string& home, ConfigurationSources& sources) {
  const std::string given = environment("PIP_CONFIG_FILE");
  if (given == "/dev/null") return;  // pip's way to say: no file at all
  std::string folders = environment("XDG_CONFIG_DIRS");
  if (folders.empty()) folders = "/etc/xdg";
  std::vector<std::string> global;
  for (std::size_t at = 0; at <= folders.size();) {
    const std::size_t end = std::min(folders.find(':', at), folders.size());
    global.push_back(folders.substr(at, end - at) + "/pip/pip.conf");
    at = end + 1;
  }
  global.emplace_back("/etc/pip.conf");
  for (const std::string& path : global) add_file(sources.pip_files, path);
  if (!home.empty()) add_file(sources.pip_files, home + "/.pip/pip.conf");
  if (const std::string user = user_configuration(home); !user.empty())
    add_file(sources.pip_files, user + "/pip/pip.conf");
  if (const std::string site = environment("VIRTUAL_ENV"); !site.empty())
    add_file(sources.pip_files, site + "/pip.conf");
  if (!given.empty()) add_file(sources.pip_files, given);
}

/// https://docs.astral.sh/uv/concepts/configuration-files/
void read_uv_files(const std::string& root, const std::string& home, ConfigurationSources& sources) {
  if (const std::string given = environment("UV_CONFIG_FILE"); !given.empty()) {
    add_file(sources.uv_files, given);
    return;
  }
  if (const std::string none = environment("UV_NO_CONFIG"); none == "1" || none == "true") return;
  add_file(sources.uv_files, "/etc/uv/uv.toml");
  if (const std::string user = user_configuration(home); !user.empty())
    add_file(sources.uv_files, user + "/uv/uv.toml");
  const std::size_t before = sources.uv_files.size();
  add_file(sources.uv_files, root + "/uv.toml");
  if (sources.uv_files.size() == before) add_file(sources.uv_files, root + "/pyproject.toml");
}

std::string cache_folder() {
  if (const std::string cache = environment("XDG_CACHE_HOME"); !cache.empty()) return cache + "/forge-analyze/index";
  if (const std::string home = environment("HOME"); !home.empty()) return home + "/.cache/forge-analyze/index";
  return "/var/cache/forge-analyze/index";
}

/// `index/simple` of forge.yaml is a folder of the forge.
std::string as_url(const std::string& configured, const std::string& root) {
  const bool is_path =
      !configured.empty() && configured.find("://") == std::string::npos && !configured.starts_with("file:");
  if (!is_path) return configured;
  return "file://" + (fs::absolute(root) / configured).lexically_normal().string();
}

}  // namespace

ConfigurationSources index_sources(const std::string& root) {
  ConfigurationSources sources;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view variable = *entry;
    const std::size_t equals = variable.find('=');
    if (equals == std::string_view::npos || equals + 1 == variable.size()) continue;
    if (const std::string_view name = variable.substr(0, equals); index::is_variable_read(name))
      sources.variables.emplace(name, variable.substr(equals + 1));
  }
  sources.home = environment("HOME");
  read_pip_files(sources.home, sources);
  read_uv_files(root, sources.home, sources);
  return sources;
}

workspace::IndexFactory index_factory(const Invocation& invocation, IndexProgress progress) {
  return [&invocation, progress = std::move(progress)](const formats::ForgeConfig& config) {
    const std::string root = forge_root(invocation);
    const index::IndexSettings settings = index::settings_from(index_sources(root), as_url(config.index, root));
    for (const std::string& one : settings.unsupported) say(invocation, fmt::format("warning: {}\n", one));
    index::IndexOptions options{.cache_folder = cache_folder(), .offline = is_offline(invocation)};
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
  const index::IndexSettings settings = index::settings_from(index_sources(root), {});
  index::IndexOptions options{.cache_folder = cache_folder(), .offline = is_offline(invocation)};
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
