#include "engine/index/index_settings.hpp"

#include <doctest/doctest.h>

using namespace forge::index;
using Urls = std::vector<std::string>;

namespace {

ConfigurationSources variables(std::map<std::string, std::string, std::less<>> values) {
  ConfigurationSources sources;
  sources.variables = std::move(values);
  return sources;
}

}  // namespace

TEST_CASE("index settings: without a word of anybody the default of pip and uv") {
  CHECK(settings_from({}, "").urls.size() == 1);
  CHECK_FALSE(settings_from({}, "").merge);
}

TEST_CASE("index settings: forge.yaml, then uv, then pip") {
  const auto sources = variables({{"PIP_INDEX_URL", "https://pip.example/simple"},
                                  {"PIP_EXTRA_INDEX_URL", "https://more.example/a https://more.example/b"}});
  CHECK(settings_from(sources, "https://forge.example/").urls == Urls{"https://forge.example/"});
  const auto by_pip = settings_from(sources, "");
  CHECK(by_pip.urls == Urls{"https://pip.example/simple", "https://more.example/a", "https://more.example/b"});
  CHECK(by_pip.merge);
  CHECK(by_pip.origin == "PIP_INDEX_URL");
  auto both = sources;
  both.variables["UV_DEFAULT_INDEX"] = "https://uv.example/simple";
  both.variables["UV_INDEX"] = "corp=https://corp.example/simple?a=b";
  const auto by_uv = settings_from(both, "");
  CHECK(by_uv.urls == Urls{"https://corp.example/simple?a=b", "https://uv.example/simple"});
  CHECK_FALSE(by_uv.merge);
}

TEST_CASE("index settings: files of pip, the later one first, [install] before [global]") {
  ConfigurationSources sources;
  sources.pip_files = {{"/etc/pip.conf", "[global]\nindex-url = https://global.example/simple\ncert = /etc/ca.pem\n"},
                       {"user",
                        "[global]\nindex-url = https://user.example/simple\nextra-index-url =\n  https://a.example\n"
                        "  https://b.example\ntrusted-host = a.example\n"}};
  const auto settings = settings_from(sources, "");
  CHECK(settings.urls == Urls{"https://user.example/simple", "https://a.example", "https://b.example"});
  CHECK(settings.ca_file == "/etc/ca.pem");
  CHECK(settings.insecure_hosts == Urls{"a.example"});
  CHECK(settings.origin == "user");
  sources.pip_files.push_back({"broken", "index-url = nowhere\n[global\nx"});
  CHECK(settings_from(sources, "").urls == settings.urls);
}

TEST_CASE("index settings: files of uv") {
  ConfigurationSources sources;
  sources.uv_files = {{"/etc/uv/uv.toml", "index-url = \"https://system.example/simple\"\n"},
                      {"user",
                       "[[index]]\nname = \"corp\"\nurl = \"https://corp.example/simple\"\n\n[[index]]\nurl = "
                       "\"https://main.example/simple\"\ndefault = true\n"}};
  CHECK(settings_from(sources, "").urls == Urls{"https://corp.example/simple", "https://main.example/simple"});
  sources.uv_files.pop_back();
  CHECK(settings_from(sources, "").urls == Urls{"https://system.example/simple"});
  sources.uv_files = {{"broken", "index-url = "}};
  CHECK(settings_from(sources, "").origin == "the default of pip and uv");
}

TEST_CASE("index settings: of one name the strongest counts, and an explicit index is not asked") {
  ConfigurationSources sources;
  sources.uv_files = {{"user",
                       "[[index]]\nname = \"corp\"\nurl = \"https://old.example/simple\"\n\n[[index]]\nname = "
                       "\"more\"\nurl = \"https://more.example/simple\"\n"},
                      {"/forge/pyproject.toml",
                       "[project]\nname = \"x\"\n\n[[tool.uv.index]]\nname = \"corp\"\nurl = "
                       "\"https://corp.example/simple\"\n\n[[tool.uv.index]]\nname = \"torch\"\nurl = "
                       "\"https://torch.example/\"\nexplicit = true\n"}};
  const auto settings = settings_from(sources, "");
  REQUIRE(settings.urls.size() == 3);
  CHECK(settings.urls[0] == "https://corp.example/simple");
  CHECK(settings.urls[1] == "https://more.example/simple");
  CHECK(settings.origin == "/forge/pyproject.toml");
  sources.uv_files = {{"/forge/pyproject.toml", "[[index]]\nurl = \"https://no.example/simple\"\n"}};
  CHECK(settings_from(sources, "").origin == "the default of pip and uv");
}

