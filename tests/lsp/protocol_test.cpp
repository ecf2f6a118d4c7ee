/// Rules of the protocol that lifecycle_test.cpp and diagnostics_test.cpp leave: odd parameters, ids, positions in
/// every encoding, what a client did not offer, news of files, pulled diagnostics that are held.
#include <algorithm>
#include <ostream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "tests/lsp/server_process.hpp"

using forge::lsp::frame;
using forge::lsp::test::did_change;
using forge::lsp::test::did_open;
using forge::lsp::test::error_code;
using forge::lsp::test::find_code;
using forge::lsp::test::ForgeFiles;
using forge::lsp::test::has_code;
using forge::lsp::test::Json;
using forge::lsp::test::of_version;
using forge::lsp::test::ServerProcess;
using forge::lsp::test::TemporaryForge;
using forge::lsp::test::with_code;

namespace {

constexpr const char* refs_path = "releases/2025.2/source-refs.yaml";
constexpr const char* overrides_path = "overrides/2025.2/constraints.txt";
const std::string good_refs = "keystone: \"28.0.0\"\n";

TemporaryForge small_forge() {
  return TemporaryForge(
      ForgeFiles{{refs_path, good_refs}, {"releases/2025.2/upper-constraints.txt", "cryptography===43.0.3\n"}});
}

Json position(int line, int character) {
  return {{"line", line}, {"character", character}};
}

Json range(int line, int begin, int end) {
  return {{"start", position(line, begin)}, {"end", position(line, end)}};
}

Json hover_at(const std::string& uri, const Json& at) {
  return {{"textDocument", {{"uri", uri}}}, {"position", at}};
}

bool is_registration(const Json& message) {
  return message.value("method", "") == "client/registerCapability";
}

Json watching(bool relative) {
  return {{"workspace",
           {{"didChangeWatchedFiles", {{"dynamicRegistration", true}, {"relativePatternSupport", relative}}}}}};
}

/// The patterns that the next registration has, by the folder they are for.
std::vector<std::pair<std::string, std::string>> next_patterns(ServerProcess& server) {
  const Json asked = server.wait_for("a registration", is_registration);
  server.send({{"id", asked["id"]}, {"result", nullptr}});
  std::vector<std::pair<std::string, std::string>> patterns;
  for (const Json& watcher : asked["params"]["registrations"][0]["registerOptions"]["watchers"]) {
    const Json& pattern = watcher["globPattern"];
    if (pattern.is_string())
      patterns.emplace_back("", pattern);
    else
      patterns.emplace_back(pattern["baseUri"], pattern["pattern"]);
  }
  return patterns;
}

}  // namespace

TEST_CASE(
    "protocol: parameters that are no object are refused as such by every request, and ignored by notifications") {
  const TemporaryForge forge = small_forge();
  const std::string uri = forge.uri(refs_path);
  ServerProcess server;
  server.initialize({{"textDocument", {{"diagnostic", Json::object()}}}}, forge.uri());
  server.notify("textDocument/didOpen", did_open(uri, good_refs));
  for (const char* method : {"textDocument/hover", "textDocument/codeAction", "textDocument/diagnostic",
                             "workspace/diagnostic", "textDocument/completion", "textDocument/definition"})
    for (const Json& params : {Json(5), Json("x"), Json(true), Json::array({1})}) {
      CAPTURE(method);
      const int code = error_code(server.ask(method, params));
      CHECK((code == -32602 || code == -32601));
    }
  for (const char* method :
       {"textDocument/didOpen", "textDocument/didChange", "textDocument/didClose", "textDocument/didSave",
        "workspace/didChangeWatchedFiles", "workspace/didChangeWorkspaceFolders", "initialized", "$/cancelRequest"})
    for (const Json& params : {Json(5), Json("x"), Json::array(), Json(), Json{{"textDocument", 7}, {"event", 7}}})
      server.notify(method, params);
  CHECK(server.ask("textDocument/diagnostic", {{"textDocument", {{"uri", uri}}}}).contains("result"));
}

