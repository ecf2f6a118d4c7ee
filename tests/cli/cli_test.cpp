/// The real program on the embedded example and on broken copies of it, over real repositories.
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/cli/example_forge.hpp"
#include "tests/support/process.hpp"

namespace {

namespace fs = std::filesystem;
using namespace forge::cli_tests;
using forge::support::ProcessResult;
using forge::support::run_process;
using Json = nlohmann::json;

bool has_rule(const std::set<std::string>& findings, const std::string& start) {
  const auto at = findings.lower_bound(start);
  return at != findings.end() && at->starts_with(start);
}

}  // namespace

TEST_CASE("cli: the small forge is clean, and check writes nothing") {
  const SmallForge forge;
  const auto before = forge.listing();
  const ProcessResult result = forge.run({"check", "--fail-on", "warning"});
  CHECK_MESSAGE(result.exit_code == 0, result.out);
  CHECK(forge.listing() == before);
}

TEST_CASE("cli: each of the candidate's five mistakes is found where it is") {
  const SmallForge forge;
  forge.take_candidate();
  const auto findings = forge.check(1);
  CHECK(has_rule(findings, "ref-not-found releases/2025.2/source-refs.yaml:"));
  CHECK(has_rule(findings, "patch-does-not-apply patches/almanac/2025.2/0001-"));
  CHECK(has_rule(findings, "patch-already-applied patches/beacon/2025.2/0001-"));
  CHECK(has_rule(findings, "override-no-match overrides/2025.2/constraints.txt:"));
  CHECK(has_rule(findings, "runtime-build-tools images/courier/bindep.txt:"));
}

TEST_CASE("cli: check for code scanning: every result names a rule that is there, and keeps its fingerprint") {
  const SmallForge forge;
  forge.take_candidate();
  const auto results = [&] {
    const ProcessResult done = forge.run({"check", "--format", "sarif"});
    CHECK(done.exit_code == 1);
    return Json::parse(done.out).at("runs").at(0);
  };
  const Json run = results();
  std::map<std::string, std::string> prints;  // by rule and file
  for (const Json& result : run.at("results")) {
    const Json& rule = run.at("tool").at("driver").at("rules").at(result.at("ruleIndex").get<std::size_t>());
    CHECK(rule.at("id") == result.at("ruleId"));
    const Json& place = result.at("locations").at(0).at("physicalLocation");
    CHECK(place.at("region").at("startLine").get<int>() > 0);
    prints[result.at("ruleId").get<std::string>() + place.at("artifactLocation").at("uri").get<std::string>()] =
        result.at("partialFingerprints").at("forgeAnalyze/v1").get<std::string>();
  }
  CHECK(prints.size() >= 5);
  write_file(forge / "images/courier/bindep.txt", "# a line more\n" + read_file(forge / "images/courier/bindep.txt"));
  const Json again = results();
  for (const Json& result : again.at("results")) {
    const std::string uri = result.at("locations").at(0).at("physicalLocation").at("artifactLocation").at("uri");
    CHECK(prints.at(result.at("ruleId").get<std::string>() + uri) ==
          result.at("partialFingerprints").at("forgeAnalyze/v1").get<std::string>());
  }
}

TEST_CASE("cli: check in a GitHub job: annotations, ten of a level at most, and a summary with all") {
  const SmallForge forge;
  forge.take_candidate();
  std::string overrides;
  for (int i = 0; i < 14; ++i) overrides += "not-pinned-" + std::to_string(i) + ">=1\n";
  write_file(forge / "overrides/2025.2/constraints.txt", overrides);
  const std::string summary = (forge / "summary.md").string();
  const ProcessResult done = forge.run({"check", "--format", "github"}, {"GITHUB_STEP_SUMMARY=" + summary});
  CHECK(done.exit_code == 1);
  std::size_t errors = 0;
  std::istringstream lines(done.out);
  for (std::string line; std::getline(lines, line);) errors += line.starts_with("::error file=") ? 1U : 0U;
  CHECK(errors == 10);
  CHECK(done.out.find(",title=override-syntax::") != std::string::npos);
  CHECK(done.out.find(" more are not annotated") != std::string::npos);
  const std::string text = read_file(summary);
  CHECK(text.find("constraints.txt:14`") != std::string::npos);
  CHECK(forge.run({"check", "--format", "markdown"}).out == text);
}

