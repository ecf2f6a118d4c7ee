/// Every kind of bake file, read by the real bake: nothing lost, nothing made up. And broken ones, which it must catch.
#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "engine/base/text.hpp"
#include "engine/plan/plan_builds.hpp"
#include "engine/plan/render_bake.hpp"
#include "tests/support/bake_program.hpp"
#include "tests/support/plan_request.hpp"
#include "tests/support/small_forge.hpp"

namespace {

using namespace forge;
using namespace forge::plan;
using support::BakeProgram;
using Json = nlohmann::ordered_json;

BuildRequest push_request() {
  BuildRequest request = support::push_request();
  request.source_url = "https://github.com/c5c3/forge";
  request.digests = {{"ubuntu:noble", "sha256:" + std::string(64, '1')}};
  return request;
}

std::string bake_of(const support::ForgeFiles& files, const BuildRequest& request) {
  const Result<BuildPlan> plan = plan_builds(*support::snapshot_of(files), request, {});
  REQUIRE_MESSAGE(plan.has_value(), (plan ? "" : plan.error().message));
  return render_bake(*plan);
}

std::string lines(const std::vector<std::string>& faults) {
  return join(faults, "\n");
}

/// Requests of every event, stage and mode; some of them contradict themselves.
std::vector<BuildRequest> all_requests() {
  std::vector<BuildRequest> requests;
  for (const Event event : {Event::push, Event::pull_request, Event::schedule, Event::dispatch, Event::local})
    for (const Stage stage : {Stage::all, Stage::bases, Stage::services})
      for (const int mode : {0, 1, 2, 3}) {
        BuildRequest request = push_request();
        request.event = event;
        request.stage = stage;
        request.push = (mode & 1) != 0;
        if ((mode & 2) != 0) {
          request.load = !request.push;
          request.platforms = {"linux/arm64"};
          request.branch = "stable/2025.2";
          for (const char* base : {"python-base", "venv-builder"})
            request.digests[base] = "sha256:" + std::string(64, '3');
        }
        requests.push_back(request);
      }
  return requests;
}

std::string described(const BuildRequest& request) {
  return fmt::format("event {} stage {} push {} load {} platforms {}", to_string(request.event),
                     static_cast<int>(request.stage), request.push, request.load, join(request.platforms, ","));
}

/// Strings that bake, a shell, JSON or a CSV reader could take for more than they are.
const std::vector<std::string> hostile = {"${x}",
                                          "%{if true}",
                                          "$${x}",
                                          "$",
                                          "100%",
                                          "a \"b\"",
                                          "it's",
                                          "`touch x`",
                                          "$(touch x)",
                                          "line\none",
                                          "-leading",
                                          "back\\slash",
                                          "tab\there",
                                          "smile \xE2\x98\xBA",
                                          "a;b|c&d",
                                          "*?[a-z]~",
                                          "=,=",
                                          "\x01",
                                          std::string(5000, 'x')};

/// A plan whose every free field is one of those.
BuildPlan hostile_plan(const std::string& text) {
  BuildPlan plan;
  PlanTarget base{.id = "base", .image = "base", .repository = "r/base"};
  base.context = "images/base";
  base.description = "base";
  base.tags = {"r/base:1"};
  base.platforms = {"linux/amd64"};
  base.output = {"type=cacheonly"};
  PlanTarget service{.id = "nova-2025-2", .kind = PlanTarget::Kind::service, .image = "nova", .release = "2025.2"};
  service.description = text;
  service.context = "images/" + text;
  service.contexts = {{"base", PlanContext::Kind::base, "target:base", false, "base"},
                      {"nova", PlanContext::Kind::source, "build/src/" + text}};
  service.args = {{"PIP_PACKAGES", text}, {"TWICE", text + text}};
  service.labels = {{"title", text}, {text, "value"}};
  service.tags = {"r/nova:1"};
  service.platforms = {"linux/amd64"};
  plan.targets = {base, service};
  plan.groups = {{"default", text, {"base", "nova-2025-2"}}};
  return plan;
}

}  // namespace

TEST_CASE("bake proof: every event, stage and mode of the small forge") {
  const std::optional<BakeProgram> bake = BakeProgram::find();
  if (!bake) return;
  const workspace::SnapshotPtr snapshot = support::snapshot_of(support::small_forge());
  std::set<std::string> proved;
  for (const BuildRequest& request : all_requests()) {
    const Result<BuildPlan> plan = plan_builds(*snapshot, request, {});
    if (!plan) continue;
    const std::string file = render_bake(*plan);
    if (!proved.insert(file).second) continue;
    const std::vector<std::string> faults = bake->faults(file);
    CHECK_MESSAGE(faults.empty(), described(request) << "\n" << lines(faults));
  }
  CHECK(proved.size() == 16);
}

TEST_CASE("bake proof: groups and single targets can be chosen, and what they build from comes with them") {
  const std::optional<BakeProgram> bake = BakeProgram::find();
  if (!bake) return;
  const std::string file = bake_of(support::small_forge(), push_request());
  for (const std::string name :
       {"default", "bases", "services", "release-2025-1", "service-keystone", "keystone-2025-2", "venv-builder"}) {
    const std::vector<std::string> faults = bake->faults(file, std::vector<std::string>{name});
    CHECK_MESSAGE(faults.empty(), name << "\n" << lines(faults));
  }
}

