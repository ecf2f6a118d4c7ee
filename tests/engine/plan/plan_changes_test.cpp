#include "engine/plan/plan_changes.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "engine/plan/changed_cells.hpp"
#include "engine/plan/plan_builds.hpp"
#include "engine/plan/render_bake.hpp"
#include "engine/workspace/workspace.hpp"
#include "tests/support/plan_request.hpp"
#include "tests/support/small_forge.hpp"

namespace {

using namespace forge;
using namespace forge::plan;
using support::ForgeFiles;
using support::push_request;
using Names = std::vector<std::string>;

const std::string& commit = support::forge_commit;
const std::string commit_before = "1111111111111111111111111111111111111111";
const Names all = {"keystone-2025-1", "keystone-2025-2", "nova-2025-2", "python-base", "venv-builder"};

using Upstreams = std::shared_ptr<const git::Upstreams>;

/// The small forge's, with more tags to change a ref to.
Upstreams more_tags() {
  auto upstreams = support::small_upstreams();
  const std::map<std::string, Names> tags = {{"keystone", {"27.0.0", "28.0.0", "28.0.1"}},
                                             {"nova", {"31.0.0", "32.0.0"}}};
  for (const auto& [component, names] : tags) {
    auto repository = std::make_shared<support::MemoryRepository>();
    for (const std::string& name : names)
      repository->tag(name, repository->add_commit({{"a.txt", component + "\n"}, {"version", name}}));
    upstreams->add(component, repository);
  }
  return upstreams;
}

BuildPlan plan_of(const ForgeFiles& files, const BuildRequest& request, const Upstreams& upstreams = more_tags()) {
  const Result<BuildPlan> plan = plan_builds(*support::snapshot_of(files, upstreams), request, {});
  REQUIRE_MESSAGE(plan.has_value(), (plan ? "" : plan.error().message));
  return *plan;
}

/// The targets that are looked at where only the files' names tell.
Cells cells_since(const ForgeFiles& before, const ForgeFiles& after) {
  const Upstreams upstreams = more_tags();
  workspace::Workspace workspace([&](const formats::ForgeConfig&) { return upstreams; });
  const auto then = *workspace.load(workspace::memory_files(before), TaskPool(0));
  const auto now = *workspace.load(workspace::memory_files(after), TaskPool(0));
  return cells_that_may_differ(*then, *now, push_request()).value_or(Cells{{"everything", ""}});
}

BuildPlan plan_since(const ForgeFiles& before, const ForgeFiles& after, BuildRequest request = push_request()) {
  BuildRequest then = request;
  then.commit = commit_before;
  request.baseline = std::make_shared<const PlanRecord>(record_of(plan_of(before, then), true));
  return plan_of(after, request);
}

Names in_state(const BuildPlan& plan, PlanTarget::State state) {
  Names ids;
  for (const PlanTarget& target : plan.targets)
    if (target.state == state) ids.push_back(target.id);
  std::ranges::sort(ids);
  return ids;
}

/// What is built after `change` was made to the small forge.
Names affected_by(const std::function<void(ForgeFiles&)>& change, const ForgeFiles& before = support::small_forge()) {
  ForgeFiles after = before;
  change(after);
  const BuildPlan plan = plan_since(before, after);
  CHECK(in_state(plan, PlanTarget::State::blocked).empty());
  Names ids = in_state(plan, PlanTarget::State::planned);
  const Cells cells = cells_since(before, after);
  for (const PlanTarget& target : plan.targets)
    if (target.state != PlanTarget::State::unchanged)
      CHECK_MESSAGE(cells.contains({target.image, target.release}), target.id);
  for (const std::string& id : in_state(plan, PlanTarget::State::added)) ids.push_back(id + " (added)");
  for (const std::string& id : in_state(plan, PlanTarget::State::removed)) ids.push_back(id + " (removed)");
  return ids;
}

void replace(std::string& text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  text.replace(at, from.size(), to);
}

ForgeFiles forge_with_files() {
  ForgeFiles files = support::small_forge();
  files["images/nova/Dockerfile"] += "COPY etc/ /etc/nova/\nCOPY entry*.sh /\n";
  files["images/nova/etc/nova.conf"] = "[DEFAULT]\n";
  files["images/nova/etc/notes.md"] = "notes\n";
  files["images/nova/entrypoint.sh"] = "#!/bin/sh\n";
  files["images/nova/README.md"] = "nova\n";
  files["images/nova/.dockerignore"] = "**/*.md\n";
  return files;
}

}  // namespace