TEST_CASE("cli: check --fix applies the safe fixes; --dry-run shows them and writes nothing") {
  const SmallForge forge;
  const fs::path refs = forge / "releases/2025.2/source-refs.yaml";
  const std::string good = read_file(refs);
  write_file(refs, good + "zephyr: 28.10\n");
  write_file(forge / "overrides/2025.2/constraints.txt", "PyMySQL===1.1.1");
  const auto before = forge.listing();
  const ProcessResult shown = forge.run({"check", "--fix", "--dry-run"});
  CHECK(shown.out.find("+++ b/releases/2025.2/source-refs.yaml") != std::string::npos);
  CHECK(shown.out.find("+zephyr: \"28.10\"") != std::string::npos);
  CHECK(forge.listing() == before);
  const ProcessResult fixed = forge.run({"check", "--fix"});
  CHECK(fixed.err.find("fixed 1 in overrides/2025.2/constraints.txt") != std::string::npos);
  CHECK(read_file(refs) == good + "zephyr: \"28.10\"\n");
  CHECK(read_file(forge / "overrides/2025.2/constraints.txt") == "PyMySQL===1.1.1\n");
  CHECK(forge.run({"check", "--fix", "--dry-run"}).out.empty());
  CHECK(forge.run({"check", "--dry-run"}).exit_code == 2);
}

TEST_CASE("cli: a baseline leaves out what it lists, and only that") {
  const SmallForge forge;
  forge.take_candidate();
  const std::string baseline = (forge / "baseline.json").string();
  CHECK(forge.run({"check", "--write-baseline", baseline}).exit_code == 1);
  CHECK(forge.run({"check", "--baseline", baseline, "--fail-on", "hint"}).exit_code == 0);
  write_file(forge / "images/courier/bindep.txt", "# a line more\n" + read_file(forge / "images/courier/bindep.txt"));
  CHECK(forge.run({"check", "--baseline", baseline, "--fail-on", "hint"}).exit_code == 0);
  const fs::path overrides = forge / "overrides/2025.2/constraints.txt";
  write_file(overrides, read_file(overrides) + "x>=1\n");
  const ProcessResult more = forge.run({"check", "--baseline", baseline, "--format", "json"});
  CHECK(more.exit_code == 1);
  const Json left = Json::parse(more.out);
  REQUIRE(left.at("findings").size() == 1);
  CHECK(left.at("findings").at(0).at("rule") == "override-syntax");
  CHECK(forge.run({"check", "--baseline", "forge.yaml"}).exit_code == 2);
}

TEST_CASE("cli: --release and --component narrow what is reported; an unknown release is an error") {
  const SmallForge forge;
  forge.take_candidate();
  const ProcessResult other = forge.run({"check", "--release", "2025.1", "--format", "json"});
  CHECK(other.exit_code == 0);
  const Json answer = Json::parse(other.out);
  for (const Json& finding : answer.at("findings")) {
    if (finding.contains("release")) CHECK(finding.at("release") == "2025.1");
  }
  const ProcessResult unknown = forge.run({"check", "--release", "2031.1"});
  CHECK(unknown.exit_code == 2);
  CHECK(unknown.err.find("2025.2") != std::string::npos);  // names the releases that there are
}

TEST_CASE("cli: bad input is found with file and line, and the rest is still analysed") {
  const SmallForge forge;
  write_file(
      forge / "releases/2025.2/source-refs.yaml",
      "almanac: \"4.0.1\"\nalmanac: 28.10\nbeacon: \"7.0.1\ncourier: \"../../etc/passwd\"\noslo.lantern: \"1.0.0\"\n");
  write_file(forge / "overrides/2025.2/constraints.txt", "requests===\xFF\xFE\n");
  const fs::path patches = forge / "patches/almanac/2025.1";
  write_file(patches / "0009-half.patch",
             "From: A <a@example.org>\nSubject: half\n\n--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n a\n-b\n");
  fs::remove_all(forge / "upstream/oslo.lantern.git");
  const auto before = forge.listing();
  const auto findings = forge.check(1);
  CHECK(has_rule(findings, "file-syntax releases/2025.2/source-refs.yaml:2"));
  CHECK(has_rule(findings, "file-syntax releases/2025.2/source-refs.yaml:3"));
  CHECK(has_rule(findings, "ref-not-string releases/2025.2/source-refs.yaml:2"));
  CHECK(has_rule(findings, "ref-not-found releases/2025.2/source-refs.yaml:4"));
  CHECK(has_rule(findings, "override-syntax overrides/2025.2/constraints.txt:1"));
  CHECK(has_rule(findings, "patch-malformed patches/almanac/2025.1/0009-half.patch:"));
  CHECK((has_rule(findings, "upstream-unavailable ") || has_rule(findings, "ref-component-unknown ")));
  CHECK(has_rule(findings, "ref-is-branch releases/2025.1/source-refs.yaml:"));
  CHECK(forge.listing() == before);
}

