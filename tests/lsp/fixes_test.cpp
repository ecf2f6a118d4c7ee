/// Every fix that tests/cases knows of, made through the real executable: its diagnostic goes, and the file becomes
/// what the case expects. Every rule below an error can be ignored where it is.
#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <ostream>
#include <set>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

#include <doctest/doctest.h>

#include "engine/base/line_index.hpp"
#include "lsp/protocol/uri.hpp"
#include "tests/lsp/server_process.hpp"
#include "tests/support/case_file.hpp"
#include "tests/support/git_fixture.hpp"

using forge::lsp::test::ForgeFiles;
using forge::lsp::test::Json;
using forge::lsp::test::ServerProcess;
using forge::lsp::test::TemporaryForge;
using forge::support::Case;
using forge::support::CaseSection;
using forge::support::GitFixture;
using forge::support::GitStream;
using forge::support::TempFolder;

namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

bool cut_suffix(std::string& text, std::string_view suffix) {
  if (!text.ends_with(suffix)) return false;
  text.resize(text.size() - suffix.size());
  return true;
}

ForgeFiles forge_files(const Case& one) {
  ForgeFiles files;
  for (const CaseSection& section : one.sections) {
    const std::string word = section.header.substr(0, section.header.find(' '));
    if (word == "expect" || word == "upstream" || word == "index" || word == "packages") continue;
    std::string path = section.header;
    std::string text = section.text;
    if (cut_suffix(path, " (no final newline)")) text.pop_back();
    files.emplace_back(path, text);
  }
  return files;
}

/// What the server can't be given here: package indexes and lists, submodules.
bool is_beyond_reach(const Case& one) {
  return std::ranges::any_of(one.sections, [](const CaseSection& section) {
    return section.header.starts_with("index ") || section.header.starts_with("packages") ||
           section.header.ends_with(" (submodule)");
  });
}

/// The upstreams of a case as repositories, each ref a commit on top of the one before.
std::map<std::string, std::unique_ptr<GitFixture>> upstreams_of(const Case& one) {
  struct Ref {
    std::string name;
    GitStream::Commit commit;
  };
  std::map<std::string, std::vector<Ref>> all;
  for (const CaseSection& section : one.sections) {
    if (!section.header.starts_with("upstream ")) continue;
    std::istringstream words(section.header.substr(9));
    std::string at;
    std::string path;
    words >> at;
    std::getline(words >> std::ws, path);
    std::vector<Ref>& refs = all[at.substr(0, at.find('@'))];
    const std::string name = at.substr(at.find('@') + 1);
    if (refs.empty() || refs.back().name != name) refs.push_back({name, {.branch = "import", .message = "change"}});
    if (path == "message")
      refs.back().commit.message = section.text;
    else if (cut_suffix(path, " (deleted)"))
      refs.back().commit.removed.push_back(path);
    else
      refs.back().commit.files[path] = section.text;
  }
  std::map<std::string, std::unique_ptr<GitFixture>> made;
  for (const auto& [component, refs] : all) {
    GitStream stream;
    constexpr std::string_view branch = "branch:";
    for (const Ref& ref : refs) {
      const int commit = stream.commit(ref.commit);
      if (ref.name.starts_with(branch))
        stream.branch(ref.name.substr(branch.size()), commit);
      else if (!ref.name.starts_with("commit:"))
        stream.tag(ref.name, commit);
    }
    made[component] = std::make_unique<GitFixture>(stream);
    made[component]->git("update-ref -d refs/heads/import");
  }
  return made;
}

std::size_t offset_in(const std::string& text, const Json& position) {
  const forge::LineIndex lines(text);
  return lines.offset(text, {position["line"].get<std::uint32_t>(), position["character"].get<std::uint32_t>()},
                      forge::ColumnUnit::utf8);
}

std::string path_of(const Json& uri) {
  return *forge::lsp::protocol::path_of_uri(uri.get<std::string>());
}

