/// What a user sees while typing, against the real executable.
#include <algorithm>
#include <ostream>
#include <string>

#include <doctest/doctest.h>

#include "tests/lsp/server_process.hpp"

using forge::lsp::frame;
using forge::lsp::test::did_change;
using forge::lsp::test::did_open;
using forge::lsp::test::find_code;
using forge::lsp::test::ForgeFiles;
using forge::lsp::test::has_code;
using forge::lsp::test::Json;
using forge::lsp::test::ServerProcess;
using forge::lsp::test::TemporaryForge;

namespace {

constexpr const char* refs_path = "releases/2025.2/source-refs.yaml";
constexpr const char* overrides_path = "overrides/2025.2/constraints.txt";
constexpr const char* patch_path = "patches/keystone/2025.2/0001-fix.patch";
const std::string good_refs = "keystone: \"28.0.0\"\n";
const std::string good_patch =
    "From 1111111111111111111111111111111111111111 Mon Sep 17 00:00:00 2001\nFrom: A <a@example.org>\n"
    "Date: Mon, 1 Sep 2025 10:00:00 +0000\nSubject: [PATCH] Fix\n\nWhy.\n---\n a.py | 2 +-\n\n"
    "diff --git a/a.py b/a.py\nindex 1111111..2222222 100644\n--- a/a.py\n+++ b/a.py\n"
    "@@ -1,2 +1,2 @@\n one\n-two\n+deux\n--\n2.39.0\n";

TemporaryForge small_forge() {
  return TemporaryForge(ForgeFiles{{refs_path, good_refs},
                                   {"releases/2025.2/upper-constraints.txt", "cryptography===43.0.3\n"},
                                   {"releases/2025.2/extra-packages.yaml", "{}\n"},
                                   {"images/keystone/Dockerfile", "FROM scratch\n"},
                                   {overrides_path, "cryptography===44.0.0\n"},
                                   {patch_path, good_patch}});
}

auto with(const std::string& code) {
  return [code](const Json& params) { return has_code(params["diagnostics"], code); };
}

auto version_is(int version) {
  return [version](const Json& params) { return params.value("version", 0) == version; };
}

Json edit(const std::string& uri, int version, const Json& range, const std::string& text) {
  return {{"textDocument", {{"uri", uri}, {"version", version}}},
          {"contentChanges", Json::array({{{"range", range}, {"text", text}}})}};
}

Json range(int line, int begin, int end) {
  return {{"start", {{"line", line}, {"character", begin}}}, {"end", {{"line", line}, {"character", end}}}};
}

}  // namespace

TEST_CASE("diagnostics: a mistake in source-refs.yaml appears while typing and goes with the next edit") {
  const TemporaryForge forge = small_forge();
  const std::string uri = forge.uri(refs_path);
  ServerProcess server;
  server.initialize({}, forge.uri());
  server.notify("textDocument/didOpen", did_open(uri, "# \xF0\x9F\x98\x80\nkeystone: \"28.0.0\"\n"));
  CHECK(!has_code(server.published(uri, version_is(1))["diagnostics"], "ref-not-string"));

  server.notify("textDocument/didChange", edit(uri, 2, range(1, 10, 18), "28.10"));
  const Json broken = server.published(uri, with("ref-not-string"));
  CHECK(broken["version"] == 2);
  const Json found = find_code(broken["diagnostics"], "ref-not-string");
  CHECK(found["range"] == range(1, 10, 15));
  CHECK(found["severity"] == 1);
  CHECK(found["source"] == "forge-analyze");

  server.notify("textDocument/didChange", edit(uri, 3, range(1, 10, 15), "\"28.0.0\""));
  CHECK(!has_code(server.published(uri, version_is(3))["diagnostics"], "ref-not-string"));
}

TEST_CASE("diagnostics: broken YAML and a key twice are reported at the place") {
  const TemporaryForge forge = small_forge();
  const std::string uri = forge.uri(refs_path);
  ServerProcess server;
  server.initialize({{"textDocument", {{"publishDiagnostics", {{"relatedInformation", true}}}}}}, forge.uri());
  server.notify("textDocument/didOpen", did_open(uri, "keystone: \"28.0.0\"\nkeystone: \"28.0.1\"\n"));
  const Json twice = find_code(server.published(uri, with("file-syntax"))["diagnostics"], "file-syntax");
  CHECK(twice["range"]["start"]["line"] == 1);
  CHECK(twice["relatedInformation"][0]["location"]["uri"] == uri);
}

