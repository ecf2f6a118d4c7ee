#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <system_error>
#include <vector>

#include <fmt/format.h>
#include <sys/utsname.h>

#include "cli/commands/table.hpp"
#include "cli/environment.hpp"
#include "cli/plan_inputs.hpp"
#include "cli/render/text.hpp"
#include "engine/base/text.hpp"
#include "engine/plan/oci_image.hpp"
#include "engine/plan/plan_builds.hpp"
#include "engine/plan/render_bake.hpp"
#include "engine/plan/render_changes.hpp"
#include "engine/rules/run_rules.hpp"

namespace forge::cli {

namespace {

using plan::BuildPlan;
using plan::BuildRequest;
using plan::PlanTarget;

constexpr std::array<std::string_view, 9> formats = {"bake",     "matrix",  "shell", "json", "text",
                                                     "markdown", "mermaid", "dot",   "svg"};
constexpr std::array<std::string_view, 5> events = {"local", "push", "pull_request", "schedule", "workflow_dispatch"};
constexpr std::array<std::string_view, 3> stages = {"all", "bases", "services"};
constexpr std::array<std::string_view, 2> when_missing = {"stop", "all"};
constexpr std::array<std::string_view, 2> source_forms = {"folder", "oci"};
constexpr std::array<std::string_view, 4> caches = {"gha", "registry", "local", "none"};
constexpr std::array options = {
    Option{"--release", "R", "only this release; may be repeated", {}, true},
    Option{"--component", "C", "only this service and what it builds from; may be repeated", {}, true},
    Option{"--event", "EVENT", "what the build is for (default local)", events},
    Option{"--branch", "NAME", "the forge's branch, for the tags"},
    Option{"--commit", "HEX", "the forge's commit, for tags and labels"},
    Option{"--push", "", "push the images; not for pull requests"},
    Option{"--load", "", "put the images into the local image store"},
    Option{"--stage", "STAGE", "all at once, or one half on its own machines (default all)", stages},
    Option{"--sources", "FORM", "source contexts as folders or as OCI layouts, pinned by digest (default folder)",
           source_forms},
    Option{"--platform", "P", "instead of the event's platforms; may be repeated", {}, true},
    Option{"--base-digest", "IMAGE=DIGEST", "the digest of a base, or of an outer image; may be repeated", {}, true},
    Option{"--registry", "PREFIX", "instead of forge.yaml's registry"},
    Option{"--source-url", "URL", "the forge's page, for a label"},
    Option{"--since", "REV", "build only what differs from where this branch left REV (a commit, branch or tag)"},
    Option{"--since-exact", "REV", "the same with REV itself, as for the commit before a push"},
    Option{"--since-missing", "WHAT", "where that commit is not there: stop, or plan all (default stop)", when_missing},
    Option{"--worktree", "", "the files as they are, changes that are not committed included"},
    Option{"--baseline", "FILE", "build only what differs from this plan (of --format json)"},
    Option{"--epoch", "TEXT", "enters every fingerprint, so that another TEXT builds everything anew"},
    Option{"--global-input",
           "GLOB",
           "a change of these files of the forge concerns every target; may be repeated",
           {},
           true},
    Option{"--fingerprint-tag", "", "add the tag `fp-…` that tells what went into an image"},
    Option{"--explain", "TARGET", "instead of the plan, all inputs of one target and what changed"},
    Option{"--cache", "WHERE", "of the build's layers (default gha; none for a local build)", caches},
    Option{"--keep-going", "", "plan the healthy targets although others are blocked"},
    Option{"--strict", "", "warnings block as errors do"},
    Option{"--github-output", "", "the matrix as lines `key=value` for $GITHUB_OUTPUT"},
    Option{"--chunk", "N", "only this chunk of the services' matrix, from 0; `list`: only the list of chunks"},
    Option{"--no-chunks", "", "more jobs than one matrix takes are an error"},
};

/// Docker's name for the machine this runs on.
std::string machine_platform() {
  static const std::map<std::string, std::string, std::less<>> names = {
      {"x86_64", "linux/amd64"},    {"aarch64", "linux/arm64"}, {"riscv64", "linux/riscv64"},
      {"ppc64le", "linux/ppc64le"}, {"s390x", "linux/s390x"},   {"armv7l", "linux/arm/v7"}};
  utsname name{};
  if (::uname(&name) != 0) return "linux/amd64";
  const auto found = names.find(std::string_view(name.machine));
  return found == names.end() ? "linux/amd64" : found->second;
}

std::map<std::string, std::string, std::less<>> digests(const Invocation& invocation) {
  std::map<std::string, std::string, std::less<>> out;
  for (const std::string& given : invocation.values("--base-digest")) {
    const std::size_t equals = given.rfind('=');
    if (equals == std::string::npos) throw NotDone(fmt::format("--base-digest takes IMAGE=sha256:…, not `{}`.", given));
    out[given.substr(0, equals)] = given.substr(equals + 1);
  }
  return out;
}

BuildRequest build_request(const Invocation& invocation) {
  BuildRequest request;
  request.releases = invocation.values("--release");
  request.services = invocation.values("--component");
  request.event = *plan::event_from(invocation.value("--event").value_or("local"));
  request.stage = *plan::stage_from(invocation.value("--stage").value_or("all"));
  request.sources = *plan::source_form_from(invocation.value("--sources").value_or("folder"));
  request.push = invocation.has("--push");
  request.load = invocation.has("--load");
  if (const auto cache = invocation.value("--cache")) request.cache = plan::cache_from(*cache);
  request.branch = invocation.value("--branch").value_or("");
  request.commit = invocation.value("--commit").value_or("");
  request.registry = invocation.value("--registry").value_or("");
  request.source_url = invocation.value("--source-url").value_or("");
  request.digests = digests(invocation);
  request.platforms = invocation.values("--platform");
  request.epoch = invocation.value("--epoch").value_or("");
  request.global_inputs = invocation.values("--global-input");
  request.fingerprint_tags = invocation.has("--fingerprint-tag");
  if (request.platforms.empty() && request.event == plan::Event::local) request.platforms = {machine_platform()};
  return request;
}

/// Whether a finding is about something that `plan` builds. Without a baseline everything is examined, what stands in
/// the way of nothing yet included.
class Concerned {
 public:
  explicit Concerned(const BuildPlan& plan) {
    for (const PlanTarget& target : plan.targets) {
      if (!target.is_in_bake()) continue;
      add(target.release, target.image);
      for (const plan::PlanSource& source : target.sources) add(source.release, source.component);
    }
  }

