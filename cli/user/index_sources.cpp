#include "cli/user/index_sources.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>
#include <vector>

#include <unistd.h>

#include "cli/user/user_folders.hpp"

namespace forge::environment {

namespace {

namespace fs = std::filesystem;
using index::ConfigurationSources;

/// A file that is not there or can't be read says nothing.
void add_file(std::vector<ConfigurationSources::File>& files, const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream || !fs::is_regular_file(path)) return;
  files.push_back({path, std::string(std::istreambuf_iterator<char>(stream), {})});
}

std::string user_configuration(const std::string& home) {
  std::string given = variable("XDG_CONFIG_HOME");
  if (!given.empty()) return given;
  return home.empty() ? std::string() : home + "/.config";
}

/// https://pip.pypa.io/en/stable/topics/configuration/#location
void read_pip_files(const std::string& home, ConfigurationSources& sources) {
  const std::string given = variable("PIP_CONFIG_FILE");
  if (given == "/dev/null") return;  // pip's way to say: no file at all
  std::string folders = variable("XDG_CONFIG_DIRS");
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
  if (const std::string site = variable("VIRTUAL_ENV"); !site.empty()) add_file(sources.pip_files, site + "/pip.conf");
  if (!given.empty()) add_file(sources.pip_files, given);
}

/// https://docs.astral.sh/uv/concepts/configuration-files/
void read_uv_files(const std::string& root, const std::string& home, ConfigurationSources& sources) {
  if (const std::string given = variable("UV_CONFIG_FILE"); !given.empty()) {
    add_file(sources.uv_files, given);
    return;
  }
  if (const std::string none = variable("UV_NO_CONFIG"); none == "1" || none == "true") return;
  add_file(sources.uv_files, "/etc/uv/uv.toml");
  if (const std::string user = user_configuration(home); !user.empty())
    add_file(sources.uv_files, user + "/uv/uv.toml");
  const std::size_t before = sources.uv_files.size();
  add_file(sources.uv_files, root + "/uv.toml");
  if (sources.uv_files.size() == before) add_file(sources.uv_files, root + "/pyproject.toml");
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
  sources.home = variable("HOME");
  read_pip_files(sources.home, sources);
  read_uv_files(root, sources.home, sources);
  return sources;
}

index::IndexSettings index_settings(const std::string& root, const std::string& configured) {
  return index::settings_from(index_sources(root), as_url(configured, root));
}

std::string index_cache_folder() {
  return cache_folder() + "/index";
}

}  // namespace forge::environment