TEST_CASE("diagnostics: a malformed override appears and goes") {
  const TemporaryForge forge = small_forge();
  const std::string uri = forge.uri(overrides_path);
  ServerProcess server;
  server.initialize({}, forge.uri());
  server.notify("textDocument/didOpen", did_open(uri, "cryptography>=44.0.0\n"));
  server.published(uri, with("override-syntax"));
  server.notify("textDocument/didChange", did_change(uri, "cryptography===44.0.0\n", 2));
  CHECK(!has_code(server.published(uri, version_is(2))["diagnostics"], "override-syntax"));
}

TEST_CASE("diagnostics: a patch whose hunk does not add up appears and goes") {
  const TemporaryForge forge = small_forge();
  const std::string uri = forge.uri(patch_path);
  std::string cut = good_patch;
  cut.replace(cut.find("-1,2 +1,2"), 9, "-1,2 +1,9");
  ServerProcess server;
  server.initialize({}, forge.uri());
  server.notify("textDocument/didOpen", did_open(uri, cut));
  server.published(uri, with("patch-malformed"));
  server.notify("textDocument/didChange", did_change(uri, good_patch, 2));
  CHECK(!has_code(server.published(uri, version_is(2))["diagnostics"], "patch-malformed"));
}

TEST_CASE("diagnostics: after didClose the file on disk counts again") {
  const TemporaryForge forge = small_forge();
  const std::string uri = forge.uri(refs_path);
  ServerProcess server;
  server.initialize({}, forge.uri());
  server.notify("textDocument/didOpen", did_open(uri, "keystone: 28.10\n"));
  server.published(uri, with("ref-not-string"));
  // Answered when all is said about the open text.
  server.ask("workspace/executeCommand", {{"command", "forge.checkWorkspace"}});
  const auto lists_of_the_text = [&] {
    return std::ranges::count_if(server.pending(), [](const Json& message) {
      return message.value("method", "") == "textDocument/publishDiagnostics" &&
             has_code(message["params"]["diagnostics"], "ref-not-string");
    });
  };
  const auto before = lists_of_the_text();
  server.notify("textDocument/didClose", {{"textDocument", {{"uri", uri}}}});
  const Json after = server.published(uri, [](const Json& params) { return !params.contains("version"); });
  CHECK(!has_code(after["diagnostics"], "ref-not-string"));
  server.ask("shutdown", nullptr);
  // git's findings on the file on disk may still follow; the closed text's never.
  CHECK(lists_of_the_text() == before);
}

TEST_CASE("diagnostics: an unsaved document counts for what other files say") {
  const TemporaryForge forge = small_forge();
  ServerProcess server;
  server.initialize({}, forge.uri());
  server.notify("textDocument/didOpen", did_open(forge.uri(refs_path), "nova: \"32.0.0\"\n"));
  server.published(forge.uri(patch_path), with("patch-without-ref"));
}

TEST_CASE("diagnostics: what changes on disk is seen when the client says so") {
  const TemporaryForge forge = small_forge();
  const std::string uri = forge.uri(overrides_path);
  ServerProcess server;
  server.initialize({}, forge.uri());
  forge.write(overrides_path, "cryptography>=44.0.0\n");
  server.notify("workspace/didChangeWatchedFiles", {{"changes", Json::array({{{"uri", uri}, {"type", 2}}})}});
  server.published(uri, with("override-syntax"));
}

TEST_CASE("diagnostics: watching is asked for if the client offers it, and only after initialized") {
  const TemporaryForge forge = small_forge();
  ServerProcess server;
  server.ask("initialize",
             {{"rootUri", forge.uri()},
              {"capabilities", {{"workspace", {{"didChangeWatchedFiles", {{"dynamicRegistration", true}}}}}}}});
  // Findings may follow the answer at once; a request may not.
  for (const Json& message : server.pending()) CHECK(message.value("method", "") == "textDocument/publishDiagnostics");
  server.notify("initialized", Json::object());
  const Json asked = server.wait_for(
      "a registration", [](const Json& message) { return message.value("method", "") == "client/registerCapability"; });
  CHECK(asked["params"]["registrations"][0]["method"] == "workspace/didChangeWatchedFiles");
}

