#include <algorithm>
#include <map>
#include <set>
#include <span>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "engine/base/text.hpp"
#include "engine/plan/plan_names.hpp"
#include "engine/plan/plan_settings.hpp"
#include "engine/plan/render_bake.hpp"

namespace forge::plan {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t most_jobs = 256;        // GitHub's limit for one matrix
constexpr std::size_t most_output = 400'000;  // bytes of ASCII; GitHub takes 1 MB of a job's outputs, as UTF-16

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

using Targets = std::vector<const PlanTarget*>;

Targets jobs_of(const BuildPlan& plan, PlanTarget::Kind kind) {
  Targets out;
  for (const PlanTarget& target : plan.targets)
    if (is_job(target, kind)) out.push_back(&target);
  return out;
}

std::vector<Json> service_jobs(const Targets& targets) {
  std::vector<Json> jobs;
  for (const PlanTarget* target : targets)
    for (const std::string& platform : target->platforms) jobs.push_back(service_job(*target, platform));
  return jobs;
}

std::vector<Json> merge_jobs(const Targets& targets) {
  std::vector<Json> jobs;
  for (const PlanTarget* target : targets)
    jobs.push_back(Json{{"target", target->id},
                        {"image", target->repository},
                        {"artifacts", fmt::format("digest.{}.*", target->id)},
                        {"tags", join(target->image_tags, " ")}});
  return jobs;
}

std::vector<Json> retag_jobs(const BuildPlan& plan) {
  std::vector<Json> jobs;
  for (const PlanRetag& retag : plan.retags)
    jobs.push_back(
        Json{{"target", retag.target}, {"image", retag.image}, {"from", retag.from}, {"tags", join(retag.tags, " ")}});
  return jobs;
}

// Chunks.

std::size_t count_jobs(std::span<const PlanTarget* const> targets) {
  std::size_t count = 0;
  for (const PlanTarget* target : targets) count += target->platforms.size();
  return count;
}

/// A release over the limit, in pieces of about the same size; all platforms of a target stay together, as one merge
/// waits for them.
std::vector<Targets> pieces(const Targets& release) {
  const std::size_t platforms = std::max<std::size_t>(1, release.front()->platforms.size());
  const std::size_t most_targets = std::max<std::size_t>(1, most_jobs / platforms);
  const std::size_t count = (release.size() + most_targets - 1) / most_targets;
  std::vector<Targets> out;
  for (std::size_t i = 0; i < count; ++i)
    out.emplace_back(release.begin() + static_cast<std::ptrdiff_t>(i * release.size() / count),
                     release.begin() + static_cast<std::ptrdiff_t>((i + 1) * release.size() / count));
  return out;
}

/// What one matrix takes, whole releases where they fit. One chunk at least where there is a target.
std::vector<Targets> chunks_of(const Targets& services) {
  if (services.empty()) return {};
  if (count_jobs(services) <= most_jobs) return {services};
  std::map<std::string, Targets> releases;
  for (const PlanTarget* target : services) releases[target->release].push_back(target);
  std::vector<Targets> out;
  for (const auto& [name, release] : releases) {
    if (!out.empty() && count_jobs(out.back()) + count_jobs(release) <= most_jobs)
      out.back().insert(out.back().end(), release.begin(), release.end());
    else
      for (Targets& piece : pieces(release)) out.push_back(std::move(piece));
  }
  return out;
}

std::string releases_in(const Targets& chunk) {
  std::set<std::string> releases;
  for (const PlanTarget* target : chunk) releases.insert(target->release);
  return join(std::vector<std::string>(releases.begin(), releases.end()), " ");
}

// The document.

struct Matrices {
  Json out = Json::object();
  std::size_t jobs = 0;

