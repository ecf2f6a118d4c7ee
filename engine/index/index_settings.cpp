#include "engine/index/index_settings.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/formats/ini_tree.hpp"
#include "engine/formats/toml_tree.hpp"

namespace forge::index {

namespace {

// What pip and uv use where nothing is configured.
constexpr std::string_view public_index = "https://pypi.org/simple/";

using formats::IniFile;
using formats::TomlNode;

/// Indexes in the order of asking, and whose word it is.
struct Chosen {
  std::vector<std::string> urls;
  std::string origin;
};

/// Words between blanks, tabs and line ends: how both tools take lists from variables and files.
std::vector<std::string> words_of(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  std::vector<std::string> words;
  for (std::size_t at = text.find_first_not_of(blanks); at != std::string_view::npos;
       at = text.find_first_not_of(blanks, at)) {
    const std::size_t end = std::min(text.find_first_of(blanks, at), text.size());
    words.emplace_back(text.substr(at, end - at));
    at = end;
  }
  return words;
}

class Sources {
 public:
  explicit Sources(const ConfigurationSources& sources) : sources_(sources) {
    for (const auto& file : sources.pip_files) pip_.push_back(formats::parse_ini(file.text).value);
    for (const auto& file : sources.uv_files) uv_.push_back(formats::parse_toml(file.text).value);
  }

  /// Empty where it is not set; an empty variable counts as not set, as it does for both tools.
  [[nodiscard]] std::string variable(std::string_view name) const {
    const auto found = sources_.variables.find(name);
    return found == sources_.variables.end() ? std::string() : std::string(trim(found->second));
  }
  [[nodiscard]] std::string first_variable(std::initializer_list<std::string_view> names) const {
    for (const std::string_view name : names) {
      if (std::string value = variable(name); !value.empty()) return value;
    }
    return {};
  }

  /// An option of pip: its variable, else the last file that has it, in `[install]` before `[global]`.
  [[nodiscard]] std::string pip(std::string_view option) const { return pip_with_origin(option).first; }

  [[nodiscard]] std::pair<std::string, std::string> pip_with_origin(std::string_view option) const {
    std::string name = "PIP_";
    for (const char c : option) name += c == '-' ? '_' : static_cast<char>(is_lower(c) ? c - 'a' + 'A' : c);
    if (const std::string value = variable(name); !value.empty()) return {value, name};
    std::string key(option);
    std::ranges::replace(key, '-', '_');
    for (const char* section : {"install", "global"}) {
      for (std::size_t i = pip_.size(); i > 0; --i) {
        const formats::IniOption* found = pip_[i - 1].find(section, key);
        if (found != nullptr && !found->value().empty()) return {found->value(), sources_.pip_files[i - 1].path};
      }
    }
    return {};
  }

  /// The files of uv from the strongest to the weakest, each with its path.
  template <class Visit>
  void for_each_uv(const Visit& visit) const {
    for (std::size_t i = uv_.size(); i > 0; --i) visit(uv_[i - 1], sources_.uv_files[i - 1].path);
  }

  [[nodiscard]] const ConfigurationSources& raw() const { return sources_; }

