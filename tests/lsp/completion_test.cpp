/// Completion through the real executable, on a real repository.
#include <algorithm>
#include <ostream>
#include <string>

#include <doctest/doctest.h>

#include "tests/lsp/server_process.hpp"
#include "tests/support/keystone.hpp"

using forge::lsp::test::at;
using forge::lsp::test::did_change;
using forge::lsp::test::did_open;
using forge::lsp::test::ForgeFiles;
using forge::lsp::test::Json;
using forge::lsp::test::ServerProcess;
using forge::lsp::test::TemporaryForge;
using forge::support::GitFixture;
using forge::support::keystone;

namespace {

constexpr const char* refs_path = "releases/2025.2/source-refs.yaml";

Json completion_client(const Json& item) {
  return {{"textDocument", {{"completion", {{"completionItem", item}}}}}};
}

}  // namespace

TEST_CASE("completion: refs in a line that is broken, newest first, and what one of them is") {
  const GitFixture upstream = keystone();
  const TemporaryForge forge(ForgeFiles{{refs_path, "keystone: \"28.0.0\"\n"},
                                        {"forge.yaml", "upstreams:\n  keystone: \"" + upstream.path() + "\"\n"}});
  const std::string uri = forge.uri(refs_path);
  for (const bool modern : {true, false}) {
    ServerProcess server;
    const Json can =
        modern ? Json{{"labelDetailsSupport", true}, {"documentationFormat", {"markdown"}}} : Json::object();
    server.initialize(completion_client(can), forge.uri());
    server.notify("textDocument/didOpen", did_open(uri, "# \xF0\x9F\x98\x80\nnova: [\nkeystone: \"2\nx: \"1\"\n"));
    const Json list = server.ask("textDocument/completion", at(uri, 2, 12))["result"];
    CHECK(list["isIncomplete"] == false);
    REQUIRE(list["items"].size() >= 2);
    const Json item = list["items"][0];
    CHECK(item["label"] == "28.0.1");
    CHECK(item["sortText"] < list["items"][1]["sortText"]);
    CHECK(item["textEdit"]["newText"] == "28.0.1\"");
    CHECK(item["textEdit"]["range"]["start"] == Json{{"line", 2}, {"character", 11}});
    CHECK(item["textEdit"]["range"]["end"] == Json{{"line", 2}, {"character", 12}});
    const std::string detail = modern ? item["labelDetails"]["description"] : item["detail"];
    CHECK(detail == "2025-01-01 · at the head");
    const Json resolved = server.ask("completionItem/resolve", item)["result"];
    CHECK(resolved["label"] == "28.0.1");
    CHECK(resolved["documentation"]["kind"] == (modern ? "markdown" : "plaintext"));
    const std::string words = resolved["documentation"]["value"];
    CHECK(words.find("tag") != std::string::npos);
    CHECK(words.find("the head of ") != std::string::npos);
  }
}

TEST_CASE("completion: a key is a snippet only for clients that know them") {
  const TemporaryForge forge(ForgeFiles{
      {refs_path, "nova: \"1\"\n"}, {"images/nova/Dockerfile", "FROM x\n"}, {"patches/lib/2025.2/1.patch", ""}});
  const std::string uri = forge.uri(refs_path);
  for (const bool snippets : {true, false}) {
    ServerProcess server;
    server.initialize(completion_client({{"snippetSupport", snippets}}), forge.uri());
    server.notify("textDocument/didOpen", did_open(uri, "nova: \"1\"\nl"));
    const Json items = server.ask("textDocument/completion", at(uri, 1, 1))["result"]["items"];
    REQUIRE(items.size() == 1);
    CHECK(items[0]["textEdit"]["newText"] == (snippets ? "lib: \"$1\"" : "lib: \"\""));
    CHECK(items[0].contains("insertTextFormat") == snippets);
  }
}

TEST_CASE("completion: a request sees every change that was sent before it") {
  const GitFixture upstream = keystone();
  const TemporaryForge forge(ForgeFiles{{refs_path, "keystone: \"28.0.0\"\n"},
                                        {"forge.yaml", "upstreams:\n  keystone: \"" + upstream.path() + "\"\n"}});
  const std::string uri = forge.uri(refs_path);
  ServerProcess server;
  server.initialize({}, forge.uri());
  server.notify("textDocument/didOpen", did_open(uri, "keystone: \"\"\n"));
  for (int version = 2; version < 20; ++version) {
    const std::string typed = version % 2 == 0 ? "28" : "sta";
    server.notify("textDocument/didChange", did_change(uri, "keystone: \"" + typed + "\"\n", version));
    const Json items =
        server.ask("textDocument/completion", at(uri, 0, 11 + static_cast<int>(typed.size())))["result"]["items"];
    REQUIRE(!items.empty());
    CHECK(items[0]["label"] == (version % 2 == 0 ? "28.0.1" : "stable/2025.2"));
  }
}

TEST_CASE("completion: an item that can't be resolved is an invalid parameter, not the end") {
  const TemporaryForge forge(ForgeFiles{{refs_path, "nova: \"1\"\n"}});
  ServerProcess server;
  server.initialize({}, forge.uri());
  CHECK(server.ask("completionItem/resolve", {{"label", "x"}})["error"]["code"] == -32602);
  const Json odd = {{"label", "x"},
                    {"data", {{"uri", forge.uri(refs_path)}, {"kind", 77}, {"component", "../x"}, {"label", "y"}}}};
  CHECK(server.ask("completionItem/resolve", odd)["result"]["label"] == "x");
}
