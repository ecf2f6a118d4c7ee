/// The client's settings through the real executable.
#include <algorithm>
#include <ostream>
#include <string>

#include <doctest/doctest.h>

#include "lsp/settings.hpp"
#include "tests/lsp/server_process.hpp"

using forge::lsp::read_settings;
using forge::lsp::ReadSettings;
using forge::lsp::test::did_open;
using forge::lsp::test::find_code;
using forge::lsp::test::ForgeFiles;
using forge::lsp::test::has_code;
using forge::lsp::test::Json;
using forge::lsp::test::ServerProcess;
using forge::lsp::test::TemporaryForge;

namespace {

constexpr const char* refs_path = "releases/2025.2/source-refs.yaml";

TemporaryForge small_forge() {
  return TemporaryForge(
      ForgeFiles{{refs_path, "keystone: 28.0\n"}, {"forge.yaml", "rules:\n  ref-not-string: hint\n"}});
}

Json can_be_asked() {
  return {{"workspace", {{"configuration", true}, {"didChangeConfiguration", {{"dynamicRegistration", true}}}}}};
}

auto method(const std::string& name) {
  return [name](const Json& message) { return message.value("method", "") == name; };
}

/// Answers the next question for settings; the question.
Json answer(ServerProcess& server, const Json& section) {
  const Json question = server.wait_for("workspace/configuration", method("workspace/configuration"));
  server.send({{"id", question["id"]}, {"result", Json::array({section})}});
  return question["params"];
}

auto severity_of(int severity) {
  return [severity](const Json& params) {
    return has_code(params["diagnostics"], "ref-not-string") &&
           find_code(params["diagnostics"], "ref-not-string")["severity"] == severity;
  };
}

}  // namespace

TEST_CASE("settings: asked for each root once the client is initialized, before anything is said about it") {
  const TemporaryForge forge = small_forge();
  const std::string uri = forge.uri(refs_path);
  ServerProcess server;
  server.initialize(can_be_asked(), forge.uri());
  const Json question = answer(server, {{"rules", {{"ref-not-string", "warning"}}}});
  CHECK(question["items"] == Json::array({{{"scopeUri", forge.uri()}, {"section", "forge"}}}));
  const Json registered = server.wait_for("a registration", method("client/registerCapability"));
  CHECK(registered["params"]["registrations"][0]["method"] == "workspace/didChangeConfiguration");
  const Json first = server.published(uri, [](const Json& params) { return !params["diagnostics"].empty(); });
  CHECK(find_code(first["diagnostics"], "ref-not-string")["severity"] == 2);

  server.notify("workspace/didChangeConfiguration", {{"settings", nullptr}});
  answer(server, {{"rules", {{"ref-not-string", "off"}}}});
  server.published(uri, [](const Json& params) { return !has_code(params["diagnostics"], "ref-not-string"); });
  server.notify("workspace/didChangeConfiguration", {{"settings", nullptr}});
  answer(server, nullptr);
  server.published(uri, severity_of(4));
}

TEST_CASE("settings: a client that does not answer has none") {
  const TemporaryForge forge = small_forge();
  ServerProcess server;
  server.initialize(can_be_asked(), forge.uri());
  server.published(forge.uri(refs_path), severity_of(4));
}

TEST_CASE("settings: a client that can't be asked tells them; wrong ones are said once and left out") {
  const TemporaryForge forge = small_forge();
  const std::string uri = forge.uri(refs_path);
  ServerProcess server;
  server.initialize({}, forge.uri());
  server.published(uri, severity_of(4));
  const Json settings = {{"forge", {{"rules", {{"ref-not-string", "info"}, {"ref-behnid", "off"}}}, {"codeLens", 1}}}};
  server.notify("workspace/didChangeConfiguration", {{"settings", settings}});
  server.published(uri, severity_of(3));
  const auto shown = method("window/showMessage");
  const std::string first = server.wait_for("a message", shown)["params"]["message"];
  const std::string second = server.wait_for("a message", shown)["params"]["message"];
  CHECK(first.find("codeLens") != std::string::npos);
  CHECK(second.find("did you mean `ref-behind`?") != std::string::npos);
  server.notify("workspace/didChangeConfiguration", {{"settings", settings}});
  server.ask("textDocument/hover", {{"textDocument", {{"uri", uri}}}, {"position", {{"line", 0}, {"character", 0}}}});
  CHECK(std::ranges::none_of(server.pending(), shown));
}

TEST_CASE("settings: the keys of forge.yaml, each by itself; what is empty is not set") {
  const ReadSettings read = read_settings({{"upstream", "https://x.example/{component}"},
                                           {"index", ""},
                                           {"target", {{"python", "3.13"}, {"distro", nullptr}}},
                                           {"registry", Json::array()},
                                           {"rules", {{"ref-behind", false}}},
                                           {"server", {{"path", "/x"}}},
                                           {"inlayHints", false}});
  CHECK(read.problems.empty());
  CHECK(!read.settings.inlay_hints);
  forge::formats::ForgeConfig own;
  own.index = "/own";
  own.rules["ref-is-branch"] = forge::Severity::error;
  const forge::formats::ForgeConfig config = read.settings.over(own);
  CHECK(config.upstream == "https://x.example/{component}");
  CHECK(config.index == "/own");
  CHECK(config.python == "3.13");
  CHECK(config.rules.at("ref-behind") == forge::Severity::off);
  CHECK(config.rules.at("ref-is-branch") == forge::Severity::error);
}

TEST_CASE("settings: odd ones never throw") {
  for (const char* text : {"3", "[]", R"({"rules": 3, "target": "x", "upstreams": [1]})",
                           R"({"rules": {"ref-behind": {"a": {"b": {"c": {"d": {"e": 1}}}}}}})",
                           R"({"upstream": "a\u0000b\ud83d\ude00 {component}: [*&!%@`"})"}) {
    CAPTURE(text);
    const ReadSettings read = read_settings(Json::parse(text));
    (void)read.settings.over({});
  }
  CHECK(read_settings(Json::parse("3")).problems.size() == 1);
  CHECK(read_settings(Json::parse(R"({"target": "x"})")).problems.size() == 1);
  CHECK(read_settings(nullptr).problems.empty());
}