  bool operator()(std::string_view release, std::string_view component) const {
    if (component.empty()) return !releases_.empty() && (release.empty() || holds(releases_, release));
    const auto found = components_.find(component);
    return found != components_.end() && (release.empty() || holds(found->second, release));
  }

 private:
  using Names = std::set<std::string, std::less<>>;  // the name of every release is empty

  void add(const std::string& release, const std::string& component) {
    releases_.insert(release);
    components_[component].insert(release);
  }
  static bool holds(const Names& releases, std::string_view release) {
    return releases.contains(release) || releases.contains("");
  }

  Names releases_;
  std::map<std::string, Names, std::less<>> components_;
};

std::vector<Finding> findings_of(const Invocation& invocation, const workspace::Snapshot& snapshot,
                                 const BuildRequest& request, const BuildPlan& unexamined, const TaskPool& pool) {
  rules::RunOptions run_options{.release = request.releases.size() == 1 ? request.releases.front() : "",
                                .offline = is_offline(invocation)};
  if (request.baseline) {
    if (std::ranges::none_of(unexamined.targets, &PlanTarget::is_in_bake)) return {};
    run_options.concerns = Concerned(unexamined);
  }
  std::vector<Finding> findings = rules::run_rules(snapshot, run_options, pool);
  if (invocation.has("--strict"))
    for (Finding& finding : findings)
      if (finding.severity == Severity::warning) finding.severity = Severity::error;
  return findings;
}

/// `plan` again, with what was found: only an error can change it. A tree that can't be read to its end blocks its
/// targets, as any other error on an input does.
BuildPlan make_plan(BuildPlan plan, const workspace::Snapshot& snapshot, const BuildRequest& request,
                    std::vector<Finding> findings, const TaskPool& pool) {
  const bool blocks =
      std::ranges::any_of(findings, [](const Finding& finding) { return finding.severity == Severity::error; });
  if (blocks) plan = value_or_stop(plan::plan_builds(snapshot, request, findings));
  if (request.sources != plan::SourceForm::oci) return plan;
  const std::vector<Finding> unreadable = plan::pin_sources(snapshot, plan, pool);
  if (unreadable.empty()) return plan;
  findings.insert(findings.end(), unreadable.begin(), unreadable.end());
  plan = value_or_stop(plan::plan_builds(snapshot, request, findings));
  (void)plan::pin_sources(snapshot, plan, pool);  // the trees that are left
  return plan;
}

/// Everything that stands in the way, each once.
std::vector<Finding> obstacles(const BuildPlan& plan) {
  std::vector<Finding> all = plan.findings;
  for (const PlanTarget& target : plan.targets) all.insert(all.end(), target.findings.begin(), target.findings.end());
  std::ranges::sort(all, before);
  const auto same = [](const Finding& a, const Finding& b) { return !before(a, b) && !before(b, a); };
  const auto repeated = std::ranges::unique(all, same);
  all.erase(repeated.begin(), repeated.end());
  return all;
}

void tell(const Invocation& invocation, const BuildPlan& plan, const std::vector<Finding>& found) {
  for (const Finding& finding : found) say(invocation, finding_text(finding, use_color(invocation, 2)) + "\n");
  std::vector<std::string> blocked;
  std::size_t unchanged = 0;
  std::size_t all = 0;
  for (const PlanTarget& target : plan.targets) {
    if (target.state == PlanTarget::State::removed) continue;
    ++all;
    if (target.state == PlanTarget::State::blocked) blocked.push_back(target.id);
    if (target.state == PlanTarget::State::unchanged) ++unchanged;
  }
  if (found.empty() && blocked.empty() && !plan.request.baseline) return;
  say(invocation, fmt::format("planned {} of {}{}, {} blocked{}\n", all - blocked.size() - unchanged, all,
                              plan.request.baseline ? fmt::format(", {} unchanged", unchanged) : "", blocked.size(),
                              blocked.empty() ? "" : ": " + join(blocked, ", ")));
}

plan::MatrixOptions matrix_options(const Invocation& invocation) {
  plan::MatrixOptions out;
  out.chunks = !invocation.has("--no-chunks");
  const std::optional<std::string> chunk = invocation.value("--chunk");
  out.list_chunks = chunk == "list";
  if (!chunk || out.list_chunks) return out;
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(chunk->data(), chunk->data() + chunk->size(), number);
  if (error != std::errc() || end != chunk->data() + chunk->size())
    throw NotDone(fmt::format("--chunk takes a number or `list`, not `{}`.", *chunk));
  out.chunk = number;
  return out;
}

std::string text_of(const Invocation& invocation, const BuildPlan& plan) {
  const std::string format = invocation.format();
  if (const auto target = invocation.value("--explain"))
    return value_or_stop(format == "json" ? plan::explain_json(plan, *target) : plan::explain_text(plan, *target));
  if (format == "json") return plan::render_plan(plan);
  if (format == "text") return plan::render_plan_text(plan);
  if (format == "markdown") return plan::render_plan_markdown(plan);
  if (format == "bake") return plan::render_bake(plan);
  if (format == "shell") return plan::render_shell(plan);
  if (format == "mermaid") return plan::render_mermaid(plan);
  if (format == "dot") return plan::render_dot(plan);
  if (format == "svg") return plan::render_svg(plan);
  const plan::MatrixOptions chunks = matrix_options(invocation);
  return value_or_stop(invocation.has("--github-output") ? plan::render_github_output(plan, chunks)
                                                         : plan::render_matrix(plan, chunks));
}

bool lacks_upstream(const std::vector<Finding>& found) {
  return std::ranges::any_of(found, [](const Finding& finding) { return finding.rule == "upstream-unavailable"; });
}

ExitCode run(const Invocation& invocation) {
  for (const char* option : {"--github-output", "--chunk", "--no-chunks"})
    if (invocation.has(option) && invocation.format() != "matrix")
      throw NotDone(fmt::format("{} goes with `--format matrix`.", option));
  if (invocation.has("--since") && invocation.has("--since-exact"))
    throw NotDone("--since and --since-exact exclude each other.");
  const TaskPool pool = task_pool(invocation);
  BuildRequest request = build_request(invocation);
  const workspace::SnapshotPtr snapshot = load_forge_to_plan(invocation, pool, request);
  for (const std::string& release : request.releases) require_known_release(*snapshot, release);
  // Made once to know what is to be examined, and again with what was found.
  BuildPlan plan = value_or_stop(plan::plan_builds(*snapshot, request, {}));
  std::vector<Finding> findings = findings_of(invocation, *snapshot, request, plan, pool);
  plan = make_plan(std::move(plan), *snapshot, request, std::move(findings), pool);
  const std::vector<Finding> found = obstacles(plan);
  tell(invocation, plan, found);
  if (plan.complete() || invocation.has("--keep-going"))
    emit(invocation, text_of(invocation, plan));
  else if (lacks_upstream(found))
    return exit_not_done;
  return plan.complete() ? exit_done : exit_findings;
}

}  // namespace

extern const Command plan_command = {
    .name = "plan",
    .summary = "the build plan",
    .description =
        "What buildx shall build, in which order, from which contexts and under which tags. Only what the analysis has "
        "proved is in it: a target with an error on one of its inputs is blocked, and so is what builds from it. With "
        "anything blocked no plan is written, unless --keep-going says so. With --since or --baseline only targets "
        "whose "
        "inputs differ are built: inputs are compared by content, at two commits without a checkout, so that a comment "
        "or a reworded patch builds nothing.",
    .options = options,
    .formats = formats,
    .run = run,
};

}  // namespace forge::cli
