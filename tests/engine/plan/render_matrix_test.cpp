/// Matrices within GitHub's limits: 256 jobs each, 400,000 bytes of outputs in all.
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "engine/plan/render_bake.hpp"

namespace {

using namespace forge;
using namespace forge::plan;
using Json = nlohmann::ordered_json;
using Names = std::vector<std::string>;

/// A base, and `services` in each of `releases`, for two platforms.
BuildPlan plan_of(std::size_t services, std::size_t releases) {
  BuildPlan plan;
  plan.request.push = true;
  plan.request.event = Event::push;
  PlanTarget base{.id = "base", .image = "base", .repository = "r/base"};
  base.platforms = {"linux/amd64", "linux/arm64"};
  base.image_tags = {"r/base:1"};
  plan.targets = {base};
  for (std::size_t s = 0; s < services; ++s)
    for (std::size_t r = 0; r < releases; ++r) {
      const std::string image = fmt::format("service-{:03}", s);
      PlanTarget target{.kind = PlanTarget::Kind::service, .image = image, .release = fmt::format("202{}.1", r)};
      target.id = fmt::format("{}-202{}-1", image, r);
      target.stage = 2;
      target.repository = "r/" + image;
      target.cache_scope = image + "-" + target.release;
      target.platforms = base.platforms;
      target.image_tags = {fmt::format("r/{}:{}-p0-main-4f9c2d1", image, target.release), "r/" + image + ":1"};
      plan.targets.push_back(std::move(target));
    }
  return plan;
}

Json matrix_of(const BuildPlan& plan, const MatrixOptions& options = {}) {
  const Result<std::string> text = render_matrix(plan, options);
  REQUIRE_MESSAGE(text.has_value(), (text ? "" : text.error().message));
  return Json::parse(*text);
}

std::string failure_of(const BuildPlan& plan, const MatrixOptions& options = {}) {
  const Result<std::string> text = render_matrix(plan, options);
  return text ? "" : text.error().message;
}

const Json& entries(const Json& json, const std::string& name) {
  return json.at(name).at("include");
}

/// What GitHub would refuse or misread, anywhere in the document.
void check_rules(const Json& json) {
  for (const auto& [key, value] : json.items()) {
    if (!value.is_object()) continue;
    const Json& jobs = value.at("include");
    CHECK_MESSAGE(jobs.size() <= 256, key);
    CHECK_MESSAGE(json.at("has-" + key) == !jobs.empty(), key);
    for (const Json& job : jobs) {
      CHECK_MESSAGE(job.size() == jobs.front().size(), key);
      for (const auto& [name, field] : job.items()) {
        CHECK_MESSAGE(jobs.front().contains(name), key << " " << name);
        CHECK_MESSAGE(field.is_string(), key << " " << name);
      }
    }
  }
}

/// The targets and platforms of the numbered chunks, each counted.
std::map<std::string, int> in_chunks(const Json& json) {
  std::map<std::string, int> out;
  for (std::size_t i = 0; json.contains(fmt::format("services-{}", i)); ++i) {
    std::set<std::string> targets;
    std::set<std::string> merged;
    for (const Json& job : entries(json, fmt::format("services-{}", i))) {
      ++out[job.at("target").get<std::string>() + " " + job.at("platform").get<std::string>()];
      targets.insert(job.at("target").get<std::string>());
    }
    for (const Json& merge : entries(json, fmt::format("merge-services-{}", i)))
      merged.insert(merge.at("target").get<std::string>());
    CHECK(targets == merged);
  }
  return out;
}

}  // namespace

TEST_CASE("matrix: up to 256 jobs are one matrix") {
  const Json json = matrix_of(plan_of(64, 2));
  check_rules(json);
  CHECK(entries(json, "services").size() == 256);
  CHECK(entries(json, "merge-services").size() == 128);
  CHECK_FALSE(json.contains("services-0"));
  CHECK(entries(json, "chunks").size() == 1);
  CHECK(json.at("jobs") == 256 + 128 + 2 + 1);
  CHECK(json.at("include") == entries(json, "services"));
  CHECK(failure_of(plan_of(64, 2), {.chunks = false}).empty());
}

