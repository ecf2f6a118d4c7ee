/// `plan` of the real program: every bake file that it writes is read by the real bake, every script by a shell, and
/// what it can't plan leaves the old file as it was.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "tests/support/bake_program.hpp"
#include "tests/support/process.hpp"

namespace {

namespace fs = std::filesystem;
using forge::support::BakeProgram;
using forge::support::ProcessResult;
using forge::support::run_process;
using Words = std::vector<std::string>;

const fs::path example = fs::path(FORGE_SOURCE_DIR) / "examples/small-forge";

std::string read_file(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// The example in a folder of its own, gone at the end of the test.
class Example {
 public:
  Example() {
    std::string name = (fs::temp_directory_path() / "forge-plan-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    root_ = name;
    fs::copy(example, root_, fs::copy_options::recursive | fs::copy_options::overwrite_existing);
    fs::remove_all(root_ / "candidate");
    const ProcessResult made = run_process({(example / "make-upstreams").string(), (root_ / "upstream").string()});
    REQUIRE_MESSAGE(made.exit_code == 0, made.err);
  }
  ~Example() { fs::remove_all(root_); }
  Example(const Example&) = delete;
  Example& operator=(const Example&) = delete;

  [[nodiscard]] ProcessResult plan(const Words& words) const {
    Words command{FORGE_ANALYZE_BINARY, "plan", "--offline"};
    command.insert(command.end(), words.begin(), words.end());
    return run(command);
  }
  [[nodiscard]] ProcessResult run(const Words& command) const { return run_process(command, root_.string()); }
  void write(const std::string& path, const std::string& text) const {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path, std::ios::binary) << text;
  }
  void append(const std::string& path, const std::string& text) const {
    std::ofstream(root_ / path, std::ios::binary | std::ios::app) << text;
  }
  [[nodiscard]] std::string read(const std::string& path) const { return read_file(root_ / path); }

  /// Plans into a file that is there already; it must stay, and the words must name `said`.
  void refuses(int exit_code, const std::string& said, Words words = {}) const {
    write("plan.json", "the old one");
    words.insert(words.end(), {"--format", "bake", "-o", "plan.json"});
    const ProcessResult result = plan(words);
    CHECK_MESSAGE(result.exit_code == exit_code, said << "\n" << result.err);
    CHECK_MESSAGE(result.err.find(said) != std::string::npos, result.err);
    CHECK(read("plan.json") == "the old one");
  }

 private:
  fs::path root_;
};

std::string lines(const Words& faults) {
  std::string out;
  for (const std::string& fault : faults) out += fault + "\n";
  return out;
}

const Words pushed = {"--push", "--branch", "main", "--commit", "4f9c2d17b0e84a5c9a1f6e3d2b7c8091a2b3c4d5"};

Words operator+(Words left, const Words& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

/// Options of each event, stage and cache that a workflow uses.
std::vector<Words> ways() {
  const Words digests = {"--base-digest", "python-base=sha256:" + std::string(64, '3'), "--base-digest",
                         "venv-builder=sha256:" + std::string(64, '4')};
  std::vector<Words> out = {{}, {"--event", "pull_request", "--branch", "123/merge"}};
  for (const std::string event : {"push", "schedule", "workflow_dispatch"}) {
    out.push_back({"--event", event});
    for (const std::string stage : {"all", "bases"}) out.push_back(Words{"--event", event, "--stage", stage} + pushed);
    for (const std::string platform : {"linux/amd64", "linux/arm64"})
      out.push_back(Words{"--event", event, "--stage", "services", "--platform", platform} + pushed + digests);
  }
  for (const std::string cache : {"gha", "registry", "local", "none"}) {
    out.push_back({"--cache", cache});
    out.push_back(Words{"--event", "push", "--cache", cache} + pushed);
  }
  return out;
}

}  // namespace

TEST_CASE("plan: every bake file of the example goes through the real bake unchanged") {
  const std::optional<BakeProgram> bake = BakeProgram::find();
  if (!bake) return;
  const Example forge;
  for (const Words& way : ways()) {
    const ProcessResult result = forge.plan(way + Words{"--format", "bake"});
    CHECK_MESSAGE(result.exit_code == 0, lines(way) << result.err);
    const Words faults = bake->faults(result.out);
    CHECK_MESSAGE(faults.empty(), lines(way) << lines(faults));
  }
}

TEST_CASE("plan: this repository's own forge, as much of it as there are mirrors for") {
  const std::optional<BakeProgram> bake = BakeProgram::find();
  if (!bake) return;
  for (const Words& way : ways()) {
    const ProcessResult result = run_process(
        Words{FORGE_ANALYZE_BINARY, "plan", "-C", FORGE_SOURCE_DIR, "--offline", "--keep-going", "--format", "bake"} +
        way);
    const Words faults = bake->faults(result.out);
    CHECK_MESSAGE(faults.empty(), lines(way) << lines(faults));
    const bool services = std::ranges::find(way, "services") != way.end();
    if (!services) CHECK(result.out.find("\"python-base\": {") != std::string::npos);
  }
}

TEST_CASE("plan: every script is one that POSIX shells can read") {
  const Example forge;
  for (const Words& way : ways()) {
    const ProcessResult result = forge.plan(way + Words{"--format", "shell", "-o", "plan.sh"});
    CHECK_MESSAGE(result.exit_code == 0, lines(way) << result.err);
    for (const std::string shell : {"sh", "dash", "bash"}) {
      if (!fs::exists("/bin/" + shell)) continue;
      const ProcessResult read = forge.run({shell, "-n", "plan.sh"});
      CHECK_MESSAGE(read.exit_code == 0, shell << "\n" << lines(way) << read.err);
    }
  }
}
