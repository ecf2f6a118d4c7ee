/// `plan` of the real program: every bake file that it writes is read by the real bake, every script by a shell, and
/// what it can't plan leaves the old file as it was.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
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
  Words digests;
  for (const std::string base : {"python-base", "venv-builder", "c-builder"})
    digests = digests + Words{"--base-digest", base + "=sha256:" + std::string(64, '3')};
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
  std::set<std::string> seen;
  for (const Words& way : ways()) {
    const ProcessResult result = forge.plan(way + Words{"--format", "bake"});
    CHECK_MESSAGE(result.exit_code == 0, lines(way) << result.err);
    if (!seen.insert(result.out).second) continue;
    const Words faults = bake->faults(result.out);
    CHECK_MESSAGE(faults.empty(), lines(way) << lines(faults));
  }
  CHECK(seen.size() > 10);
}

TEST_CASE("plan: this repository's own forge, as much of it as there are mirrors for") {
  const std::optional<BakeProgram> bake = BakeProgram::find();
  if (!bake) return;
  const std::vector<Words> all = ways();
  for (const Words& way : {all[0], all[1], all[3], all[5]}) {
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

TEST_CASE("plan: what can't be planned leaves the old file as it was, and says why") {
  const std::string on_base = "FROM python-base\n";
  struct Bad {
    const char* what;
    std::string path;
    std::string text;
    std::string said;
  };
  const std::vector<Bad> all = {
      {"an image in upper case", "images/Upper/Dockerfile", on_base, "`Upper` can't be an image's name"},
      {"an image with a space", "images/a b/Dockerfile", on_base, "`a b` can't be an image's name"},
      {"an image with a quote", "images/it's/Dockerfile", on_base, "`it's` can't be an image's name"},
      {"an image with a line break", "images/a\nb/Dockerfile", on_base, "can't be an image's name"},
      {"an image that bake would fill in", "images/${x}/Dockerfile", on_base, "`${x}` can't be an image's name"},
      {"another one", "images/%{x}/Dockerfile", on_base, "`%{x}` can't be an image's name"},
      {"an image that a shell would run", "images/`id`/Dockerfile", on_base, "can't be an image's name"},
      {"an image like an option", "images/-x/Dockerfile", on_base, "`-x` can't be an image's name"},
      {"an image of other letters", "images/\xC3\xBC/Dockerfile", on_base, "can't be an image's name"},
      {"a base called as a service's target", "images/almanac-2025-1/Dockerfile", on_base,
       "two targets would be called `almanac-2025-1`"},
      {"a release with an option in it", "releases/2025.3,mode=max/source-refs.yaml", "almanac: \"4.0.0\"\n",
       "`2025.3,mode=max` can't be a release's name"},
      {"a release that a shell would take apart", "releases/2025.3'; touch x/source-refs.yaml", "almanac: \"4.0.0\"\n",
       "can't be a release's name"},
      {"a context that nobody gives", "images/beacon/Dockerfile",
       "FROM venv-builder AS build\nRUN --mount=type=bind,from=nobody,target=/x true\nFROM python-base\n"
       "COPY --from=build /x /x\n",
       "`nobody` is neither a stage nor a context"},
      {"a context in upper case", "images/beacon/Dockerfile",
       "FROM venv-builder AS build\nRUN --mount=type=bind,from=Oslo.Lantern,target=/x true\nFROM python-base\n"
       "COPY --from=build /x /x\n",
       "no context can be called so"},
      {"a ref that a shell would run", "releases/2025.2/source-refs.yaml", "almanac: \"$(id)\"\n", "ref-not-found"},
  };
  for (const Bad& bad : all) {
    CAPTURE(bad.what);
    const Example forge;
    forge.write(bad.path, bad.text);
    forge.refuses(1, bad.said);
  }
}

TEST_CASE("plan: two images of one tag, and patches of a library that no image reads") {
  const Example forge;
  for (const std::string file : {"source-refs.yaml", "upper-constraints.txt", "extra-packages.yaml"})
    forge.write("releases/2025.3/" + file, forge.read("releases/2025.2/" + file));
  forge.refuses(1, "courier:3.0.2`, and the last one wins");

  const Example unread;
  for (const std::string image : {"almanac", "beacon", "courier"})
    unread.write("images/" + image + "/Dockerfile", "FROM venv-builder AS build\nRUN --mount=type=bind,from=" + image +
                                                        ",target=/src,readwrite true\nFROM python-base\n"
                                                        "COPY --from=build /var/lib /var/lib\n");
  unread.refuses(1, "No image of 2025.2 reads `oslo.lantern`, so its patches would be in none.");
}

TEST_CASE("plan: options that contradict or make no sense are usage errors") {
  const Example forge;
  forge.refuses(2, "is no registry", {"--registry", "a b"});
  forge.refuses(2, "is no registry", {"--registry", "${x}"});
  forge.refuses(2, "is no platform", {"--platform", "linux/amd64;x"});
  forge.refuses(2, "is no digest", {"--base-digest", "python-base=sha256:$(x)"});
  forge.refuses(2, "is no commit of 40 digits", {"--commit", "$(x)"});
  forge.refuses(2, "pushes nothing", Words{"--event", "pull_request"} + pushed);
  forge.refuses(2, "--chunk goes with `--format matrix`", {"--chunk", "0"});
  CHECK(forge.plan({"--format", "matrix", "--chunk", "x"}).exit_code == 2);
  CHECK(forge.plan({"--format", "matrix", "--chunk", "1"}).exit_code == 2);
  CHECK(forge.plan({"--format", "matrix", "--chunk", "0"}).exit_code == 0);
  CHECK(forge.plan({"--format", "matrix", "--no-chunks"}).exit_code == 0);
}

TEST_CASE("plan: an image called `default`, one with the longest name, and any branch are no trouble") {
  const std::optional<BakeProgram> bake = BakeProgram::find();
  if (!bake) return;
  const Example forge;
  forge.write("images/default/Dockerfile", "FROM python-base\n");
  forge.write("images/bases/Dockerfile", "FROM python-base\n");
  forge.write("images/" + std::string(200, 'x') + "/Dockerfile", "FROM python-base\n");
  const ProcessResult result = forge.plan({"--format", "bake", "--event", "push", "--push", "--commit",
                                           "4f9c2d17b0e84a5c9a1f6e3d2b7c8091a2b3c4d5", "--branch",
                                           "$(touch x)`id`/'${y}\n\xC3\xBC" + std::string(300, 'b')});
  CHECK_MESSAGE(result.exit_code == 0, result.err);
  const Words faults = bake->faults(result.out);
  CHECK_MESSAGE(faults.empty(), lines(faults));
}
