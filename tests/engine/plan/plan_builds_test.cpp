#include "engine/plan/plan_builds.hpp"

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "engine/plan/render_bake.hpp"
#include "engine/rules/run_rules.hpp"
#include "tests/support/plan_request.hpp"
#include "tests/support/small_forge.hpp"

namespace {

using namespace forge;
using namespace forge::plan;
using support::small_forge;
using support::snapshot_of;
using Names = std::vector<std::string>;

const std::string& commit = support::forge_commit;

BuildRequest push_request() {
  BuildRequest request = support::push_request();
  request.registry = "ghcr.io/C5C3";
  return request;
}

BuildRequest pull_request() {
  BuildRequest request = push_request();
  request.event = Event::pull_request;
  request.push = false;
  request.branch = "123/merge";
  return request;
}

BuildPlan plan_of(const support::ForgeFiles& files, const BuildRequest& request,
                  const std::vector<Finding>& findings = {}) {
  const Result<BuildPlan> plan = plan_builds(*snapshot_of(files), request, findings);
  REQUIRE_MESSAGE(plan.has_value(), (plan ? "" : plan.error().message));
  return *plan;
}

Names context_lines(const PlanTarget& target) {
  Names lines;
  for (const PlanContext& context : target.contexts) lines.push_back(context.name + "=" + context.value);
  return lines;
}

Names ids(const BuildPlan& plan) {
  Names out;
  for (const PlanTarget& target : plan.targets) out.push_back(target.id);
  return out;
}

Names rules_of(const PlanTarget& target) {
  Names out;
  for (const Finding& finding : target.findings) out.push_back(finding.rule);
  return out;
}

std::string label(const PlanTarget& target, std::string_view name) {
  for (const auto& [key, value] : target.labels)
    if (key == name) return value;
  return "(none)";
}

}  // namespace

TEST_CASE("plan: one target for each base and for each service of each release, bases first") {
  const BuildPlan plan = plan_of(small_forge(), push_request());
  CHECK(plan.complete());
  CHECK(ids(plan) == Names{"python-base", "venv-builder", "keystone-2025-1", "keystone-2025-2", "nova-2025-2"});
  CHECK(plan.find("venv-builder")->needs == Names{"python-base"});
  CHECK(plan.find("nova-2025-2")->needs == Names{"python-base", "venv-builder"});
}

TEST_CASE("plan: contexts are what the Dockerfile names, a library without a ref is an empty folder") {
  const BuildPlan plan = plan_of(small_forge(), push_request());
  CHECK(context_lines(*plan.find("keystone-2025-2")) ==
        Names{"ghcr.io/c5c3/python-base:3.12-noble=target:python-base",
              "ghcr.io/c5c3/venv-builder:3.12-noble=target:venv-builder", "keystone=build/src/keystone-2025.2",
              "oslo.messaging=build/src/oslo.messaging-2025.2", "upper-constraints=build/constraints/2025.2"});
  CHECK(context_lines(*plan.find("keystone-2025-1")).at(3) == "oslo.messaging=build/src/.empty-oslo.messaging");
  CHECK(plan.empty_folders == Names{"build/src/.empty-oslo.messaging"});
  CHECK(plan.constraints == Names{"2025.1", "2025.2"});
  REQUIRE(plan.sources.size() == 4);
  CHECK(plan.sources[3].component == "oslo.messaging");
  CHECK(plan.sources[3].patches == 1);
}

TEST_CASE("plan: `<image>-image` is the image of that name, of the same release") {
  support::ForgeFiles files = small_forge();
  files["images/nova/Dockerfile"] += "COPY --from=keystone-image /usr/bin/x /usr/bin/\n";
  const BuildPlan plan = plan_of(files, push_request());
  const PlanTarget& nova = *plan.find("nova-2025-2");
  CHECK(nova.state == PlanTarget::State::planned);
  const Names contexts = context_lines(nova);
  CHECK(std::ranges::count(contexts, "keystone-image=target:keystone-2025-2") == 1);
  CHECK(std::ranges::count(nova.needs, "keystone-2025-2") == 1);
  files["images/nova/Dockerfile"] += "COPY --from=nova-image /usr/bin/x /usr/bin/\n";
  const BuildPlan second = plan_of(files, push_request());
  const PlanTarget& own = *second.find("nova-2025-2");
  const Names lines = context_lines(own);
  CHECK(std::ranges::none_of(lines, [](const std::string& line) { return line.starts_with("nova-image="); }));
}

