/// `plan` against commits of the forge's own repository.
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "tests/cli/example_forge.hpp"

namespace {

using namespace forge::cli_tests;
using forge::support::ProcessResult;
using Json = nlohmann::json;
using Names = std::set<std::string>;

Json json_of(const ProcessResult& result) {
  REQUIRE_MESSAGE(result.exit_code == 0, result.err);
  return Json::parse(result.out);
}

Names in_state(const Json& plan, const std::string& state) {
  Names ids;
  for (const Json& target : plan.at("targets"))
    if (target.at("state") == state) ids.insert(target.at("id"));
  return ids;
}

std::string with_line(const std::string& text, const std::string& line) {
  return text + line + "\n";
}

void append(const std::filesystem::path& path, const std::string& line) {
  write_file(path, with_line(read_file(path), line));
}

}  // namespace

TEST_CASE("cli: plan --since builds what differs, from git's objects, and --worktree what is on disk") {
  const SmallForge forge;
  forge.commit("all of it");
  forge.git({"checkout", "-q", "-b", "topic"});
  append(forge / "images/beacon/Dockerfile", "EXPOSE 80");
  forge.commit("beacon");

  const Json plan = json_of(forge.run({"plan", "--since", "main", "--format", "json"}));
  CHECK(in_state(plan, "planned") == Names{"beacon-2025-1", "beacon-2025-2"});
  CHECK(in_state(plan, "unchanged").size() == plan.at("targets").size() - 2);
  const Json bake = json_of(forge.run({"plan", "--since", "main", "--format", "bake"}));
  CHECK(bake.at("target").contains("python-base"));
  CHECK_FALSE(bake.at("group").contains("bases"));
  CHECK_FALSE(bake.at("target").contains("almanac-2025-2"));

  append(forge / "images/almanac/Dockerfile", "EXPOSE 81");
  const ProcessResult dirty = forge.run({"plan", "--since", "main", "--format", "json"});
  CHECK(dirty.exit_code == 2);
  CHECK(dirty.err.find("images/almanac/Dockerfile") != std::string::npos);
  CHECK(dirty.err.find("--worktree") != std::string::npos);
  const Json worktree = json_of(forge.run({"plan", "--since", "main", "--worktree", "--format", "json"}));
  CHECK(in_state(worktree, "planned").contains("almanac-2025-2"));
}

TEST_CASE("cli: plan --since with nothing changed is done, and its bake file has no target") {
  const SmallForge forge;
  forge.commit("all of it");
  // What a branch was when the commit was built, only the plan of that build knows.
  const std::vector<std::string> since{"plan", "--since", "HEAD", "--baseline", "before.json"};
  CHECK(forge.run({"plan", "--format", "json", "-o", "before.json"}).exit_code == 0);
  const auto run = [&](const std::vector<std::string>& more) {
    std::vector<std::string> arguments = since;
    arguments.insert(arguments.end(), more.begin(), more.end());
    return forge.run(arguments);
  };
  const Json bake = json_of(run({"--format", "bake"}));
  CHECK(bake.at("group").at("default").at("targets").empty());
  CHECK_FALSE(bake.contains("target"));
  const ProcessResult matrix = run({"--format", "matrix", "--github-output"});
  CHECK(matrix.exit_code == 0);
  CHECK(matrix.out.find("has-services=false\n") != std::string::npos);
  CHECK(matrix.out.find("services={\"include\":[]}\n") != std::string::npos);
}

TEST_CASE("cli: plan --since does not hide what is wrong in a changed target, nor stop at what did not change") {
  const SmallForge forge;
  write_file(forge / "patches/beacon/2025.1/0001-x.patch", "--- a/none.py\n+++ b/none.py\n@@ -1 +1 @@\n-a\n+b\n");
  forge.commit("a patch that does not apply");
  append(forge / "images/courier/Dockerfile", "EXPOSE 80");
  forge.commit("courier");
  const ProcessResult whole = forge.run({"plan", "--format", "json"});
  CHECK(whole.exit_code == 1);
  write_file(forge / "patches/courier/2025.2/0001-x.patch", "--- a/none.py\n+++ b/none.py\n@@ -1 +1 @@\n-a\n+b\n");
  forge.commit("another one");
  write_file(forge / "plan.json", "old\n");
  const ProcessResult blocked = forge.run({"plan", "--since", "HEAD~1", "--format", "bake", "-o", "plan.json"});
  CHECK(blocked.exit_code == 1);
  CHECK(blocked.err.find("patches/courier/2025.2/0001-x.patch") != std::string::npos);
  CHECK(read_file(forge / "plan.json") == "old\n");
}

