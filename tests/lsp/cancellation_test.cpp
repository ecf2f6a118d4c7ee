/// Complete analyses that nobody waits for any more are cut; the next one says what a whole one would have said.
#include <algorithm>
#include <memory>
#include <ostream>
#include <string>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/lsp/log_pipe.hpp"
#include "tests/lsp/server_process.hpp"
#include "tests/support/git_fixture.hpp"

using forge::lsp::test::at;
using forge::lsp::test::did_change;
using forge::lsp::test::did_open;
using forge::lsp::test::error_code;
using forge::lsp::test::ForgeFiles;
using forge::lsp::test::has_code;
using forge::lsp::test::Json;
using forge::lsp::test::LogPipe;
using forge::lsp::test::of_version;
using forge::lsp::test::ServerProcess;
using forge::lsp::test::TemporaryForge;
using forge::support::GitFixture;
using forge::support::GitStream;
using Transport = ServerProcess::Transport;

namespace {

constexpr const char* refs_path = "releases/2025.2/source-refs.yaml";
constexpr const char* good_refs = "keystone: \"28.0.0\"\n";
constexpr const char* other_refs = "# why\nkeystone: \"28.0.9\"\n";
const std::string begins = " begins";
const std::string cut = ": cut after";
const std::string whole = ": all rules in";

/// A file in which many places look alike, which makes the search for where a patch may belong long.
std::string lines_alike(int count, int seed) {
  std::string text;
  for (int i = 0; i < count; ++i) text += fmt::format("value_{} = {}\n", (i * 7 + seed) % 13, (i * 31 + seed) % 101);
  return text;
}

// A second or more of searching, in a build with optimisation as in one without.
#ifdef NDEBUG
constexpr int lines_to_search = 800'000;
#else
constexpr int lines_to_search = 20'000;
#endif

GitFixture keystone() {
  GitStream stream;
  const int first = stream.commit({.message = "One", .files = {{"a.py", lines_alike(lines_to_search, 0)}}});
  stream.tag("28.0.0", first).branch("stable/2025.2", first);
  return GitFixture(stream);
}

/// A patch of many hunks that are nowhere in the file.
std::string patch(int seed) {
  std::string text = "--- a/a.py\n+++ b/a.py\n";
  for (int i = 0; i < 20; ++i) {
    text += fmt::format("@@ -{0},7 +{0},7 @@\n", 1 + i * 900);
    for (int line = 0; line < 6; ++line)
      text += fmt::format(" value_{} = {}\n", (i + line + seed) % 13, (i * line + seed) % 101);
    text += fmt::format("-nowhere_{0}\n+here_{0}\n", i);
  }
  return text;
}

/// Its complete analysis takes far longer than a message, its files' far shorter.
class SlowForge {
 public:
  explicit SlowForge(int patches = 12) : upstream_(keystone()), forge_(files(upstream_, patches)) {}

  [[nodiscard]] std::string uri(const std::string& path = {}) const { return forge_.uri(path); }

 private:
  static ForgeFiles files(const GitFixture& upstream, int patches) {
    ForgeFiles files = {{refs_path, good_refs},
                        {"forge.yaml", "upstreams:\n  keystone: \"" + upstream.path() + "\"\n"}};
    for (int i = 0; i < patches; ++i)
      files.emplace_back(fmt::format("patches/keystone/2025.2/{:04}-x.patch", i), patch(i));
    return files;
  }

  GitFixture upstream_;
  TemporaryForge forge_;
};

/// A server that says what it does.
struct TalkingServer {
  LogPipe log{};
  ServerProcess server{Transport::pipe, log.arguments()};
};

Json run(const std::string& command, const Json& token) {
  return {{"command", command}, {"arguments", Json::array()}, {"workDoneToken", token}};
}

auto progress(const std::string& kind) {
  return [kind](const Json& message) {
    return message.value("method", "") == "$/progress" && message["params"]["value"]["kind"] == kind;
  };
}

}  // namespace

TEST_CASE("cancellation: an edit cuts the complete analysis that it makes obsolete, and the next one is whole") {
  const SlowForge forge;
  const std::string uri = forge.uri(refs_path);
  TalkingServer edited;
  edited.server.initialize({}, forge.uri());
  edited.server.notify("textDocument/didOpen", did_open(uri, good_refs));
  edited.server.published(uri, of_version(1));
  edited.log.line_with(begins);
  edited.server.notify("textDocument/didChange", did_change(uri, other_refs, 2));
  CHECK(edited.log.count_until(cut, whole) >= 1);
  TalkingServer fresh;
  fresh.server.initialize({}, forge.uri());
  fresh.server.notify("textDocument/didOpen", did_open(uri, other_refs, 2));
  fresh.log.line_with(whole);
  const auto complete = [](const Json& params) {
    return params.value("version", 0) == 2 && has_code(params["diagnostics"], "ref-not-found");
  };
  CHECK(edited.server.published(uri, complete)["diagnostics"] == fresh.server.published(uri, complete)["diagnostics"]);
}

TEST_CASE("cancellation: of many edits during one analysis few are analysed to the end, the last one is") {
  const SlowForge forge;
  const std::string uri = forge.uri(refs_path);
  TalkingServer talking;
  ServerProcess& server = talking.server;
  server.initialize({}, forge.uri());
  server.notify("textDocument/didOpen", did_open(uri, good_refs));
  talking.log.line_with(begins);
  int version = 1;
  for (; version < 30; ++version) server.notify("textDocument/didChange", did_change(uri, good_refs, version + 1));
  server.notify("textDocument/didChange", did_change(uri, other_refs, ++version));
  const std::string last = talking.log.line_with(whole);
  server.published(uri, [&](const Json& params) {
    return params.value("version", 0) == version && has_code(params["diagnostics"], "ref-not-found");
  });
  CAPTURE(last);
  const auto complete = std::ranges::count_if(server.pending(), [&](const Json& message) {
    return message.value("method", "") == "textDocument/publishDiagnostics" && message["params"]["uri"] == uri &&
           has_code(message["params"]["diagnostics"], "patch-does-not-apply");
  });
  CHECK(complete < 10);
}