void apply_text_edits(const std::string& path, const Json& edits) {
  std::string text = read_file(path);
  std::vector<std::tuple<std::size_t, std::size_t, std::string>> changes;
  for (const Json& edit : edits)
    changes.emplace_back(offset_in(text, edit["range"]["start"]), offset_in(text, edit["range"]["end"]),
                         edit["newText"]);
  std::ranges::sort(changes, std::ranges::greater{});
  for (const auto& [begin, end, with] : changes) text.replace(begin, end - begin, with);
  std::ofstream(path, std::ios::binary) << text;
}

/// As an editor would, on the disk.
void apply(const Json& edit) {
  for (const Json& change : edit["documentChanges"]) {
    const std::string kind = change.value("kind", "");
    if (kind == "delete") {
      fs::remove(path_of(change["uri"]));
    } else if (kind == "rename") {
      fs::create_directories(fs::path(path_of(change["newUri"])).parent_path());
      fs::rename(path_of(change["oldUri"]), path_of(change["newUri"]));
    } else if (kind == "create") {
      fs::create_directories(fs::path(path_of(change["uri"])).parent_path());
      std::ofstream(path_of(change["uri"]), std::ios::binary);
    } else {
      apply_text_edits(path_of(change["textDocument"]["uri"]), change["edits"]);
    }
  }
}

Json capabilities() {
  return {{"general", {{"positionEncodings", {"utf-8"}}}},
          {"workspace",
           {{"workspaceEdit", {{"documentChanges", true}, {"resourceOperations", {"create", "rename", "delete"}}}}}},
          {"textDocument",
           {{"diagnostic", Json::object()}, {"codeAction", {{"codeActionLiteralSupport", Json::object()}}}}}};
}

/// One case in a server of its own.
class Session {
 public:
  explicit Session(const Case& one)
      : files_(forge_files(one)),
        forge_(files_),
        upstreams_(upstreams_of(one)),
        server_(ServerProcess::Transport::pipe, {"--mirror", mirrors_.path()}) {
    Json upstreams = Json::object();
    for (const auto& [component, repository] : upstreams_) upstreams[component] = repository->path();
    server_.ask("initialize", {{"processId", nullptr},
                               {"rootUri", forge_.uri()},
                               {"capabilities", capabilities()},
                               {"initializationOptions", {{"forge", {{"upstreams", upstreams}}}}}});
    server_.notify("initialized", Json::object());
  }

  /// Every diagnostic, with its `uri`.
  Json check() {
    const Json counts = server_.ask("workspace/executeCommand", {{"command", "forge.checkWorkspace"}})["result"];
    Json all = Json::array();
    // Where there is nothing to say, an answer would be held for half a minute.
    if (counts["error"] == 0 && counts["warning"] == 0 && counts["info"] == 0 && counts["hint"] == 0) return all;
    const Json found = server_.ask("workspace/diagnostic", {{"previousResultIds", Json::array()}})["result"]["items"];
    for (const Json& item : found) {
      for (Json diagnostic : item["items"]) {
        diagnostic["uri"] = item["uri"];
        all.push_back(std::move(diagnostic));
      }
    }
    return all;
  }

  Json actions(const Json& diagnostic) {
    return server_.ask("textDocument/codeAction",
                       {{"textDocument", {{"uri", diagnostic["uri"]}}},
                        {"range", diagnostic["range"]},
                        {"context", {{"diagnostics", Json::array({diagnostic})}, {"only", {"quickfix"}}}}})["result"];
  }

  [[nodiscard]] std::string text(const std::string& path) const {
    const fs::path full = fs::path(forge_.root()) / path;
    return fs::exists(full) ? read_file(full) : "(no such file)\n";
  }

 private:
  ForgeFiles files_;
  TempFolder mirrors_;
  TemporaryForge forge_;
  std::map<std::string, std::unique_ptr<GitFixture>> upstreams_;
  ServerProcess server_;
};

