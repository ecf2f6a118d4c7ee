/// The server under load and with what breaks around it. ctest runs these apart from the other tests, by `load:`.
#include <algorithm>
#include <csignal>
#include <exception>
#include <mutex>
#include <ostream>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/lsp/log_pipe.hpp"
#include "tests/lsp/server_process.hpp"

using forge::lsp::frame;
using forge::lsp::test::did_change;
using forge::lsp::test::did_open;
using forge::lsp::test::error_code;
using forge::lsp::test::find_code;
using forge::lsp::test::ForgeFiles;
using forge::lsp::test::has_code;
using forge::lsp::test::Json;
using forge::lsp::test::LogPipe;
using forge::lsp::test::of_version;
using forge::lsp::test::ServerProcess;
using forge::lsp::test::TemporaryForge;
using forge::lsp::test::with_code;
using Transport = ServerProcess::Transport;

namespace {

constexpr const char* refs_path = "releases/2025.2/source-refs.yaml";
constexpr const char* constraints_path = "releases/2025.2/upper-constraints.txt";
constexpr const char* patch_path = "patches/keystone/2025.2/0001-large.patch";
const std::string good_refs = "keystone: \"28.0.0\"\n";
const std::string analysis_of_files = ": files in";

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool memory_is_the_servers_own = false;  // the sanitizer's shadow is counted with it
#else
constexpr bool memory_is_the_servers_own = true;
#endif

/// What docs/editors.md promises, in KiB: for a forge of ordinary size, and with 64 MiB of caches and large files on
/// top.
constexpr long ordinary_memory = 100L << 10;
constexpr long large_memory = 512L << 10;

TemporaryForge small_forge() {
  return TemporaryForge(ForgeFiles{{refs_path, good_refs}, {constraints_path, "cryptography===43.0.3\n"}});
}

Json range(int line, int begin, int end) {
  return {{"start", {{"line", line}, {"character", begin}}}, {"end", {{"line", line}, {"character", end}}}};
}

Json edit(const std::string& uri, int version, const Json& where, const std::string& text) {
  return {{"textDocument", {{"uri", uri}, {"version", version}}},
          {"contentChanges", Json::array({{{"range", where}, {"text", text}}})}};
}

Json hover_at(const std::string& uri, int line, int character) {
  return {{"textDocument", {{"uri", uri}}}, {"position", {{"line", line}, {"character", character}}}};
}

bool is_list_of(const Json& message, const std::string& uri) {
  return message.value("method", "") == "textDocument/publishDiagnostics" && message["params"]["uri"] == uri;
}

std::ptrdiff_t lists_of(const ServerProcess& server, const std::string& uri) {
  return std::ranges::count_if(server.pending(), [&](const Json& message) { return is_list_of(message, uri); });
}

/// A patch of one file with that many hunks of six lines each.
std::string patch_of(int hunks) {
  std::string text =
      "From 1111111111111111111111111111111111111111 Mon Sep 17 00:00:00 2001\nFrom: A <a@example.org>\n"
      "Date: Mon, 1 Sep 2025 10:00:00 +0000\nSubject: [PATCH] Large\n\n---\n\n"
      "diff --git a/a.py b/a.py\nindex 1111111..2222222 100644\n--- a/a.py\n+++ b/a.py\n";
  for (int i = 0; i < hunks; ++i)
    text +=
        fmt::format("@@ -{0},4 +{0},4 @@ def f{1}():\n     one\n-    two {1}\n+    deux {1}\n     three\n     four\n",
                    10 * i + 1, i);
  return text + "--\n2.39.0\n";
}

std::string pins(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += fmt::format("package-{:06}==={}.{}.0\n", i, i % 90, i % 7);
  return text;
}

/// A client that does all at once, as an editor under a wild keyboard: each request gets one answer.
class RestlessClient {
 public:
  RestlessClient(std::uint16_t port, const TemporaryForge& forge, std::uint32_t seed)
      : server_(port), uri_(forge.uri(refs_path)), random_(seed) {
    server_.initialize({}, forge.uri());
    open();
  }