TEST_CASE("cli: plan --since says what is missing, and --since-missing all plans everything then") {
  const SmallForge forge;
  const ProcessResult outside = forge.run({"plan", "--since", "main"});
  CHECK(outside.exit_code == 2);
  forge.commit("all of it");
  for (const std::string revision : {"no-such-branch", "0000000000000000000000000000000000000000"}) {
    CAPTURE(revision);
    const ProcessResult missing = forge.run({"plan", "--since-exact", revision});
    CHECK(missing.exit_code == 2);
    CHECK(missing.err.find(revision) != std::string::npos);
    CHECK(missing.err.find("fetch") != std::string::npos);
    const Json all =
        json_of(forge.run({"plan", "--since-exact", revision, "--since-missing", "all", "--format", "json"}));
    CHECK(in_state(all, "planned").size() == all.at("targets").size());
  }
}

TEST_CASE("cli: plan --baseline compares with a plan that was kept; plan diff and --explain say what differs") {
  const SmallForge forge;
  forge.commit("all of it");
  CHECK(forge.run({"plan", "--format", "json", "-o", "before.json"}).exit_code == 0);
  append(forge / "overrides/2025.1/constraints.txt", "attrs===25.1.0");
  forge.commit("an override");
  const Json plan = json_of(forge.run({"plan", "--baseline", "before.json", "--format", "json"}));
  const Names changed = in_state(plan, "planned");
  CHECK(changed.contains("beacon-2025-1"));
  CHECK_FALSE(changed.contains("beacon-2025-2"));
  CHECK(forge.run({"plan", "--format", "json", "-o", "after.json"}).exit_code == 0);

  const ProcessResult text = forge.run({"plan", "diff", "before.json", "after.json"});
  CHECK(text.exit_code == 0);
  CHECK(text.out.find("beacon-2025-1: changed\n  context upper-constraints: ") != std::string::npos);
  const Json diff = json_of(forge.run({"plan", "diff", "before.json", "after.json", "--format", "json"}));
  CHECK(diff.at("version") == 1);
  CHECK(forge.run({"plan", "diff", "before.json", "after.json", "--exit-code"}).exit_code == 1);
  CHECK(forge.run({"plan", "diff", "before.json", "before.json", "--exit-code"}).exit_code == 0);
  CHECK(forge.run({"plan", "diff", "before.json", "forge.yaml"}).exit_code == 2);

  const ProcessResult why = forge.run({"plan", "--since", "HEAD~1", "--explain", "beacon-2025-1"});
  CHECK(why.exit_code == 0);
  CHECK(why.out.find("context upper-constraints changed") != std::string::npos);
  CHECK(why.out.find("(was ") != std::string::npos);
  const ProcessResult unknown = forge.run({"plan", "--explain", "becon-2025-1"});
  CHECK(unknown.exit_code == 2);
  CHECK(unknown.err.find("beacon-2025-1") != std::string::npos);
}

TEST_CASE("cli: what is pushed is a commit's: named after it, and never of a work tree with changes") {
  const SmallForge forge;
  const std::string commit = forge.commit("all of it");
  const Json plan = json_of(forge.run({"plan", "--event", "push", "--push", "--format", "json"}));
  CHECK(plan.at("commit") == commit);
  CHECK(plan.at("branch") == "main");
  append(forge / "images/beacon/Dockerfile", "EXPOSE 80");
  const ProcessResult dirty = forge.run({"plan", "--event", "push", "--push", "--format", "json"});
  CHECK(dirty.exit_code == 2);
  CHECK(dirty.err.find("images/beacon/Dockerfile") != std::string::npos);
}

TEST_CASE("cli: a push since the commit before retags what did not change") {
  const SmallForge forge;
  const std::string before = forge.commit("all of it");
  append(forge / "images/beacon/Dockerfile", "EXPOSE 80");
  forge.commit("beacon");
  const Json matrix =
      json_of(forge.run({"plan", "--event", "push", "--push", "--since-exact", before, "--format", "matrix"}));
  CHECK(matrix.at("has-retag") == true);
  bool found = false;
  for (const Json& job : matrix.at("retag").at("include")) {
    if (job.at("target") != "almanac-2025-2") continue;
    found = true;
    CHECK(job.at("from").get<std::string>().ends_with("-main-" + before.substr(0, 7)));
  }
  CHECK(found);
}
