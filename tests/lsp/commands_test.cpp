/// workspace/executeCommand, progress, pinning and file operations through the real executable.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <string>
#include <utility>

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
using forge::support::TempFolder;

namespace {

constexpr const char* refs_path = "releases/2025.2/source-refs.yaml";
constexpr const char* patch_path = "patches/keystone/2025.2/0001-x.patch";
constexpr const char* shifted = "--- a/a.txt\n+++ b/a.txt\n@@ -3 +3 @@\n-one\n+uno\n";

GitFixture keystone() {
  GitStream stream;
  const int first = stream.commit({.message = "One", .files = {{"a.txt", "zero\none\n"}}});
  stream.tag("28.0.0", first).branch("stable/2025.2", first);
  return GitFixture(stream);
}

std::string forge_yaml(const std::string& upstream) {
  return "upstreams:\n  keystone: \"" + upstream + "\"\n";
}

TemporaryForge forge_on(const GitFixture& upstream, const std::string& refs = "keystone: \"28.0.0\"\n") {
  return TemporaryForge(
      ForgeFiles{{refs_path, refs}, {patch_path, shifted}, {"forge.yaml", forge_yaml(upstream.path())}});
}

Json run(const std::string& command, const Json& arguments = Json::array(), const Json& token = nullptr) {
  Json params = {{"command", command}, {"arguments", arguments}};
  if (!token.is_null()) params["workDoneToken"] = token;
  return params;
}

auto method(const std::string& name) {
  return [name](const Json& message) { return message.value("method", "") == name; };
}

auto progress(const std::string& kind) {
  return [kind](const Json& message) {
    return message.value("method", "") == "$/progress" && message["params"]["value"]["kind"] == kind;
  };
}

/// A `git` that never ends, in the place of the real one for whatever is started meanwhile.
class StuckGit {
 public:
  StuckGit() : path_(std::getenv("PATH")) {
    folder_.write("git", "#!/bin/sh\nexec sleep 600\n");
    std::filesystem::permissions(folder_.path() + "/git", std::filesystem::perms::owner_all);
    ::setenv("PATH", (folder_.path() + ":" + path_).c_str(), 1);
  }
  ~StuckGit() { ::setenv("PATH", path_.c_str(), 1); }
  StuckGit(const StuckGit&) = delete;
  StuckGit& operator=(const StuckGit&) = delete;

 private:
  TempFolder folder_;
  std::string path_;
};

}  // namespace

TEST_CASE("command: checkWorkspace answers with what all roots have, and its progress ends before the answer") {
  const GitFixture upstream = keystone();
  const TemporaryForge forge = forge_on(upstream, "keystone: \"28.0.9\"\n");
  ServerProcess server;
  const Json can = server.initialize({}, forge.uri())["capabilities"];
  CHECK(can["executeCommandProvider"]["commands"] ==
        Json({"forge.checkWorkspace", "forge.refreshPatch", "forge.syncMirrors", "forge.showStatus"}));
  const int id = server.request("workspace/executeCommand", run("forge.checkWorkspace", Json::array(), "t"));
  const Json answer = server.response(id);
  CHECK(answer["result"]["forges"] == 1);
  CHECK(answer["result"]["error"].get<int>() >= 1);
  REQUIRE(server.pending().size() >= 2);
  CHECK(std::ranges::count_if(server.pending(), progress("begin")) == 1);
  CHECK(std::ranges::count_if(server.pending(), progress("end")) == 1);
  CHECK(std::ranges::none_of(server.pending(), method("window/workDoneProgress/create")));
}

TEST_CASE("command: each that is given a token begins and ends by it before its answer, and asks for none of its own") {
  const GitFixture upstream = keystone();
  const TemporaryForge forge = forge_on(upstream);
  ServerProcess server;
  server.initialize({{"window", {{"workDoneProgress", true}}}}, forge.uri());
  for (const auto& [command, arguments] : {std::pair("forge.checkWorkspace", Json::array()),
                                           {"forge.syncMirrors", Json::array()},
                                           {"forge.showStatus", Json::array()},
                                           {"forge.refreshPatch", Json{forge.uri(patch_path)}}}) {
    CAPTURE(command);
    for (const Json& token : {Json(std::string("token of ") + command), Json(server.pending().size() + 1)}) {
      const int id = server.request("workspace/executeCommand", run(command, arguments, token));
      std::string kinds;  // of what comes before the answer; a message is looked at once or more, in order
      const Json answer = server.wait_for("the answer", [&](const Json& message) {
        if (progress("begin")(message) && message["params"]["token"] == token && kinds.empty()) kinds = "begin";
        if (progress("end")(message) && message["params"]["token"] == token && kinds == "begin") kinds = "begin end";
        return message.value("id", Json()) == id && !message.contains("method");
      });
      CHECK(answer.contains("result"));
      CHECK(kinds == "begin end");
    }
  }
  CHECK(server.ask("workspace/executeCommand", run("forge.checkWorkspace"))["result"]["forges"] == 1);
}

