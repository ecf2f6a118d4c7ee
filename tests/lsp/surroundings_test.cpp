/// What a server may meet around it: users without a home, workspaces that can't be written, paths that a URI spells in
/// another way; and that the command line says the same.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <ostream>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "lsp/protocol/uri.hpp"
#include "tests/lsp/server_process.hpp"
#include "tests/support/keystone.hpp"

using forge::lsp::protocol::path_of_uri;
using forge::lsp::protocol::uri_of_path;
using forge::lsp::test::at;
using forge::lsp::test::did_change;
using forge::lsp::test::did_open;
using forge::lsp::test::ForgeFiles;
using forge::lsp::test::Json;
using forge::lsp::test::ServerProcess;
using forge::lsp::test::TemporaryForge;
using forge::lsp::test::with_code;
using forge::support::GitFixture;
using forge::support::keystone;

namespace {

namespace fs = std::filesystem;

constexpr const char* refs_path = "releases/2025.2/source-refs.yaml";

/// Something to say of every kind of file.
ForgeFiles files_with_mistakes(const GitFixture& upstream) {
  const std::string patch = "From: A <a@example.org>\nSubject: [PATCH] x\n\n---\n--- a/a.txt\n+++ b/a.txt\n";
  return {
      {refs_path, "# \xF0\x9F\x98\x80\nkeystone: \"28.0.0\"\nnova: 32.0 # \xF0\x9F\x98\x80\nkeystone: \"28.0.9\"\n"},
      {"releases/2025.1/source-refs.yaml", "keystone: \"stable/2025.2\"\n# forge: ignore[ref-not-string]\n"},
      {"releases/2025.2/upper-constraints.txt", "cryptography===43.0.3\noslo.messaging>=17\n"},
      {"releases/2025.2/extra-packages.yaml", "keystone:\n  pip_extra: [x]\n"},
      {"overrides/2025.2/constraints.txt", "cryptography===43.0.3\nx>=1\n"},
      {"images/keystone/Dockerfile", "FROM python-bas\nCOPY --from=keystone / /\n"},
      {"bindep.txt", "gcc [build\n"},
      {"patches/keystone/2025.2/0001-there.patch", patch + "@@ -1 +1 @@\n-one\n+uno\n"},
      {"patches/keystone/2025.2/0002-not-there.patch", patch + "@@ -1 +1 @@\n-nothing\n+more\n"},
      {"patches/keystone/2025.2/notes.txt", "x\n"},
      {"forge.yaml", "upstreams:\n  keystone: \"" + upstream.path() + "\"\nrules: {no-such-rule: off}\n"}};
}

/// Rule, file, place and words of a finding, in one line.
using Lines = std::multiset<std::string>;

std::string severity_name(int number) {
  constexpr std::array<const char*, 5> names = {"", "error", "warning", "info", "hint"};
  return names.at(static_cast<std::size_t>(number));
}

std::string line_of(const std::string& severity, const std::string& rule, const std::string& path, const Json& begin,
                    const Json& end, const std::string& message) {
  return fmt::format("{}[{}] {} {}-{}: {}", severity, rule, path, begin.dump(), end.dump(), message);
}

Lines lines_of_server(ServerProcess& server, const TemporaryForge& forge) {
  Lines lines;
  const Json items = server.ask("workspace/diagnostic", {{"previousResultIds", Json::array()}})["result"]["items"];
  for (const Json& item : items) {
    const std::string path = fs::path(*path_of_uri(item["uri"].get<std::string>())).lexically_relative(forge.root());
    for (const Json& found : item["items"])
      lines.insert(line_of(severity_name(found["severity"]), found["code"], path,
                           {found["range"]["start"]["line"], found["range"]["start"]["character"]},
                           {found["range"]["end"]["line"], found["range"]["end"]["character"]}, found["message"]));
  }
  return lines;
}

std::string output_of(const std::string& command) {
  std::FILE* pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string text;
  std::array<char, 4096> part{};
  for (std::size_t got = 0; (got = std::fread(part.data(), 1, part.size(), pipe)) > 0;) text.append(part.data(), got);
  ::pclose(pipe);
  return text;
}

Lines lines_of_command(const TemporaryForge& forge, const std::string& mirrors) {
  const std::string text =
      output_of(fmt::format("'{}' check --offline --quiet --format json -C '{}' --mirror '{}' 2>/dev/null",
                            FORGE_ANALYZE_BINARY, forge.root(), mirrors));
  Lines lines;
  const Json answer = Json::parse(text);
  for (const Json& found : answer["findings"]) {
    // The server never asks an index.
    if (found["rule"] == "index-unavailable" || found["rule"] == "distribution-unavailable") continue;
    const auto position = [&](const char* line, const char* column) {
      return Json{found[line].get<int>() - 1, found[column].get<int>() - 1};
    };
    lines.insert(line_of(found["severity"], found["rule"], found["file"], position("line", "column"),
                         position("endLine", "endColumn"), found["message"]));
  }
  return lines;
}

Json pulls() {
  return {{"textDocument", {{"diagnostic", Json::object()}}}};
}

/// A variable of the environment for whatever is started meanwhile; null: it is not set.
class Variable {
 public:
  Variable(std::string name, const char* value) : name_(std::move(name)) {
    if (const char* before = std::getenv(name_.c_str())) {
      had_one_ = true;
      before_ = before;
    }
    set(value);
  }
  ~Variable() { set(had_one_ ? before_.c_str() : nullptr); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  void set(const char* value) {
    if (value == nullptr)
      ::unsetenv(name_.c_str());
    else
      ::setenv(name_.c_str(), value, 1);
  }

  std::string name_;
  std::string before_;
  bool had_one_ = false;
};

/// A folder and all in it that nobody may write to, until this goes.
class ReadOnly {
 public:
  explicit ReadOnly(const std::string& folder) : folder_(folder) { allow(false); }
  ~ReadOnly() { allow(true); }
  ReadOnly(const ReadOnly&) = delete;
  ReadOnly& operator=(const ReadOnly&) = delete;