  void run(int steps) {
    for (int i = 0; i < steps; ++i) step();
    for (const int id : asked_) {
      const Json answer = server_.response(id);
      if (!answer.contains("result") && error_code(answer) != -32800 && error_code(answer) != -32801)
        throw std::runtime_error("an answer that nobody can use: " + answer.dump());
    }
    server_.notify("textDocument/didChange", did_change(uri_, "keystone: 28.10\n", ++version_));
    server_.published(uri_, with_code("ref-not-string"));
    server_.ask("shutdown", nullptr);
    for (const Json& message : server_.pending())
      if (!message.contains("method")) throw std::runtime_error("an answer too many: " + message.dump());
  }

 private:
  void step() {
    switch (random_() % 8) {
      case 0:
        server_.notify("textDocument/didClose", {{"textDocument", {{"uri", uri_}}}});
        return open();
      case 1:
        if (!asked_.empty()) server_.notify("$/cancelRequest", {{"id", asked_[random_() % asked_.size()]}});
        return;
      case 2:
      case 3:
        return ask("textDocument/hover", hover_at(uri_, 0, 12));
      case 4:
        return ask("textDocument/codeAction",
                   {{"textDocument", {{"uri", uri_}}}, {"range", range(0, 0, 20)}, {"context", Json::object()}});
      default:
        server_.notify("textDocument/didChange",
                       did_change(uri_, random_() % 2 == 0 ? good_refs : "keystone: 28.10\n", ++version_));
    }
  }

  void open() { server_.notify("textDocument/didOpen", did_open(uri_, good_refs, ++version_)); }
  void ask(const std::string& method, const Json& params) { asked_.push_back(server_.request(method, params)); }

  ServerProcess server_;
  std::string uri_;
  std::mt19937 random_;
  std::vector<int> asked_;
  int version_ = 0;
};

}  // namespace