TEST_CASE("command: one that is not known, and wrong arguments") {
  ServerProcess server;
  server.initialize();
  CHECK(server.ask("workspace/executeCommand", run("rm"))["error"]["code"] == -32602);
  CHECK(server.ask("workspace/executeCommand", run("forge.refreshPatch"))["error"]["code"] == -32602);
  CHECK(server.ask("workspace/executeCommand", run("forge.refreshPatch", {"untitled:x"}))["error"]["code"] == -32602);
  CHECK(server.ask("workspace/executeCommand", run("forge.syncMirrors", {"file:///none"}))["error"]["code"] == -32602);
  CHECK(server.ask("workspace/executeCommand", run("forge.checkWorkspace"))["result"]["forges"] == 0);
}

TEST_CASE("command: refreshPatch edits by the client where it can, else hands the edit over") {
  const GitFixture upstream = keystone();
  const TemporaryForge forge = forge_on(upstream);
  for (const bool can_apply : {true, false}) {
    ServerProcess server;
    server.initialize({{"workspace", {{"applyEdit", can_apply}, {"workspaceEdit", {{"documentChanges", true}}}}}},
                      forge.uri());
    server.notify("textDocument/didOpen", did_open(forge.uri(patch_path), shifted, 7));
    const int id = server.request("workspace/executeCommand", run("forge.refreshPatch", {forge.uri(patch_path)}));
    Json edit;
    if (can_apply) {
      const Json request = server.wait_for("an edit", method("workspace/applyEdit"));
      edit = request["params"]["edit"];
      server.send({{"id", request["id"]}, {"result", {{"applied", true}}}});
    }
    const Json result = server.response(id)["result"];
    if (!can_apply) edit = result["edit"];
    CHECK(result["action"] == "rewritten");
    CHECK(result["applied"] == can_apply);
    const Json change = edit["documentChanges"][0];
    CHECK(change["textDocument"] == Json{{"uri", forge.uri(patch_path)}, {"version", 7}});
    CHECK(change["edits"][0]["newText"].get<std::string>().find("@@ -1,2 +1,2 @@\n zero\n") != std::string::npos);
  }
}

TEST_CASE("command: refreshPatch of a patch that needs nothing says so") {
  const GitFixture upstream = keystone();
  const TemporaryForge forge = forge_on(upstream);
  forge.write(patch_path, "--- a/a.txt\n+++ b/a.txt\n@@ -2 +2 @@\n-one\n+uno\n");
  ServerProcess server;
  server.initialize({}, forge.uri());
  const Json result =
      server.ask("workspace/executeCommand", run("forge.refreshPatch", {forge.uri(patch_path)}))["result"];
  CHECK(result["action"] == "unchanged");
  CHECK(server.wait_for("a message", method("window/showMessage"))["params"]["message"] ==
        "0001-x.patch applies exactly as it is.");
}

TEST_CASE("command: showStatus tells memory, queues, mirrors and the last errors") {
  const GitFixture upstream = keystone();
  const TemporaryForge forge = forge_on(upstream);
  ServerProcess server;
  server.initialize({}, forge.uri());
  server.notify("textDocument/didOpen", Json::object());
  server.ask("workspace/executeCommand", run("forge.checkWorkspace"));
  const Json status = server.ask("workspace/executeCommand", run("forge.showStatus"))["result"];
  CHECK(status["memory"]["rss"].get<std::uint64_t>() > 1'000'000);
  CHECK(status["queues"]["network"] == 0);
  CHECK(status["queues"]["running"].get<int>() >= 1);
  REQUIRE(status["forges"].size() == 1);
  CHECK(status["forges"][0]["uri"] == forge.uri());
  CHECK(status["forges"][0]["checked"] == true);
  CHECK(status["forges"][0]["mirrors"][0]["component"] == "keystone");
  CHECK(status["forges"][0]["mirrors"][0]["path"] == upstream.path());
  CHECK(status["forges"][0]["mirrors"][0]["exists"] == true);
  CHECK(status["errors"].back().get<std::string>().find("textDocument/didOpen") == 0);
}

