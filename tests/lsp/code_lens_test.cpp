/// Lenses and inlay hints through the real executable, on a real repository.
#include <algorithm>
#include <ostream>
#include <string>

#include <doctest/doctest.h>

#include "tests/lsp/server_process.hpp"
#include "tests/support/git_fixture.hpp"

using forge::lsp::test::did_change;
using forge::lsp::test::did_open;
using forge::lsp::test::ForgeFiles;
using forge::lsp::test::Json;
using forge::lsp::test::ServerProcess;
using forge::lsp::test::TemporaryForge;
using forge::support::GitFixture;
using forge::support::GitStream;

namespace {

constexpr const char* refs_path = "releases/2025.2/source-refs.yaml";
constexpr const char* patch_path = "patches/keystone/2025.2/0001-x.patch";
constexpr const char* patch_text = "--- a/a.txt\n+++ b/a.txt\n@@ -3 +3 @@\n-one\n+uno\n";

GitFixture keystone() {
  GitStream stream;
  const int first = stream.commit({.message = "One", .files = {{"a.txt", "zero\none\n"}}});
  const int second = stream.commit({.message = "Two", .files = {{"b.txt", "two\n"}}});
  stream.tag("28.0.0", first).tag("28.0.1", second).branch("stable/2025.2", second);
  return GitFixture(stream);
}

TemporaryForge forge_on(const GitFixture& upstream) {
  return TemporaryForge(ForgeFiles{{refs_path, "keystone: \"28.0.0\"\n"},
                                   {patch_path, patch_text},
                                   {"forge.yaml", "upstreams:\n  keystone: \"" + upstream.path() + "\"\n"}});
}

Json with_refresh() {
  return {{"workspace", {{"codeLens", {{"refreshSupport", true}}}, {"inlayHint", {{"refreshSupport", true}}}}}};
}

Json lenses(ServerProcess& server, const std::string& uri) {
  return server.ask("textDocument/codeLens", {{"textDocument", {{"uri", uri}}}})["result"];
}

Json resolved(ServerProcess& server, const Json& lens) {
  return server.ask("codeLens/resolve", lens)["result"];
}

Json hints(ServerProcess& server, const std::string& uri, int last_line = 9) {
  const Json range = {{"start", {{"line", 0}, {"character", 0}}}, {"end", {{"line", last_line}, {"character", 0}}}};
  return server.ask("textDocument/inlayHint", {{"textDocument", {{"uri", uri}}}, {"range", range}})["result"];
}

auto method(const std::string& name) {
  return [name](const Json& message) { return message.value("method", "") == name; };
}

/// Answers the server's request, so that it goes on.
void accept(ServerProcess& server, const std::string& name) {
  const Json request = server.wait_for(name, method(name));
  server.send({{"id", request["id"]}, {"result", nullptr}});
}

}  // namespace

TEST_CASE("code lens: resolved when git has answered, at hand afterwards") {
  const GitFixture upstream = keystone();
  const TemporaryForge forge = forge_on(upstream);
  ServerProcess server;
  const Json can = server.initialize({}, forge.uri());
  CHECK(can["capabilities"]["codeLensProvider"]["resolveProvider"] == true);
  const Json first = lenses(server, forge.uri(refs_path));
  REQUIRE(first.size() == 2);
  const Json top = resolved(server, first[0]);
  CHECK(top["command"] == Json{{"title", "1 component · 1 outdated"}, {"command", ""}});
  CHECK(top["range"]["start"] == Json{{"line", 0}, {"character", 0}});
  CHECK(resolved(server, first[1])["command"]["title"] == "1 patch: 1 applies");

  const Json patch = lenses(server, forge.uri(patch_path));
  REQUIRE(patch.size() == 1);
  CHECK(patch[0]["command"]["title"] == "applies to keystone@28.0.0 · 1 hunk · offset -1");
  CHECK(lenses(server, forge.uri("forge.yaml")) == Json::array());
}

TEST_CASE("code lens: while typing the last answer stays, with a mark where it may be wrong, and a refresh follows") {
  const GitFixture upstream = keystone();
  const TemporaryForge forge = forge_on(upstream);
  const std::string uri = forge.uri(refs_path);
  ServerProcess server;
  server.initialize(with_refresh(), forge.uri());
  server.notify("textDocument/didOpen", did_open(uri, "keystone: \"28.0.0\"\n"));
  resolved(server, lenses(server, uri)[0]);
  bool stale = false;
  for (int version = 2; version < 12; ++version) {
    const std::string ref = version % 2 == 0 ? "28.0.1" : "28.0.0";
    server.notify("textDocument/didChange", did_change(uri, "keystone: \"" + ref + "\"\n", version));
    const Json now = lenses(server, uri);
    REQUIRE(now.size() == 2);
    for (const Json& lens : now) {
      REQUIRE(lens.contains("command"));
      const std::string title = lens["command"]["title"];
      CHECK(!title.empty());
      stale = stale || title.ends_with("…");
    }
  }
  CHECK(stale);
  accept(server, "workspace/codeLens/refresh");
  server.notify("textDocument/didChange", did_change(uri, "keystone: \"28.0.1\"\n", 12));
  CHECK(resolved(server, lenses(server, uri)[0])["command"]["title"] == "1 component");
}