TEST_CASE("load: 10,000 changes at full speed end with the right list, few others, and no more memory than before") {
  const TemporaryForge forge = small_forge();
  const std::string uri = forge.uri(refs_path);
  ServerProcess server;
  server.initialize({}, forge.uri());
  server.notify("textDocument/didOpen", did_open(uri, good_refs));
  int version = 1;
  const auto burst = [&] {
    std::string bytes;
    for (int i = 0; i < 10'000; ++i) {
      const bool type = ++version % 2 == 0;
      Json message = {{"jsonrpc", "2.0"}, {"method", "textDocument/didChange"}};
      message["params"] = edit(uri, version, range(0, 10, type ? 18 : 15), type ? "28.10" : "\"28.0.0\"");
      bytes += frame(message.dump());
    }
    server.send_bytes(bytes);
    server.ask("textDocument/hover", hover_at(uri, 0, 12));
    CHECK(!has_code(server.published(uri, of_version(version))["diagnostics"], "ref-not-string"));
  };
  burst();
  const long before = server.memory();
  for (int i = 0; i < 3; ++i) burst();
  CHECK(lists_of(server, uri) < 2'000);
  if (memory_is_the_servers_own) {
    CHECK(server.memory() < before + (20L << 10));
    CHECK(server.memory("VmHWM") < ordinary_memory);
  }
}

TEST_CASE("load: a patch of 20,000 lines and constraints of 100,000, edited in the middle") {
  const TemporaryForge forge(
      ForgeFiles{{refs_path, good_refs}, {constraints_path, pins(100'000)}, {patch_path, patch_of(3'333)}});
  ServerProcess server;
  server.initialize({}, forge.uri());
  const std::string patch = forge.uri(patch_path);
  const std::string constraints = forge.uri(constraints_path);
  server.notify("textDocument/didOpen", did_open(patch, patch_of(3'333)));
  server.notify("textDocument/didOpen", did_open(constraints, pins(100'000)));
  const int header = 11 + 6 * 1'666;
  for (int version = 2; version < 12; version += 2) {
    server.notify("textDocument/didChange", edit(patch, version, range(header, 19, 20), "9"));
    const Json counted =
        find_code(server.published(patch, with_code("patch-malformed"))["diagnostics"], "patch-malformed");
    CHECK(counted["range"]["start"]["line"] == header);
    server.notify("textDocument/didChange", edit(patch, version + 1, range(header, 19, 20), "4"));
    CHECK(!has_code(server.published(patch, of_version(version + 1))["diagnostics"], "patch-malformed"));

    server.notify("textDocument/didChange", edit(constraints, version, range(50'000, 14, 17), " "));
    const Json found = find_code(server.published(constraints, with_code("pin-syntax"))["diagnostics"], "pin-syntax");
    CHECK(found["range"]["start"]["line"] == 50'000);
    server.notify("textDocument/didChange", edit(constraints, version + 1, range(50'000, 14, 15), "==="));
    CHECK(!has_code(server.published(constraints, of_version(version + 1))["diagnostics"], "pin-syntax"));
  }
  if (memory_is_the_servers_own) CHECK(server.memory("VmHWM") < large_memory);
}

TEST_CASE("load: a branch switch of 500 files is analysed a few times, not 500") {
  ForgeFiles files = {{refs_path, good_refs}};
  const auto path_of = [](int i) { return fmt::format("patches/keystone/2025.2/{:04}-x.patch", i); };
  for (int i = 0; i < 500; ++i) files.emplace_back(path_of(i), patch_of(1));
  const TemporaryForge forge(files);
  LogPipe log;
  ServerProcess server(Transport::pipe, log.arguments());
  server.initialize({{"workspace", {{"didChangeWatchedFiles", {{"dynamicRegistration", true}}}}}}, forge.uri());
  log.line_with("all rules");
  Json changes = Json::array();
  std::string bytes;
  for (int i = 0; i < 500; ++i) {
    forge.write(path_of(i), "no patch any more\n");
    const Json change = {{"uri", forge.uri(path_of(i))}, {"type", 2}};
    changes.push_back(change);
    const Json alone = {{"jsonrpc", "2.0"},
                        {"method", "workspace/didChangeWatchedFiles"},
                        {"params", {{"changes", Json::array({change})}}}};
    bytes += frame(alone.dump());
  }
  server.notify("workspace/didChangeWatchedFiles", {{"changes", changes}});  // as VS Code tells
  server.send_bytes(bytes);                                                  // as others do
  for (int i = 0; i < 500; ++i) server.published(forge.uri(path_of(i)), with_code("patch-malformed"));
  CHECK(log.count_until(analysis_of_files, "all rules") <= 3);
}

TEST_CASE("load: a client that stops reading gets every answer later, and of the lists only the newest") {
  std::string bad_refs;
  for (int i = 0; i < 300; ++i) bad_refs += fmt::format("component-{}: 28.10\n", i);
  const TemporaryForge forge(ForgeFiles{{refs_path, good_refs}});
  const std::string uri = forge.uri(refs_path);
  LogPipe log;
  ServerProcess server(Transport::pipe, log.arguments());
  server.initialize({}, forge.uri());
  server.notify("textDocument/didOpen", did_open(uri, bad_refs));
  log.line_with("all rules");
  const long before = server.memory();
  std::vector<int> asked;
  int version = 1;
  for (int i = 0; i < 30; ++i) {
    const std::string line = fmt::format("# {}\n", i);
    server.notify("textDocument/didChange", edit(uri, ++version, range(0, 0, 0), line));
    asked.push_back(server.request("textDocument/hover", hover_at(uri, 1, 1)));
    log.line_with(analysis_of_files);  // so that each version has a list of 60 KB, which nobody takes
  }
  if (memory_is_the_servers_own) CHECK(server.memory() < before + (20L << 10));
  for (const int id : asked) CHECK(server.response(id).contains("result"));
  CHECK(server.published(uri, of_version(version))["diagnostics"].size() >= 300);
  CHECK(lists_of(server, uri) < 10);
}

TEST_CASE("load: the end of input at any byte of a conversation is an end without a crash") {
  const auto message = [](const Json& body) { return frame(body.dump()); };
  const std::string conversation =
      message(
          {{"jsonrpc", "2.0"}, {"id", 1}, {"method", "initialize"}, {"params", {{"capabilities", Json::object()}}}}) +
      message({{"jsonrpc", "2.0"}, {"id", "é"}, {"method", "x"}});
  for (std::size_t cut = 0; cut < conversation.size(); ++cut) {
    ServerProcess server;
    server.send_bytes(conversation.substr(0, cut));
    server.close_input();
    CHECK(server.exit_code() == 1);
  }
}

TEST_CASE("load: behind 1,000 broken bodies each good request is answered") {
  const TemporaryForge forge = small_forge();
  ServerProcess server;
  server.initialize({}, forge.uri());
  const Json hover = {{"jsonrpc", "2.0"},
                      {"id", 1},
                      {"method", "textDocument/hover"},
                      {"params", hover_at(forge.uri(refs_path), 0, 12)}};
  const std::string good = hover.dump();
  std::mt19937 random(11);
  for (int i = 0; i < 1'000; ++i) {
    std::string broken = good;
    for (auto count = 1 + random() % 4; count > 0; --count)
      broken.at(random() % broken.size()) = static_cast<char>(random() % 256);
    if (random() % 3 == 0) broken.resize(random() % broken.size());
    server.send_bytes(frame(broken));
    CHECK(server.ask("forge/unknown", nullptr).contains("error"));
  }
}

TEST_CASE("load: a server that was killed is replaced by one that says the same") {
  const TemporaryForge forge = small_forge();
  const std::string uri = forge.uri(refs_path);
  const Json pulls = {{"textDocument", {{"diagnostic", Json::object()}}}};
  Json before;
  for (int i = 0; i < 3; ++i) {
    ServerProcess server;
    server.initialize(pulls, forge.uri());
    server.notify("textDocument/didOpen", did_open(uri, "keystone: 28.10\n"));
    const Json now = server.ask("textDocument/diagnostic", {{"textDocument", {{"uri", uri}}}})["result"];
    if (i > 0) CHECK(now == before);
    before = now;
    // In the midst of its work.
    server.notify("textDocument/didChange", did_change(uri, good_refs, 2));
    server.kill();
    CHECK(server.exit_code() == -1);
  }
}

TEST_CASE("load: eight restless clients of one server get one answer to each request") {
  const TemporaryForge forge = small_forge();
  ServerProcess server(Transport::tcp);
  server.initialize({}, forge.uri());
  std::mutex mutex;
  std::vector<std::string> problems;
  {
    std::vector<std::jthread> clients;
    for (std::uint32_t seed = 0; seed < 8; ++seed)
      clients.emplace_back([&, seed] {
        try {
          RestlessClient(server.port(), forge, seed).run(400);
        } catch (const std::exception& problem) {
          const std::scoped_lock lock(mutex);
          problems.emplace_back(problem.what());
        }
      });
  }
  for (const std::string& problem : problems) FAIL_CHECK(problem);
  CHECK(server.ask("shutdown", nullptr)["result"].is_null());
}

TEST_CASE("load: 3,000 documents opened and closed leave no memory behind") {
  const TemporaryForge forge = small_forge();
  ServerProcess server;
  server.initialize({}, forge.uri());
  const std::string text = patch_of(50);
  const auto round = [&](int documents) {
    for (int i = 0; i < documents; ++i) {
      const std::string uri = forge.uri(fmt::format("patches/keystone/2025.2/{:04}.patch", i % 20));
      server.notify("textDocument/didOpen", did_open(uri, text));
      server.ask("textDocument/hover", hover_at(uri, 12, 1));
      server.notify("textDocument/didClose", {{"textDocument", {{"uri", uri}}}});
    }
    server.ask("textDocument/hover", hover_at(forge.uri(refs_path), 0, 12));
  };
  round(300);
  const long before = server.memory();
  round(2'700);
  if (memory_is_the_servers_own) CHECK(server.memory() < before + (20L << 10));
}