TEST_CASE("protocol: members of a wrong type are refused, whichever they are") {
  const TemporaryForge forge = small_forge();
  const std::string uri = forge.uri(refs_path);
  ServerProcess server;
  server.initialize({{"textDocument", {{"diagnostic", Json::object()}}}}, forge.uri());
  const Json document = {{"uri", uri}};
  const std::vector<std::pair<std::string, Json>> wrong = {
      {"textDocument/hover", {{"textDocument", document}, {"position", 5}}},
      {"textDocument/hover", {{"textDocument", document}, {"position", {{"line", "0"}, {"character", 0}}}}},
      {"textDocument/hover", {{"textDocument", document}, {"position", {{"line", 1e300}, {"character", 0}}}}},
      {"textDocument/codeAction", {{"textDocument", document}, {"range", {{"start", 1}, {"end", 2}}}}},
      {"textDocument/codeAction", {{"textDocument", document}}},
      {"textDocument/diagnostic", {{"textDocument", "x"}}},
      {"workspace/diagnostic", Json::object()},
      {"workspace/diagnostic", {{"previousResultIds", 5}}},
      {"workspace/diagnostic", {{"previousResultIds", Json::array({5})}}},
  };
  for (const auto& [method, params] : wrong) {
    CAPTURE(params.dump());
    CHECK(error_code(server.ask(method, params)) == -32602);
  }
  const Json odd_context = {{"textDocument", document}, {"range", range(0, 0, 1)}, {"context", {{"only", 5}}}};
  CHECK(server.ask("textDocument/codeAction", odd_context).contains("result"));
}

TEST_CASE("protocol: an id that is in flight is refused a second time") {
  const TemporaryForge forge = small_forge();
  ServerProcess server;
  server.initialize({{"textDocument", {{"diagnostic", Json::object()}}}}, forge.uri());
  const Json all = {{"previousResultIds", Json::array()}};
  Json ids = Json::array();
  const Json first = server.ask("workspace/diagnostic", all)["result"]["items"];
  for (const Json& item : first) ids.push_back({{"uri", item["uri"]}, {"value", item["resultId"]}});
  const int held = server.request("workspace/diagnostic", {{"previousResultIds", ids}});
  server.send(
      {{"id", held}, {"method", "textDocument/hover"}, {"params", hover_at(forge.uri(refs_path), position(0, 0))}});
  CHECK(error_code(server.response(held)) == -32600);
  server.notify("$/cancelRequest", {{"id", held}});
  CHECK(error_code(server.response(held)) == -32800);
}

TEST_CASE("protocol: nothing is asked of a client that offered nothing") {
  const TemporaryForge forge = small_forge();
  ServerProcess server;
  server.initialize({}, forge.uri());
  server.notify("textDocument/didOpen", did_open(forge.uri(refs_path), "keystone: 28.10\n"));
  const Json list = server.published(forge.uri(refs_path), with_code("ref-not-string"));
  for (const Json& diagnostic : list["diagnostics"]) {
    CHECK(!diagnostic.contains("codeDescription"));
    CHECK(!diagnostic.contains("relatedInformation"));
    CHECK(!diagnostic.contains("tags"));
  }
  server.ask("shutdown", nullptr);
  for (const Json& message : server.pending()) CHECK(message["method"] == "textDocument/publishDiagnostics");
}

TEST_CASE("protocol: positions in and out are of the encoding that was agreed on") {
  const TemporaryForge forge = small_forge();
  const std::string uri = forge.uri(refs_path);
  // The value's first column, behind `é漢😀: `.
  for (const auto& [encoding, column] :
       std::vector<std::pair<std::string, int>>{{"utf-8", 11}, {"utf-16", 6}, {"utf-32", 5}}) {
    ServerProcess server;
    server.initialize({{"general", {{"positionEncodings", {encoding}}}}}, forge.uri());
    server.notify("textDocument/didOpen", did_open(uri, "# one\r\né漢😀: \"28.0\"\r\nx: \"1\"\r\n"));
    CHECK(!has_code(server.published(uri, of_version(1))["diagnostics"], "ref-not-string"));
    // One after the other: the second speaks of the text that the first has made.
    server.notify("textDocument/didChange",
                  {{"textDocument", {{"uri", uri}, {"version", 2}}},
                   {"contentChanges", Json::array({{{"range", range(1, column, column + 6)}, {"text", "28.100"}},
                                                   {{"range", range(1, column + 4, column + 6)}, {"text", ""}}})}});
    const Json found = server.published(uri, with_code("ref-not-string"));
    CHECK(find_code(found["diagnostics"], "ref-not-string")["range"] == range(1, column, column + 4));
    // Past the end of a line is its end, before the CR; inside of a character its start.
    server.notify("textDocument/didChange",
                  {{"textDocument", {{"uri", uri}, {"version", 3}}},
                   {"contentChanges", Json::array({{{"range", range(1, 999, 999)}, {"text", " # y"}},
                                                   {{"range", range(1, column, column + 4)}, {"text", "\"28.1\""}}})}});
    CHECK(!has_code(server.published(uri, of_version(3))["diagnostics"], "ref-not-string"));
  }
}

