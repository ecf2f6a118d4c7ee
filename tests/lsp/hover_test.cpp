/// Hover and git's findings through the real executable, on a real repository.
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
using forge::lsp::test::has_code;
using forge::lsp::test::Json;
using forge::lsp::test::ServerProcess;
using forge::lsp::test::TemporaryForge;
using forge::support::GitFixture;
using forge::support::keystone;

namespace {

constexpr const char* refs_path = "releases/2025.2/source-refs.yaml";

TemporaryForge forge_on(const GitFixture& upstream) {
  return TemporaryForge(ForgeFiles{{refs_path, "keystone: \"28.0.0\"\n"},
                                   {"forge.yaml", "upstreams:\n  keystone: \"" + upstream.path() + "\"\n"}});
}

auto with(const std::string& code) {
  return [code](const Json& params) { return has_code(params["diagnostics"], code); };
}

}  // namespace

TEST_CASE("hover: on a ref, as Markdown or as plain text, whichever the client takes") {
  const GitFixture upstream = keystone();
  const TemporaryForge forge = forge_on(upstream);
  const std::string uri = forge.uri(refs_path);
  for (const bool markdown : {true, false}) {
    ServerProcess server;
    server.initialize({{"textDocument", {{"hover", {{"contentFormat", {markdown ? "markdown" : "plaintext"}}}}}}},
                      forge.uri());
    server.notify("textDocument/didOpen", did_open(uri, "# \xF0\x9F\x98\x80\nkeystone: \"28.0.0\"\n"));
    const Json hover = server.ask("textDocument/hover", at(uri, 1, 12))["result"];
    CHECK(hover["contents"]["kind"] == (markdown ? "markdown" : "plaintext"));
    const std::string text = hover["contents"]["value"];
    CHECK(text.find(markdown ? "**keystone** `28.0.0`: tag" : "keystone 28.0.0: tag") == 0);
    CHECK(text.find("2025-01-01") != std::string::npos);
    CHECK(hover["range"]["start"] == Json{{"line", 1}, {"character", 10}});
    CHECK(hover["range"]["end"] == Json{{"line", 1}, {"character", 18}});
    CHECK(server.ask("textDocument/hover", at(uri, 0, 1))["result"].is_null());
  }
}

TEST_CASE("hover: a request sees every change that was sent before it") {
  const GitFixture upstream = keystone();
  const TemporaryForge forge = forge_on(upstream);
  const std::string uri = forge.uri(refs_path);
  ServerProcess server;
  server.initialize({}, forge.uri());
  server.notify("textDocument/didOpen", did_open(uri, "keystone: \"28.0.0\"\n"));
  for (int version = 2; version < 30; ++version) {
    const std::string ref = version % 2 == 0 ? "28.0.1" : "28.0.0";
    server.notify("textDocument/didChange", did_change(uri, "keystone: \"" + ref + "\"\n", version));
    const Json hover = server.ask("textDocument/hover", at(uri, 0, 12))["result"];
    CHECK(hover["contents"]["value"].get<std::string>().find(ref) != std::string::npos);
  }
}

TEST_CASE("hover: a document that is not open is answered from the disk") {
  const GitFixture upstream = keystone();
  const TemporaryForge forge = forge_on(upstream);
  ServerProcess server;
  server.initialize();
  CHECK(server.ask("textDocument/hover", at(forge.uri(refs_path), 0, 12))["result"].is_object());
  CHECK(server.ask("textDocument/hover", at(forge.uri("releases/2025.2/none.yaml"), 0, 12))["result"].is_null());
  CHECK(server.ask("textDocument/hover", at("untitled:x", 0, 12))["result"].is_null());
}

TEST_CASE("diagnostics: a ref that the upstream lacks is found, and stays while another line is typed") {
  const GitFixture upstream = keystone();
  const TemporaryForge forge = forge_on(upstream);
  const std::string uri = forge.uri(refs_path);
  ServerProcess server;
  server.initialize({}, forge.uri());
  server.notify("textDocument/didOpen", did_open(uri, "keystone: \"28.0.9\"\n"));
  server.published(uri, with("ref-not-found"));
  for (int version = 2; version < 12; ++version)
    server.notify(
        "textDocument/didChange",
        did_change(uri, "# " + std::string(static_cast<std::size_t>(version), 'x') + "\nkeystone: \"28.0.9\"\n",
                   version));
  const Json last = server.published(uri, [](const Json& params) { return params.value("version", 0) == 11; });
  CHECK(has_code(last["diagnostics"], "ref-not-found"));
  for (const Json& message : server.pending()) {
    if (message.value("method", "") != "textDocument/publishDiagnostics" || message["params"]["uri"] != uri) continue;
    if (message["params"].value("version", 0) > 1) CHECK(has_code(message["params"]["diagnostics"], "ref-not-found"));
  }
  server.notify("textDocument/didChange", did_change(uri, "keystone: \"28.0.1\"\n", 12));
  const Json fixed = server.published(uri, [](const Json& params) { return params.value("version", 0) == 12; });
  CHECK(!has_code(fixed["diagnostics"], "ref-not-found"));
}

TEST_CASE("diagnostics: a tag that is made meanwhile is found without a restart") {
  const GitFixture upstream = keystone();
  const TemporaryForge forge = forge_on(upstream);
  const std::string uri = forge.uri(refs_path);
  ServerProcess server;
  server.initialize({}, forge.uri());
  server.notify("textDocument/didOpen", did_open(uri, "keystone: \"28.0.9\"\n"));
  server.published(uri, with("ref-not-found"));
  upstream.git("tag 28.0.9 28.0.1");
  // Repositories are looked at once a second at most, so news of files may have to be sent again.
  for (bool found = true; found;) {
    forge.write("forge.yaml", "upstreams:\n  keystone: \"" + upstream.path() + "\"\n");
    server.notify("textDocument/didSave", {{"textDocument", {{"uri", uri}}}});
    server.ask("textDocument/hover", at(uri, 0, 12));
    const auto published = std::ranges::find_if(server.pending(), [&](const Json& message) {
      return message.value("method", "") == "textDocument/publishDiagnostics" && message["params"]["uri"] == uri &&
             !has_code(message["params"]["diagnostics"], "ref-not-found");
    });
    found = published == server.pending().end();
  }
}