TEST_CASE("command: syncMirrors uses a local upstream in place, and says what it could not reach") {
  const GitFixture upstream = keystone();
  const TempFolder mirrors;
  const TemporaryForge forge = forge_on(upstream, "keystone: \"28.0.0\"\nnova: \"1\"\n");
  forge.write("forge.yaml", forge_yaml(upstream.path()) + "  nova: \"https://127.0.0.1:1/nova\"\n");
  ServerProcess server(ServerProcess::Transport::pipe, {"--mirror", mirrors.path()});
  server.initialize({}, forge.uri());
  const Json found =
      server.ask("workspace/executeCommand", run("forge.syncMirrors", {forge.uri()}))["result"]["mirrors"];
  REQUIRE(found.size() == 2);
  for (const Json& one : found) {
    if (one["component"] == "keystone") CHECK(one["problem"].is_null());
    if (one["component"] == "nova") CHECK(one["outcome"] == "failed");
  }
  const std::string message = server.wait_for("a message", method("window/showMessage"))["params"]["message"];
  CHECK(message.find("1 of 2 mirrors could not be brought up to date. nova: ") == 0);
}

TEST_CASE("command: syncMirrors brings releases of an upstream that is a package") {
  const TempFolder mirrors;
  const TempFolder index;
  index.write("keystone-28.0.0/PKG-INFO", "Metadata-Version: 2.1\nName: keystone\nVersion: 28.0.0\n");
  index.write("keystone-28.0.0/a.txt", "one\n");
  const std::string file = "keystone-28.0.0.tar.gz";
  REQUIRE(std::system(("cd '" + index.path() + "' && tar -czf " + file + " keystone-28.0.0").c_str()) == 0);
  index.write("simple/keystone/index.html", "<a href=\"../../" + file + "\">" + file + "</a>\n");
  const TemporaryForge forge(
      ForgeFiles{{refs_path, "keystone: \"28.0.0\"\n"},
                 {"forge.yaml", forge_yaml("sdist:keystone") + "index: \"file://" + index.path() + "/simple\"\n"}});
  ServerProcess server(ServerProcess::Transport::pipe, {"--mirror", mirrors.path()});
  server.initialize({}, forge.uri());
  const std::string uri = forge.uri(refs_path);
  const Json missing = server.published(uri, forge::lsp::test::with_code("upstream-unavailable"))["diagnostics"];
  const Json found = server.ask("workspace/executeCommand", run("forge.syncMirrors"))["result"]["mirrors"];
  REQUIRE(found.size() == 1);
  CHECK(found[0] == Json{{"component", "keystone"}, {"outcome", "cloned"}, {"problem", nullptr}});
  server.published(uri, [](const Json& params) {
    return !forge::lsp::test::has_code(params["diagnostics"], "upstream-unavailable");
  });
}

TEST_CASE("code action: where a mirror is missing it can be fetched") {
  const GitFixture upstream = keystone();
  const TempFolder mirrors;
  const std::string refs = "keystone: \"28.0.0\"\nnova: \"1\"\n";
  const TemporaryForge forge(
      ForgeFiles{{refs_path, refs},
                 {"forge.yaml", forge_yaml(upstream.path() + "/none") + "  nova: \"https://127.0.0.1:1/nova\"\n"}});
  const std::string uri = forge.uri(refs_path);
  ServerProcess server(ServerProcess::Transport::pipe, {"--mirror", mirrors.path()});
  server.initialize({{"textDocument", {{"codeAction", {{"codeActionLiteralSupport", Json::object()}}}}}}, forge.uri());
  server.ask("workspace/executeCommand", run("forge.checkWorkspace"));
  for (const int line : {0, 1}) {
    const Json place = {{"start", {{"line", line}, {"character", 8}}}, {"end", {{"line", line}, {"character", 8}}}};
    const Json actions = server.ask(
        "textDocument/codeAction",
        {{"textDocument", {{"uri", uri}}}, {"range", place}, {"context", {{"diagnostics", Json::array()}}}})["result"];
    const auto sync = std::ranges::find_if(actions, [](const Json& one) { return one.contains("command"); });
    // A local repository that is not there is nothing that could be fetched.
    REQUIRE((sync != actions.end()) == (line == 1));
    if (line == 0) continue;
    CHECK((*sync)["command"]["command"] == "forge.syncMirrors");
    CHECK((*sync)["command"]["arguments"] == Json{forge.uri()});
    CHECK((*sync)["diagnostics"][0]["code"] == "upstream-unavailable");
  }
}