TEST_CASE("plan: known digests pin outer images and replace bases") {
  BuildRequest request = push_request();
  const std::string digest = "sha256:" + std::string(64, '1');
  request.digests = {{"ubuntu:noble", digest}};
  BuildPlan plan = plan_of(small_forge(), request);
  CHECK(context_lines(*plan.find("python-base")) == Names{"ubuntu:noble=docker-image://ubuntu:noble@" + digest});
  CHECK(label(*plan.find("python-base"), "org.opencontainers.image.base.digest") == digest);
  CHECK(label(*plan.find("python-base"), "org.opencontainers.image.base.name") == "docker.io/library/ubuntu:noble");

  request.stage = Stage::services;
  request.digests = {{"python-base", digest}, {"venv-builder", digest}};
  plan = plan_of(small_forge(), request);
  CHECK(plan.find("python-base") == nullptr);
  CHECK(context_lines(*plan.find("nova-2025-2")).at(0) ==
        "ghcr.io/c5c3/python-base:3.12-noble=docker-image://ghcr.io/c5c3/python-base@" + digest);
}

TEST_CASE("plan: tags of a push to main, to a stable branch, and of a pull request") {
  BuildRequest request = push_request();
  BuildPlan plan = plan_of(small_forge(), request);
  CHECK(plan.find("keystone-2025-2")->tags == Names{"ghcr.io/c5c3/keystone:28.0.0-p0-main-4f9c2d1",
                                                    "ghcr.io/c5c3/keystone:28.0.0",
                                                    "ghcr.io/c5c3/keystone:2025.2-4f9c2d1"});
  CHECK(plan.find("nova-2025-2")->tags.back() == "ghcr.io/c5c3/nova:4f9c2d1");
  CHECK(plan.find("python-base")->tags ==
        Names{"ghcr.io/c5c3/python-base:3.12-noble", "ghcr.io/c5c3/python-base:4f9c2d1"});
  request.branch = "stable/1.0";
  plan = plan_of(small_forge(), request);
  CHECK(plan.find("keystone-2025-2")->tags ==
        Names{"ghcr.io/c5c3/keystone:28.0.0-p0-stable-1.0-4f9c2d1", "ghcr.io/c5c3/keystone:2025.2-4f9c2d1"});
  CHECK(plan.find("python-base")->tags == Names{"ghcr.io/c5c3/python-base:4f9c2d1"});
  plan = plan_of(small_forge(), pull_request());
  CHECK(plan.find("keystone-2025-2")->tags == Names{"ghcr.io/c5c3/keystone:28.0.0-p0-123-merge-4f9c2d1"});
}

TEST_CASE("plan: a pull request builds one platform, pushes nothing and writes no cache") {
  const BuildPlan plan = plan_of(small_forge(), pull_request());
  for (const PlanTarget& target : plan.targets) {
    CHECK(target.platforms == Names{"linux/amd64"});
    CHECK(target.output == Names{"type=cacheonly"});
    CHECK(target.cache_to.empty());
    // What a push writes, at once or by platform.
    CHECK(target.cache_from ==
          Names{"type=gha,scope=" + target.cache_scope, "type=gha,scope=" + target.cache_scope + "-linux-amd64"});
    CHECK(target.attest == Names{"type=provenance,disabled=true"});
  }
}

TEST_CASE("plan: split pushes by digest with a cache scope for each platform") {
  BuildRequest request = push_request();
  request.stage = Stage::bases;
  request.platforms = {"linux/arm64"};
  const BuildPlan plan = plan_of(small_forge(), request);
  CHECK(ids(plan) == Names{"python-base", "venv-builder"});
  const PlanTarget& base = *plan.find("python-base");
  CHECK(base.tags == Names{"ghcr.io/c5c3/python-base"});
  CHECK(base.image_tags.size() == 2);
  CHECK(base.cache_to == Names{"type=gha,scope=python-base-linux-arm64,mode=max,ignore-error=true"});
  request.stage = Stage::services;
  CHECK_FALSE(plan_builds(*snapshot_of(small_forge()), request, {}));
}

TEST_CASE("plan: services of a pull request build their bases without asking for them") {
  BuildRequest request = pull_request();
  request.stage = Stage::services;
  request.services = {"nova"};
  const BuildPlan plan = plan_of(small_forge(), request);
  CHECK(ids(plan) == Names{"python-base", "venv-builder", "nova-2025-2"});
  CHECK_FALSE(plan.find("python-base")->selected);
  REQUIRE(plan.groups.size() == 2);
  CHECK(plan.groups[0].targets == Names{"services"});
  CHECK(plan.groups[1].targets == Names{"nova-2025-2"});
}