 private:
  void allow(bool writing) {
    const auto how = writing ? fs::perm_options::add : fs::perm_options::remove;
    constexpr fs::perms write = fs::perms::owner_write | fs::perms::group_write | fs::perms::others_write;
    fs::permissions(folder_, write, how);
    for (const auto& entry : fs::recursive_directory_iterator(folder_)) fs::permissions(entry.path(), write, how);
  }

  std::string folder_;
};

}  // namespace

TEST_CASE("surroundings: the command line says what the server says, whatever is opened in which order") {
  const GitFixture upstream = keystone();
  const TemporaryForge forge(files_with_mistakes(upstream));
  const std::string mirrors = upstream.beside("mirrors");
  const Lines of_command = lines_of_command(forge, mirrors);
  CHECK(of_command.size() > 10);
  std::mt19937 random(17);
  ForgeFiles files = files_with_mistakes(upstream);
  for (int round = 0; round < 4; ++round) {
    std::ranges::shuffle(files, random);
    ServerProcess server(ServerProcess::Transport::pipe, {"--mirror", mirrors});
    server.initialize(pulls(), forge.uri());
    for (std::size_t i = 0; i < files.size(); ++i) {
      const auto& [path, text] = files[i];
      if (random() % 3 == 0) continue;
      // Opened with another text, and brought to what is on the disk by an edit; closed again at times.
      server.notify("textDocument/didOpen", did_open(forge.uri(path), "# " + text));
      if (random() % 2 == 0)
        server.notify("textDocument/didChange", did_change(forge.uri(path), text, 2));
      else
        server.notify("textDocument/didClose", {{"textDocument", {{"uri", forge.uri(path)}}}});
      if (random() % 4 == 0) server.ask("textDocument/hover", at(forge.uri(path), 1, 3));
    }
    const Lines of_server = lines_of_server(server, forge);
    for (const std::string& line : of_command)
      if (!of_server.contains(line)) FAIL_CHECK("not said by the server: ", line);
    for (const std::string& line : of_server)
      if (!of_command.contains(line)) FAIL_CHECK("not said by the command: ", line);
  }
}

TEST_CASE("surroundings: without a home, and with folders that can't be written, the server answers") {
  const GitFixture upstream = keystone();
  const TemporaryForge forge(ForgeFiles{{refs_path, "keystone: \"28.0.9\"\n"},
                                        {"forge.yaml", "upstreams:\n  keystone: \"" + upstream.path() + "\"\n"}});
  const ReadOnly forge_only_read(forge.root());
  const ReadOnly upstream_only_read(upstream.path());
  for (const char* home : {static_cast<const char*>(nullptr), "", "/nonexistent", "/proc"}) {
    CAPTURE((home == nullptr ? "(none)" : home));
    const Variable no_home("HOME", home);
    const Variable no_cache("XDG_CACHE_HOME", nullptr);
    const Variable no_config("XDG_CONFIG_HOME", nullptr);
    ServerProcess server;
    server.initialize({}, forge.uri());
    server.published(forge.uri(refs_path), with_code("ref-not-found"));
    CHECK(server.ask("textDocument/hover", at(forge.uri(refs_path), 0, 12))["result"].is_object());
    CHECK(server.ask("shutdown", nullptr)["result"].is_null());
  }
}

TEST_CASE("surroundings: folders and files whose names a URI spells in another way") {
  const GitFixture upstream = keystone();
  for (const std::string& name :
       {std::string("with blanks"), std::string("100%25 %zz"), std::string("f\xC3\xB6rge #1?x"),
        std::string("\xF0\x9F\x98\x80 \xE6\xBC\xA2"), std::string("a+b&c;d=e,f'(g)"), std::string("two\nlines"),
        std::string("back\\slash")}) {
    CAPTURE(name);
    const TemporaryForge outer(
        ForgeFiles{{name + "/" + refs_path, "keystone: \"28.0.9\"\n"},
                   {name + "/patches/keystone/2025.2/0001 100% \xC3\xA9.patch", "x\n"},
                   {name + "/forge.yaml", "upstreams:\n  keystone: \"" + upstream.path() + "\"\n"}});
    const std::string root = uri_of_path(outer.root() + "/" + name);
    const std::string uri = root + "/" + refs_path;
    const std::string patch = root + "/patches/keystone/2025.2/0001%20100%25%20%C3%A9.patch";
    ServerProcess server;
    server.initialize({}, root);
    server.notify("textDocument/didOpen", did_open(uri, "keystone: \"28.0.9\"\n"));
    CHECK(server.published(uri, with_code("ref-not-found"))["uri"] == uri);
    CHECK(server.published(patch)["uri"] == patch);
    const Json hover = server.ask("textDocument/hover", at(uri, 0, 3))["result"];
    CHECK(hover["contents"]["value"].get<std::string>().find("1 patch") != std::string::npos);
    const Json found = server.ask("textDocument/definition", at(uri, 0, 3))["result"];
    REQUIRE(found.size() == 1);
    CHECK(found[0]["uri"] == patch);
  }
}
