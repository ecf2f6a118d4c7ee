#include "engine/plan/render_bake.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "engine/plan/plan_builds.hpp"
#include "tests/support/plan_request.hpp"
#include "tests/support/small_forge.hpp"

namespace {

using namespace forge;
using namespace forge::plan;
using nlohmann::json;

const std::string golden_path = std::string(FORGE_SOURCE_DIR) + "/tests/engine/plan/small-forge.bake.json";

BuildRequest request() {
  BuildRequest request = support::push_request();
  request.python.clear();
  request.distro.clear();
  request.source_url = "https://github.com/c5c3/forge";
  request.digests = {{"ubuntu:noble", "sha256:" + std::string(64, '1')},
                     {"ghcr.io/astral-sh/uv:0.6.3", "sha256:" + std::string(64, '2')}};
  return request;
}

std::string bake_of(const support::ForgeFiles& files, const BuildRequest& asked) {
  const Result<BuildPlan> plan = plan_builds(*support::snapshot_of(files), asked, {});
  REQUIRE(plan);
  return render_bake(*plan);
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

TEST_CASE("bake file: the small forge's, byte for byte") {
  const std::string bake = bake_of(support::small_forge(), request());
  if (!environment("FORGE_UPDATE_EXPECT").empty()) std::ofstream(golden_path, std::ios::binary) << bake;
  CHECK(bake == read_file(golden_path));
}

TEST_CASE("bake file: strings are no templates") {
  BuildRequest asked = request();
  asked.source_url = "https://x/${a}%{b}$c";
  const std::string bake = bake_of(support::small_forge(), asked);
  CHECK(bake.find("https://x/$${a}%%{b}$c") != std::string::npos);
}

TEST_CASE("bake file: nothing to build is an empty default group") {
  support::ForgeFiles files = {{"releases/2025.2/source-refs.yaml", ""}, {"releases/2025.2/upper-constraints.txt", ""}};
  const json bake = json::parse(bake_of(files, request()));
  CHECK(bake["group"]["default"]["targets"] == json::array());
  CHECK_FALSE(bake.contains("target"));
}