TEST_CASE("changes: what a change of the forge affects") {
  const Names keystones = {"keystone-2025-1", "keystone-2025-2"};
  CHECK(affected_by([](ForgeFiles&) {}).empty());

  SUBCASE("images") {
    CHECK(affected_by([](ForgeFiles& f) { f["images/python-base/Dockerfile"] += "# more\n"; }) == all);
    CHECK(affected_by([](ForgeFiles& f) { f["images/venv-builder/Dockerfile"] += "RUN true\n"; }) ==
          Names{"keystone-2025-1", "keystone-2025-2", "nova-2025-2", "venv-builder"});
    CHECK(affected_by([](ForgeFiles& f) { f["images/keystone/Dockerfile"] += "EXPOSE 5000\n"; }) == keystones);
    CHECK(affected_by([](ForgeFiles& f) { f["images/keystone/bindep.txt"] = "libpq5\n"; }).empty());
  }
  SUBCASE("files that an image copies") {
    const ForgeFiles before = forge_with_files();
    const auto touch = [&](const std::string& path) {
      return affected_by([&](ForgeFiles& f) { f[path] += "more\n"; }, before);
    };
    CHECK(touch("images/nova/etc/nova.conf") == Names{"nova-2025-2"});
    CHECK(touch("images/nova/entrypoint.sh") == Names{"nova-2025-2"});
    CHECK(touch("images/nova/etc/new.conf") == Names{"nova-2025-2"});
    CHECK(touch("images/nova/README.md").empty());
    CHECK(touch("images/nova/etc/notes.md").empty());
    CHECK(touch("images/nova/elsewhere/x").empty());
  }
  SUBCASE("refs") {
    const std::string refs = "releases/2025.2/source-refs.yaml";
    CHECK(affected_by([&](ForgeFiles& f) { replace(f[refs], "28.0.0", "28.0.1"); }) == Names{"keystone-2025-2"});
    CHECK(affected_by([&](ForgeFiles& f) {
            f[refs] = "# refs\noslo.messaging: 17.1.0\nnova: '32.0.0'\nkeystone: \"28.0.0\"  # newest\n";
          }).empty());
  }
  SUBCASE("constraints") {
    const std::string pins = "releases/2025.2/upper-constraints.txt";
    const Names release = {"keystone-2025-2", "nova-2025-2"};
    CHECK(affected_by([&](ForgeFiles& f) { f[pins] = "cryptography===44.0.0\n"; }) == release);
    CHECK(affected_by([&](ForgeFiles& f) { f["overrides/2025.2/constraints.txt"] = "attrs===25.1.0\n"; }) == release);
    CHECK(
        affected_by([&](ForgeFiles& f) { f["overrides/2025.2/constraints.txt"] = "cryptography===43.0.3\n"; }).empty());
    CHECK(affected_by([&](ForgeFiles& f) { f[pins] = "# pins\nCryptography===43.0.3\n"; }).empty());
  }
  SUBCASE("patches") {
    const std::string patch = "patches/oslo.messaging/2025.2/0001-fix.patch";
    CHECK(affected_by([&](ForgeFiles& f) { replace(f[patch], "+patched", "+patched again"); }) ==
          Names{"keystone-2025-2"});
    CHECK(affected_by([&](ForgeFiles& f) { f[patch] = "From: me\nSubject: reworded\n\n" + f[patch]; }).empty());
    CHECK(affected_by([&](ForgeFiles& f) { f["patches/nova/2025.2/README"] = "none yet\n"; }).empty());
    CHECK(affected_by([&](ForgeFiles& f) {
            f["patches/nova/2025.2/0001-x.patch"] = "--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@\n-nova\n+supernova\n";
          }) == Names{"nova-2025-2"});
  }
  SUBCASE("extra packages") {
    const std::string extra = "releases/2025.2/extra-packages.yaml";
    CHECK(affected_by([&](ForgeFiles& f) { replace(f[extra], "memcache", "redis"); }) == Names{"keystone-2025-2"});
    CHECK(affected_by([&](ForgeFiles& f) { f[extra] = "# extras\n" + f[extra]; }).empty());
  }
  SUBCASE("releases and services") {
    CHECK(affected_by([](ForgeFiles& f) { f["releases/2025.1/source-refs.yaml"] += "nova: \"31.0.0\"\n"; }) ==
          Names{"nova-2025-1 (added)"});
    CHECK(affected_by([](ForgeFiles& f) { f["releases/2025.1/source-refs.yaml"] = "{}\n"; }) ==
          Names{"keystone-2025-1 (removed)"});
  }
  SUBCASE("what is no input") {
    CHECK(affected_by([](ForgeFiles& f) {
            f[".github/workflows/build.yaml"] = "on: push\n";
            f["scripts/helper.sh"] = "#!/bin/sh\n";
          }).empty());
  }
}