TEST_CASE("protocol: what a client watches is what a forge is made of, relative to its root if the client can that") {
  const TemporaryForge forge = small_forge();
  const TemporaryForge other = small_forge();
  for (const bool relative : {true, false}) {
    ServerProcess server;
    server.initialize(watching(relative), forge.uri());
    const auto patterns = next_patterns(server);
    std::string all;
    for (const auto& [base, pattern] : patterns) {
      CHECK(base == (relative ? forge.uri() : ""));
      all += pattern + " ";
    }
    for (const char* part : {"releases", "overrides", "patches", "images", ".github", "scripts", "forge.yaml",
                             "bindep.txt", "renovate.json"})
      CHECK(all.find(part) != std::string::npos);
    // A folder that is added later is watched too, and only it; patterns without a base hold for it already.
    server.notify("workspace/didChangeWorkspaceFolders",
                  {{"event", {{"added", {{{"uri", other.uri()}, {"name", "x"}}}}, {"removed", Json::array()}}}});
    server.published(other.uri(refs_path));
    if (relative)
      for (const auto& [base, pattern] : next_patterns(server)) CHECK(base == other.uri());
    server.ask("textDocument/hover", hover_at(other.uri(refs_path), position(0, 0)));
    CHECK(std::ranges::none_of(server.pending(), is_registration));
    if (!relative) continue;
    server.notify("workspace/didChangeWorkspaceFolders",
                  {{"event", {{"removed", {{{"uri", other.uri()}, {"name", "x"}}}}, {"added", Json::array()}}}});
    const Json gone = server.wait_for("the end of a registration", [](const Json& message) {
      return message.value("method", "") == "client/unregisterCapability";
    });
    CHECK(gone["params"]["unregisterations"][0]["method"] == "workspace/didChangeWatchedFiles");
  }
}

TEST_CASE("protocol: a forge that is met by opening its document is watched from then on") {
  const TemporaryForge forge = small_forge();
  ServerProcess server;
  server.initialize(watching(true));
  CHECK(std::ranges::none_of(server.pending(), is_registration));
  server.notify("textDocument/didOpen", did_open(forge.uri(refs_path), good_refs));
  CHECK(next_patterns(server).front().first == forge.uri());
}

TEST_CASE("protocol: for a client that watches nothing the server looks at the disk itself") {
  const TemporaryForge forge = small_forge();
  const std::string uri = forge.uri(overrides_path);
  ServerProcess server;
  server.initialize({}, forge.uri());
  server.published(forge.uri(refs_path));  // the forge was read without overrides
  forge.write(overrides_path, "cryptography>=44.0.0\n");
  server.published(uri, with_code("override-syntax"));
  forge.write(overrides_path, "cryptography===44.0.0\n");
  server.published(uri, [](const Json& params) { return !has_code(params["diagnostics"], "override-syntax"); });
  forge.write(overrides_path, "cryptography>=44.0.0\n");
  server.published(uri, with_code("override-syntax"));
  forge.remove("overrides");
  CHECK(server.published(uri)["diagnostics"].empty());
}

TEST_CASE("protocol: each of several roots, nested ones too, has its own documents") {
  const TemporaryForge outer(
      ForgeFiles{{refs_path, good_refs}, {"examples/inner/releases/2025.2/source-refs.yaml", "nova: \"32.0.0\"\n"}});
  const TemporaryForge other = small_forge();
  const std::string inner_uri = outer.uri("examples/inner/releases/2025.2/source-refs.yaml");
  ServerProcess server;
  Json folders = Json::array();
  for (const std::string& uri : {outer.uri(), outer.uri("examples/inner"), other.uri()})
    folders.push_back({{"uri", uri}, {"name", "x"}});
  server.ask("initialize", {{"processId", nullptr},
                            {"rootUri", other.uri()},
                            {"workspaceFolders", folders},
                            {"capabilities", Json::object()}});
  server.notify("initialized", Json::object());
  for (const std::string& uri : {outer.uri(refs_path), inner_uri, other.uri(refs_path)}) {
    server.notify("textDocument/didOpen", did_open(uri, "nova: 32.0\n"));
    CHECK(server.published(uri, with_code("ref-not-string"))["version"] == 1);
  }
  server.notify("textDocument/didChange", did_change(inner_uri, "nova: \"32.0\"\n", 2));
  CHECK(!has_code(server.published(inner_uri, of_version(2))["diagnostics"], "ref-not-string"));
  server.ask("shutdown", nullptr);
  for (const Json& message : server.pending())
    if (message.value("method", "") == "textDocument/publishDiagnostics" &&
        message["params"]["uri"] == outer.uri(refs_path))
      CHECK(
          (message["params"].value("version", 0) == 0 || has_code(message["params"]["diagnostics"], "ref-not-string")));
}

