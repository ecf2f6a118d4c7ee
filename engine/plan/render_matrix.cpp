#include <map>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "engine/base/text.hpp"
#include "engine/plan/plan_names.hpp"
#include "engine/plan/plan_settings.hpp"
#include "engine/plan/render_bake.hpp"

namespace forge::plan {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t most_jobs = 256;  // GitHub's limit for one matrix

/// GitHub has machines of its own for arm64; everything else is emulated on amd64.
std::string runner(std::string_view platform) {
  return platform == "linux/arm64" ? "ubuntu-24.04-arm" : "ubuntu-24.04";
}

Json include(std::vector<Json> entries) {
  return Json{{"include", std::move(entries)}};
}

bool is_job(const PlanTarget& target, PlanTarget::Kind kind) {
  return target.kind == kind && target.is_built();
}

/// One job for each platform, with all bases, since they build from one another.
std::vector<Json> base_jobs(const BuildPlan& plan) {
  std::vector<std::string> targets;
  std::set<std::string> platforms;
  for (const PlanTarget& target : plan.targets) {
    if (!is_job(target, PlanTarget::Kind::base)) continue;
    targets.push_back(target.id);
    platforms.insert(target.platforms.begin(), target.platforms.end());
  }
  std::vector<Json> jobs;
  for (const std::string& platform : platforms)
    jobs.push_back(Json{{"platform", platform},
                        {"pair", platform_pair(platform)},
                        {"runner", runner(platform)},
                        {"targets", join(targets, " ")}});
  return jobs;
}

Json service_job(const PlanTarget& target, const std::string& platform) {
  const std::string pair = platform_pair(platform);
  return Json{{"target", target.id},
              {"service", target.image},
              {"release", target.release},
              {"platform", platform},
              {"pair", pair},
              {"runner", runner(platform)},
              {"image", target.repository},
              {"cache-scope", target.cache_scope + "-" + pair},
              {"artifact", fmt::format("digest.{}.{}", target.id, pair)},
              {"fingerprint", fingerprint_tag(target.fingerprint)}};
}

std::vector<Json> service_jobs(const BuildPlan& plan) {
  std::vector<Json> jobs;
  for (const PlanTarget& target : plan.targets)
    if (is_job(target, PlanTarget::Kind::service))
      for (const std::string& platform : target.platforms) jobs.push_back(service_job(target, platform));
  return jobs;
}

std::vector<Json> merge_jobs(const BuildPlan& plan, PlanTarget::Kind kind) {
  std::vector<Json> jobs;
  for (const PlanTarget& target : plan.targets)
    if (is_job(target, kind))
      jobs.push_back(Json{{"target", target.id},
                          {"image", target.repository},
                          {"artifacts", fmt::format("digest.{}.*", target.id)},
                          {"tags", join(target.image_tags, " ")}});
  return jobs;
}

std::vector<Json> retag_jobs(const BuildPlan& plan) {
  std::vector<Json> jobs;
  for (const PlanRetag& retag : plan.retags)
    jobs.push_back(
        Json{{"target", retag.target}, {"image", retag.image}, {"from", retag.from}, {"tags", join(retag.tags, " ")}});
  return jobs;
}

/// Where nothing is pushed, a service's job builds its bases itself, and there is nothing to merge.
Result<Json> matrix_json(const BuildPlan& plan) {
  const bool push = plan.request.push;
  std::map<std::string, std::vector<Json>> jobs;
  jobs["services"] = service_jobs(plan);
  if (push) {
    jobs["bases"] = base_jobs(plan);
    jobs["merge-bases"] = merge_jobs(plan, PlanTarget::Kind::base);
    jobs["retag"] = retag_jobs(plan);
    jobs["merge-services"] = merge_jobs(plan, PlanTarget::Kind::service);
  }
  std::size_t count = 0;
  for (const auto& [name, entries] : jobs) {
    count += entries.size();
    if (entries.size() > most_jobs)
      return fail(Failure::Kind::invalid,
                  fmt::format("The matrix `{}` would have {} jobs; GitHub takes {}.", name, entries.size(), most_jobs),
                  {"plan some releases at a time with `--release`"});
  }
  Json out{{"version", 1},
           {"schema", "forge-analyze/matrix/v1"},
           {"has-bases", !jobs["bases"].empty()},
           {"has-services", !jobs["services"].empty()},
           {"has-retag", !jobs["retag"].empty()},
           {"jobs", count}};
  out["include"] = jobs["services"];  // so that the document is a matrix of its own, too
  for (const char* name : {"bases", "merge-bases", "services", "merge-services", "retag"})
    out[name] = include(std::move(jobs[name]));
  return out;
}

}  // namespace

Result<std::string> render_matrix(const BuildPlan& plan) {
  return matrix_json(plan).map(
      [](const Json& json) { return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; });
}

Result<std::string> render_github_output(const BuildPlan& plan) {
  return matrix_json(plan).map([](const Json& json) {
    std::string out;
    for (const auto& [key, value] : json.items())
      out +=
          key + "=" +
          (value.is_string() ? value.get<std::string>() : value.dump(-1, ' ', false, Json::error_handler_t::replace)) +
          "\n";
    return out;
  });
}

}  // namespace forge::plan