TEST_CASE("diagnostics: a client that can pull is answered, and nothing is pushed") {
  const TemporaryForge forge = small_forge();
  const std::string uri = forge.uri(refs_path);
  ServerProcess server;
  const Json result = server.initialize({{"textDocument", {{"diagnostic", Json::object()}}}}, forge.uri());
  CHECK(result["capabilities"]["diagnosticProvider"]["identifier"] == "forge-analyze");
  server.notify("textDocument/didOpen", did_open(uri, "keystone: 28.10\n"));
  const Json document = {{"textDocument", {{"uri", uri}}}};
  const Json full = server.ask("textDocument/diagnostic", document)["result"];
  CHECK(full["kind"] == "full");
  CHECK(has_code(full["items"], "ref-not-string"));
  Json again = document;
  again["previousResultId"] = full["resultId"];
  CHECK(server.ask("textDocument/diagnostic", again)["result"]["kind"] == "unchanged");

  server.notify("textDocument/didChange", did_change(uri, good_refs, 2));
  CHECK(!has_code(server.ask("textDocument/diagnostic", again)["result"]["items"], "ref-not-string"));
  const Json outside = {{"textDocument", {{"uri", "untitled:Untitled-1"}}}};
  CHECK(server.ask("textDocument/diagnostic", outside)["result"]["items"].empty());
  server.ask("shutdown", nullptr);
  for (const Json& message : server.pending()) CHECK(message["method"] != "textDocument/publishDiagnostics");
}

TEST_CASE("diagnostics: the workspace's are held until there is news") {
  const TemporaryForge forge = small_forge();
  const std::string uri = forge.uri(refs_path);
  ServerProcess server;
  server.initialize({{"textDocument", {{"diagnostic", Json::object()}}}}, forge.uri());
  server.notify("textDocument/didOpen", did_open(uri, "keystone: 28.10\n"));
  const auto ask_from = [&](const Json& previous) {
    return server.request("workspace/diagnostic", {{"previousResultIds", previous}});
  };
  Json previous = Json::array();
  const auto remember = [&](const Json& items) {
    for (const Json& item : items) previous.push_back({{"uri", item["uri"]}, {"value", item["resultId"]}});
  };
  const auto report = [&](const Json& items) {
    return *std::ranges::find_if(items, [&](const Json& item) { return item.at("uri") == uri; });
  };
  const Json first = server.response(ask_from(previous))["result"]["items"];
  CHECK(has_code(report(first)["items"], "ref-not-string"));
  remember(first);
  const int held = ask_from(previous);
  server.notify("textDocument/didChange", did_change(uri, good_refs, 2));
  CHECK(!has_code(report(server.response(held)["result"]["items"])["items"], "ref-not-string"));
}

TEST_CASE("diagnostics: a folder that is no forge is left in silence") {
  const TemporaryForge folder(ForgeFiles{{"releases/notes.txt", "x"}, {"a.yaml", "a: [\n"}});
  ServerProcess server;
  server.initialize({}, folder.uri());
  server.notify("textDocument/didOpen", did_open(folder.uri("a.yaml"), "a: [\n"));
  const Json hover = {{"textDocument", {{"uri", folder.uri("a.yaml")}}}, {"position", {{"line", 0}, {"character", 0}}}};
  CHECK(server.ask("textDocument/hover", hover)["result"].is_null());
  server.ask("shutdown", nullptr);
  CHECK(server.pending().empty());
}

TEST_CASE("diagnostics: a document's URI comes back as the client spelled it") {
  const TemporaryForge forge = small_forge();
  std::string uri = forge.uri(refs_path);
  uri.replace(uri.rfind("2025"), 4, "2%30%32%35");
  ServerProcess server;
  server.initialize({}, forge.uri());
  server.notify("textDocument/didOpen", did_open(uri, "keystone: 28.10\n"));
  server.published(uri, with("ref-not-string"));
}