TEST_CASE("changes: what no changed file can reach is not looked at, and the plan is the same") {
  ForgeFiles after = support::small_forge();
  after["images/nova/Dockerfile"] += "EXPOSE 8774\n";
  CHECK(cells_since(support::small_forge(), after) == Cells{{"nova", "2025.2"}});
  CHECK(cells_since(support::small_forge(), support::small_forge()).empty());
  ForgeFiles config = support::small_forge();
  config["forge.yaml"] = "registry: ghcr.io/other\n";
  CHECK(cells_since(support::small_forge(), config) == Cells{{"everything", ""}});
  ForgeFiles branch = support::small_forge();
  replace(branch["releases/2025.2/source-refs.yaml"], "nova: \"32.0.0\"", "nova: stable/2025.2");
  CHECK(cells_since(branch, branch) == Cells{{"nova", "2025.2"}});

  BuildRequest request = push_request();
  request.event = Event::pull_request;
  request.push = false;
  const BuildPlan whole = plan_since(support::small_forge(), after, request);
  request.may_differ = std::make_shared<const Cells>(cells_since(support::small_forge(), after));
  const BuildPlan quick = plan_since(support::small_forge(), after, request);
  CHECK(render_bake(quick) == render_bake(whole));
  for (const PlanTarget& target : whole.targets) {
    CAPTURE(target.id);
    REQUIRE(quick.find(target.id) != nullptr);
    CHECK(quick.find(target.id)->state == target.state);
    CHECK(quick.find(target.id)->selected == target.selected);
  }
}

TEST_CASE("changes: a global input and an epoch count for all") {
  ForgeFiles after = support::small_forge();
  after["scripts/build.sh"] = "#!/bin/sh\n";
  BuildRequest request = push_request();
  request.global_inputs = {"scripts/**"};
  CHECK(in_state(plan_since(support::small_forge(), after, request), PlanTarget::State::planned) == all);
  request = push_request();
  request.baseline = std::make_shared<const PlanRecord>(record_of(plan_of(support::small_forge(), request)));
  request.epoch = "2026-W47";
  CHECK(in_state(plan_of(support::small_forge(), request), PlanTarget::State::planned) == all);
}

TEST_CASE("changes: parents that did not change are linked, in no group, and unchanged images get their new names") {
  ForgeFiles after = support::small_forge();
  after["images/keystone/Dockerfile"] += "EXPOSE 5000\n";
  const BuildPlan plan = plan_since(support::small_forge(), after);
  CHECK(in_state(plan, PlanTarget::State::unchanged) == Names{"nova-2025-2", "python-base", "venv-builder"});
  CHECK(plan.find("python-base")->linked);
  CHECK_FALSE(plan.find("nova-2025-2")->linked);
  const std::string bake = render_bake(plan);
  CHECK(bake.find("\"python-base\": {") != std::string::npos);
  CHECK(bake.find("nova-2025-2") == std::string::npos);
  CHECK(std::ranges::find(plan.groups, "bases", &PlanGroup::name) == plan.groups.end());
  REQUIRE(plan.retags.size() == 3);
  const auto nova = std::ranges::find(plan.retags, "nova-2025-2", &PlanRetag::target);
  REQUIRE(nova != plan.retags.end());
  CHECK(nova->from == "ghcr.io/c5c3/nova:32.0.0-p0-main-1111111");
  CHECK(nova->tags ==
        Names{"ghcr.io/c5c3/nova:32.0.0-p0-main-4f9c2d1", "ghcr.io/c5c3/nova:32.0.0", "ghcr.io/c5c3/nova:4f9c2d1"});
  const auto base = std::ranges::find(plan.retags, "python-base", &PlanRetag::target);
  CHECK(base->from == "ghcr.io/c5c3/python-base:1111111");
}

