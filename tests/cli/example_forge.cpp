#include "tests/cli/example_forge.hpp"

#include <fstream>
#include <iterator>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace forge::cli_tests {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using support::ProcessResult;
using support::run_process;

std::string read_file(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

void write_file(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

const fs::path& prototype() {
  struct Made {
    fs::path folder;
    Made() {
      std::string name = (fs::temp_directory_path() / "forge-cli-XXXXXX").string();
      REQUIRE(::mkdtemp(name.data()) != nullptr);
      folder = name;
      const fs::path example = fs::path(FORGE_SOURCE_DIR) / "examples/small-forge";
      fs::copy(example, folder / "forge", fs::copy_options::recursive);
      const ProcessResult made =
          run_process({(example / "make-upstreams").string(), (folder / "forge/upstream").string()});
      REQUIRE_MESSAGE(made.exit_code == 0, made.err);
    }
    ~Made() { fs::remove_all(folder); }
  };
  static const Made made;
  return made.folder;
}

SmallForge::SmallForge() {
  static int count = 0;
  root_ = prototype() / ("copy-" + std::to_string(++count));
  fs::copy(prototype() / "forge", root_, fs::copy_options::recursive);
}

SmallForge::~SmallForge() {
  fs::remove_all(root_);
}

void SmallForge::take_candidate() const {
  fs::copy(root_ / "candidate", root_, fs::copy_options::recursive | fs::copy_options::overwrite_existing);
}

ProcessResult SmallForge::run(std::vector<std::string> arguments, const std::vector<std::string>& environment) const {
  arguments.insert(arguments.begin(), FORGE_ANALYZE_BINARY);
  return run_process(arguments, root_.string(), environment);
}

std::string SmallForge::git(std::vector<std::string> arguments) const {
  const std::vector<std::string> start{"git", "-c", "user.name=tester", "-c", "user.email=tester@example.org"};
  arguments.insert(arguments.begin(), start.begin(), start.end());
  const ProcessResult result = run_process(arguments, root_.string(), {});
  REQUIRE_MESSAGE(result.exit_code == 0, result.err);
  return result.out.substr(0, result.out.find_last_not_of('\n') + 1);
}

std::string SmallForge::commit(const std::string& message) const {
  if (!fs::exists(root_ / ".git")) {
    git({"init", "-q", "-b", "main"});
    write_file(root_ / ".gitignore", "upstream/\nbuild/\n*.json\n");
  }
  git({"add", "-A"});
  git({"commit", "-q", "--allow-empty", "-m", message});
  return git({"rev-parse", "HEAD"});
}

std::set<std::string> SmallForge::check(int exit_code) const {
  const ProcessResult result = run({"check", "--format", "json"});
  CHECK_MESSAGE(result.exit_code == exit_code, result.err);
  const Json json = Json::parse(result.out);
  CHECK(json.at("version") == 1);
  std::set<std::string> found;
  for (const Json& finding : json.at("findings")) {
    found.insert(finding.at("rule").get<std::string>() + " " + finding.at("file").get<std::string>() + ":" +
                 std::to_string(finding.at("line").get<int>()));
  }
  return found;
}

std::map<std::string, std::uintmax_t> SmallForge::listing() const {
  std::map<std::string, std::uintmax_t> files;
  for (const auto& entry : fs::recursive_directory_iterator(root_)) {
    if (entry.is_regular_file()) files[entry.path().string()] = entry.file_size();
  }
  return files;
}

}  // namespace forge::cli_tests