TEST_CASE("plan: arguments are those that the Dockerfile declares") {
  BuildPlan plan = plan_of(small_forge(), push_request());
  const PlanTarget& keystone = *plan.find("keystone-2025-2");
  CHECK(keystone.args.at("PIP_EXTRAS") == "ldap,memcache");
  CHECK(keystone.args.at("EXTRA_APT_PACKAGES") == "libldap2 libsasl2-2");
  CHECK(keystone.args.at("SOURCE_DATE_EPOCH") == std::to_string(keystone.sources.at(0).time));
  CHECK_FALSE(plan.find("nova-2025-2")->args.contains("PIP_EXTRAS"));
  support::ForgeFiles files = small_forge();
  files["images/keystone/Dockerfile"] = "FROM ghcr.io/c5c3/python-base:3.12-noble\nUSER 1\n";
  plan = plan_of(files, push_request());
  CHECK_FALSE(plan.find("keystone-2025-2")->args.contains("PIP_EXTRAS"));
}

TEST_CASE("plan: labels tell what is inside") {
  const BuildPlan plan = plan_of(small_forge(), push_request());
  const PlanTarget& keystone = *plan.find("keystone-2025-2");
  CHECK(label(keystone, "org.opencontainers.image.version") == "28.0.0");
  CHECK(label(keystone, "io.c5c3.forge.libraries") == "oslo.messaging=17.1.0+1");
  CHECK(label(keystone, "io.c5c3.forge.patches") == "0");
  CHECK(label(keystone, "org.opencontainers.image.revision") == commit);
  CHECK(label(plan.find("keystone-2025-1") ? *plan.find("keystone-2025-1") : keystone, "io.c5c3.forge.libraries") ==
        "(none)");
  CHECK(keystone.description == "keystone 28.0.0 for 2025.2, with oslo.messaging 17.1.0 (1 patch)");
}

TEST_CASE("plan: the base's label is where the base is pushed, also where Dockerfiles name it barely") {
  support::ForgeFiles files = small_forge();
  files["images/nova/Dockerfile"] = "FROM python-base\nUSER 1\n";
  BuildRequest request = push_request();
  request.digests = {{"python-base", "sha256:" + std::string(64, 'a')}};
  const BuildPlan plan = plan_of(files, request);
  const PlanTarget& nova = *plan.find("nova-2025-2");
  CHECK(label(nova, "org.opencontainers.image.base.name") == "ghcr.io/c5c3/python-base:3.12-noble");
  CHECK(label(nova, "org.opencontainers.image.base.digest") == "sha256:" + std::string(64, 'a'));
}

TEST_CASE("plan: an undefined context blocks the image and nothing else") {
  support::ForgeFiles files = small_forge();
  files["images/nova/Dockerfile"] =
      "FROM python-base\nRUN --mount=type=bind,from=nvoa,target=/src,readwrite true\nUSER 1\n";
  const BuildPlan plan = plan_of(files, push_request());
  CHECK_FALSE(plan.complete());
  CHECK(rules_of(*plan.find("nova-2025-2")) == Names{"dockerfile-context-undefined"});
  CHECK(plan.find("nova-2025-2")->state == PlanTarget::State::blocked);
  CHECK(plan.find("keystone-2025-2")->state == PlanTarget::State::planned);
  CHECK(render_bake(plan).find("nova-2025-2") == std::string::npos);
}

TEST_CASE("plan: what stands on a blocked base is blocked, findings of the rules block by component and release") {
  Finding finding;
  finding.rule = "patch-does-not-apply";
  finding.component = "oslo.messaging";
  finding.release = "2025.2";
  BuildPlan plan = plan_of(small_forge(), push_request(), {finding});
  CHECK(plan.find("keystone-2025-2")->state == PlanTarget::State::blocked);
  CHECK(plan.find("keystone-2025-1")->state == PlanTarget::State::planned);
  CHECK(plan.find("nova-2025-2")->state == PlanTarget::State::planned);
  finding.severity = Severity::warning;
  CHECK(plan_of(small_forge(), push_request(), {finding}).complete());

  Finding base;
  base.rule = "file-syntax";
  base.component = "python-base";
  plan = plan_of(small_forge(), push_request(), {base});
  for (const PlanTarget& target : plan.targets) CHECK(target.state == PlanTarget::State::blocked);

  Finding pins;
  pins.rule = "pin-syntax";
  pins.release = "2025.1";
  plan = plan_of(small_forge(), push_request(), {pins});
  CHECK(plan.find("keystone-2025-1")->state == PlanTarget::State::blocked);
  CHECK(plan.find("python-base")->state == PlanTarget::State::planned);
}

