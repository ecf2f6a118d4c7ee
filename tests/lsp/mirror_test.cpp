/// Mirrors that change, break and vanish under the server: never a crash, never a verdict that is not true.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "tests/lsp/log_pipe.hpp"
#include "tests/lsp/server_process.hpp"
#include "tests/support/git_fixture.hpp"

using forge::lsp::test::did_change;
using forge::lsp::test::did_open;
using forge::lsp::test::ForgeFiles;
using forge::lsp::test::has_code;
using forge::lsp::test::Json;
using forge::lsp::test::LogPipe;
using forge::lsp::test::ServerProcess;
using forge::lsp::test::TemporaryForge;
using forge::lsp::test::with_code;
using forge::support::GitFixture;
using forge::support::GitStream;

namespace {

namespace fs = std::filesystem;

constexpr const char* refs_path = "releases/2025.2/source-refs.yaml";
constexpr const char* patch_path = "patches/keystone/2025.2/0001-x.patch";
const std::string refs = "keystone: \"28.0.0\"\n";
const std::string patch =
    "From 1111111111111111111111111111111111111111 Mon Sep 17 00:00:00 2001\nFrom: A <a@example.org>\n"
    "Date: Mon, 1 Sep 2025 10:00:00 +0000\nSubject: [PATCH] Fix\n\nWhy.\n---\n\n"
    "diff --git a/a.txt b/a.txt\nindex 1111111..2222222 100644\n--- a/a.txt\n+++ b/a.txt\n"
    "@@ -1,1 +1,1 @@\n-one\n+deux\n--\n2.39.0\n";

GitFixture keystone() {
  GitStream stream;
  std::string large;
  for (int i = 0; i < 20'000; ++i) large += std::to_string(i * 7919) + "\n";
  int last = 0;
  for (int i = 0; i < 30; ++i)
    last =
        stream.commit({.message = "Change " + std::to_string(i),
                       .files = {{"a.txt", i == 0 ? "one\n" : "one\n" + std::string(static_cast<std::size_t>(i), 'x')},
                                 {"large.txt", large + std::to_string(i)}}});
  stream.tag("28.0.0", last).branch("stable/2025.2", last);
  return GitFixture(stream);
}

void for_packs(const GitFixture& upstream, const std::function<void(const fs::path&)>& act) {
  fs::recursive_directory_iterator all(upstream.path() + "/objects");
  for (const fs::directory_entry& entry : all)
    if (entry.path().extension() == ".pack") {
      fs::permissions(entry.path(), fs::perms::owner_all);
      act(entry.path());
    }
}

/// A client that edits while the mirror is being changed, and what it was told.
class Watcher {
 public:
  explicit Watcher(const GitFixture& upstream, std::vector<std::string> more_arguments = {})
      : forge_(ForgeFiles{{refs_path, refs},
                          {patch_path, patch},
                          {"forge.yaml", "upstreams:\n  keystone: \"" + upstream.path() + "\"\n"}}),
        uri_(forge_.uri(refs_path)),
        server_(ServerProcess::Transport::pipe, std::move(more_arguments)) {
    server_.initialize({}, forge_.uri());
    server_.notify("textDocument/didOpen", did_open(uri_, "keystone: \"28.0.9\"\n"));
    server_.published(uri_, with_code("ref-not-found"));
    change(refs);
  }

  void change(const std::string& text) { server_.notify("textDocument/didChange", did_change(uri_, text, ++version_)); }
  /// Ten edits and questions; each is answered.
  void work() {
    for (int i = 0; i < 10; ++i) {
      change("# " + std::to_string(i) + "\n" + refs);
      CHECK(server_
                .ask("textDocument/hover",
                     {{"textDocument", {{"uri", uri_}}}, {"position", {{"line", 1}, {"character", 12}}}})
                .contains("result"));
    }
  }
  void never_said(const std::string& code) {
    for (const Json& message : server_.pending()) {
      const bool ours = message.value("method", "") == "textDocument/publishDiagnostics" &&
                        message["params"]["uri"] == uri_ && message["params"].value("version", 0) > 2;
      if (ours) CHECK(!has_code(message["params"]["diagnostics"], code));
    }
  }
  Json until(const std::function<bool(const Json&)>& fits) { return server_.published(uri_, fits); }
  ServerProcess& server() { return server_; }

 private:
  TemporaryForge forge_;
  std::string uri_;
  ServerProcess server_;
  int version_ = 1;
};

}  // namespace

TEST_CASE("load: a mirror that is repacked and pruned under the server keeps its verdicts") {
  const GitFixture upstream = keystone();
  Watcher watcher(upstream);
  watcher.work();
  for (const char* upkeep : {"repack -a -d -q", "pack-refs --all", "gc -q --prune=now", "repack -a -d -f -q"}) {
    upstream.git(upkeep);
    watcher.work();
  }
  watcher.never_said("ref-not-found");
  // News are seen by the server itself, with nobody typing.
  upstream.git("tag -d 28.0.0");
  watcher.until(with_code("ref-not-found"));
  upstream.git("tag 28.0.0 stable/2025.2");
  watcher.until([](const Json& params) { return !has_code(params["diagnostics"], "ref-not-found"); });
}

TEST_CASE("load: a mirror that vanishes leaves no verdict, and has one when it is back") {
  const GitFixture upstream = keystone();
  Watcher watcher(upstream);
  watcher.work();
  fs::rename(upstream.path(), upstream.beside("away"));
  watcher.until(with_code("upstream-unavailable"));
  watcher.work();
  watcher.never_said("ref-not-found");
  fs::rename(upstream.beside("away"), upstream.path());
  watcher.until([](const Json& params) { return !has_code(params["diagnostics"], "upstream-unavailable"); });
}

TEST_CASE("load: a quiet server has no pack in its memory, and knows its verdicts when somebody types again") {
  const GitFixture upstream = keystone();
  upstream.git("repack -a -d -q");
  LogPipe log;
  Watcher watcher(upstream, log.arguments());
  const auto is_mapped = [&] {
    std::ifstream maps("/proc/" + std::to_string(watcher.server().pid()) + "/maps");
    const std::string all(std::istreambuf_iterator<char>(maps), {});
    return all.find(upstream.path() + "/objects/pack") != std::string::npos;
  };
  for (int i = 0; i < 2; ++i) {
    watcher.change("keystone: \"28.0.9\"\n");
    watcher.until(with_code("ref-not-found"));
    CHECK(is_mapped());
    watcher.change(refs);
    watcher.until([](const Json& params) { return !has_code(params["diagnostics"], "ref-not-found"); });
    log.line_with("is quiet");
    CHECK_FALSE(is_mapped());
  }
}

TEST_CASE("load: packs that are overwritten, cut off or removed while they are read end no server") {
  const auto overwrite = [](const fs::path& pack) {
    std::fstream file(pack, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(100);
    file << std::string(fs::file_size(pack) - 100, '\xA5');
  };
  const auto cut = [](const fs::path& pack) { fs::resize_file(pack, 40); };
  const auto empty = [](const fs::path& pack) { fs::resize_file(pack, 0); };
  const auto remove = [](const fs::path& pack) { fs::remove(pack); };
  for (const std::function<void(const fs::path&)>& harm :
       {std::function<void(const fs::path&)>(overwrite), std::function<void(const fs::path&)>(cut),
        std::function<void(const fs::path&)>(empty), std::function<void(const fs::path&)>(remove)}) {
    const GitFixture upstream = keystone();
    upstream.git("repack -a -d -q");
    upstream.git("pack-refs --all");
    Watcher watcher(upstream);
    watcher.work();
    for_packs(upstream, harm);
    watcher.work();
    fs::last_write_time(upstream.path() + "/packed-refs", fs::file_time_type::clock::now());
    watcher.work();
    watcher.never_said("ref-not-found");
    CHECK(watcher.server().ask("shutdown", nullptr)["result"].is_null());
  }
}
