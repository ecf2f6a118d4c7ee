/// The server's own methods: what views beside the text are drawn from.
#include <algorithm>
#include <chrono>
#include <ostream>
#include <string>

#include <doctest/doctest.h>

#include "tests/lsp/server_process.hpp"
#include "tests/support/git_fixture.hpp"

using forge::lsp::test::did_open;
using forge::lsp::test::ForgeFiles;
using forge::lsp::test::Json;
using forge::lsp::test::ServerProcess;
using forge::lsp::test::TemporaryForge;
using forge::support::GitFixture;
using forge::support::GitStream;

namespace {

constexpr const char* refs_path = "releases/2025.2/source-refs.yaml";
constexpr const char* patch_path = "patches/keystone/2025.2/0001-a.patch";

GitFixture keystone() {
  GitStream stream;
  const int first = stream.commit({.message = "One", .files = {{"a.txt", "one\n"}}});
  stream.tag("28.0.0", first).branch("stable/2025.2", first);
  return GitFixture(stream);
}

TemporaryForge forge_on(const GitFixture& upstream) {
  return TemporaryForge(
      ForgeFiles{{refs_path, "keystone: \"28.0.0\"\n"},
                 {"forge.yaml", "upstreams:\n  keystone: \"" + upstream.path() + "\"\n"},
                 {"images/keystone/Dockerfile", "FROM scratch\nCOPY --from=keystone / /\n"},
                 {patch_path,
                  "From: A <a@example.org>\nSubject: a\n\n---\ndiff --git a/a.txt b/a.txt\n--- a/a.txt\n+++ "
                  "b/a.txt\n@@ -1 +1 @@\n-two\n+three\n"}});
}

}  // namespace

TEST_CASE("views: an overview, at once what is known and the rest after a notification") {
  const GitFixture upstream = keystone();
  const TemporaryForge forge = forge_on(upstream);
  ServerProcess server;
  const auto id = server.request(
      "initialize",
      {{"capabilities", Json::object()}, {"rootUri", forge.uri()}, {"initializationOptions", {{"overview", true}}}});
  server.response(id);
  server.notify("initialized", Json::object());
  server.wait_for("news", [](const Json& message) { return message.value("method", "") == "forge/overviewChanged"; });
  const Json overview = server.ask("forge/overview", Json::object())["result"];
  REQUIRE(overview["forges"].size() == 1);
  const Json& one = overview["forges"][0];
  CHECK(one["uri"] == forge.uri());
  CHECK(one["checked"] == true);
  const Json& component = one["releases"][0]["components"][0];
  CHECK(component["name"] == "keystone");
  CHECK(component["service"] == true);
  CHECK(component["kind"] == "tag");
  CHECK(component["state"] == "error");
  CHECK(component["uri"] == forge.uri(refs_path));
  CHECK(component["range"]["end"] == Json{{"line", 0}, {"character", 8}});
  CHECK(component["patches"][0]["state"] == "conflict");
  CHECK(component["patches"][0]["uri"] == forge.uri(patch_path));
}

TEST_CASE("views: nothing is said of overviews to a client that did not ask for it") {
  const GitFixture upstream = keystone();
  const TemporaryForge forge = forge_on(upstream);
  ServerProcess server;
  server.initialize({}, forge.uri());
  server.notify("textDocument/didOpen", did_open(forge.uri(refs_path), "keystone: \"28.0.9\"\n"));
  // Such news would come a moment behind the first complete look, so looks go on for longer than that.
  const auto enough = std::chrono::steady_clock::now() + std::chrono::milliseconds(600);
  while (std::chrono::steady_clock::now() < enough)
    server.ask("workspace/executeCommand", {{"command", "forge.checkWorkspace"}});
  CHECK(std::ranges::none_of(
      server.pending(), [](const Json& message) { return message.value("method", "") == "forge/overviewChanged"; }));
}

TEST_CASE("views: expected and found of a hunk") {
  const GitFixture upstream = keystone();
  const TemporaryForge forge = forge_on(upstream);
  ServerProcess server;
  server.initialize({}, forge.uri());
  const auto compare = [&](const std::string& path) {
    return server.ask("forge/compare",
                      {{"textDocument", {{"uri", forge.uri(path)}}}, {"position", {{"line", 8}, {"character", 0}}}});
  };
  const Json found = compare(patch_path)["result"];
  CHECK(found["path"] == "a.txt");
  CHECK(found["ref"] == "28.0.0");
  CHECK(found["expected"] == Json{{"text", "two\n"}, {"line", 1}});
  CHECK(found["found"] == Json{{"text", "one\n"}, {"line", 1}});
  CHECK(found["applies"] == false);
  CHECK(compare(refs_path)["result"].is_null());
  CHECK(server.ask("forge/compare", {{"textDocument", {{"uri", forge.uri(patch_path)}}}})["error"]["code"] == -32602);
}

TEST_CASE("views: the plan as a graph, and what blocks it") {
  const GitFixture upstream = keystone();
  const TemporaryForge forge = forge_on(upstream);
  ServerProcess server;
  server.initialize({}, forge.uri());
  const Json plan = server.ask("forge/plan", {{"uri", forge.uri()}, {"release", "2025.2"}})["result"];
  const auto target = std::ranges::find_if(plan["nodes"], [](const Json& node) { return node["kind"] == "service"; });
  REQUIRE(target != plan["nodes"].end());
  CHECK((*target)["state"] == "blocked");
  CHECK((*target)["uri"] == forge.uri("images/keystone/Dockerfile"));
  CHECK_FALSE((*target)["problems"].empty());
  const auto source = std::ranges::find_if(plan["nodes"], [](const Json& node) { return node["kind"] == "source"; });
  REQUIRE(source != plan["nodes"].end());
  CHECK((*source)["uri"] == forge.uri(refs_path));
  CHECK_FALSE(plan["edges"].empty());
  CHECK_FALSE(server.ask("forge/plan", {{"uri", forge.uri()}, {"release", "none"}})["result"]["problems"].empty());
  CHECK(server.ask("forge/plan", {{"uri", "file:///nowhere"}})["result"].is_null());
}

TEST_CASE("views: the audit's page") {
  const GitFixture upstream = keystone();
  const TemporaryForge forge = forge_on(upstream);
  ServerProcess server;
  server.initialize({}, forge.uri());
  const Json audit = server.ask("forge/audit", {{"uri", forge.uri()}, {"release", "2025.2"}})["result"];
  CHECK(audit["verdict"] == "not ready");
  CHECK(audit["html"].get<std::string>().starts_with("<!DOCTYPE html>"));
  CHECK(server.ask("forge/audit", {{"uri", forge.uri()}, {"release", "none"}})["result"].is_null());
}
