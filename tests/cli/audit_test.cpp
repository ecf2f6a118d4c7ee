/// `audit` and `release init` as a user runs them, on the embedded example. The reports are compared with files beside
/// this one; FORGE_UPDATE_EXPECT=1 writes them anew.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "tests/support/process.hpp"

namespace {

namespace fs = std::filesystem;
using forge::support::ProcessResult;
using forge::support::run_process;
using Json = nlohmann::json;

std::string read_file(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

void write_file(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

/// A copy of the small forge with its upstreams, gone at the end of the test.
class Forge {
 public:
  Forge() {
    std::string name = (fs::temp_directory_path() / "forge-audit-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    root_ = name;
    const fs::path example = fs::path(FORGE_SOURCE_DIR) / "examples/small-forge";
    fs::copy(example, root_, fs::copy_options::recursive);
    const ProcessResult made = run_process({(example / "make-upstreams").string(), (root_ / "upstream").string()});
    REQUIRE_MESSAGE(made.exit_code == 0, made.err);
  }
  ~Forge() { fs::remove_all(root_); }
  Forge(const Forge&) = delete;
  Forge& operator=(const Forge&) = delete;

  void take_mistakes() const {
    fs::copy(root_ / "candidate", root_, fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  }
  [[nodiscard]] fs::path operator/(const std::string& path) const { return root_ / path; }
  [[nodiscard]] ProcessResult run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), FORGE_ANALYZE_BINARY);
    return run_process(arguments, root_.string());
  }
  /// Where the copy is changes with every run.
  [[nodiscard]] std::string without_root(std::string text) const {
    const std::string root = root_.string();
    for (std::size_t at = 0; (at = text.find(root)) != std::string::npos;) text.replace(at, root.size(), "FORGE");
    return text;
  }
  [[nodiscard]] Json json(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--format", "json"});
    const ProcessResult done = run(std::move(arguments));
    CHECK_MESSAGE(done.exit_code < 2, done.err);
    return Json::parse(done.out);
  }

 private:
  fs::path root_;
};

void take_out(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos;) {
    const std::size_t begin = at + from.size();
    const std::size_t end = text.find(to, begin);
    if (end == std::string::npos) return;
    text.erase(begin, end - begin);
    at = begin;
  }
}

void compare(const std::string& name, std::string text) {
  const fs::path golden = fs::path(FORGE_SOURCE_DIR) / "tests/cli/expected" / name;
  if (std::getenv("FORGE_UPDATE_EXPECT") != nullptr) write_file(golden, text);
  CHECK(text == read_file(golden));
}

const Json& component(const Json& audit, const std::string& name) {
  for (const Json& one : audit.at("components"))
    if (one.at("component") == name) return one;
  FAIL("no component " << name);
  return audit;
}

}  // namespace

TEST_CASE("audit: the small forge is ready, and the exit code says so") {
  const Forge forge;
  const ProcessResult done = forge.run({"audit", "--release", "2025.2"});
  CHECK_MESSAGE(done.exit_code == 0, done.err);
  CHECK(done.out.starts_with("2025.2: ready\n"));
  CHECK(forge.run({"audit"}).out == done.out);  // the newest
}

TEST_CASE("audit: the reports of a release with mistakes") {
  const Forge forge;
  forge.take_mistakes();
  const std::vector<std::string> audit = {"audit", "--release", "2025.2", "--color", "never", "--format"};
  for (const auto& [format, file] : {std::pair("text", "audit.txt"), std::pair("json", "audit.json"),
                                     std::pair("markdown", "audit.md"), std::pair("html", "audit.html")}) {
    std::vector<std::string> arguments = audit;
    arguments.emplace_back(format);
    ProcessResult done = forge.run(arguments);
    CHECK(done.exit_code == 1);
    CHECK(forge.run(arguments).out == done.out);
    take_out(done.out, "<style>", "</style>");
    take_out(done.out, "<script>", "</script>");
    take_out(done.out, "'sha256-", "'");
    compare(file, done.out);
  }
}

TEST_CASE("audit: --fail-on") {
  const Forge forge;
  write_file(forge / "releases/2025.2/source-refs.yaml",
             "almanac: \"4.0.1\"\nbeacon: \"stable/2025.2\"\ncourier: \"3.0.2\"\noslo.lantern: \"1.3.0\"\n");
  fs::remove_all(forge / "patches/beacon/2025.2");
  write_file(forge / "overrides/2025.2/constraints.txt", "-oslo.lantern\nPyMySLQ===1.1.1\n");
  CHECK(forge.run({"audit"}).exit_code == 0);
  CHECK(forge.run({"audit", "--fail-on", "warning"}).exit_code == 1);
  forge.take_mistakes();
  CHECK(forge.run({"audit", "--fail-on", "never"}).exit_code == 0);
  CHECK(forge.run({"audit", "--release", "2019.1"}).exit_code == 2);
  CHECK(forge.run({"audit", "--from", "2025.1"}).exit_code == 2);
  CHECK(forge.run({"audit", "--candidate"}).exit_code == 2);
}