TEST_CASE("diagnostics: malformed and unknown changes are survived") {
  const TemporaryForge forge = small_forge();
  const std::string uri = forge.uri(refs_path);
  ServerProcess server;
  server.initialize({}, forge.uri());
  server.notify("textDocument/didChange", did_change(uri, "lost\n", 1));
  server.notify("textDocument/didOpen", did_open(uri, good_refs, 5));
  server.notify("textDocument/didChange", edit(uri, 6, range(0, -1, 3), "x"));
  server.notify("textDocument/didChange", {{"textDocument", {{"uri", uri}, {"version", 7}}}});
  server.notify("textDocument/didOpen", {{"textDocument", 5}});
  server.notify("textDocument/didChange", edit(uri, 9, range(0, 10, 18), "28.10"));
  CHECK(server.published(uri, with("ref-not-string"))["version"] == 9);
}

TEST_CASE("diagnostics: behind 10,000 changes in one burst the last text counts") {
  const TemporaryForge forge = small_forge();
  const std::string uri = forge.uri(refs_path);
  ServerProcess server;
  server.initialize({}, forge.uri());
  server.notify("textDocument/didOpen", did_open(uri, good_refs, 1));
  std::string bytes;
  for (int version = 2; version <= 10'001; ++version) {
    const bool type = version % 2 == 0;
    Json message = {{"jsonrpc", "2.0"}, {"method", "textDocument/didChange"}};
    message["params"] = edit(uri, version, range(0, 10, type ? 18 : 15), type ? "28.10" : "\"28.0.0\"");
    bytes += frame(message.dump());
  }
  server.send_bytes(bytes);
  const Json hover = {{"textDocument", {{"uri", uri}}}, {"position", {{"line", 0}, {"character", 12}}}};
  CHECK(server.ask("textDocument/hover", hover).contains("result"));
  CHECK(!has_code(server.published(uri, version_is(10'001))["diagnostics"], "ref-not-string"));
  const auto lists = std::ranges::count_if(server.pending(), [](const Json& message) {
    return message.value("method", "") == "textDocument/publishDiagnostics";
  });
  CHECK(lists < 100);
}

TEST_CASE("diagnostics: versions never go back, and each analysed version has its list") {
  const TemporaryForge forge = small_forge();
  const std::string uri = forge.uri(refs_path);
  ServerProcess server;
  server.initialize({}, forge.uri());
  server.notify("textDocument/didOpen", did_open(uri, good_refs, 1));
  int last = 0;
  for (int version = 2; version < 40; ++version) {
    server.notify("textDocument/didChange",
                  did_change(uri, version % 2 == 0 ? "keystone: 28.10\n" : good_refs, version));
    if (version % 5 != 0) continue;
    for (int seen = 0; seen < version;) {
      const Json params = server.published(uri);
      if (!params.contains("version")) continue;  // of the file on disk, before it was opened
      seen = params["version"];
      CHECK(seen >= last);
      last = seen;
    }
  }
}

TEST_CASE("code actions: the fix of a finding makes it go away") {
  const TemporaryForge forge = small_forge();
  const std::string uri = forge.uri(refs_path);
  ServerProcess server;
  server.initialize({{"textDocument", {{"codeAction", {{"codeActionLiteralSupport", Json::object()}}}}},
                     {"workspace", {{"workspaceEdit", {{"documentChanges", true}}}}}},
                    forge.uri());
  server.notify("textDocument/didOpen", did_open(uri, "keystone: 28.10 # why\n"));
  const Json found = server.published(uri, with("ref-not-string"));
  const Json actions = server.ask("textDocument/codeAction", {{"textDocument", {{"uri", uri}}},
                                                              {"range", range(0, 12, 12)},
                                                              {"context", {{"diagnostics", Json::array()}}}})["result"];
  REQUIRE(!actions.empty());
  CHECK(actions[0]["kind"] == "quickfix");
  CHECK(actions[0]["isPreferred"] == true);
  const Json change = actions[0]["edit"]["documentChanges"][0];
  CHECK(change["textDocument"] == Json{{"uri", uri}, {"version", 1}});
  REQUIRE(change["edits"].size() == 1);
  const Json fix = change["edits"][0];
  server.notify("textDocument/didChange", edit(uri, 2, fix["range"], fix["newText"]));
  CHECK(!has_code(server.published(uri, version_is(2))["diagnostics"], "ref-not-string"));
}