TEST_CASE("cli: a file that can't be read is a finding") {
  if (::geteuid() == 0) {
    MESSAGE("skipped: root reads everything");
    return;
  }
  const SmallForge forge;
  fs::permissions(forge / "overrides/2025.2/constraints.txt", fs::perms::none);
  CHECK(has_rule(forge.check(1), "file-unreadable overrides/2025.2/constraints.txt:"));
}

TEST_CASE("cli: what can't be done is exit code 2 and names the way out") {
  const SmallForge forge;
  CHECK(forge.run({"chekc"}).exit_code == 2);
  CHECK(forge.run({"chekc"}).err.find("`check`") != std::string::npos);
  CHECK(forge.run({}).exit_code == 2);
  CHECK(forge.run({"check", "--format", "xml"}).exit_code == 2);
  CHECK(forge.run({"check", "--jobs", "many"}).exit_code == 2);
  const ProcessResult nowhere = run_process({FORGE_ANALYZE_BINARY, "check"}, "/");
  CHECK(nowhere.exit_code == 2);
  CHECK(nowhere.err.find("-C DIR") != std::string::npos);
  CHECK(forge.run({"check", "-C", "/nonexistent"}).exit_code == 2);
  // Another kind of repository: one sentence, not a finding for each of its folders.
  const fs::path other = forge / "elsewhere";
  write_file(other / "patches/some/project/0001-x.patch", "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n");
  write_file(other / "releases/v1/notes.md", "Notes\n");
  const ProcessResult elsewhere = run_process({FORGE_ANALYZE_BINARY, "check", "-C", other.string()}, "/");
  CHECK(elsewhere.exit_code == 2);
  CHECK(elsewhere.out.empty());
  CHECK(elsewhere.err.find("No forge here") != std::string::npos);
  CHECK(elsewhere.err.find("releases/<release>/source-refs.yaml") != std::string::npos);
  write_file(other / "forge.yaml", "registry: \"ghcr.io/example\"\n");
  CHECK(run_process({FORGE_ANALYZE_BINARY, "check", "-C", other.string()}, "/").exit_code != 2);
}

TEST_CASE("cli: help and version go to standard output, for every command") {
  const SmallForge forge;
  CHECK(forge.run({"--version"}).out.starts_with("forge-analyze "));
  for (const char* command : {"check", "refs", "constraints", "bindep", "plan", "rules", "explain"}) {
    const ProcessResult help = forge.run({command, "--help"});
    CHECK(help.exit_code == 0);
    CHECK(help.out.find("Exit codes") != std::string::npos);
  }
}

TEST_CASE("cli: an argument that may be missing is taken where it is there") {
  const SmallForge forge;
  write_file(forge / "some.txt", "libfoo-dev [platform:dpkg]\nlibfoo-devel [platform:rpm]\n");
  const ProcessResult result = forge.run({"bindep", "some.txt", "--platform", "dpkg"});
  CHECK_MESSAGE(result.exit_code == 0, result.err);
  CHECK(result.out.find("libfoo-dev") != std::string::npos);
  CHECK(result.out.find("libfoo-devel") == std::string::npos);
  CHECK(forge.run({"bindep", "some.txt", "other.txt", "--platform", "dpkg"}).exit_code == 2);
}

TEST_CASE("cli: text has colours only where they are wanted") {
  const SmallForge forge;
  CHECK(forge.run({"rules"}).out.find('\x1b') == std::string::npos);
  CHECK(forge.run({"rules", "--color", "always"}).out.find('\x1b') != std::string::npos);
  CHECK(forge.run({"--color", "never", "rules"}, {"NO_COLOR=1"}).out.find('\x1b') == std::string::npos);
}

TEST_CASE("cli: refs tells of every ref what it is") {
  const SmallForge forge;
  const ProcessResult result = forge.run({"refs", "--format", "json"});
  CHECK(result.exit_code == 0);
  std::map<std::string, Json> refs;
  const Json answer = Json::parse(result.out);
  for (const Json& ref : answer.at("refs"))
    refs[ref.at("release").get<std::string>() + "/" + ref.at("component").get<std::string>()] = ref;
  const Json& tag = refs.at("2025.2/almanac");
  CHECK(tag.at("kind") == "tag");
  CHECK(tag.at("commit").get<std::string>().size() == 40);
  CHECK(tag.at("version") == "4.0.1");
  CHECK(tag.at("newest") == "4.0.2");
  CHECK(tag.at("file") == "releases/2025.2/source-refs.yaml");
  CHECK(refs.at("2025.1/beacon").at("kind") == "branch");
}

