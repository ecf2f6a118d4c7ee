#include "engine/plan/render_bake.hpp"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "engine/plan/plan_builds.hpp"
#include "tests/support/process.hpp"
#include "tests/support/small_forge.hpp"

namespace {

namespace fs = std::filesystem;
using namespace forge;
using namespace forge::plan;
using nlohmann::json;

const std::string golden_path = std::string(FORGE_SOURCE_DIR) + "/tests/engine/plan/small-forge.bake.json";

BuildRequest request() {
  BuildRequest request;
  request.event = Event::push;
  request.push = true;
  request.branch = "main";
  request.commit = "4f9c2d17b0e84a5c9a1f6e3d2b7c8091a2b3c4d5";
  request.registry = "ghcr.io/c5c3";
  request.source_url = "https://github.com/c5c3/forge";
  request.forge_platforms = {"linux/amd64", "linux/arm64"};
  request.digests = {{"ubuntu:noble", "sha256:" + std::string(64, '1')},
                     {"ghcr.io/astral-sh/uv:0.6.3", "sha256:" + std::string(64, '2')}};
  return request;
}

std::string bake_of(const support::ForgeFiles& files, const BuildRequest& asked) {
  const Result<BuildPlan> plan = plan_builds(*support::snapshot_of(files), asked, {});
  REQUIRE(plan);
  return render_bake(*plan);
}

std::string read_file(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// Where scripts/get-buildx and Debian's package put the program.
std::optional<std::string> find_buildx() {
  const std::string cache =
      environment("XDG_CACHE_HOME").empty() ? environment("HOME") + "/.cache" : environment("XDG_CACHE_HOME");
  const std::array places{environment("FORGE_BUILDX"), cache + "/forge-analyze/buildx/docker-buildx",
                          std::string("/usr/libexec/docker/cli-plugins/docker-buildx"),
                          std::string("/usr/lib/docker/cli-plugins/docker-buildx")};
  for (const std::string& place : places)
    if (!place.empty() && fs::exists(place)) return place;
  return std::nullopt;
}

/// What bake says that it would build.
json print_with_bake(const std::string& program, const std::string& bake_file,
                     const std::vector<std::string>& targets = {}) {
  const fs::path folder = fs::temp_directory_path() / ("forge-bake-" + std::to_string(::getpid()));
  fs::create_directories(folder);
  std::ofstream(folder / "plan.json", std::ios::binary) << bake_file;
  std::vector<std::string> arguments{program, "bake", "-f", "plan.json", "--print"};
  arguments.insert(arguments.end(), targets.begin(), targets.end());
  const support::ProcessResult result =
      support::run_process(arguments, folder.string(), {"DOCKER_CONFIG=" + folder.string()});
  fs::remove_all(folder);
  CHECK_MESSAGE(result.exit_code == 0, result.err);
  CHECK_MESSAGE(result.err.find("ERROR") == std::string::npos, result.err);
  return result.exit_code == 0 ? json::parse(result.out) : json();
}

/// `type=gha,scope=x` as bake prints it.
json as_object(const json& entry) {
  if (!entry.is_string()) return entry;
  json out = json::object();
  std::string text = entry;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string field = text.substr(0, comma);
    out[field.substr(0, field.find('='))] = field.substr(field.find('=') + 1);
    text.erase(0, comma + 1);
  }
  return out;
}

json normalised(json file) {
  for (auto& [id, target] : file["target"].items()) {
    for (const char* key : {"cache-from", "cache-to", "attest", "output"})
      if (target.contains(key))
        for (json& entry : target[key]) entry = as_object(entry);
    target.erase("description");  // bake prints none
  }
  for (auto& [name, group] : file["group"].items()) group.erase("description");
  return file;
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

TEST_CASE("bake file: the real bake reads it and keeps every value") {
  const std::optional<std::string> buildx = find_buildx();
  if (!buildx) {
    MESSAGE("skipped: docker-buildx is not here; scripts/get-buildx fetches it");
    return;
  }
  BuildRequest asked = request();
  asked.source_url = "https://x/${a}%{b}$c \"quoted\", with\na line";
  const std::string bake = bake_of(support::small_forge(), asked);
  const json ours = normalised(json::parse(bake));
  const json printed = normalised(print_with_bake(*buildx, bake));  // its own escapes come out again
  CHECK(printed["target"].size() == 5);
  for (const auto& [id, target] : ours["target"].items())
    for (const auto& [key, value] : target.items())
      CHECK_MESSAGE(printed["target"][id][key] == value, id << " " << key << " " << printed["target"][id][key]);
}

TEST_CASE("bake file: the real bake takes the other events' files, groups and an empty plan") {
  const std::optional<std::string> buildx = find_buildx();
  if (!buildx) {
    MESSAGE("skipped: docker-buildx is not here; scripts/get-buildx fetches it");
    return;
  }
  BuildRequest pull = request();
  pull.event = Event::pull_request;
  pull.push = false;
  CHECK(print_with_bake(*buildx, bake_of(support::small_forge(), pull))["target"].size() == 5);
  CHECK(print_with_bake(*buildx, bake_of(support::small_forge(), pull), {"release-2025-1"})["target"].size() == 3);
  BuildRequest split = request();
  split.stage = Stage::services;
  split.digests["python-base"] = split.digests["venv-builder"] = split.digests["ubuntu:noble"];
  split.platforms = {"linux/arm64"};
  CHECK(print_with_bake(*buildx, bake_of(support::small_forge(), split))["target"].size() == 3);
  BuildRequest local = pull;
  local.event = Event::local;
  local.commit.clear();
  local.branch.clear();
  local.platforms = {"linux/amd64"};
  CHECK(print_with_bake(*buildx, bake_of(support::small_forge(), local))["target"].size() == 5);
  print_with_bake(*buildx, "{\"group\":{\"default\":{\"targets\":[]}}}");
}