TEST_CASE("matrix: over 256 jobs are chunks of whole releases where they fit") {
  const BuildPlan plan = plan_of(43, 5);
  const Json json = matrix_of(plan);
  check_rules(json);
  CHECK(json.at("has-services") == false);
  CHECK(json.at("has-services-0") == true);
  const Json& chunks = entries(json, "chunks");
  REQUIRE(chunks.size() == 3);
  CHECK(chunks[0] == Json{{"chunk", "0"}, {"releases", "2020.1 2021.1"}, {"targets", "86"}, {"jobs", "172"}});
  CHECK(chunks[2].at("releases") == "2024.1");
  CHECK_FALSE(json.contains("services-3"));
  const std::map<std::string, int> jobs = in_chunks(json);
  CHECK(jobs.size() == 43 * 5 * 2);
  CHECK(std::ranges::all_of(jobs, [](const auto& entry) { return entry.second == 1; }));
  CHECK(entries(json, "services-1") == entries(matrix_of(plan, {.chunk = 1}), "services"));
}

TEST_CASE("matrix: a release over the limit is cut into equal pieces, between targets") {
  const Json json = matrix_of(plan_of(200, 2));
  check_rules(json);
  Names sizes;
  for (const Json& chunk : entries(json, "chunks")) sizes.push_back(chunk.at("jobs").get<std::string>());
  CHECK(sizes == Names{"200", "200", "200", "200"});
  CHECK(in_chunks(json).size() == 800);
}

TEST_CASE("matrix: without chunks, too many jobs are an error with the way out") {
  CHECK(failure_of(plan_of(43, 5), {.chunks = false}) ==
        "The matrix `services` would have 430 jobs; GitHub takes 256.");
  CHECK(failure_of(plan_of(43, 5), {.chunk = 3}) == "There is no chunk 3; the plan has 3.");
  CHECK(failure_of(plan_of(0, 0), {.chunk = 0}) == "There is no chunk 0; the plan has 0.");
}

TEST_CASE("matrix: a chunk's document has its services alone, the list of chunks none") {
  const BuildPlan plan = plan_of(200, 6);
  const Json chunk = matrix_of(plan, {.chunk = 11});
  check_rules(chunk);
  CHECK(chunk.at("has-bases") == false);
  CHECK_FALSE(chunk.contains("chunks"));
  CHECK(entries(chunk, "services").size() == 200);
  const Json list = matrix_of(plan, {.list_chunks = true});
  check_rules(list);
  CHECK(list.at("has-bases") == true);
  CHECK_FALSE(list.contains("services"));
  CHECK(entries(list, "chunks").size() == 12);
}

TEST_CASE("matrix: outputs over GitHub's limit are refused, and fit by chunks") {
  const BuildPlan plan = plan_of(200, 6);
  const Result<std::string> all = render_github_output(plan);
  REQUIRE_FALSE(all.has_value());
  CHECK(all.error().message.find("GitHub takes about 400000 of a job.") != std::string::npos);
  REQUIRE(all.error().hints.size() == 1);
  CHECK(all.error().hints.front().find("--chunk list") != std::string::npos);
  std::size_t largest = render_github_output(plan, {.list_chunks = true})->size();
  for (std::size_t i = 0; i < 12; ++i) largest = std::max(largest, render_github_output(plan, {.chunk = i})->size());
  CHECK(largest < 150'000);
}

TEST_CASE("matrix: outputs are a line each and ASCII, whatever the names") {
  BuildPlan plan = plan_of(1, 1);
  plan.targets.back().image_tags = {"r/x:1\nhas-services=evil", "r/\xC3\xBC:1"};
  const Result<std::string> text = render_github_output(plan);
  REQUIRE(text.has_value());
  CHECK(std::ranges::count(*text, '\n') == static_cast<std::ptrdiff_t>(matrix_of(plan).size()) - 1);  // no `include`
  CHECK(std::ranges::all_of(*text, [](char c) { return static_cast<unsigned char>(c) < 0x80; }));
  CHECK(text->find("\nhas-services=evil") == std::string::npos);
}

TEST_CASE("matrix: nothing to build has no jobs, and says so") {
  const Json json = matrix_of(plan_of(0, 0), {});
  check_rules(json);
  CHECK(json.at("has-services") == false);
  CHECK(json.at("has-chunks") == false);
}