 private:
  const ConfigurationSources& sources_;
  std::vector<IniFile> pip_;
  std::vector<TomlNode> uv_;
};

std::string string_at(const TomlNode& table, std::string_view key) {
  const TomlNode* node = table.find(key);
  return node != nullptr && node->is_string() ? node->text : std::string();
}

std::vector<std::string> strings_at(const TomlNode& table, std::string_view key) {
  std::vector<std::string> found;
  const TomlNode* node = table.find(key);
  if (node == nullptr) return found;
  for (const TomlNode& item : node->items) {
    if (item.is_string()) found.push_back(item.text);
  }
  return found;
}

/// `name=URL` of UV_INDEX, or the URL alone.
std::string without_index_name(const std::string& word) {
  const std::size_t equals = word.find('=');
  const bool named = equals != std::string::npos && word.substr(0, equals).find_first_of(":/") == std::string::npos;
  return named ? word.substr(equals + 1) : word;
}

/// uv asks the extra ones before the default one.
std::optional<Chosen> chosen_by_uv(const Sources& sources) {
  std::vector<std::string> extra;
  std::string standard = without_index_name(sources.first_variable({"UV_DEFAULT_INDEX", "UV_INDEX_URL"}));
  const std::string origin = standard.empty() ? "UV_INDEX" : "UV_DEFAULT_INDEX";
  for (const std::string_view name : {"UV_INDEX", "UV_EXTRA_INDEX_URL"}) {
    for (const std::string& word : words_of(sources.variable(name))) extra.push_back(without_index_name(word));
  }
  const bool by_variable = !extra.empty() || !standard.empty();
  std::string by_file;
  sources.for_each_uv([&](const TomlNode& file, const std::string& path) {
    if (const TomlNode* indexes = file.find("index"); indexes != nullptr) {
      for (const TomlNode& one : indexes->items) {
        const TomlNode* is_default = one.find("default");
        const std::string url = string_at(one, "url");
        if (url.empty()) continue;
        if (is_default == nullptr || is_default->text != "true")
          extra.push_back(url);
        else if (standard.empty())
          standard = url;
        by_file = path;
      }
    }
    const TomlNode* pip = file.find("pip");
    for (const TomlNode* table : {pip, &file}) {
      if (table == nullptr) continue;
      for (std::string& url : strings_at(*table, "extra-index-url")) {
        extra.push_back(std::move(url));
        by_file = path;
      }
      if (const std::string url = string_at(*table, "index-url"); !url.empty() && standard.empty()) {
        standard = url;
        by_file = path;
      }
    }
  });
  if (!by_variable && by_file.empty()) return std::nullopt;
  Chosen chosen{std::move(extra), by_variable ? origin : by_file};
  chosen.urls.push_back(standard.empty() ? std::string(public_index) : standard);
  return chosen;
}

std::optional<Chosen> chosen_by_pip(const Sources& sources) {
  const auto [standard, standard_origin] = sources.pip_with_origin("index-url");
  const auto [extra, extra_origin] = sources.pip_with_origin("extra-index-url");
  if (standard.empty() && extra.empty()) return std::nullopt;
  Chosen chosen{{standard.empty() ? std::string(public_index) : standard},
                standard.empty() ? extra_origin : standard_origin};
  for (std::string& url : words_of(extra)) chosen.urls.push_back(std::move(url));
  return chosen;
}

void take_insecure_hosts(const Sources& sources, IndexSettings& into) {
  into.insecure_hosts = words_of(sources.pip("trusted-host"));
  for (const std::string& host : words_of(sources.variable("UV_INSECURE_HOST"))) into.insecure_hosts.push_back(host);
  sources.for_each_uv([&](const TomlNode& file, const std::string& /*path*/) {
    for (std::string& host : strings_at(file, "allow-insecure-host")) into.insecure_hosts.push_back(std::move(host));
  });
}

/// `UV_INDEX_CORP_USERNAME` and `…_PASSWORD` belong to the index named `corp`; they are not looked at: the netrc file
/// and the URL itself are the two ways that pip and uv share.
void take_way(const Sources& sources, IndexSettings& into) {
  into.ca_file = sources.pip("cert");
  if (into.ca_file.empty())
    into.ca_file = sources.first_variable({"SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"});
  into.ca_folder = sources.variable("SSL_CERT_DIR");
  into.client_certificate = sources.pip("client-cert");
  if (into.client_certificate.empty()) into.client_certificate = sources.variable("SSL_CLIENT_CERT");
  take_insecure_hosts(sources, into);
  const std::string by_pip = sources.pip("proxy");
  const std::string any = sources.first_variable({"all_proxy", "ALL_PROXY"});
  const auto proxy = [&](const std::string& own) { return !by_pip.empty() ? by_pip : own.empty() ? any : own; };
  // `HTTP_PROXY` in capitals may come from a request's `Proxy:` header in a CGI program; this is none.
  into.http_proxy = proxy(sources.first_variable({"http_proxy", "HTTP_PROXY"}));
  into.https_proxy = proxy(sources.first_variable({"https_proxy", "HTTPS_PROXY"}));
  into.no_proxy = sources.first_variable({"no_proxy", "NO_PROXY"});
  into.netrc_file = sources.variable("NETRC");
  if (into.netrc_file.empty() && !sources.raw().home.empty()) into.netrc_file = sources.raw().home + "/.netrc";
}

}  // namespace

const std::vector<std::string>& variables_read() {
  static const std::vector<std::string> names = {
      "PIP_INDEX_URL",    "PIP_EXTRA_INDEX_URL", "PIP_CERT",     "PIP_CLIENT_CERT", "PIP_TRUSTED_HOST",
      "PIP_PROXY",        "UV_DEFAULT_INDEX",    "UV_INDEX_URL", "UV_INDEX",        "UV_EXTRA_INDEX_URL",
      "UV_INSECURE_HOST", "SSL_CERT_FILE",       "SSL_CERT_DIR", "SSL_CLIENT_CERT", "REQUESTS_CA_BUNDLE",
      "CURL_CA_BUNDLE",   "http_proxy",          "HTTP_PROXY",   "https_proxy",     "HTTPS_PROXY",
      "all_proxy",        "ALL_PROXY",           "no_proxy",     "NO_PROXY",        "NETRC"};
  return names;
}

IndexSettings settings_from(const ConfigurationSources& sources, std::string_view configured) {
  const Sources known(sources);
  IndexSettings settings;
  take_way(known, settings);
  if (!configured.empty()) {
    settings.urls = {std::string(configured)};
    settings.origin = "forge.yaml";
  } else if (auto by_uv = chosen_by_uv(known)) {
    settings.urls = std::move(by_uv->urls);
    settings.origin = std::move(by_uv->origin);
  } else if (auto by_pip = chosen_by_pip(known)) {
    settings.urls = std::move(by_pip->urls);
    settings.origin = std::move(by_pip->origin);
    settings.merge = true;
  } else {
    settings.urls = {std::string(public_index)};
    settings.origin = "the default of pip and uv";
  }
  return settings;
}

}  // namespace forge::index
