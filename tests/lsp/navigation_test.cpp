/// Symbols, folds, links, definitions, references and upstream files through the real executable.
#include <algorithm>
#include <ostream>
#include <string>

#include <doctest/doctest.h>

#include "tests/lsp/server_process.hpp"
#include "tests/support/git_fixture.hpp"

using forge::lsp::test::at;
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
constexpr const char* patch =
    "Subject: [PATCH] \xF0\x9F\x98\x80 Closes LP#123456\n\nCloses-Bug: #2012345\n---\n"
    "diff --git a/dir/a.txt b/dir/a.txt\n--- a/dir/a.txt\n+++ b/dir/a.txt\n@@ -1,2 +1,2 @@\n one\n-two\n+deux\n";

GitFixture keystone() {
  GitStream stream;
  const int first = stream.commit({.message = "One", .files = {{"dir/a.txt", "one\ntwo\n"}}});
  stream.tag("28.0.0", first).branch("stable/2025.2", first);
  return GitFixture(stream);
}

TemporaryForge forge_on(const GitFixture& upstream) {
  return TemporaryForge(ForgeFiles{{refs_path, "keystone: \"28.0.0\"\n"},
                                   {patch_path, patch},
                                   {"images/keystone/Dockerfile", "FROM keystone\n"},
                                   {"forge.yaml", "upstreams:\n  keystone: \"" + upstream.path() + "\"\n"}});
}

Json document(const std::string& uri) {
  return {{"textDocument", {{"uri", uri}}}};
}

Json position(int line, int character) {
  return {{"line", line}, {"character", character}};
}

/// initialize with options, since the server reads them there.
void begin(ServerProcess& server, const TemporaryForge& forge, const Json& capabilities, const Json& options) {
  server.ask("initialize", {{"processId", nullptr},
                            {"rootUri", forge.uri()},
                            {"capabilities", capabilities},
                            {"initializationOptions", options}});
  server.notify("initialized", Json::object());
}

}  // namespace

TEST_CASE("document symbols: nested where the client can, else flat; in the encoding that was agreed on") {
  const GitFixture upstream = keystone();
  const TemporaryForge forge = forge_on(upstream);
  const std::string uri = forge.uri(patch_path);
  {
    ServerProcess server;
    server.initialize({{"textDocument", {{"documentSymbol", {{"hierarchicalDocumentSymbolSupport", true}}}}}},
                      forge.uri());
    const Json symbols = server.ask("textDocument/documentSymbol", document(uri))["result"];
    REQUIRE(symbols.size() == 1);
    CHECK(symbols[0]["name"] == "dir/a.txt");
    CHECK(symbols[0]["children"][0]["name"] == "@@ -1,2 +1,2 @@");
    CHECK(symbols[0]["children"][0]["selectionRange"]["start"] == position(7, 0));
  }
  ServerProcess server;
  server.initialize({}, forge.uri());
  const Json symbols = server.ask("textDocument/documentSymbol", document(uri))["result"];
  REQUIRE(symbols.size() == 2);
  CHECK(symbols[1]["containerName"] == "dir/a.txt");
  CHECK(symbols[1]["location"]["uri"] == uri);
}

TEST_CASE("links and folds: ranges in UTF-16 behind an emoji, no more folds than the client takes") {
  const GitFixture upstream = keystone();
  const TemporaryForge forge = forge_on(upstream);
  ServerProcess server;
  server.initialize({{"textDocument", {{"foldingRange", {{"rangeLimit", 1}}}}}}, forge.uri());
  const Json links = server.ask("textDocument/documentLink", document(forge.uri(patch_path)))["result"];
  REQUIRE(links.size() == 2);
  CHECK(links[0]["target"] == "https://bugs.launchpad.net/bugs/123456");
  CHECK(links[0]["range"]["start"] == position(0, 29));
  CHECK(!links[0].contains("tooltip"));
  CHECK(server.ask("textDocument/foldingRange", document(forge.uri(patch_path)))["result"].size() == 1);
}