TEST_CASE("command: syncMirrors shows progress of its own and can be cancelled by it") {
  const TempFolder mirrors;
  const TemporaryForge forge(
      ForgeFiles{{refs_path, "keystone: \"28.0.0\"\n"}, {"forge.yaml", forge_yaml("https://127.0.0.1:1/keystone")}});
  const StuckGit git;
  ServerProcess server(ServerProcess::Transport::pipe, {"--mirror", mirrors.path()});
  server.initialize({{"window", {{"workDoneProgress", true}}}}, forge.uri());
  const int id = server.request("workspace/executeCommand", run("forge.syncMirrors"));
  const Json create = server.wait_for(
      "a token", [](const Json& message) { return message.value("method", "") == "window/workDoneProgress/create"; });
  CHECK(std::ranges::none_of(server.pending(), progress("begin")));
  server.send({{"id", create["id"]}, {"result", nullptr}});
  const Json begin = server.wait_for("the beginning", progress("begin"))["params"];
  CHECK(begin["token"] == create["params"]["token"]);
  CHECK(begin["value"]["title"] == "Syncing mirrors");
  CHECK(begin["value"]["cancellable"] == true);
  server.notify("window/workDoneProgress/cancel", {{"token", begin["token"]}});
  CHECK(server.response(id)["error"]["code"] == -32800);
  CHECK(std::ranges::count_if(server.pending(), progress("end")) == 1);
}

TEST_CASE("command: a cancelled request and the end of the session stop what waits for the network") {
  const TempFolder mirrors;
  const TemporaryForge forge(
      ForgeFiles{{refs_path, "keystone: \"28.0.0\"\n"}, {"forge.yaml", forge_yaml("https://127.0.0.1:1/keystone")}});
  const StuckGit git;
  ServerProcess server(ServerProcess::Transport::pipe, {"--mirror", mirrors.path()});
  server.initialize({}, forge.uri());
  const int first = server.request("workspace/executeCommand", run("forge.syncMirrors", Json::array(), 5));
  server.wait_for("the beginning", progress("begin"));
  server.notify("$/cancelRequest", {{"id", first}});
  CHECK(server.response(first)["error"]["code"] == -32800);
  CHECK(std::ranges::count_if(server.pending(), progress("end")) == 1);
  const int second = server.request("workspace/executeCommand", run("forge.syncMirrors", Json::array(), 6));
  CHECK(server.ask("shutdown", nullptr)["result"].is_null());
  CHECK(server.response(second)["error"]["code"] == -32800);
  server.notify("exit", nullptr);
  CHECK(server.exit_code() == 0);
}

TEST_CASE("code action: pinning every branch of a file, resolved where git has not answered yet") {
  const GitFixture upstream = keystone();
  const std::string text = "keystone: 'stable/2025.2' # why\nglance: \"28.0.0\"\n";
  const TemporaryForge forge = forge_on(upstream, text);
  forge.write("forge.yaml", forge_yaml(upstream.path()) + "  glance: \"" + upstream.path() + "\"\n");
  const std::string uri = forge.uri(refs_path);
  ServerProcess server;
  server.initialize({{"workspace", {{"workspaceEdit", {{"documentChanges", true}}}}},
                     {"textDocument",
                      {{"codeAction",
                        {{"codeActionLiteralSupport", Json::object()},
                         {"dataSupport", true},
                         {"disabledSupport", true},
                         {"resolveSupport", {{"properties", {"edit"}}}}}}}}},
                    forge.uri());
  server.notify("textDocument/didOpen", did_open(uri, text, 3));
  const auto ask = [&](const char* kind) {
    const Json place = {{"start", {{"line", 0}, {"character", 0}}}, {"end", {{"line", 0}, {"character", 0}}}};
    return server.ask("textDocument/codeAction",
                      {{"textDocument", {{"uri", uri}}},
                       {"range", place},
                       {"context", {{"diagnostics", Json::array()}, {"only", {kind}}}}})["result"];
  };
  server.ask("workspace/executeCommand", run("forge.checkWorkspace"));
  CHECK(ask("refactor.extract").empty());
  CHECK(ask("refactor.rewrite.more").empty());
  // Looked at again, so that the answers are known of an older state; then the edit comes by resolve, else at once.
  server.notify("textDocument/didChange",
                {{"textDocument", {{"uri", uri}, {"version", 4}}}, {"contentChanges", {{{"text", text + "\n"}}}}});
  const Json actions = ask("refactor");
  REQUIRE(actions.size() == 2);
  CHECK(actions[0]["title"] == "Pin every branch to the newest version of its series");
  CHECK(actions[0]["kind"] == "refactor.rewrite");
  const Json whole = actions[0].contains("edit") ? actions[0] : server.ask("codeAction/resolve", actions[0])["result"];
  const Json change = whole["edit"]["documentChanges"][0];
  CHECK(change["textDocument"]["version"] == 4);
  REQUIRE(change["edits"].size() == 1);
  CHECK(change["edits"][0]["newText"] == "28.0.0");
  CHECK(change["edits"][0]["range"]["start"] == Json{{"line", 0}, {"character", 11}});
  CHECK(change["edits"][0]["range"]["end"] == Json{{"line", 0}, {"character", 24}});
}