  /// An empty `include` would stop the run before any condition is looked at, so a key says whether there are jobs.
  void add(const std::string& name, std::vector<Json> entries) {
    jobs += entries.size();
    out["has-" + name] = !entries.empty();
    out[name] = include(std::move(entries));
  }
};

void add_services(Matrices& matrices, const Targets& services, bool push, const std::string& suffix) {
  matrices.add("services" + suffix, service_jobs(services));
  matrices.add("merge-services" + suffix, push ? merge_jobs(services) : std::vector<Json>());
}

std::vector<Json> chunk_entries(const std::vector<Targets>& chunks) {
  std::vector<Json> out;
  for (std::size_t i = 0; i < chunks.size(); ++i)
    out.push_back(Json{{"chunk", std::to_string(i)},
                       {"releases", releases_in(chunks[i])},
                       {"targets", std::to_string(chunks[i].size())},
                       {"jobs", std::to_string(count_jobs(chunks[i]))}});
  return out;
}

Result<void> check_limit(std::string_view name, std::size_t jobs, std::string hint) {
  if (jobs <= most_jobs) return {};
  return fail(Failure::Kind::invalid,
              fmt::format("The matrix `{}` would have {} jobs; GitHub takes {}.", name, jobs, most_jobs),
              {std::move(hint)});
}

/// The services whose jobs are in the document: all, one chunk's, or, where only the list is wanted, none.
Result<void> add_chunks(Matrices& matrices, const std::vector<Targets>& chunks, const BuildPlan& plan,
                        const MatrixOptions& options) {
  const bool push = plan.request.push;
  if (options.chunk) {
    if (*options.chunk >= chunks.size())
      return fail(Failure::Kind::invalid,
                  fmt::format("There is no chunk {}; the plan has {}.", *options.chunk, chunks.size()),
                  {"`--chunk list` names them; they are counted from 0"});
    add_services(matrices, chunks[*options.chunk], push, "");
    return {};
  }
  if (options.list_chunks) return {};
  if (chunks.size() < 2) {
    add_services(matrices, chunks.empty() ? Targets() : chunks.front(), push, "");
    return {};
  }
  add_services(matrices, {}, push, "");
  for (std::size_t i = 0; i < chunks.size(); ++i) add_services(matrices, chunks[i], push, fmt::format("-{}", i));
  return {};
}

/// Where nothing is pushed, a service's job builds its bases itself, and there is nothing to merge.
Result<Json> matrix_json(const BuildPlan& plan, const MatrixOptions& options) {
  const Targets services = jobs_of(plan, PlanTarget::Kind::service);
  const Targets bases = plan.request.push && !options.chunk ? jobs_of(plan, PlanTarget::Kind::base) : Targets();
  if (!options.chunks)
    FORGE_TRY(
        check_limit("services", count_jobs(services), "leave `--no-chunks` out, or plan some releases at a time"));
  FORGE_TRY(check_limit("merge-bases", bases.size(), "plan some services at a time with `--component`"));
  const std::vector<Targets> chunks = chunks_of(services);

  Matrices matrices;
  matrices.add("bases", bases.empty() ? std::vector<Json>() : base_jobs(plan));
  matrices.add("merge-bases", merge_jobs(bases));
  FORGE_TRY(add_chunks(matrices, chunks, plan, options));
  const std::size_t jobs = matrices.jobs;
  matrices.add("retag", retag_jobs(plan));
  if (!options.chunk) matrices.add("chunks", chunk_entries(chunks));

  Json out{{"version", 1}, {"schema", "forge-analyze/matrix/v1"}, {"jobs", jobs}};
  for (auto& [key, value] : matrices.out.items()) out[key] = std::move(value);
  return out;
}

}  // namespace

Result<std::string> render_matrix(const BuildPlan& plan, const MatrixOptions& options) {
  FORGE_TRY_ASSIGN(Json json, matrix_json(plan, options));
  // So that the document is a matrix of its own, too, for those who know no such limits.
  if (!options.chunk && !options.list_chunks) json["include"] = service_jobs(jobs_of(plan, PlanTarget::Kind::service));
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<std::string> render_github_output(const BuildPlan& plan, const MatrixOptions& options) {
  FORGE_TRY_ASSIGN(const Json json, matrix_json(plan, options));
  std::string out;
  for (const auto& [key, value] : json.items()) {
    const std::string text =
        value.is_string() ? value.get<std::string>() : value.dump(-1, ' ', true, Json::error_handler_t::replace);
    out += fmt::format("{}={}\n", key, text);
  }
  if (out.size() > most_output)
    return fail(
        Failure::Kind::invalid,
        fmt::format("The outputs would have {} bytes; GitHub takes about {} of a job.", out.size(), most_output),
        {"hand out `--chunk list`, and let each chunk plan its own matrix with `--chunk N`"});
  return out;
}

}  // namespace forge::plan