TEST_CASE("cli: constraints -o writes the file whole, or leaves it as it was") {
  const SmallForge forge;
  const ProcessResult text = forge.run({"constraints", "--release", "2025.2"});
  CHECK(text.exit_code == 0);
  CHECK(forge.run({"constraints", "--release", "2025.2", "-o", "out/upper-constraints.txt"}).exit_code == 0);
  CHECK(read_file(forge / "out/upper-constraints.txt") == text.out);
  forge.take_candidate();
  write_file(forge / "plan.json", "old\n");
  CHECK(forge.run({"plan", "--format", "bake", "-o", "plan.json"}).exit_code == 1);
  CHECK(read_file(forge / "plan.json") == "old\n");
}

TEST_CASE("cli: the plan is the same bytes whenever and wherever it is made") {
  const SmallForge forge;
  const SmallForge elsewhere;
  const ProcessResult plan = forge.run({"plan", "--format", "bake"});
  CHECK_MESSAGE(plan.exit_code == 0, plan.err);
  CHECK(Json::parse(plan.out).at("target").contains("almanac-2025-2"));
  CHECK(elsewhere.run({"plan", "--format", "bake", "--jobs", "1"}, {"LC_ALL=C", "TZ=Asia/Tokyo"}).out == plan.out);
}

TEST_CASE("cli: bindep tells build packages from runtime packages") {
  const SmallForge forge;
  const ProcessResult result =
      forge.run({"bindep", "--release", "2025.2", "--component", "courier", "--format", "json"});
  CHECK(result.exit_code == 0);
  const Json json = Json::parse(result.out);
  CHECK(json.at("build").size() > json.at("runtime").size());
}

TEST_CASE("cli: patch check answers with 0, 1 and 2") {
  const SmallForge forge;
  std::string patch;
  for (const auto& entry : fs::directory_iterator(forge / "patches/almanac/2025.2")) {
    if (entry.path().filename().string().starts_with("0001-")) patch = entry.path().string();
  }
  const std::string repository = (forge / "upstream/almanac.git").string();
  const auto at = [&](const std::string& ref) {
    return forge.run({"patch", "check", "--format", "json", "--repo", repository, "--ref", ref, patch});
  };
  const ProcessResult applies = at("4.0.1");
  CHECK(applies.exit_code == 0);
  CHECK(Json::parse(applies.out).at("tree").get<std::string>().size() == 40);
  const ProcessResult conflict = at("4.0.2");
  CHECK(conflict.exit_code == 1);
  CHECK(Json::parse(conflict.out).at("patches").at(0).at("verdict") == "conflict");
  CHECK(at("9.9.9").exit_code == 2);
}

TEST_CASE("cli: patch check tells the cause of a conflict, in JSON and in text") {
  const SmallForge forge;
  const std::string folder = (forge / "patches/almanac/2025.2").string();
  const std::string repository = (forge / "upstream/almanac.git").string();
  const ProcessResult json =
      forge.run({"patch", "check", "--format", "json", "--repo", repository, "--ref", "4.0.2", folder});
  CHECK(json.exit_code == 1);
  bool seen = false;
  const Json answer = Json::parse(json.out);
  for (const Json& patch : answer.at("patches")) {
    for (const Json& file : patch.at("files")) {
      for (const Json& hunk : file.at("hunks")) {
        if (hunk.at("verdict") != "mismatch") continue;
        seen = true;
        CHECK(hunk.at("lines").size() > 0);
        CHECK(hunk.at("matching") < hunk.at("size"));
        CHECK(hunk.at("cause").at("kind") == "changed-by");
        CHECK(hunk.at("cause").at("tag") == "4.0.2");
      }
    }
  }
  CHECK(seen);
  const ProcessResult text = forge.run({"patch", "check", "--repo", repository, "--ref", "4.0.2", folder});
  CHECK(text.out.find("nearest place: line ") != std::string::npos);
  CHECK(text.out.find("were changed by commit ") != std::string::npos);
  CHECK(text.out.find('\x1b') == std::string::npos);
}