TEST_CASE("code action: source.fixAll makes the safe fixes of the document, and nothing else") {
  const std::string text = "keystone: 28.0 # why\nglance: \"31.0.0\"\nnova: 32.0\n";
  const TemporaryForge forge(ForgeFiles{{refs_path, text}});
  ServerProcess server;
  server.initialize({{"textDocument", {{"codeAction", {{"codeActionLiteralSupport", Json::object()}}}}}}, forge.uri());
  const Json place = {{"start", {{"line", 0}, {"character", 0}}}, {"end", {{"line", 0}, {"character", 0}}}};
  const Json actions =
      server.ask("textDocument/codeAction",
                 {{"textDocument", {{"uri", forge.uri(refs_path)}}},
                  {"range", place},
                  {"context", {{"diagnostics", Json::array()}, {"only", {"source.fixAll"}}}}})["result"];
  REQUIRE(actions.size() == 1);
  CHECK(actions[0]["kind"] == "source.fixAll.forge");
  const Json edits = actions[0]["edit"]["changes"][forge.uri(refs_path)];
  REQUIRE(edits.size() == 2);
  CHECK(edits[0]["newText"] == "\"28.0\"");
  CHECK(edits[1]["newText"] == "\"32.0\"");
}

TEST_CASE("file operations: registered as the client offers, followed when patches are renamed or deleted") {
  const TemporaryForge forge(ForgeFiles{{refs_path, "oslo.messaging: \"17.1.0\"\n"},
                                        {"releases/2025.2/upper-constraints.txt", "oslo.messaging===17.1.0\n"},
                                        {"overrides/2025.2/constraints.txt", "# see 0001-x.patch\n-oslo.messaging\n"},
                                        {"patches/oslo.messaging/2025.2/0001-x.patch", shifted},
                                        {"README.md", "We carry `patches/oslo.messaging/2025.2/0001-x.patch`.\n"}});
  ServerProcess server;
  const Json can = server.initialize(
      {{"workspace",
        {{"fileOperations", {{"willRename", true}, {"willDelete", true}}},
         {"workspaceEdit", {{"documentChanges", true}, {"changeAnnotationSupport", Json::object()}}}}}},
      forge.uri())["capabilities"]["workspace"]["fileOperations"];
  CHECK(can["willRename"]["filters"][0]["pattern"]["glob"] == "**/patches/**");
  CHECK(!can.contains("didRename"));
  const std::string old_uri = forge.uri("patches/oslo.messaging/2025.2/0001-x.patch");
  const std::string new_uri = forge.uri("patches/oslo.messaging/2025.2/0001-y.patch");
  const Json renamed = server.ask("workspace/willRenameFiles",
                                  {{"files", Json::array({{{"oldUri", old_uri}, {"newUri", new_uri}}})}})["result"];
  REQUIRE(renamed["documentChanges"].size() == 2);
  for (const Json& change : renamed["documentChanges"]) {
    REQUIRE(change["edits"].size() == 1);
    CHECK(change["edits"][0]["newText"].get<std::string>().ends_with("0001-y.patch"));
  }
  const Json deleted =
      server.ask("workspace/willDeleteFiles", {{"files", Json::array({{{"uri", old_uri}}})}})["result"];
  REQUIRE(deleted["documentChanges"].size() == 1);
  const Json edit = deleted["documentChanges"][0]["edits"][0];
  CHECK(edit["newText"] == "");
  CHECK(edit["range"]["end"] == Json{{"line", 2}, {"character", 0}});
  CHECK(deleted["changeAnnotations"][edit["annotationId"].get<std::string>()]["needsConfirmation"] == true);
  CHECK(server.ask("workspace/willRenameFiles", {{"files", Json::array()}})["error"]["code"] == -32602);
}