TEST_CASE("audit: what an upstream that is not here leaves unexamined is never ready") {
  const Forge forge;
  fs::remove_all(forge / "upstream/courier.git");
  const Json offline = forge.json({"audit", "--offline"});
  CHECK(offline.at("verdict") == "ready with risks");
  CHECK(component(offline, "courier").at("checks").at("refs").at("state") == "not examined");
  CHECK(component(offline, "almanac").at("verdict") == "ready");
  CHECK(forge.json({"audit"}).at("verdict") == "not ready");
}

TEST_CASE("audit: SARIF has the findings and the verdict") {
  const Forge forge;
  forge.take_mistakes();
  const ProcessResult done = forge.run({"audit", "--format", "sarif"});
  const Json run = Json::parse(done.out).at("runs").at(0);
  CHECK(run.at("properties").at("verdict") == "not ready");
  CHECK(run.at("results").size() == forge.json({"audit"}).at("findings").size());
}

TEST_CASE("audit --candidate: a release that is not there, and nothing is written") {
  const Forge forge;
  const Json audit = forge.json({"audit", "--candidate", "--release", "2026.1"});
  CHECK(audit.at("candidateFrom") == "2025.2");
  CHECK(audit.at("verdict") == "ready with risks");
  CHECK(component(audit, "almanac").at("ref").at("ref") == "master");
  CHECK_FALSE(fs::exists(forge / "releases/2026.1"));
  CHECK(forge.run({"audit", "--candidate", "--release", "2025.2"}).exit_code == 2);
}

TEST_CASE("audit --candidate and release init are one: what is written is what was audited") {
  const Forge forge;
  write_file(forge / "new.txt", read_file(forge / "releases/2025.2/upper-constraints.txt"));
  const std::vector<std::string> options = {"--from", "2025.1", "--constraints", "new.txt"};
  std::vector<std::string> before = {"audit", "--candidate", "--release", "2026.1"};
  before.insert(before.end(), options.begin(), options.end());
  const Json candidate = forge.json(before);
  std::vector<std::string> init = {"release", "init", "2026.1"};
  init.insert(init.end(), options.begin(), options.end());
  const ProcessResult made = forge.run(init);
  CHECK_MESSAGE(made.exit_code == 0, made.err);
  const Json written = forge.json({"audit", "--release", "2026.1"});
  CHECK(written.at("findings") == candidate.at("findings"));
  CHECK(read_file(forge / "releases/2026.1/upper-constraints.txt") == read_file(forge / "new.txt"));
}

TEST_CASE("release init: shows, writes, and writes over nothing") {
  const Forge forge;
  const ProcessResult shown = forge.run({"release", "init", "2026.1", "--dry-run"});
  CHECK_MESSAGE(shown.exit_code == 0, shown.err);
  CHECK(shown.out.find("+++ b/releases/2026.1/source-refs.yaml") != std::string::npos);
  CHECK(shown.out.find("+# Services\n+almanac: \"master\"\n") != std::string::npos);
  CHECK(shown.err.find("Left to decide:") != std::string::npos);
  CHECK_FALSE(fs::exists(forge / "releases/2026.1"));
  write_file(forge / "overrides/2026.1/constraints.txt", "# mine\n");
  const ProcessResult refused = forge.run({"release", "init", "2026.1"});
  CHECK(refused.exit_code == 2);
  CHECK(refused.err.find("`overrides/2026.1/constraints.txt` is there already") != std::string::npos);
  CHECK_FALSE(fs::exists(forge / "releases/2026.1"));
  const ProcessResult made = forge.run({"release", "init", "2026.1", "--force"});
  CHECK_MESSAGE(made.exit_code == 0, made.err);
  compare("release-init.txt", forge.without_root(made.out));
  CHECK(read_file(forge / "overrides/2026.1/constraints.txt").starts_with("# Built from its patched tree"));
  CHECK(forge.run({"check", "--release", "2026.1"}).exit_code == 0);
  CHECK(forge.run({"release", "init", "2026.1"}).exit_code == 2);  // it is a release now
  CHECK(forge.run({"release", "init", "2026.1", "--force"}).out == made.out);
}

TEST_CASE("release init: a link does not lead its files out of the forge") {
  const Forge forge;
  fs::create_directories(forge / "elsewhere");
  fs::create_directory_symlink(forge / "elsewhere", forge / "patches/almanac/2026.1");
  const ProcessResult done = forge.run({"release", "init", "2026.1"});
  CHECK(done.exit_code == 2);
  CHECK(done.err.find("is a link") != std::string::npos);
  CHECK(fs::is_empty(forge / "elsewhere"));
  CHECK_FALSE(fs::exists(forge / "releases/2026.1"));
}