TEST_CASE("plan: images that build from one another in a circle are blocked") {
  support::ForgeFiles files = small_forge();
  files["images/python-base/Dockerfile"] = "FROM venv-builder\n";
  const BuildPlan plan = plan_of(files, push_request());
  CHECK(rules_of(*plan.find("python-base")) == Names{"dockerfile-base-not-built"});
  CHECK(plan.find("nova-2025-2")->state == PlanTarget::State::blocked);
}

TEST_CASE("plan: one tag for two releases is refused") {
  support::ForgeFiles files = small_forge();
  files["releases/2025.1/source-refs.yaml"] = "keystone: \"28.0.0\"\n";
  const BuildPlan plan = plan_of(files, push_request());
  CHECK(rules_of(*plan.find("keystone-2025-2")) == Names{"tag-collision", "tag-collision"});
}

TEST_CASE("plan: a ref or repository that is not there blocks the service") {
  support::ForgeFiles files = small_forge();
  files["releases/2025.1/source-refs.yaml"] = "keystone: \"27.9.9\"\n";
  CHECK(rules_of(*plan_of(files, push_request()).find("keystone-2025-1")) == Names{"ref-not-found"});
  const auto snapshot = snapshot_of(small_forge(), std::make_shared<support::MemoryUpstreams>());
  const Result<BuildPlan> plan = plan_builds(*snapshot, push_request(), {});
  REQUIRE(plan);
  CHECK(rules_of(*plan->find("nova-2025-2")) == Names{"upstream-unavailable"});
  CHECK(plan->find("python-base")->state == PlanTarget::State::planned);
}

TEST_CASE("plan: a patched library that no image of its release reads is told") {
  support::ForgeFiles files = small_forge();
  files["images/keystone/Dockerfile"] = files["images/nova/Dockerfile"];
  files["images/keystone/Dockerfile"].replace(0, 0, "");
  const BuildPlan plan = plan_of(files, push_request());
  REQUIRE(plan.findings.size() == 1);
  CHECK(plan.findings[0].rule == "patch-not-wired");
  CHECK_FALSE(plan.complete());
}

TEST_CASE("plan: what makes no sense is refused with a way out") {
  const auto snapshot = snapshot_of(small_forge());
  const auto refused = [&](const auto& change) {
    BuildRequest request = push_request();
    change(request);
    const Result<BuildPlan> plan = plan_builds(*snapshot, request, {});
    return !plan && plan.error().kind == Failure::Kind::invalid;
  };
  CHECK(refused([](BuildRequest& r) { r.event = Event::pull_request; }));
  CHECK(refused([](BuildRequest& r) { r.commit = ""; }));
  CHECK(refused([](BuildRequest& r) { r.commit = "4f9c2d1"; }));
  CHECK(refused([](BuildRequest& r) { r.platforms = {"linux/amd46"}; }));
  CHECK(refused([](BuildRequest& r) { r.releases = {"2025.3"}; }));
  CHECK(refused([](BuildRequest& r) { r.services = {"oslo.messaging"}; }));
  CHECK(refused([](BuildRequest& r) { r.registry = "ghcr.io//x"; }));
  CHECK(refused([](BuildRequest& r) { r.digests = {{"python-base", "sha256:1"}}; }));
  CHECK_FALSE(refused([](BuildRequest&) {}));
}

TEST_CASE("plan: the same inputs give the same bytes, in whatever order files were made") {
  const std::string one = render_plan(plan_of(small_forge(), push_request()));
  const std::string two = render_plan(plan_of(small_forge(), push_request()));
  CHECK(one == two);
}

TEST_CASE("plan: caches in the registry, in a folder, nowhere; one writer for each") {
  const auto nova = [](Cache cache, const std::function<void(BuildRequest&)>& change) {
    BuildRequest request = push_request();
    request.cache = cache;
    change(request);
    return *plan_of(small_forge(), request).find("nova-2025-2");
  };
  const auto nothing = [](BuildRequest&) {};
  const auto split = [](BuildRequest& request) {
    request.stage = Stage::services;
    request.platforms = {"linux/arm64"};
    request.digests["python-base"] = request.digests["venv-builder"] = "sha256:" + std::string(64, '1');
  };
  const auto local = [](BuildRequest& request) {
    request.event = Event::local;
    request.push = false;
    request.platforms = {"linux/amd64"};
  };
  const std::string ref = "type=registry,ref=ghcr.io/c5c3/nova:buildcache-2025.2";
  CHECK(nova(Cache::registry, nothing).cache_from == Names{ref});
  CHECK(nova(Cache::registry, nothing).cache_to ==
        Names{ref + ",mode=max,image-manifest=true,oci-mediatypes=true,ignore-error=true"});
  CHECK(nova(Cache::registry, split).cache_from == Names{ref + "-linux-arm64"});
  CHECK(nova(Cache::registry, local).cache_to.empty());
  CHECK(nova(Cache::local, local).cache_to == Names{"type=local,dest=build/cache/nova-2025.2,mode=max"});
  CHECK(nova(Cache::none, nothing).cache_from.empty());
}