TEST_CASE("changes: nothing to build is a file that bake takes, without a target") {
  const BuildPlan plan = plan_since(support::small_forge(), support::small_forge());
  CHECK(render_bake(plan).find("\"target\"") == std::string::npos);
  CHECK(render_matrix(plan)->find("\"has-services\": false") != std::string::npos);
  CHECK(plan.sources.empty());
}

TEST_CASE("changes: a retag takes the digest or the fingerprint's tag where it is known") {
  BuildRequest request = push_request();
  const std::string digest = "sha256:" + std::string(64, '1');
  request.digests = {{"nova-2025-2", digest}};
  request.fingerprint_tags = true;
  const BuildPlan plan = plan_since(support::small_forge(), support::small_forge(), request);
  const auto from = [&](std::string_view id) { return std::ranges::find(plan.retags, id, &PlanRetag::target)->from; };
  CHECK(from("nova-2025-2") == "ghcr.io/c5c3/nova@" + digest);
  const std::string fingerprint = plan.find("keystone-2025-2")->fingerprint;
  CHECK(from("keystone-2025-2") == "ghcr.io/c5c3/keystone:fp-" + fingerprint.substr(7, 20));
}

TEST_CASE("changes: an unchanged base whose digest is on record is taken from the registry") {
  const std::string digest = "sha256:" + std::string(64, '2');
  PlanRecord record = record_of(plan_of(support::small_forge(), push_request()));
  for (auto& [id, target] : record.targets) target.digest = digest;
  ForgeFiles after = support::small_forge();
  after["images/keystone/Dockerfile"] += "EXPOSE 5000\n";
  for (const Stage stage : {Stage::all, Stage::services}) {
    BuildRequest request = push_request();
    request.stage = stage;
    request.baseline = std::make_shared<const PlanRecord>(record);
    const BuildPlan plan = plan_of(after, request);
    CHECK(in_state(plan, PlanTarget::State::planned) == Names{"keystone-2025-1", "keystone-2025-2"});
    const std::string bake = render_bake(plan);
    CHECK(bake.find("docker-image://ghcr.io/c5c3/venv-builder@" + digest) != std::string::npos);
    CHECK(bake.find("\"venv-builder\": {") == std::string::npos);
    const auto nova = std::ranges::find(plan.retags, "nova-2025-2", &PlanRetag::target);
    REQUIRE(nova != plan.retags.end());
    CHECK(nova->from == "ghcr.io/c5c3/nova@" + digest);
    CHECK(read_record(render_plan(plan))->find("nova-2025-2")->digest == digest);
  }
  BuildRequest request = push_request();
  request.stage = Stage::services;
  record.targets.at("python-base").digest = "";
  request.baseline = std::make_shared<const PlanRecord>(record);
  CHECK_FALSE(plan_builds(*support::snapshot_of(after, more_tags()), request, {}).has_value());
}

TEST_CASE("changes: a pull request needs no build of what a push built for more platforms, but not the other way") {
  const BuildPlan pushed = plan_of(support::small_forge(), push_request());
  BuildRequest pull = push_request();
  pull.event = Event::pull_request;
  pull.push = false;
  pull.baseline = std::make_shared<const PlanRecord>(record_of(pushed));
  const BuildPlan plan = plan_of(support::small_forge(), pull);
  CHECK(in_state(plan, PlanTarget::State::unchanged) == all);
  CHECK(plan.retags.empty());
  BuildRequest push = push_request();
  pull.baseline = nullptr;
  push.baseline = std::make_shared<const PlanRecord>(record_of(plan_of(support::small_forge(), pull)));
  const BuildPlan more = plan_of(support::small_forge(), push);
  CHECK(in_state(more, PlanTarget::State::planned) == all);
  CHECK(more.find("nova-2025-2")->changes.back().name == "platforms");
}