TEST_CASE("definition: links or locations, and files of the upstream only for those who can show them") {
  const GitFixture upstream = keystone();
  const TemporaryForge forge = forge_on(upstream);
  const std::string uri = forge.uri(patch_path);
  {
    ServerProcess server;
    server.initialize({}, forge.uri());
    CHECK(server.ask("textDocument/definition", at(uri, 7, 3))["result"].is_null());
    const Json key = server.ask("textDocument/definition", at(forge.uri(refs_path), 0, 2))["result"];
    REQUIRE(key.size() == 2);
    CHECK(key[0]["uri"] == forge.uri("images/keystone/Dockerfile"));
    CHECK(key[1]["uri"] == uri);
    CHECK(key[1]["range"]["start"] == position(0, 9));
  }
  ServerProcess server;
  begin(server, forge, {{"textDocument", {{"definition", {{"linkSupport", true}}}}}}, {{"content", true}});
  const Json found = server.ask("textDocument/definition", at(uri, 9, 2))["result"];
  REQUIRE(found.size() == 1);
  const std::string target = found[0]["targetUri"];
  CHECK(target.starts_with("forge:/keystone/"));
  CHECK(found[0]["targetRange"]["start"] == position(1, 0));
  CHECK(found[0]["originSelectionRange"]["start"] == position(9, 0));
  CHECK(server.ask("forge/content", {{"uri", target}})["result"]["text"] == "one\ntwo\n");
}

TEST_CASE("forge/content: never anything but a file of the component's tree at a commit") {
  const GitFixture upstream = keystone();
  const TemporaryForge forge = forge_on(upstream);
  ServerProcess server;
  begin(server, forge, {}, {{"content", true}});
  const std::string commit = upstream.git("rev-parse 28.0.0");
  const std::string root = "?root=" + forge.uri();
  const std::string base = "forge:/keystone/" + commit.substr(0, 40);
  CHECK(server.ask("forge/content", {{"uri", base + "/dir/a.txt" + root}})["result"]["text"] == "one\ntwo\n");
  CHECK(server.ask("forge/content", {{"uri", base + "/dir%2Fa.txt?root%3D" + forge.uri()}})["result"]["text"] ==
        "one\ntwo\n");
  for (const std::string& path : {std::string("/../../../etc/passwd"), std::string("//etc/passwd"), std::string("/dir"),
                                  std::string("/"), std::string("/dir/./a.txt")})
    CHECK(server.ask("forge/content", {{"uri", base + path + root}})["result"].is_null());
  for (const std::string& uri :
       {std::string("forge:/keystone/28.0.0/dir/a.txt" + root), std::string("forge:/..%2Fkeystone/x/y" + root),
        base + "/dir/a.txt", std::string("file:///etc/passwd"), base + "/dir/a.txt?root=file:///nowhere",
        std::string("forge:"), std::string()})
    CHECK(server.ask("forge/content", {{"uri", uri}})["result"].is_null());
  CHECK(server.ask("forge/content", Json::object())["error"]["code"] == -32602);
}

TEST_CASE("references, highlights, workspace symbols: from open documents first") {
  const GitFixture upstream = keystone();
  const TemporaryForge forge = forge_on(upstream);
  const std::string uri = forge.uri(refs_path);
  ServerProcess server;
  server.initialize({}, forge.uri());
  server.notify("textDocument/didOpen", did_open(uri, "# more\nkeystone: \"28.0.0\"\nnova: \"1\"\n"));
  Json params = at(uri, 1, 3);
  params["context"] = {{"includeDeclaration", true}};
  const Json references = server.ask("textDocument/references", params)["result"];
  REQUIRE(!references.empty());
  CHECK(references[0]["range"]["start"] == position(1, 0));
  CHECK(std::ranges::any_of(references, [&](const Json& r) { return r["uri"] == forge.uri(patch_path); }));
  CHECK(server.ask("textDocument/documentHighlight", at(uri, 1, 3))["result"].size() == 2);
  const Json symbols = server.ask("workspace/symbol", {{"query", "nov"}})["result"];
  REQUIRE(symbols.size() == 1);
  CHECK(symbols[0]["location"]["uri"] == uri);
}

TEST_CASE("navigation: odd positions and documents are answered") {
  const GitFixture upstream = keystone();
  const TemporaryForge forge = forge_on(upstream);
  ServerProcess server;
  server.initialize({}, forge.uri());
  for (const char* method : {"textDocument/definition", "textDocument/references", "textDocument/documentHighlight",
                             "textDocument/completion", "textDocument/hover"}) {
    for (const std::string& uri :
         {forge.uri(refs_path), forge.uri(patch_path), forge.uri("none"), std::string("untitled:x")})
      for (const int line : {0, 3, 9, 1'000'000})
        CHECK(server.ask(method, at(uri, line, 4'000'000)).contains("result"));
    CHECK(server.ask(method, {{"textDocument", {{"uri", forge.uri(refs_path)}}}})["error"]["code"] == -32602);
  }
}
