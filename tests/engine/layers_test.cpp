/// The layers' one direction of includes, held as a table: what only habit guards, grows exceptions.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>

#include <doctest/doctest.h>

namespace {

namespace fs = std::filesystem;

/// Layer -> the layers it may include besides itself.
const std::map<std::string, std::set<std::string>> allowed = {
    {"engine/base", {}},
    {"engine/formats", {"engine/base"}},
    {"engine/git", {"engine/base", "engine/formats"}},
    {"engine/index", {"engine/base", "engine/formats", "engine/git"}},
    {"engine/workspace", {"engine/base", "engine/formats", "engine/git", "engine/index"}},
    {"engine/model", {"engine/base", "engine/formats", "engine/git", "engine/index", "engine/workspace"}},
    {"engine/rules",
     {"engine/base", "engine/formats", "engine/git", "engine/index", "engine/workspace", "engine/model"}},
    {"engine/plan",
     {"engine/base", "engine/formats", "engine/git", "engine/index", "engine/workspace", "engine/model"}},
    {"engine/ide", {"engine/base", "engine/formats", "engine/git", "engine/index", "engine/workspace", "engine/model"}},
    {"engine/audit",
     {"engine/base", "engine/formats", "engine/git", "engine/index", "engine/workspace", "engine/model", "engine/rules",
      "engine/plan"}},
    {"engine/sbom",
     {"engine/base", "engine/formats", "engine/git", "engine/index", "engine/workspace", "engine/model",
      "engine/plan"}},
    {"cli/user", {"engine/base", "engine/formats", "engine/git", "engine/index"}},
    {"cli",
     {"cli/user", "engine/base", "engine/formats", "engine/git", "engine/index", "engine/workspace", "engine/model",
      "engine/rules", "engine/plan", "engine/audit", "engine/sbom"}},
    {"lsp",
     {"cli/user", "engine/base", "engine/formats", "engine/git", "engine/index", "engine/workspace", "engine/model",
      "engine/rules", "engine/plan", "engine/audit", "engine/ide"}},
};

/// Third-party header -> the only files that may include it.
const std::map<std::string, std::string> sole_users = {
    {"git2", "engine/git/"},
    {"archive", "engine/formats/source_archive.cpp engine/formats/unpack.cpp"},
    {"yaml-cpp/", "engine/formats/yaml_tree.cpp"},
    {"CLI/", "cli/arguments.cpp lsp/main.cpp"},
    {"boost/asio", "lsp/"},
    {"curl/", "engine/index/http_client.cpp engine/index/curl_loader.cpp"}};

/// `engine/model` of `engine/model/x.hpp`, `cli` of `cli/render/json.hpp`.
std::string layer_of(const std::string& path) {
  if (path.starts_with("cli/user/")) return "cli/user";
  const std::size_t first = path.find('/');
  if (path.substr(0, first) != "engine") return path.substr(0, first);
  return path.substr(0, path.find('/', first + 1));
}

std::string included_by(const std::string& line) {
  const std::size_t at = line.find("#include ");
  if (at != 0) return {};
  return line.substr(10, line.find_first_of("\">", 10) - 10);
}

}  // namespace

TEST_CASE("layers: every include points down") {
  const fs::path root = FORGE_SOURCE_DIR;
  std::size_t seen = 0;
  for (const char* top : {"engine", "cli", "lsp"}) {
    for (const auto& entry : fs::recursive_directory_iterator(root / top)) {
      if (entry.path().extension() != ".hpp" && entry.path().extension() != ".cpp") continue;
      const std::string file = entry.path().lexically_relative(root).generic_string();
      const std::string layer = layer_of(file);
      REQUIRE(allowed.contains(layer));
      std::ifstream stream(entry.path());
      for (std::string line; std::getline(stream, line);) {
        const std::string include = included_by(line);
        if (include.empty()) continue;
        CAPTURE(file);
        CAPTURE(include);
        for (const auto& [header, user] : sole_users) {
          const bool permitted = user.ends_with('/') ? file.starts_with(user) : user.find(file) != std::string::npos;
          if (include.starts_with(header)) CHECK(permitted);
        }
        if (line.find('"') == std::string::npos) continue;
        ++seen;
        const std::string target = layer_of(include);
        CHECK((target == layer || allowed.at(layer).contains(target)));
      }
    }
  }
  CHECK(seen > 50);  // else the test reads nothing
}
