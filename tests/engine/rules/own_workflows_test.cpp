/// This repository's own workflows, which follow the plan, give no finding; a mistake in them does.
#include <fstream>
#include <iterator>

#include <doctest/doctest.h>

#include "engine/model/workflow_runs.hpp"
#include "engine/rules/run_rules.hpp"
#include "engine/workspace/workspace.hpp"
#include "tests/support/memory_repository.hpp"

using namespace forge;

namespace {

workspace::SnapshotPtr own_forge(std::map<std::string, std::string, std::less<>> changed = {}) {
  const workspace::UpstreamsFactory upstreams = [](const formats::ForgeConfig&) {
    return std::make_shared<const support::MemoryUpstreams>();
  };
  workspace::Workspace workspace(upstreams, {}, {});
  const auto files = workspace::overlay_files(workspace::disk_files(FORGE_SOURCE_DIR), std::move(changed));
  auto snapshot = workspace.load(files, TaskPool(0));
  REQUIRE(snapshot.has_value());
  return *snapshot;
}

std::vector<std::string> workflow_findings(const workspace::Snapshot& snapshot) {
  std::vector<std::string> out;
  const std::vector<Finding> all = rules::run_rules(snapshot, {.files_only = true}, TaskPool(0));
  for (const Finding& finding : all)
    if (finding.place.file->path().starts_with(".github/")) out.push_back(finding.rule + ": " + finding.message);
  return out;
}

}  // namespace

TEST_CASE("own workflows: read, and without a finding") {
  const workspace::SnapshotPtr snapshot = own_forge();
  CHECK(model::workflow_runs(*snapshot).size() >= 2);
  CHECK(workflow_findings(*snapshot) == std::vector<std::string>{});
}

TEST_CASE("own workflows: without its needs and permissions, a merge is reported") {
  const std::string path = ".github/workflows/build-images.yaml";
  std::ifstream stream(std::string(FORGE_SOURCE_DIR) + "/" + path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(stream), {}};
  const std::string needs = "needs: [plan-services, services]";
  REQUIRE(text.find(needs) != std::string::npos);
  text.replace(text.find(needs), needs.size(), "needs: [services]");
  const std::size_t token = text.rfind("      id-token: write\n");
  REQUIRE(token != std::string::npos);
  text.erase(token, 22);
  const std::vector<std::string> found = workflow_findings(*own_forge({{path, text}}));
  REQUIRE(found.size() >= 2);
  CHECK(found.front().starts_with("workflow-"));
}