TEST_CASE("cli: patch check at several refs is a table, and says what breaks the series") {
  const SmallForge forge;
  const std::string folder = (forge / "patches/almanac/2025.2").string();
  const std::string repository = (forge / "upstream/almanac.git").string();
  const auto at = [&](std::vector<std::string> more) {
    std::vector<std::string> arguments = {"patch", "check", "--repo", repository, folder};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return forge.run(arguments);
  };
  const ProcessResult table = at({"--ref", "4.0.1", "--ref", "4.0.2"});
  CHECK(table.exit_code == 1);
  CHECK(table.out.find("4.0.1") < table.out.find("4.0.2"));
  CHECK(table.out.find("applies") != std::string::npos);
  CHECK(table.out.find("conflict at 1") != std::string::npos);
  const Json json = Json::parse(at({"--ref", "4.0.1", "--ref", "4.0.2", "--format", "json"}).out);
  CHECK(json.at("version") == 1);
  REQUIRE(json.at("refs").size() == 2);
  CHECK(json.at("refs").at(0).at("ref") == "4.0.1");
  CHECK(json.at("refs").at(0).at("applies") == true);
  CHECK(json.at("refs").at(1).at("patches").at(0).at("verdict") == "conflict");
  CHECK(json.at("stops").at("ref") == "4.0.2");
  CHECK(json.at("stops").at("commit").get<std::string>().size() == 40);
  CHECK(json.at("stops").at("merged") == false);
  CHECK(at({"--ref", "4.0.1", "--ref", "4.0.1"}).exit_code == 0);
  CHECK(at({"--ref", "4.0.1", "--refs-of-series"}).out.find("4.0.2") != std::string::npos);
  CHECK(at({"--ref", "4.0.1", "--ref", "9.9.9"}).exit_code == 2);
}

TEST_CASE("cli: patch check without a repository takes the forge's series and refs") {
  const SmallForge forge;
  const ProcessResult all = forge.run({"patch", "check"});
  CHECK_MESSAGE(all.exit_code == 0, all.err);
  CHECK(all.out.find("almanac/2025.2") != std::string::npos);
  const ProcessResult one =
      forge.run({"patch", "check", "--release", "2025.2", "--component", "almanac", "--format", "json"});
  CHECK(one.exit_code == 0);
  CHECK(Json::parse(one.out).at("tree").get<std::string>().size() == 40);
  CHECK(forge.run({"patch", "check", "--component", "almanac", "--release", "2025.2", "--ref", "4.0.2"}).exit_code ==
        1);
  CHECK(forge.run({"patch", "check", "--component", "no-such"}).exit_code == 2);
}

TEST_CASE("cli: a level set in forge.yaml counts") {
  const SmallForge forge;
  forge.take_candidate();
  std::ofstream(forge / "forge.yaml", std::ios::app)
      << "rules: {ref-not-found: warning, patch-does-not-apply: off, patch-already-applied: hint}\n";
  const auto findings = forge.check(0);
  CHECK(has_rule(findings, "ref-not-found "));
  CHECK_FALSE(has_rule(findings, "patch-does-not-apply "));
}

TEST_CASE("cli: docs/rules is what `rules --format pages` writes") {
  const SmallForge forge;
  CHECK(forge.run({"rules", "--format", "pages"}).exit_code == 2);
  write_file(forge / "pages/gone-since.md", "a rule that is no more\n");
  CHECK(forge.run({"rules", "--format", "pages", "-o", "pages"}).exit_code == 0);
  const fs::path docs = fs::path(FORGE_SOURCE_DIR) / "docs/rules";
  std::set<std::string> written;
  for (const auto& entry : fs::directory_iterator(forge / "pages")) {
    const std::string name = entry.path().filename().string();
    written.insert(name);
    CHECK_MESSAGE(read_file(entry.path()) == read_file(docs / name),
                  "write them anew: forge-analyze rules --format pages -o docs/rules");
  }
  std::set<std::string> kept;
  for (const auto& entry : fs::directory_iterator(docs)) kept.insert(entry.path().filename().string());
  CHECK(written == kept);
}