TEST_CASE("protocol: partial results of the workspace come one document at a time, and the answer is empty then") {
  const TemporaryForge forge(ForgeFiles{{refs_path, "keystone: 28.10\n"}, {overrides_path, "x>=1\n"}});
  ServerProcess server;
  server.initialize({{"textDocument", {{"diagnostic", Json::object()}}}}, forge.uri());
  const int held =
      server.request("workspace/diagnostic", {{"previousResultIds", Json::array()}, {"partialResultToken", "part"}});
  std::set<std::string> seen;
  while (!seen.contains(forge.uri(refs_path)) || !seen.contains(forge.uri(overrides_path))) {
    const Json part = server.wait_for("a partial result",
                                      [](const Json& message) { return message.value("method", "") == "$/progress"; });
    CHECK(part["params"]["token"] == "part");
    REQUIRE(part["params"]["value"]["items"].size() == 1);
    const Json& item = part["params"]["value"]["items"][0];
    CHECK(item["kind"] == "full");
    seen.insert(item["uri"]);
  }
  for (const Json& message : server.pending()) CHECK(!message.contains("result"));
  forge.write(overrides_path, "x===1\n");
  server.notify("workspace/didChangeWatchedFiles",
                {{"changes", Json::array({{{"uri", forge.uri(overrides_path)}, {"type", 2}}})}});
  CHECK(server.response(held)["result"]["items"].empty());
}

TEST_CASE("protocol: a refresh is asked for when an answer would differ, and only of a client that offers it") {
  const TemporaryForge forge = small_forge();
  const std::string uri = forge.uri(refs_path);
  for (const bool offered : {true, false}) {
    ServerProcess server;
    server.initialize({{"textDocument", {{"diagnostic", Json::object()}}},
                       {"workspace", {{"diagnostics", {{"refreshSupport", offered}}}}}},
                      forge.uri());
    server.notify("textDocument/didOpen", did_open(uri, good_refs));
    const Json before = server.ask("textDocument/diagnostic", {{"textDocument", {{"uri", uri}}}})["result"];
    // Another file makes the open one's list another.
    forge.write("forge.yaml", "rules: {upstream-unavailable: off}\n");
    server.notify("workspace/didChangeWatchedFiles", {{"changes", Json::array()}});
    if (offered) {
      const Json asked = server.wait_for("a refresh", [](const Json& message) {
        return message.value("method", "") == "workspace/diagnostic/refresh";
      });
      server.send({{"id", asked["id"]}, {"result", nullptr}});
    }
    const Json all = server.ask("workspace/diagnostic",
                                {{"previousResultIds", Json::array({{{"uri", uri}, {"value", before["resultId"]}}})}});
    CHECK(all.contains("result"));
    for (const Json& message : server.pending())
      CHECK(message.value("method", "") != "textDocument/publishDiagnostics");
    if (!offered)
      CHECK(std::ranges::none_of(server.pending(), [](const Json& message) { return message.contains("id"); }));
    forge.remove("forge.yaml");
  }
}

TEST_CASE("protocol: text of other schemes is met with silence") {
  ServerProcess server;
  server.initialize();
  for (const char* uri : {"untitled:releases/2025.2/source-refs.yaml", "git:/x/releases/2025.2/source-refs.yaml?{}", "",
                          "file:", "file://host/share/releases/2025.2/source-refs.yaml", "file:///%00/releases/x"}) {
    server.notify("textDocument/didOpen", did_open(uri, "a: [\n"));
    CHECK(server.ask("textDocument/hover", hover_at(uri, position(0, 0)))["result"].is_null());
    server.notify("textDocument/didChange", did_change(uri, "b: [\n", 2));
    server.notify("textDocument/didClose", {{"textDocument", {{"uri", uri}}}});
  }
  server.ask("shutdown", nullptr);
  CHECK(server.pending().empty());
}
