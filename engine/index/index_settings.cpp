#include "engine/index/index_settings.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/formats/ini_tree.hpp"
#include "engine/formats/toml_tree.hpp"
#include "engine/formats/url.hpp"

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
    for (const auto& file : sources.uv_files) {
      const TomlNode tree = formats::parse_toml(file.text).value;
      const bool is_project = file.path.ends_with("pyproject.toml");
      const TomlNode* own = is_project ? tree.find({"tool", "uv"}) : &tree;
      uv_.push_back(own == nullptr ? TomlNode() : *own);
    }
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

/// `name=URL`, or the URL alone.
struct NamedIndex {
  std::string name;
  std::string url;
};
NamedIndex named_index(const std::string& word) {
  const std::size_t equals = word.find('=');
  const bool named = equals != std::string::npos && word.substr(0, equals).find_first_of(":/") == std::string::npos;
  return named ? NamedIndex{word.substr(0, equals), word.substr(equals + 1)} : NamedIndex{{}, word};
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~';
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

/// `UV_INDEX_CORP_USERNAME` and `…_PASSWORD` belong to the index named `corp`, before what its URL says.
std::string with_credentials(const Sources& sources, const NamedIndex& index) {
  const std::size_t place = index.url.find("://");
  if (index.name.empty() || place == std::string::npos) return index.url;
  std::string name = "UV_INDEX_";
  for (const char c : index.name) name += is_lower(c) ? static_cast<char>(c - 'a' + 'A') : is_alnum(c) ? c : '_';
  const std::string user = sources.variable(name + "_USERNAME");
  const std::string password = sources.variable(name + "_PASSWORD");
  if (user.empty() && password.empty()) return index.url;
  std::string both = percent_encoded(user);
  if (!password.empty()) both += ":" + percent_encoded(password);
  std::string url = formats::without_credentials(index.url);
  return url.insert(place + 3, both + "@");
}

/// Indexes as uv gathers them: variables, then files from the strongest to the weakest; of one name the first counts.
class UvIndexes {
 public:
  explicit UvIndexes(const Sources& sources) : sources_(sources) {}

  std::optional<Chosen> chosen() {
    for (const std::string_view name : {"UV_DEFAULT_INDEX", "UV_INDEX_URL"})
      add(named_index(sources_.variable(name)), true, std::string(name));
    for (const std::string_view name : {"UV_INDEX", "UV_EXTRA_INDEX_URL"}) {
      for (const std::string& word : words_of(sources_.variable(name)))
        add(named_index(word), false, std::string(name));
    }
    sources_.for_each_uv([this](const TomlNode& file, const std::string& path) { add_file(file, path); });
    if (origin_.empty()) return std::nullopt;
    Chosen chosen{std::move(extra_), std::move(origin_)};
    chosen.urls.push_back(standard_.empty() ? std::string(public_index) : standard_);
    return chosen;
  }

 private:
  void add(const NamedIndex& index, bool is_default, const std::string& origin) {
    if (index.url.empty() || (!index.name.empty() && !names_.insert(index.name).second)) return;
    std::string url = with_credentials(sources_, index);
    if (!is_default)
      extra_.push_back(std::move(url));
    else if (standard_.empty())
      standard_ = std::move(url);
    if (origin_.empty()) origin_ = origin;
  }

  void add_file(const TomlNode& file, const std::string& path) {
    for (const TomlNode* table : {file.find("pip"), &file}) {
      const TomlNode* indexes = table == nullptr ? nullptr : table->find("index");
      if (indexes == nullptr) continue;
      for (const TomlNode& one : indexes->items) {
        // An explicit one is for the packages that a project's `sources` name, and a flat one is no index.
        if (is_true(one, "explicit") || string_at(one, "format") == "flat") continue;
        add({string_at(one, "name"), string_at(one, "url")}, is_true(one, "default"), path);
      }
    }
    for (const TomlNode* table : {file.find("pip"), &file}) {
      if (table == nullptr) continue;
      for (const std::string& url : strings_at(*table, "extra-index-url")) add({{}, url}, false, path);
      add({{}, string_at(*table, "index-url")}, true, path);
    }
  }

  static bool is_true(const TomlNode& table, std::string_view key) {
    const TomlNode* node = table.find(key);
    return node != nullptr && node->text == "true";
  }

  const Sources& sources_;
  std::set<std::string> names_;
  std::vector<std::string> extra_;
  std::string standard_;
  std::string origin_;
};

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

/// What would bring other files or other credentials, and is passed over here.
class Unsupported {
 public:
  explicit Unsupported(const Sources& sources) : sources_(sources) {}

  std::vector<std::string> by_uv() {
    keyring(sources_.variable("UV_KEYRING_PROVIDER"), "UV_KEYRING_PROVIDER");
    links(!sources_.variable("UV_FIND_LINKS").empty(), "UV_FIND_LINKS");
    sources_.for_each_uv([this](const TomlNode& file, const std::string& path) {
      for (const TomlNode* table : {file.find("pip"), &file}) {
        if (table == nullptr) continue;
        keyring(string_at(*table, "keyring-provider"), path);
        links(!strings_at(*table, "find-links").empty(), path);
        const TomlNode* indexes = table->find("index");
        if (indexes == nullptr) continue;
        links(std::ranges::any_of(indexes->items, [](const auto& one) { return string_at(one, "format") == "flat"; }),
              path);
      }
    });
    return std::move(found_);
  }

  std::vector<std::string> by_pip() {
    const auto [provider, provider_origin] = sources_.pip_with_origin("keyring-provider");
    keyring(provider, provider_origin);
    const auto [places, places_origin] = sources_.pip_with_origin("find-links");
    links(!places.empty(), places_origin);
    return std::move(found_);
  }

 private:
  void keyring(const std::string& provider, const std::string& origin) {
    if (provider.empty() || provider == "disabled" || provider == "auto") return;
    found_.push_back(fmt::format(
        "`keyring-provider` ({}) is not supported: no keyring is asked for credentials. Put them into the netrc file, "
        "the index's URL, or UV_INDEX_<NAME>_USERNAME and UV_INDEX_<NAME>_PASSWORD.",
        origin));
  }
  void links(bool given, const std::string& origin) {
    if (!given) return;
    found_.push_back(
        fmt::format("`find-links` ({}) is not supported: what is only there counts as not published.", origin));
  }

  const Sources& sources_;
  std::vector<std::string> found_;
};

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

bool is_variable_read(std::string_view name) {
  constexpr std::array<std::string_view, 29> names = {"PIP_INDEX_URL",
                                                      "PIP_EXTRA_INDEX_URL",
                                                      "PIP_CERT",
                                                      "PIP_CLIENT_CERT",
                                                      "PIP_TRUSTED_HOST",
                                                      "PIP_PROXY",
                                                      "PIP_FIND_LINKS",
                                                      "UV_FIND_LINKS",
                                                      "PIP_KEYRING_PROVIDER",
                                                      "UV_KEYRING_PROVIDER",
                                                      "UV_DEFAULT_INDEX",
                                                      "UV_INDEX_URL",
                                                      "UV_INDEX",
                                                      "UV_EXTRA_INDEX_URL",
                                                      "UV_INSECURE_HOST",
                                                      "SSL_CERT_FILE",
                                                      "SSL_CERT_DIR",
                                                      "SSL_CLIENT_CERT",
                                                      "REQUESTS_CA_BUNDLE",
                                                      "CURL_CA_BUNDLE",
                                                      "http_proxy",
                                                      "HTTP_PROXY",
                                                      "https_proxy",
                                                      "HTTPS_PROXY",
                                                      "all_proxy",
                                                      "ALL_PROXY",
                                                      "no_proxy",
                                                      "NO_PROXY",
                                                      "NETRC"};
  const bool credential = name.starts_with("UV_INDEX_") && (name.ends_with("_USERNAME") || name.ends_with("_PASSWORD"));
  return credential || std::ranges::find(names, name) != names.end();
}

IndexSettings settings_from(const ConfigurationSources& sources, std::string_view configured) {
  const Sources known(sources);
  IndexSettings settings;
  take_way(known, settings);
  if (!configured.empty()) {
    settings.urls = {std::string(configured)};
    settings.origin = "forge.yaml";
  } else if (auto by_uv = UvIndexes(known).chosen()) {
    settings.unsupported = Unsupported(known).by_uv();
    settings.urls = std::move(by_uv->urls);
    settings.origin = std::move(by_uv->origin);
  } else if (auto by_pip = chosen_by_pip(known)) {
    settings.unsupported = Unsupported(known).by_pip();
    settings.urls = std::move(by_pip->urls);
    settings.origin = std::move(by_pip->origin);
    settings.merge = true;
  } else {
    settings.urls = {std::string(public_index)};
    settings.origin = "the default of pip and uv";
    settings.unsupported = Unsupported(known).by_uv();
    for (std::string& one : Unsupported(known).by_pip()) settings.unsupported.push_back(std::move(one));
  }
  return settings;
}

}  // namespace forge::index