TEST_CASE("cancellation: typing without end does not keep a complete analysis away for ever") {
  const SlowForge forge;
  const std::string uri = forge.uri(refs_path);
  TalkingServer talking;
  ServerProcess& server = talking.server;
  server.initialize({{"textDocument", {{"diagnostic", Json::object()}}}}, forge.uri());
  server.notify("textDocument/didOpen", did_open(uri, good_refs));
  const int asked = server.request("workspace/executeCommand", run("forge.checkWorkspace", "t"));
  int version = 1;
  const auto answered = [&] {
    return std::ranges::any_of(server.pending(),
                               [&](const Json& message) { return message.value("id", Json()) == asked; });
  };
  while (!answered()) {
    server.notify("textDocument/didChange", did_change(uri, fmt::format("# {}\n{}", version, good_refs), version + 1));
    ++version;
    server.ask("textDocument/hover", at(uri, 1, 3));
  }
  CHECK(server.response(asked)["result"]["forges"] == 1);
}

TEST_CASE("cancellation: closing the document, shutdown and a lost connection cut what is under way") {
  const SlowForge forge;
  const std::string uri = forge.uri(refs_path);
  LogPipe log;
  ServerProcess server(Transport::tcp, log.arguments());
  server.initialize();
  SUBCASE("the document is closed") {
    server.notify("textDocument/didOpen", did_open(uri, std::string("# why\n") + good_refs));
    log.line_with(begins);
    server.notify("textDocument/didClose", {{"textDocument", {{"uri", uri}}}});
    log.line_with(cut);
  }
  SUBCASE("shutdown") {
    server.notify("textDocument/didOpen", did_open(uri, std::string("# why\n") + good_refs));
    log.line_with(begins);
    CHECK(server.ask("shutdown", nullptr)["result"].is_null());
    log.line_with(cut);
  }
  SUBCASE("the client is lost") {
    auto other = std::make_unique<ServerProcess>(server.port());
    other->initialize({}, forge.uri());
    log.line_with(begins);
    other.reset();
    log.line_with(cut);
  }
  SUBCASE("the folder is removed") {
    server.notify("workspace/didChangeWorkspaceFolders",
                  {{"event", {{"added", {{{"uri", forge.uri()}, {"name", "x"}}}}, {"removed", Json::array()}}}});
    log.line_with(begins);
    server.notify("workspace/didChangeWorkspaceFolders",
                  {{"event", {{"removed", {{{"uri", forge.uri()}, {"name", "x"}}}}, {"added", Json::array()}}}});
    log.line_with(cut);
  }
}

TEST_CASE("cancellation: checkWorkspace by its progress or its id; what waits is answered, the next edit is analysed") {
  const SlowForge forge;
  const std::string uri = forge.uri(refs_path);
  for (const bool by_progress : {true, false}) {
    TalkingServer talking;
    ServerProcess& server = talking.server;
    server.initialize({{"textDocument", {{"diagnostic", Json::object()}}}}, forge.uri());
    server.notify("textDocument/didOpen", did_open(uri, good_refs));
    const int id = server.request("workspace/executeCommand", run("forge.checkWorkspace", "t"));
    CHECK(server.wait_for("the beginning", progress("begin"))["params"]["value"]["cancellable"] == true);
    const int pull = server.request("textDocument/diagnostic", {{"textDocument", {{"uri", uri}}}});
    talking.log.line_with(begins);
    if (by_progress)
      server.notify("window/workDoneProgress/cancel", {{"token", "t"}});
    else
      server.notify("$/cancelRequest", {{"id", id}});
    CHECK(error_code(server.response(id)) == -32800);
    CHECK(std::ranges::count_if(server.pending(), progress("end")) == 1);
    talking.log.line_with(cut);
    CHECK(server.response(pull).contains("result"));
    server.notify("textDocument/didChange", did_change(uri, other_refs, 2));
    talking.log.line_with(begins);
    talking.log.line_with(whole);
    CHECK(has_code(server.ask("textDocument/diagnostic", {{"textDocument", {{"uri", uri}}}})["result"]["items"],
                   "ref-not-found"));
  }
}

TEST_CASE("cancellation: the server's own progress of an analysis can be cancelled, and another one be asked for") {
  const SlowForge forge(100);  // slow enough to be shown, whatever the machine
  TalkingServer talking;
  ServerProcess& server = talking.server;
  server.initialize({{"window", {{"workDoneProgress", true}}}}, forge.uri());
  const Json create = server.wait_for(
      "a token", [](const Json& message) { return message.value("method", "") == "window/workDoneProgress/create"; });
  CHECK(std::ranges::none_of(server.pending(), progress("begin")));
  server.send({{"id", create["id"]}, {"result", nullptr}});
  const Json begin = server.wait_for("the beginning", progress("begin"))["params"];
  CHECK(begin["value"]["cancellable"] == true);
  server.notify("window/workDoneProgress/cancel", {{"token", begin["token"]}});
  talking.log.line_with(cut);
  server.wait_for("the end", progress("end"));
  server.request("workspace/executeCommand", run("forge.checkWorkspace", "t"));
  talking.log.line_with(begins);
}