TEST_CASE("changes: a branch counts as moved, unless the plan that was built says what it was") {
  auto upstreams = support::small_upstreams();
  auto nova = std::make_shared<support::MemoryRepository>();
  const git::ObjectId tip = nova->add_commit({{"a.txt", "nova\n"}, {"setup.cfg", "[metadata]\nname = nova\n"}});
  nova->tag("32.0.0", tip);
  nova->branch("stable/2025.2", tip);
  upstreams->add("nova", nova);
  ForgeFiles files = support::small_forge();
  replace(files["releases/2025.2/source-refs.yaml"], "nova: \"32.0.0\"", "nova: stable/2025.2");
  const PlanRecord built = record_of(plan_of(files, push_request(), upstreams));
  BuildRequest request = push_request();
  PlanRecord record = built;
  for (auto& [id, target] : record.targets) target.recomputed = true;
  request.baseline = std::make_shared<const PlanRecord>(record);
  const BuildPlan unknown = plan_of(files, request, upstreams);
  CHECK(in_state(unknown, PlanTarget::State::planned) == Names{"nova-2025-2"});
  CHECK(unknown.find("nova-2025-2")->changes.at(0).name == "context nova");
  take_branches_from(built, record);
  request.baseline = std::make_shared<const PlanRecord>(record);
  CHECK(in_state(plan_of(files, request, upstreams), PlanTarget::State::planned).empty());
}

TEST_CASE("changes: a plan in halves has the fingerprints of a whole one") {
  const BuildPlan whole = plan_of(support::small_forge(), push_request());
  BuildRequest request = push_request();
  request.stage = Stage::services;
  const std::string digest = "sha256:" + std::string(64, '1');
  request.digests = {{"python-base", digest}, {"venv-builder", digest}};
  const BuildPlan half = plan_of(support::small_forge(), request);
  for (const char* id : {"keystone-2025-1", "keystone-2025-2", "nova-2025-2"}) {
    CAPTURE(id);
    CHECK(half.find(id)->fingerprint == whole.find(id)->fingerprint);
  }
}

TEST_CASE("fingerprints: no clock, event, branch, commit or platform order; floating images are named") {
  const BuildPlan plan = plan_of(support::small_forge(), push_request());
  BuildRequest other = push_request();
  other.event = Event::schedule;
  other.branch = "stable/1.0";
  other.commit = commit_before;
  other.forge_platforms = {"linux/arm64", "linux/amd64"};
  const BuildPlan again = plan_of(support::small_forge(), other);
  for (const PlanTarget& target : plan.targets) {
    CAPTURE(target.id);
    CHECK(target.fingerprint.size() == 71);
    CHECK(target.fingerprint == again.find(target.id)->fingerprint);
  }
  CHECK(plan.find("nova-2025-2")->floating == Names{"ghcr.io/astral-sh/uv:0.6.3", "ubuntu:noble"});
  other.forge_platforms = {"linux/amd64"};
  CHECK(plan_of(support::small_forge(), other).find("nova-2025-2")->fingerprint !=
        plan.find("nova-2025-2")->fingerprint);
}

TEST_CASE("records: what render_plan writes is read back, anything else is refused") {
  const BuildPlan plan = plan_of(support::small_forge(), push_request());
  const PlanRecord record = record_of(plan);
  const Result<PlanRecord> read = read_record(render_plan(plan));
  REQUIRE(read.has_value());
  CHECK(read->commit == commit);
  REQUIRE(read->targets.size() == record.targets.size());
  const std::vector<TargetChange> changes = compare(record, *read);
  CHECK(std::ranges::all_of(changes,
                            [](const TargetChange& change) { return change.state == PlanTarget::State::unchanged; }));
  CHECK(read->find("nova-2025-2")->inputs == record.find("nova-2025-2")->inputs);
  for (const char* text : {"", "{", "[]", "{\"schema\": \"forge-analyze/matrix/v1\"}",
                           "{\"schema\": \"forge-analyze/plan/v1\", \"targets\": [{}]}"}) {
    CAPTURE(text);
    CHECK_FALSE(read_record(text).has_value());
  }
  CHECK_FALSE(read_record(std::string(100'000, '[')).has_value());
}

TEST_CASE("records: changed inputs are told by name, with both values") {
  CHECK(changed_inputs({{"a", "1"}, {"b", "2"}, {"d", "4"}}, {{"b", "3"}, {"c", "9"}, {"d", "4"}}) ==
        std::vector<InputChange>{{"a", "1", ""}, {"b", "2", "3"}, {"c", "", "9"}});
}