TEST_CASE("cli: patch refresh writes what applies exactly, keeps the mode, and a second run has nothing to do") {
  const SmallForge forge;
  const std::string folder = "patches/almanac/2025.2/";
  std::string name;
  for (const auto& entry : fs::directory_iterator(forge / folder)) {
    if (entry.path().filename().string().starts_with("0001-")) name = folder + entry.path().filename().string();
  }
  fs::permissions(forge / name, fs::perms::owner_read | fs::perms::owner_write);
  const std::string before = read_file(forge / name);
  const ProcessResult dry = forge.run({"patch", "refresh", "--component", "almanac", "--dry-run"});
  CHECK(dry.exit_code == 0);
  CHECK(dry.out.starts_with("--- a/" + name + "\n+++ b/" + name + "\n@@"));
  CHECK(read_file(forge / name) == before);
  const ProcessResult done = forge.run({"patch", "refresh", "--format", "json"});
  CHECK(done.exit_code == 0);
  const Json patches = Json::parse(done.out).at("patches");
  CHECK(patches.at(0).at("file") == name);
  CHECK(patches.at(0).at("action") == "rewritten");
  CHECK_FALSE(patches.at(0).at("reason").get<std::string>().empty());
  CHECK(read_file(forge / name) != before);
  CHECK(fs::status(forge / name).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
  CHECK_FALSE(has_rule(forge.check(0), "patch-offset "));
  const Json again = Json::parse(forge.run({"patch", "refresh", "--format", "json"}).out);
  for (const Json& patch : again.at("patches")) CHECK(patch.at("action") == "unchanged");
}

TEST_CASE("cli: patch refresh leaves what collides, and deletes what is merged only when told to") {
  const SmallForge forge;
  forge.take_candidate();
  const auto before = forge.listing();
  const ProcessResult first = forge.run({"patch", "refresh"});
  CHECK(first.exit_code == 1);
  CHECK(first.out.find(": kept\n") != std::string::npos);
  CHECK(first.out.find("use --drop-merged") != std::string::npos);
  CHECK(forge.listing() == before);
  CHECK(forge.run({"patch", "refresh", "--component", "beacon", "--drop-merged"}).exit_code == 0);
  CHECK(forge.listing().size() == before.size() - 1);
}

TEST_CASE("cli: patch refresh writes through no link that leaves the forge, and says what it can't do") {
  const SmallForge forge;
  CHECK(forge.run({"patch", "refresh", "--release", "1999.1"}).exit_code == 2);
  CHECK(forge.run({"patch", "refresh", "--component", "nothing"}).exit_code == 2);
  CHECK(forge.run({"patch", "refresh", "some.patch"}).exit_code == 2);
  CHECK(forge.run({"patch", "refresh", "--repo", (forge / "upstream/almanac.git").string()}).exit_code == 2);
  const std::string folder = "patches/almanac/2025.2";
  const fs::path outside = prototype() / "outside";
  fs::remove_all(outside);
  fs::rename(forge / folder, outside);
  fs::create_directory_symlink(outside, forge / folder);
  std::map<std::string, std::string> before;
  for (const auto& entry : fs::directory_iterator(outside)) before[entry.path().string()] = read_file(entry.path());
  (void)forge.run({"patch", "refresh"});
  for (const auto& [path, text] : before) CHECK(read_file(path) == text);
}

TEST_CASE("cli: requirements lists what every tree declares, with the line that pins it") {
  const SmallForge forge;
  const ProcessResult result = forge.run({"requirements", "--format", "json", "--release", "2025.2"});
  CHECK_MESSAGE(result.exit_code == 0, result.err);
  const Json json = Json::parse(result.out);
  CHECK(json.at("version") == 1);
  std::map<std::string, Json> by_name;
  for (const Json& row : json.at("requirements")) {
    CHECK(row.at("release") == "2025.2");
    if (row.at("component") == "almanac") by_name[row.at("name").get<std::string>()] = row;
  }
  const Json& plain = by_name.at("SQLAlchemy");
  CHECK(plain.at("requirement") == "SQLAlchemy>=2.0.0");
  CHECK(plain.at("extra").is_null());
  CHECK(plain.at("marker").is_null());
  CHECK(plain.at("applies") == true);
  CHECK(plain.at("pin") == "2.0.43");
  CHECK(plain.at("satisfied") == true);
  CHECK(plain.at("file") == "almanac@4.0.1:requirements.txt");
  CHECK(plain.at("line") == 4);
  CHECK(plain.at("pinFile") == "releases/2025.2/upper-constraints.txt");
  CHECK(by_name.at("PyMySQL").at("extra") == "mysql");
  // Built from source, so its pin is removed.
  CHECK(by_name.at("oslo.lantern").at("satisfied").is_null());
  CHECK(by_name.at("oslo.lantern").at("pin").is_null());
}

TEST_CASE("cli: requirements ends with 1 where a pin does not fit, and with 2 for names that do not exist") {
  const SmallForge forge;
  std::string constraints = read_file(forge / "releases/2025.2/upper-constraints.txt");
  constraints.replace(constraints.find("SQLAlchemy==="), 14, "SQLAlchemy===1");
  write_file(forge / "releases/2025.2/upper-constraints.txt", constraints);
  const ProcessResult result = forge.run({"requirements", "--component", "almanac", "--extra", "none-of-them"});
  CHECK(result.exit_code == 1);
  CHECK(result.out.find("unsatisfied") != std::string::npos);
  CHECK(result.out.find("PyMySQL") == std::string::npos);
  CHECK(has_rule(forge.check(1), "requirement-unsatisfied releases/2025.2/upper-constraints.txt:"));
  CHECK(forge.run({"requirements", "--release", "1999.1"}).exit_code == 2);
  CHECK(forge.run({"requirements", "--component", "almanack"}).exit_code == 2);
}

TEST_CASE("cli: requirements says what it can't look at") {
  const SmallForge forge;
  std::filesystem::remove_all(forge / "upstream");
  CHECK(forge.run({"requirements"}).exit_code == 2);
  const ProcessResult offline = forge.run({"requirements", "--offline", "--format", "json"});
  CHECK(offline.exit_code == 0);
  CHECK(Json::parse(offline.out).at("requirements").empty());
  CHECK(offline.err.find("almanac") != std::string::npos);
}

TEST_CASE("cli: -o of something that is no file writes to it and leaves it what it is") {
  const SmallForge forge;
  const fs::path pipe = forge / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  const int reader = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK);
  REQUIRE(reader >= 0);
  CHECK(forge.run({"constraints", "--release", "2025.2", "-o", pipe.string()}).exit_code == 0);
  std::string got(1 << 16, '\0');
  const ssize_t length = ::read(reader, got.data(), got.size());
  ::close(reader);
  CHECK(length > 0);
  CHECK(fs::is_fifo(pipe));
}