TEST_CASE("index settings: credentials of a named index come from its variables") {
  auto sources = variables({{"UV_INDEX", "corp.feed-1=https://old:one@corp.example/simple https://bare.example/"},
                            {"UV_DEFAULT_INDEX", "main=https://main.example/simple"},
                            {"UV_INDEX_CORP_FEED_1_USERNAME", "me@corp"},
                            {"UV_INDEX_CORP_FEED_1_PASSWORD", "p:/ä"},
                            {"UV_INDEX_MAIN_USERNAME", "token"},
                            {"UV_INDEX_OTHER_PASSWORD", "never"}});
  CHECK(settings_from(sources, "").urls == Urls{"https://me%40corp:p%3A%2F%C3%A4@corp.example/simple",
                                                "https://bare.example/", "https://token@main.example/simple"});
  for (const auto& [name, value] : sources.variables) CHECK(is_variable_read(name));
  CHECK_FALSE(is_variable_read("UV_INDEX_STRATEGY"));
  CHECK_FALSE(is_variable_read("HOME"));
}

TEST_CASE("index settings: what is not supported is said") {
  ConfigurationSources sources;
  CHECK(settings_from(sources, "").unsupported.empty());
  sources.uv_files = {{"uv.toml",
                       "keyring-provider = \"subprocess\"\nfind-links = [\"/wheels\"]\n[pip]\nfind-links = "
                       "[]\n[[index]]\nurl = \"https://corp.example/\"\n[[index]]\nurl = \"/flat\"\nformat = "
                       "\"flat\"\n"}};
  const auto by_uv = settings_from(sources, "");
  CHECK(by_uv.unsupported.size() == 3);
  CHECK(by_uv.urls.front() == "https://corp.example/");
  CHECK(by_uv.urls.size() == 2);  // a flat one is no index
  CHECK(by_uv.unsupported.front().find("uv.toml") != std::string::npos);
  CHECK(settings_from(sources, "https://forge.example/").unsupported.empty());
  sources.uv_files.clear();
  sources.pip_files = {{"pip.conf", "[global]\nindex-url = https://a.example/\nkeyring-provider = import\n"}};
  CHECK(settings_from(sources, "").unsupported.size() == 1);
  sources.variables["PIP_FIND_LINKS"] = "/wheels";
  sources.variables["UV_KEYRING_PROVIDER"] = "subprocess";  // uv's word alone, and pip's configuration is used
  CHECK(settings_from(sources, "").unsupported.size() == 2);
  sources.pip_files = {{"pip.conf", "[global]\nkeyring-provider = disabled\n"}};
  sources.variables.clear();
  CHECK(settings_from(sources, "").unsupported.empty());
}

TEST_CASE("index settings: the way there") {
  auto sources = variables({{"HTTPS_PROXY", "http://proxy.example:3128"},
                            {"no_proxy", "localhost,.example"},
                            {"SSL_CERT_FILE", "/ca.pem"},
                            {"UV_INSECURE_HOST", "a b:8443"}});
  sources.home = "/home/me";
  const auto settings = settings_from(sources, "");
  CHECK(settings.https_proxy == "http://proxy.example:3128");
  CHECK(settings.http_proxy.empty());
  CHECK(settings.no_proxy == "localhost,.example");
  CHECK(settings.ca_file == "/ca.pem");
  CHECK(settings.insecure_hosts == Urls{"a", "b:8443"});
  CHECK(settings.netrc_file == "/home/me/.netrc");
  sources.variables["NETRC"] = "/run/netrc";
  sources.variables["PIP_CERT"] = "/pip.pem";
  CHECK(settings_from(sources, "").netrc_file == "/run/netrc");
  CHECK(settings_from(sources, "").ca_file == "/pip.pem");
}