auto count_of(const Json& diagnostics, const std::string& rule) {
  return std::ranges::count_if(diagnostics, [&](const Json& one) { return one["code"] == rule; });
}

/// The commits of a case in memory are others than those of its repository here.
bool names_a_commit(const std::string& text) {
  std::size_t digits = 0;
  for (const char c : text) {
    digits = std::isxdigit(static_cast<unsigned char>(c)) != 0 ? digits + 1 : 0;
    if (digits == 40) return true;
  }
  return false;
}

auto count_of_message(const Json& diagnostics, const Json& like) {
  return std::ranges::count_if(diagnostics, [&](const Json& one) {
    return one["code"] == like["code"] && one["message"] == like["message"] && one["range"] == like["range"];
  });
}

/// The first action of the rule that has an edit, and is or is not the one that ignores it; null where there is none.
Json action_of(Session& session, const Json& diagnostics, const std::string& rule, bool ignores) {
  for (const Json& diagnostic : diagnostics) {
    if (diagnostic["code"] != rule) continue;
    for (const Json& action : session.actions(diagnostic)) {
      const bool is_ignore = action["title"] == "Ignore `" + rule + "` here";
      if (is_ignore == ignores && action["diagnostics"][0]["code"] == rule &&
          action["diagnostics"][0]["range"] == diagnostic["range"])
        return action;
    }
  }
  return nullptr;
}

template <class Visit>
void for_each_case(const Visit& visit) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(fs::path(FORGE_SOURCE_DIR) / "tests/cases/rules"))
    files.push_back(entry.path());
  std::ranges::sort(files);
  for (const fs::path& file : files)
    for (const Case& one : forge::support::parse_cases(read_file(file)))
      if (!is_beyond_reach(one)) visit(file.stem().string(), one);
}

}  // namespace

TEST_CASE("code action: for every rule with a fix, making it takes its diagnostic away") {
  std::set<std::string> mended;
  for_each_case([&](const std::string& name, const Case& one) {
    for (const CaseSection& section : one.sections) {
      std::istringstream words(section.header);
      std::string expect;
      std::string fixed;
      std::string rule;
      std::string path;
      words >> expect >> fixed >> rule >> path;
      if (expect != "expect" || fixed != "fixed" || path.empty() || mended.contains(rule)) continue;
      CAPTURE(name);
      CAPTURE(one.title);
      Session session(one);
      const Json before = session.check();
      const Json action = action_of(session, before, rule, false);
      REQUIRE(!action.is_null());
      CHECK(action["kind"] == "quickfix");
      apply(action["edit"]);
      if (!names_a_commit(section.text)) CHECK(session.text(path) == section.text);
      // The same line may have another mistake, which shows only now.
      CHECK(count_of_message(session.check(), action["diagnostics"][0]) <
            count_of_message(before, action["diagnostics"][0]));
      mended.insert(rule);
    }
  });
  CHECK(mended.size() > 25);
}

TEST_CASE("code action: a finding below an error can be ignored where it is, and nothing else changes") {
  std::set<std::string> ignored;
  for_each_case([&](const std::string& name, const Case& one) {
    const bool fires = std::ranges::any_of(one.sections, [&](const CaseSection& section) {
      return section.header == "expect check" && section.text.find(": error[" + name + "]") == std::string::npos &&
             section.text.find("[" + name + "]") != std::string::npos;
    });
    if (!fires || ignored.contains(name) || name == "ignore-unused") return;
    CAPTURE(name);
    CAPTURE(one.title);
    Session session(one);
    const Json before = session.check();
    const Json action = action_of(session, before, name, true);
    if (action.is_null()) return;
    CHECK(!action.contains("isPreferred"));
    apply(action["edit"]);
    const Json after = session.check();
    CHECK(count_of(after, name) < count_of(before, name));
    CHECK(after.size() < before.size());
    ignored.insert(name);
  });
  CHECK(ignored.size() > 25);
}