TEST_CASE("cli: closure of a component from the example's own index, as text and JSON") {
  const SmallForge forge;
  const ProcessResult text = forge.run({"closure", "--release", "2025.2", "--component", "beacon", "--offline"});
  CHECK_MESSAGE(text.exit_code == 0, text.err);
  CHECK(text.out.find("\nurllib3==2.6.0\n    # via requests\n") != std::string::npos);  // the override's version
  const ProcessResult json = forge.run({"closure", "--release", "2025.2", "--component", "almanac", "--offline",
                                        "--format", "json", "--extra", "mysql"});
  const Json answer = Json::parse(json.out);
  CHECK(answer.at("version") == 1);
  CHECK(answer.at("component") == "almanac");
  const Json& packages = answer.at("packages");
  const auto named = [&](const char* name) {
    for (const Json& package : packages) {
      if (package.at("name") == name) return package;
    }
    return Json();
  };
  CHECK(named("greenlet").at("requiredBy") == Json{"sqlalchemy"});
  CHECK(named("greenlet").at("from") == "pin");
  CHECK(named("almanac").at("from") == "source");
  CHECK(named("almanac").at("extras") == Json{"mysql"});
  CHECK(forge.run({"closure", "--release", "2025.2"}).exit_code == 2);
  CHECK(forge.run({"closure", "--release", "2031.1", "--component", "almanac"}).exit_code == 2);
}

TEST_CASE("cli: a pin that the index does not have fails the check and the closure") {
  const SmallForge forge;
  write_file(forge / "overrides/2025.2/constraints.txt", "-oslo.lantern\nurllib3===2.6.1\n");
  const auto found = forge.check(1);
  CHECK(has_rule(found, "pin-unavailable overrides/2025.2/constraints.txt:2"));
  const ProcessResult closure = forge.run({"closure", "--release", "2025.2", "--component", "beacon", "--offline"});
  CHECK(closure.exit_code == 1);
  CHECK(closure.err.find("`2.6.0`") != std::string::npos);
}

namespace {

/// A commit of almanac as a patch file, and questions about it with a cache folder of their own.
class AskedUpstream {
 public:
  explicit AskedUpstream(const SmallForge& forge, const std::string& commit)
      : forge_(forge),
        repository_((forge / "upstream/almanac.git").string()),
        patch_((forge / "asked.patch").string()),
        cache_((forge / "cache-of-user").string()) {
    const ProcessResult exported = run_process({"git", "-C", repository_, "format-patch", "-1", "--stdout", commit});
    REQUIRE_MESSAGE(exported.exit_code == 0, exported.err);
    write_file(patch_, exported.out);
  }

  [[nodiscard]] ProcessResult at(const std::string& ref, std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments = {"patch",     "check", "--ahead", "-v",  "--repo",
                                          repository_, "--ref", ref,       patch_};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return forge_.run(arguments, {"XDG_CACHE_HOME=" + cache_});
  }
  [[nodiscard]] std::string commit(const std::string& revision) const {
    return run_process({"git", "-C", repository_, "rev-parse", revision + "^{commit}"}).out.substr(0, 40);
  }
  /// The one file in which history is remembered.
  [[nodiscard]] fs::path remembered() const {
    std::vector<fs::path> found;
    for (const auto& entry : fs::recursive_directory_iterator(cache_)) {
      if (entry.path().extension() == ".changes") found.push_back(entry.path());
    }
    REQUIRE(found.size() == 1);
    return found.front();
  }

 private:
  const SmallForge& forge_;
  std::string repository_;
  std::string patch_;
  std::string cache_;
};

}  // namespace

