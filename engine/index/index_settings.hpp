/// Which package indexes are asked and how they are reached: what pip's and uv's own configuration says. Whoever runs
/// the engine reads variables and files; what they mean is decided here.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace forge::index {

struct IndexSettings {
  /// Base URLs of the simple API, in the order of asking; credentials in them are kept apart from what is shown.
  std::vector<std::string> urls;
  /// pip takes the files of every index together; uv asks on only while a project is not found.
  bool merge = false;
  std::string ca_file;                      ///< empty: the system's
  std::string ca_folder;                    ///< likewise
  std::string client_certificate;           ///< PEM with key; empty: none
  std::vector<std::string> insecure_hosts;  ///< `host` or `host:port` whose certificate is not checked
  std::string http_proxy;                   ///< empty: none
  std::string https_proxy;
  std::string no_proxy;    ///< comma-separated hosts
  std::string netrc_file;  ///< empty: none
  std::string origin;      ///< where the URLs come from, in words: `PIP_INDEX_URL`, `/etc/uv/uv.toml`
  /// What is configured and has no effect here, a sentence each: answers may then differ from an installer's.
  std::vector<std::string> unsupported;
};

/// What the edge found. A later file of a list overrides the earlier ones.
struct ConfigurationSources {
  struct File {
    std::string path;
    std::string text;
  };
  std::map<std::string, std::string, std::less<>> variables;  ///< of the environment, those that `is_variable_read`
  std::vector<File> pip_files;                                ///< pip.conf: global, user, site, PIP_CONFIG_FILE
  /// uv.toml: system, user, the forge's own (or its pyproject.toml, of which [tool.uv] counts), or UV_CONFIG_FILE
  /// alone.
  std::vector<File> uv_files;
  std::string home;  ///< for the default netrc file; empty: none
};

/// Whether settings_from() looks at the environment variable of that name; `UV_INDEX_CORP_PASSWORD` is one of any
/// number.
[[nodiscard]] bool is_variable_read(std::string_view name);

/// `configured` is `index` of forge.yaml: it alone counts where it is not empty. Else uv's configuration where it names
/// an index, since uv builds the images; else pip's; else the public default of both.
[[nodiscard]] IndexSettings settings_from(const ConfigurationSources& sources, std::string_view configured);

}  // namespace forge::index