TEST_CASE("bake proof: a plan with nothing in it, and one with a blocked target") {
  const std::optional<BakeProgram> bake = BakeProgram::find();
  if (!bake) return;
  CHECK(lines(bake->faults(bake_of({{"releases/2025.2/source-refs.yaml", ""}}, push_request()))) == "");
  support::ForgeFiles files = support::small_forge();
  files["releases/2025.2/source-refs.yaml"] =
      "keystone: \"no-such-tag\"\nnova: \"32.0.0\"\noslo.messaging: \"17.1.0\"\n";
  const std::string file = bake_of(files, push_request());
  CHECK(file.find("keystone-2025-2") == std::string::npos);
  CHECK(lines(bake->faults(file)).empty());
}

TEST_CASE("bake proof: strings of any kind stay what they are") {
  const std::optional<BakeProgram> bake = BakeProgram::find();
  if (!bake) return;
  for (const std::string& text : hostile) {
    // Bake prints a description without the escapes that it needs to read it again.
    BuildPlan plan = hostile_plan(text);
    if (text.find("${") != std::string::npos || text.find("%{") != std::string::npos) {
      plan.targets.back().description = "service";
      plan.groups.front().description = "all";
    }
    const std::vector<std::string> faults = bake->faults(render_bake(plan));
    CHECK_MESSAGE(faults.empty(), "with " << text << "\n" << lines(faults));
  }
}

TEST_CASE("bake proof: hostile names in a forge") {
  const std::optional<BakeProgram> bake = BakeProgram::find();
  if (!bake) return;
  BuildRequest request = push_request();
  request.source_url = "https://x/${a}%{b}$c \"quoted\", with\na line";
  request.branch = "feature/${x}'; `y`/\xC3\xBC";
  support::ForgeFiles files = support::small_forge();
  files["releases/2025.2/extra-packages.yaml"] =
      "keystone:\n  pip_extras: [\"${a}\", \"it's\"]\n  pip_packages: [\"x; touch y\", \"%{z}\"]\n"
      "  apt_packages: [\"$(id)\", \"-y\"]\n";
  const std::string file = bake_of(files, request);
  const std::vector<std::string> faults = bake->faults(file);
  CHECK_MESSAGE(faults.empty(), lines(faults));
  CHECK(file.find("$${a}") != std::string::npos);
}

TEST_CASE("bake proof: catches each mutation") {
  const std::optional<BakeProgram> bake = BakeProgram::find();
  if (!bake) return;
  const std::string file = bake_of(support::small_forge(), push_request());
  const Json planned = Json::parse(file);
  REQUIRE(lines(bake->faults(file, planned)).empty());

  using Mutation = std::pair<const char*, std::function<void(Json&)>>;
  const std::vector<Mutation> mutations = {
      {"a dot in a name",
       [](Json& json) {
         json["target"]["nova-2025.2"] = json["target"]["nova-2025-2"];
         json["target"].erase("nova-2025-2");
         json["group"]["services"]["targets"].back() = "nova-2025.2";
       }},
      {"tags as a string", [](Json& json) { json["target"]["nova-2025-2"]["tags"] = "r/nova:1"; }},
      {"a live template", [](Json& json) { json["target"]["nova-2025-2"]["labels"]["a"] = "${x}"; }},
      {"a template that evaluates", [](Json& json) { json["target"]["nova-2025-2"]["args"]["A"] = "${1 + 1}"; }},
      {"a missing target",
       [](Json& json) { json["target"]["nova-2025-2"]["contexts"]["venv-builder"] = "target:no-such"; }},
      {"a missing member of a group", [](Json& json) { json["group"]["services"]["targets"].push_back("no-such"); }},
      {"a cycle",
       [](Json& json) { json["target"]["python-base"]["contexts"]["venv-builder"] = "target:venv-builder"; }},
      {"a target that links itself",
       [](Json& json) { json["target"]["python-base"]["contexts"]["x"] = "target:python-base"; }},
      {"a key that bake doesn't know", [](Json& json) { json["target"]["nova-2025-2"]["platform"] = {"linux/amd64"}; }},
      {"null as an argument", [](Json& json) { json["target"]["nova-2025-2"]["args"]["A"] = nullptr; }},
      {"a target of no group that nothing links", [](Json& json) { json["group"]["services"]["targets"].erase(0); }},
  };
  for (const auto& [name, mutate] : mutations) {
    Json mutated = planned;
    mutate(mutated);
    const bool same_shape = std::string_view(name) == "a target of no group that nothing links";
    CHECK_MESSAGE(!bake->faults(mutated.dump(), same_shape ? planned : mutated).empty(), name);
  }
}

TEST_CASE("bake proof: catches a number without quotes, which loses a digit") {
  const std::optional<BakeProgram> bake = BakeProgram::find();
  if (!bake) return;
  BuildPlan plan = hostile_plan("plain");
  plan.targets.back().args = {{"RELEASE", "2025.10"}};
  std::string file = render_bake(plan);
  const Json planned = Json::parse(file);
  CHECK(lines(bake->faults(file, planned)).empty());
  const std::string quoted = "\"2025.10\"";
  file.replace(file.find(quoted), quoted.size(), "2025.10");
  const std::vector<std::string> faults = bake->faults(file, planned);
  REQUIRE(faults.size() == 1);
  CHECK(faults.front().find("nova-2025-2.args is {\"RELEASE\":\"2025.1\"}") == 0);
}