TEST_CASE("matrix: bases, services and merges of a push; services alone of a pull request") {
  const Result<std::string> push = render_github_output(plan_of(small_forge(), push_request()));
  REQUIRE(push);
  CHECK(push->find("has-bases=true\n") != std::string::npos);
  CHECK(push->find("jobs=13\n") != std::string::npos);
  CHECK(push->find(R"("target":"nova-2025-2","service":"nova","release":"2025.2","platform":"linux/arm64",)"
                   R"("pair":"linux-arm64","runner":"ubuntu-24.04-arm","image":"ghcr.io/c5c3/nova",)"
                   R"("cache-scope":"nova-2025.2-linux-arm64","artifact":"digest.nova-2025-2.linux-arm64")") !=
        std::string::npos);
  const Result<std::string> pull = render_github_output(plan_of(small_forge(), pull_request()));
  REQUIRE(pull);
  CHECK(pull->find("has-bases=false\n") != std::string::npos);
  CHECK(pull->find("jobs=3\n") != std::string::npos);
  CHECK(pull->find("bases={\"include\":[]}\n") != std::string::npos);
}

TEST_CASE("plan: patched libraries reach every image of their release as one context, an empty one elsewhere") {
  support::ForgeFiles files = small_forge();
  const std::string mount = "from=oslo.messaging,target=/src/oslo.messaging";
  std::string& dockerfile = files["images/keystone/Dockerfile"];
  dockerfile.replace(dockerfile.find(mount), mount.size(), "from=patched-libraries,target=/src/libraries");
  const BuildPlan plan = plan_of(files, push_request());
  REQUIRE(plan.complete());
  const PlanTarget& keystone = *plan.find("keystone-2025-2");
  CHECK(context_lines(keystone).at(3) == "patched-libraries=build/src/patched-libraries-2025.2");
  CHECK(context_lines(*plan.find("keystone-2025-1")).at(3) == "patched-libraries=build/src/.empty-patched-libraries");
  CHECK(keystone.description == "keystone 28.0.0 for 2025.2, with oslo.messaging 17.1.0 (1 patch)");
  Names sources;
  for (const PlanSource& source : plan.sources) sources.push_back(source.path);
  CHECK(sources == Names{"build/src/keystone-2025.1", "build/src/keystone-2025.2", "build/src/nova-2025.2",
                         "build/src/patched-libraries-2025.2"});
}

TEST_CASE("plan: an image of published packages is built for each release whose test-refs.yaml names it") {
  support::ForgeFiles files = small_forge();
  files["images/tempest/Dockerfile"] =
      "FROM ghcr.io/c5c3/venv-builder:3.12-noble AS build\n"
      "ARG TEMPEST_VERSION=1.0.0\n"
      "ARG KEYSTONE_TEMPEST_PLUGIN_VERSION\n"
      "ARG OTHER_VERSION\n"
      "RUN --mount=type=bind,from=upper-constraints,target=/c uv pip install --prefix /v --constraint /c/x tempest\n"
      "FROM ghcr.io/c5c3/python-base:3.12-noble\n"
      "COPY --from=build /v /v\n";
  files["releases/2025.2/test-refs.yaml"] = "tempest: \"45.0.0\"\nkeystone-tempest-plugin: \"0.21.0\"\n";
  const BuildPlan plan = plan_of(files, push_request());
  CHECK(plan.complete());
  CHECK(plan.find("tempest") == nullptr);
  CHECK(plan.find("tempest-2025-1") == nullptr);
  const PlanTarget* tempest = plan.find("tempest-2025-2");
  REQUIRE(tempest != nullptr);
  CHECK(tempest->tags.at(0) == "ghcr.io/c5c3/tempest:45.0.0-p0-main-4f9c2d1");
  CHECK(tempest->args.at("TEMPEST_VERSION") == "45.0.0");
  CHECK(tempest->args.at("KEYSTONE_TEMPEST_PLUGIN_VERSION") == "0.21.0");
  CHECK_FALSE(tempest->args.contains("OTHER_VERSION"));
  CHECK(label(*tempest, "org.opencontainers.image.version") == "45.0.0");
  CHECK(std::ranges::count(context_lines(*tempest), "upper-constraints=build/constraints/2025.2") == 1);
}