TEST_CASE("code lens: a comment changes no answer, so nothing is marked and nothing refreshed") {
  const GitFixture upstream = keystone();
  const TemporaryForge forge = forge_on(upstream);
  const std::string uri = forge.uri(refs_path);
  ServerProcess server;
  server.initialize(with_refresh(), forge.uri());
  server.notify("textDocument/didOpen", did_open(uri, "keystone: \"28.0.0\"\n"));
  const Json first = lenses(server, uri)[0];
  const Json before = resolved(server, first);
  // Unless git was quicker than the question.
  if (!first.contains("command")) accept(server, "workspace/codeLens/refresh");
  server.notify("textDocument/didChange", did_change(uri, "# why\nkeystone: \"28.0.0\"\n", 2));
  CHECK(lenses(server, uri)[0]["command"] == before["command"]);
  resolved(server, lenses(server, uri)[0]);
  CHECK(std::ranges::none_of(server.pending(), method("workspace/codeLens/refresh")));
}

TEST_CASE("code lens: a client without refresh gets no stale title and no refresh") {
  const GitFixture upstream = keystone();
  const TemporaryForge forge = forge_on(upstream);
  const std::string uri = forge.uri(refs_path);
  ServerProcess server;
  server.initialize({}, forge.uri());
  server.notify("textDocument/didOpen", did_open(uri, "keystone: \"28.0.0\"\n"));
  resolved(server, lenses(server, uri)[0]);
  server.notify("textDocument/didChange", did_change(uri, "keystone: \"28.0.1\"\n", 2));
  const Json lens = lenses(server, uri)[0];
  if (lens.contains("command")) CHECK(lens["command"]["title"] == "1 component");
  CHECK(resolved(server, lens)["command"]["title"] == "1 component");
  CHECK(std::ranges::none_of(server.pending(), method("workspace/codeLens/refresh")));
  CHECK(std::ranges::none_of(server.pending(), method("workspace/inlayHint/refresh")));
}

TEST_CASE("code lens: a command of the client only where it says that it has it") {
  const GitFixture upstream = keystone();
  const TemporaryForge forge = forge_on(upstream);
  ServerProcess server;
  server.ask("initialize", {{"processId", nullptr},
                            {"rootUri", forge.uri()},
                            {"capabilities", Json::object()},
                            {"initializationOptions", {{"commands", {"forge.showPatches"}}}}});
  server.notify("initialized", Json::object());
  const Json lens = resolved(server, lenses(server, forge.uri(refs_path))[1]);
  CHECK(lens["command"]["command"] == "forge.showPatches");
  CHECK(lens["command"]["arguments"] == Json::array({Json::array({forge.uri(patch_path)})}));
}

TEST_CASE("inlay hints: what is newer than a ref, in the asked range, with a tooltip by resolve") {
  const GitFixture upstream = keystone();
  const TemporaryForge forge = forge_on(upstream);
  const std::string uri = forge.uri(refs_path);
  ServerProcess server;
  Json capabilities = with_refresh();
  capabilities["textDocument"]["inlayHint"]["resolveSupport"]["properties"] = {"tooltip"};
  server.initialize(capabilities, forge.uri());
  const std::string text = "# \xF0\x9F\x98\x80\n\n\nkeystone: \"28.0.0\" # \xF0\x9F\x98\x80\n";
  server.notify("textDocument/didOpen", did_open(uri, text));
  if (hints(server, uri).empty()) accept(server, "workspace/inlayHint/refresh");
  const Json found = hints(server, uri);
  REQUIRE(found.size() == 1);
  CHECK(found[0]["label"] == "-> 28.0.1");
  CHECK(found[0]["position"] == Json{{"line", 3}, {"character", 18}});
  CHECK(found[0]["textEdits"][0]["newText"] == "28.0.1");
  CHECK(!found[0].contains("tooltip"));
  const Json resolved = server.ask("inlayHint/resolve", found[0])["result"];
  CHECK(resolved["tooltip"].get<std::string>().find("newer in this series: 28.0.1 (2025-01-01)") != std::string::npos);
  CHECK(hints(server, uri, 2).empty());
}

TEST_CASE("settings: lenses and hints can be switched off, and on again") {
  const GitFixture upstream = keystone();
  const TemporaryForge forge = forge_on(upstream);
  const std::string uri = forge.uri(refs_path);
  ServerProcess server;
  server.initialize(with_refresh(), forge.uri());
  resolved(server, lenses(server, uri)[0]);
  const auto tell = [&](bool on) {
    server.notify("workspace/didChangeConfiguration",
                  {{"settings", {{"forge", {{"codeLens", on}, {"inlayHints", on}}}}}});
  };
  tell(false);
  CHECK(lenses(server, uri).empty());
  CHECK(hints(server, uri).empty());
  tell(true);
  CHECK(lenses(server, uri).size() == 2);
}