TEST_CASE("cli: patch check names the commit that has a patch's change, and its version, in JSON and in text") {
  const SmallForge forge;
  const AskedUpstream upstream(forge, "4.0.2");
  const ProcessResult ahead = upstream.at("4.0.1", {"--format", "json"});
  CHECK(ahead.exit_code == 0);
  const Json next = Json::parse(ahead.out).at("patches").at(0).at("upstream");
  CHECK(next.at("commit") == upstream.commit("4.0.2"));
  CHECK(next.at("tag") == "4.0.2");
  CHECK(next.at("in") == "series");
  CHECK(next.at("by") == "patch-id");
  CHECK(next.at("sameContent") == true);
  const ProcessResult merged = upstream.at("4.0.2", {"--format", "json"});
  CHECK(merged.exit_code == 1);
  const Json patch = Json::parse(merged.out).at("patches").at(0);
  CHECK(patch.at("verdict") == "already-applied");
  CHECK(patch.at("upstream").at("in") == "ref");
  CHECK(patch.at("upstream").at("commit") == upstream.commit("4.0.2"));
  const std::string hash = upstream.commit("4.0.2").substr(0, 12);
  for (const std::string ref : {"4.0.1", "4.0.2"}) {
    const std::string text = upstream.at(ref).out;
    CHECK(text.find(hash) != std::string::npos);
    CHECK(text.find("first in 4.0.2") != std::string::npos);
  }
  const Json elsewhere = Json::parse(upstream.at("3.0.1", {"--format", "json"}).out).at("patches").at(0);
  CHECK_FALSE(elsewhere.contains("upstream"));
}

TEST_CASE("cli: history is walked once; the second run remembers it and leaves the file alone") {
  const SmallForge forge;
  const AskedUpstream upstream(forge, "4.0.2");
  const ProcessResult first = upstream.at("4.0.1");
  CHECK(first.err.find("commits walked and 0 remembered") != std::string::npos);
  const fs::path file = upstream.remembered();
  // A write would replace the file; a second name keeps this one alive, so that a new one can't be mistaken for it.
  fs::create_hard_link(file, forge / "kept");
  const ProcessResult second = upstream.at("4.0.1");
  CHECK(second.err.find("history: 0 commits walked and ") != std::string::npos);
  CHECK(second.out == first.out);
  CHECK(fs::equivalent(file, forge / "kept"));
}

TEST_CASE("cli: processes that walk the same history at once all answer, and leave one whole file") {
  const SmallForge forge;
  const AskedUpstream upstream(forge, "4.0.2");
  std::vector<ProcessResult> results(4);
  std::vector<std::thread> threads;
  for (ProcessResult& result : results) threads.emplace_back([&] { result = upstream.at("4.0.1"); });
  for (std::thread& thread : threads) thread.join();
  const ProcessResult after = upstream.at("4.0.1");
  CHECK(after.err.find("history: 0 commits walked and ") != std::string::npos);
  for (const ProcessResult& result : results) {
    CHECK(result.exit_code == 0);
    CHECK(result.out == after.out);
  }
  const fs::path folder = upstream.remembered().parent_path();
  CHECK(std::distance(fs::directory_iterator(folder), fs::directory_iterator()) == 1);
}

TEST_CASE(
    "cli: check --watch checks again when a file changes, in a new folder too, and lives through what it can't do") {
  const SmallForge forge;
  const std::string command = "cd '" + (forge / ".").string() + "' && echo $$ && exec timeout 120 " +
                              FORGE_ANALYZE_BINARY + " check --watch --offline 2>&1";
  std::FILE* pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  const auto read_line = [&]() -> std::string {
    std::array<char, 4096> line{};
    return std::fgets(line.data(), line.size(), pipe) == nullptr ? std::string() : std::string(line.data());
  };
  const int pid = std::stoi(read_line());
  /// Everything up to the next pause; empty where the program has ended.
  const auto until_it_waits = [&] {
    std::string all;
    for (std::string line = read_line(); !line.empty(); line = read_line()) {
      all += line;
      if (line.starts_with("waiting for changes")) return all;
    }
    return std::string();
  };
  CHECK(until_it_waits().find("ref-not-found") == std::string::npos);
  const std::string refs = read_file(forge / "releases/2025.2/source-refs.yaml");
  write_file(forge / "releases/2025.2/source-refs.yaml", refs + "nothing: \"1.0.0\"\n");
  CHECK(until_it_waits().find("`nothing`") != std::string::npos);
  write_file(forge / "releases/2025.2/source-refs.yaml", refs);
  CHECK(until_it_waits().find("`nothing`") == std::string::npos);
  fs::create_directories(forge / "overrides/2031.1");
  CHECK_FALSE(until_it_waits().empty());
  write_file(forge / "overrides/2031.1/constraints.txt", "nothing===1.0\n");
  CHECK(until_it_waits().find("overrides/2031.1/constraints.txt") != std::string::npos);
  ::kill(pid, SIGTERM);
  ::pclose(pipe);
}
