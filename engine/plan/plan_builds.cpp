#include "engine/plan/plan_builds.hpp"

#include <algorithm>
#include <set>
#include <span>

#include <fmt/format.h>

#include "engine/base/names.hpp"
#include "engine/base/text.hpp"
#include "engine/git/upstreams.hpp"
#include "engine/model/image_graph.hpp"
#include "engine/model/image_reference.hpp"
#include "engine/model/linked_trees.hpp"
#include "engine/model/version_arguments.hpp"
#include "engine/plan/plan_changes.hpp"
#include "engine/plan/plan_names.hpp"
#include "engine/plan/plan_settings.hpp"
#include "engine/plan/plan_sources.hpp"
#include "engine/plan/plan_tags.hpp"
#include "engine/plan/target_inputs.hpp"
#include "engine/workspace/forge_layout.hpp"

namespace forge::plan {

namespace {

using model::ImageGraph;
using model::ImageNeed;
using model::ImageNode;
using model::NeedKind;
using workspace::Snapshot;

/// The earliest time that a zip file, hence a wheel, can hold. Bases belong to no upstream commit, and a time that
/// moved with the forge would give them a new digest, and every service a new build, for nothing.
constexpr std::string_view base_epoch = "315532800";

struct Cell {
  std::string service;
  std::string release;
};

/// `default` is the group that bake builds where nothing is chosen.
std::string target_id(const std::string& image, const std::string& release) {
  std::string id = bake_name(release.empty() ? image : image + "-" + release);
  return id == "default" ? "default-image" : id;
}

Finding finding_at(std::string_view rule, SourceFilePtr file, TextSpan span, std::string message) {
  Finding finding;
  finding.rule = rule;
  finding.message = std::move(message);
  finding.place = {std::move(file), span};
  return finding;
}

/// Makes the targets of one plan.
class Planner {
 public:
  Planner(const Snapshot& snapshot, const BuildRequest& request, const std::vector<Finding>& findings)
      : snapshot_(snapshot), graph_(model::image_graph(snapshot)), findings_(findings) {
    plan_.request = request;
    plan_.split = is_split(request);
  }

  Result<BuildPlan> run() {
    FORGE_TRY(check_request(request()));
    FORGE_TRY_ASSIGN(const std::vector<Cell> cells, select_cells());
    if (request().stage != Stage::bases)
      for (const Cell& cell : cells) ask_for(cell.service, cell.release);
    add_bases(cells);
    add_untouched();
    std::ranges::sort(plan_.targets, {}, [](const PlanTarget& t) { return std::pair(t.stage, t.id); });
    block_by_findings();
    find_collisions();
    find_unread_libraries(cells);
    block_dependants();
    take_fingerprints();
    mark_changes(plan_);
    FORGE_TRY(check_known_bases());
    collect_inputs();
    make_groups();
    return std::move(plan_);
  }

 private:
  [[nodiscard]] const BuildRequest& request() const { return plan_.request; }

  // What is asked for.

  Result<std::vector<Cell>> select_cells() const {
    FORGE_TRY(check_names(request().releases, snapshot_.releases(), "release"));
    FORGE_TRY(check_names(request().services, service_names(), "service"));
    std::vector<Cell> cells;
    for (const std::string& release : snapshot_.releases()) {
      if (!selects(request().releases, release)) continue;
      for (const std::string& service : service_names())
        if (selects(request().services, service) &&
            std::ranges::count(model::image_releases(snapshot_, service), release) > 0)
          cells.push_back({service, release});
    }
    if (cells.empty() && !request().services.empty())
      return fail(Failure::Kind::invalid,
                  fmt::format("No selected release has a ref for {}.", join(request().services, ", ")));
    return cells;
  }

  void ask_for(const std::string& image, const std::string& release) {
    if (request().may_differ && !request().may_differ->contains({image, release}))
      untouched_.push_back({image, release});
    else
      add_target(image, release, true);
  }

  /// Those that others build from have been added on the way.
  void add_untouched() {
    for (const Cell& cell : untouched_) {
      if (const auto found = find_target(cell.service, cell.release); found != plan_.targets.end()) {
        found->selected = true;
        continue;
      }
      PlanTarget target = new_target(*graph_.find(cell.service), cell.release);
      target.state = PlanTarget::State::unchanged;
      plan_.targets.push_back(std::move(target));
    }
  }

  [[nodiscard]] std::vector<std::string> service_names() const {
    std::vector<std::string> names;
    for (const ImageNode& node : graph_.nodes)
      if (is_per_release(node.image)) names.push_back(node.image);
    return names;
  }

  [[nodiscard]] bool is_per_release(const std::string& image) const {
    return !model::image_releases(snapshot_, image).empty();
  }

  static bool selects(const std::vector<std::string>& wanted, const std::string& name) {
    return wanted.empty() || std::ranges::find(wanted, name) != wanted.end();
  }

  static Result<void> check_names(const std::vector<std::string>& wanted, const std::vector<std::string>& known,
                                  std::string_view what) {
    for (const std::string& name : wanted) {
      if (std::ranges::find(known, name) != known.end()) continue;
      const std::optional<std::string> near = nearest(name, known);
      return fail(Failure::Kind::invalid, fmt::format("There is no {} `{}` in this forge.", what, name),
                  {near ? fmt::format("did you mean `{}`?", *near)
                        : fmt::format("there {} {}", known.size() == 1 ? "is" : "are", join(known, ", "))});
    }
    return {};
  }

  /// Bases that no selected service asked for: all of them where all services are wanted.
  void add_bases(const std::vector<Cell>& cells) {
    if (request().stage == Stage::services) return;
    std::set<std::string> wanted;
    for (const Cell& cell : cells) add_parents(cell.service, wanted);
    for (const ImageNode& node : graph_.nodes) {
      if (is_per_release(node.image) || known_digest(request(), node.image)) continue;
      if (request().services.empty() || wanted.contains(node.image)) ask_for(node.image, "");
    }
  }

  void add_parents(const std::string& image, std::set<std::string>& wanted) const {
    const ImageNode* node = graph_.find(image);
    if (node == nullptr) return;
    for (const std::string& parent : node->parents)
      if (wanted.insert(parent).second) add_parents(parent, wanted);
  }

  /// Services are pushed on bases whose digests are known, or on a second build of them that nobody tested.
  Result<void> check_known_bases() const {
    if (!plan_.split || request().stage != Stage::services) return {};
    for (const PlanTarget& target : plan_.targets) {
      const bool is_known = target.state == PlanTarget::State::removed || !target.digest.empty();
      if (target.selected || target.kind != PlanTarget::Kind::base || is_known) continue;
      return fail(Failure::Kind::invalid,
                  fmt::format("The digest of `{}`, which services build from, is not known.", target.image),
                  {fmt::format("build and push the bases first, then give `--base-digest {}=sha256:…`", target.image)});
    }
    return {};
  }

  // One target.

  /// Returns its id; does nothing where it is there already.
  std::string add_target(const std::string& image, const std::string& release, bool selected) {
    const std::string id = target_id(image, release);
    if (const auto found = find_target(image, release); found != plan_.targets.end()) {
      found->selected = found->selected || selected;
      return id;
    }
    const ImageNode& node = *graph_.find(image);
    PlanTarget target = new_target(node, release);
    target.selected = selected;
    plan_.targets.push_back(target);  // its place is taken before its parents are made, which a cycle asks for again
    fill(node, target);
    *find_target(image, release) = std::move(target);
    return id;
  }

  [[nodiscard]] PlanTarget new_target(const ImageNode& node, const std::string& release) const {
    PlanTarget target;
    target.id = target_id(node.image, release);
    target.image = node.image;
    target.release = release;
    target.kind = release.empty() ? PlanTarget::Kind::base : PlanTarget::Kind::service;
    target.stage = node.depth;
    target.repository = to_lower(request().registry) + "/" + node.image;
    target.context = "images/" + node.image;
    target.cache_scope = release.empty() ? node.image : node.image + "-" + release;
    return target;
  }

  std::vector<PlanTarget>::iterator find_target(const std::string& image, const std::string& release) {
    return std::ranges::find_if(
        plan_.targets, [&](const PlanTarget& target) { return target.image == image && target.release == release; });
  }

  void fill(const ImageNode& node, PlanTarget& target) {
    check_cycle(node, target);
    check_release(target);
    if (target.kind == PlanTarget::Kind::service) add_own(target);
    add_contexts(node, target);
    add_args(node, target);
    name_images(node, target);
    describe_target({snapshot_, request()}, node, target);
    apply_settings(request(), target);
  }

  void check_cycle(const ImageNode& node, PlanTarget& target) {
    for (const std::vector<std::string>& cycle : graph_.cycles)
      if (std::ranges::find(cycle, node.image) != cycle.end())
        block(target, finding_at("dockerfile-base-not-built", node.document->file, {},
                                 fmt::format("The images {} build from one another in a circle.", join(cycle, ", "))));
  }

  /// A release is part of folders, cache scopes and options that are separated by commas.
  void check_release(PlanTarget& target) {
    if (target.release.empty() || is_component_name(target.release)) return;
    block(target, finding_at("tag-invalid", snapshot_.dockerfile(target.image)->file, {},
                             fmt::format("`{}` can't be a release's name: letters and digits, joined by `.`, `_` or "
                                         "`-`; rename the folder.",
                                         target.release)));
  }

  static void block(PlanTarget& target, Finding finding) {
    finding.component = finding.component.empty() ? target.image : finding.component;
    finding.release = target.release;
    target.findings.push_back(std::move(finding));
  }

  /// The image's own tree; of an image of published packages the version that test-refs.yaml has.
  void add_own(PlanTarget& target) {
    const auto* refs = snapshot_.source_refs(target.release);
    if (refs != nullptr && (*refs)->find(target.image) != nullptr) {
      add_source(target, target.image);
      if (const PlanSource* own = own_source(target)) target.version = own->version;
    } else if (const auto* tests = snapshot_.test_refs(target.release)) {
      const formats::SourceRef* entry = (*tests)->find(target.image);
      if (entry != nullptr && entry->ref) target.version = entry->ref->value;
    }
  }

  /// The tree of a component at the target's release; blocks the target where there is none.
  void add_source(PlanTarget& target, const std::string& component) {
    const Result<PlanSource>& source = plan_source(snapshot_, component, target.release);
    if (source) {
      target.sources.push_back(*source);
      return;
    }
    const auto* refs = snapshot_.source_refs(target.release);
    const formats::SourceRef* entry = (*refs)->find(component);
    Finding finding = finding_at(rule_for(source.error()), refs->file, entry->value_span, source.error().message);
    finding.component = component;
    block(target, std::move(finding));
  }

  static std::string_view rule_for(const Failure& failure) {
    switch (failure.kind) {
      case Failure::Kind::not_found:
        return "ref-not-found";
      case Failure::Kind::invalid:
        return "ref-version-underivable";
      default:
        return "upstream-unavailable";
    }
  }

  // Contexts.

  void add_contexts(const ImageNode& node, PlanTarget& target) {
    std::set<std::string> named;
    for (const ImageNeed& need : node.needs) {
      if (!need.used || !named.insert(need.name).second) continue;
      if (std::optional<std::string> problem = model::context_problem(snapshot_, node, need))
        block(target, finding_at("dockerfile-context-undefined", node.document->file, need.span, std::move(*problem)));
      else if (std::optional<PlanContext> context = make_context(need, target))
        target.contexts.push_back(std::move(*context));
    }
    std::ranges::sort(target.contexts, {}, &PlanContext::name);
    std::ranges::sort(target.needs);
  }

  std::optional<PlanContext> make_context(const ImageNeed& need, PlanTarget& target) {
    using Kind = PlanContext::Kind;
    switch (need.kind) {
      case NeedKind::image:
        return image_context(need, target);
      case NeedKind::source:
        return source_context(need, target);
      case NeedKind::libraries:
        return libraries_context(need, target);
      case NeedKind::constraints:
        return PlanContext{need.name, Kind::constraints, constraints_folder(target.release)};
      case NeedKind::external: {
        const std::optional<std::string> digest = known_digest(request(), need.name);
        if (!digest) return std::nullopt;
        return PlanContext{need.name, Kind::image, fmt::format("docker-image://{}@{}", need.name, *digest)};
      }
      default:
        return std::nullopt;
    }
  }

  std::optional<PlanContext> image_context(const ImageNeed& need, PlanTarget& target) {
    const bool service = is_per_release(need.target);
    if (const std::optional<std::string> digest = service ? std::nullopt : known_digest(request(), need.target)) {
      const std::string repository = to_lower(request().registry) + "/" + need.target;
      return PlanContext{need.name, PlanContext::Kind::base, fmt::format("docker-image://{}@{}", repository, *digest)};
    }
    const std::string release = service ? target.release : "";
    if (service && std::ranges::count(model::image_releases(snapshot_, need.target), release) == 0) {
      const ImageNode& node = *graph_.find(target.image);
      block(target, finding_at("ref-missing", node.document->file, need.span,
                               fmt::format("`{}` is built from `{}`, which has no ref in {}.", target.image,
                                           need.target, release.empty() ? "the forge" : release)));
      return std::nullopt;
    }
    const std::string id = add_target(need.target, release, false);
    target.needs.push_back(id);
    return PlanContext{need.name, PlanContext::Kind::base, "target:" + id, false, id};
  }

  std::optional<PlanContext> source_context(const ImageNeed& need, PlanTarget& target) {
    if (need.target != target.image) {
      if (std::ranges::count(model::releases_with(snapshot_, need.target), target.release) == 0)
        return PlanContext{need.name, PlanContext::Kind::empty, "build/src/.empty-" + need.target};
      if (std::ranges::find(target.sources, need.target, &PlanSource::component) == target.sources.end())
        add_source(target, need.target);
    }
    return PlanContext{need.name, PlanContext::Kind::source, source_folder(need.target, target.release)};
  }

  /// The trees are exported as one; each alone stays a source of the target, for labels and for what blocks it.
  PlanContext libraries_context(const ImageNeed& need, PlanTarget& target) {
    const std::vector<std::string> libraries = model::patched_libraries(snapshot_, target.release);
    if (libraries.empty()) return {need.name, PlanContext::Kind::empty, "build/src/.empty-" + need.name};
    for (const std::string& library : libraries)
      if (std::ranges::find(target.sources, library, &PlanSource::component) == target.sources.end())
        add_source(target, library);
    return {need.name, PlanContext::Kind::source, source_folder(need.name, target.release)};
  }

  // Arguments and names.

  void add_args(const ImageNode& node, PlanTarget& target) {
    const PlanSource* own = own_source(target);
    target.args["SOURCE_DATE_EPOCH"] = own == nullptr ? std::string(base_epoch) : std::to_string(own->time);
    for (const model::BuildArgument& argument : model::extra_arguments(snapshot_, target.image, target.release))
      if (declares(**node.document, argument.name)) target.args[std::string(argument.name)] = argument.value;
    for (const formats::Stage& stage : (*node.document)->stages)
      for (const formats::Instruction& instruction : stage.instructions) add_versions(instruction, target);
  }

  /// Versions of test-refs.yaml that a Dockerfile asks for: `ARG TEMPEST_VERSION`.
  void add_versions(const formats::Instruction& instruction, PlanTarget& target) {
    if (instruction.keyword.value != "ARG" || target.release.empty()) return;
    for (const formats::Assignment& argument : instruction.assignments)
      if (std::string version = model::argument_value(snapshot_, target.release, argument.name.value); !version.empty())
        target.args[argument.name.value] = std::move(version);
  }

  static bool declares(const formats::Dockerfile& file, std::string_view name) {
    for (std::size_t i = 0; i < file.stages.size(); ++i)
      if (formats::declares_arg(file, i, name)) return true;
    return false;
  }

  void name_images(const ImageNode& node, PlanTarget& target) {
    for (const std::string& name : image_names({snapshot_, request()}, node, target)) {
      if (model::parse_image_reference(name))
        target.image_tags.push_back(name);
      else
        block(target,
              finding_at("tag-invalid", node.document->file, {}, fmt::format("`{}` is no legal image name.", name)));
    }
  }

  // What stands in the way.

  void block_by_findings() {
    for (PlanTarget& target : plan_.targets)
      for (const Finding& finding : findings_)
        if (finding.severity == Severity::error && concerns(finding, target)) add_finding(target.findings, finding);
  }

  /// What a rule found says more than what stopped the planner at the same place.
  static void add_finding(std::vector<Finding>& told, const Finding& finding) {
    const auto same = std::ranges::find_if(told, [&](const Finding& other) {
      return other.rule == finding.rule && other.component == finding.component &&
             other.place.span == finding.place.span;
    });
    if (same == told.end())
      told.push_back(finding);
    else
      *same = finding;
  }

  [[nodiscard]] bool concerns(const Finding& finding, const PlanTarget& target) const {
    const workspace::DocumentPath path =
        finding.place.file ? workspace::classify(finding.place.file->path()) : workspace::DocumentPath{};
    if (path.kind == workspace::DocumentKind::config) return true;
    const std::string component =
        model::patched_component(snapshot_, finding.component.empty() ? path.component : finding.component);
    const std::string& release = finding.release.empty() ? path.release : finding.release;
    const bool service = target.kind == PlanTarget::Kind::service;
    if (component.empty()) return service && !release.empty() && release == target.release;
    const bool of_target = component == target.image ||
                           std::ranges::find(target.sources, component, &PlanSource::component) != target.sources.end();
    return of_target && (release.empty() || !service || release == target.release);
  }

  void find_collisions() {
    std::map<std::string, const PlanTarget*> by_tag;
    std::map<std::string, const PlanTarget*> by_id;
    for (PlanTarget& target : plan_.targets) {
      if (const auto [other, added] = by_id.emplace(target.id, &target); !added)
        collide(target, *other->second, fmt::format("two targets would be called `{}`", target.id));
      for (const std::string& tag : target.image_tags) {
        const std::string whole = model::parse_image_reference(tag)->long_form();
        if (const auto [other, added] = by_tag.emplace(whole, &target); !added)
          collide(target, *other->second, fmt::format("both would be `{}`, and the last one wins", tag));
      }
    }
  }

  /// Says nothing where a rule has said it of the target already.
  void collide(PlanTarget& target, const PlanTarget& other, const std::string& why) {
    const SourceFilePtr file = snapshot_.dockerfile(target.image)->file;
    const bool told = std::ranges::any_of(target.findings, [&](const Finding& finding) {
      return finding.rule == "tag-collision" && finding.place.file != file;
    });
    if (told) return;
    const auto name = [](const PlanTarget& t) { return t.release.empty() ? t.image : t.image + " " + t.release; };
    block(target, finding_at("tag-collision", file, {}, fmt::format("{} and {}: {}.", name(other), name(target), why)));
  }

  /// A patched library that no image of its release reads would simply not be in any image.
  void find_unread_libraries(const std::vector<Cell>& cells) {
    for (const workspace::PatchSeries& series : snapshot_.patch_series()) {
      const bool built = std::ranges::any_of(cells, [&](const Cell& cell) { return cell.release == series.release; });
      const std::string component = model::patched_component(snapshot_, series.component);
      if (!built || series.patches.empty() || snapshot_.is_service(component)) continue;
      if (is_read(component, series.release)) continue;
      Finding finding = finding_at(
          "patch-not-wired", series.patches.front()->file, {},
          fmt::format("No image of {} reads `{}`, so its patches would be in none.", series.release, component));
      finding.component = series.component;
      finding.release = series.release;
      plan_.findings.push_back(std::move(finding));
    }
  }

  [[nodiscard]] bool is_read(const std::string& library, const std::string& release) const {
    return std::ranges::any_of(graph_.nodes, [&](const ImageNode& node) {
      const bool in_release = std::ranges::count(model::releases_with(snapshot_, node.image), release) > 0;
      return in_release && std::ranges::any_of(node.needs, [&](const ImageNeed& need) {
               return need.used &&
                      (need.kind == NeedKind::libraries || (need.kind == NeedKind::source && need.target == library));
             });
    });
  }

  void block_dependants() {
    std::set<std::string> blocked;
    for (bool grew = true; grew;) {
      grew = false;
      for (PlanTarget& target : plan_.targets) {
        const bool on_blocked =
            std::ranges::any_of(target.needs, [&](const std::string& id) { return blocked.contains(id); });
        if (target.findings.empty() && !on_blocked) continue;
        target.state = PlanTarget::State::blocked;
        grew = blocked.insert(target.id).second || grew;
      }
    }
  }

  // Fingerprints.

  /// Of blocked targets none: some of their inputs are not known.
  void take_fingerprints() {
    TargetInputs inputs({snapshot_, request()});
    for (PlanTarget& target : plan_.targets) {
      if (target.state != PlanTarget::State::planned) continue;
      inputs.fill(target);
      if (!request().fingerprint_tags || !request().push) continue;
      target.image_tags.push_back(target.repository + ":" + fingerprint_tag(target.fingerprint));
      if (!plan_.split) target.tags = target.image_tags;
    }
  }

  // Groups and inputs.

  static std::span<const PlanSource> libraries_of(const PlanTarget& target) {
    // The own component's tree comes first where there is one.
    return std::span(target.sources).subspan(own_source(target) == nullptr ? 0 : 1);
  }

  void collect_inputs() {
    std::map<std::pair<std::string, std::string>, PlanSource> sources;
    std::set<std::string> constraints;
    std::set<std::string> empty;
    for (const PlanTarget& target : plan_.targets) {
      if (!target.is_in_bake()) continue;
      for (const PlanContext& context : target.contexts) {
        if (context.kind == PlanContext::Kind::constraints) constraints.insert(target.release);
        if (context.kind == PlanContext::Kind::empty) empty.insert(context.value);
        if (context.kind != PlanContext::Kind::source) continue;
        const auto alone = std::ranges::find(target.sources, context.value, &PlanSource::path);
        PlanSource source =
            alone != target.sources.end() ? *alone : libraries_source(target.release, libraries_of(target));
        sources.emplace(std::pair(source.release, source.component), std::move(source));
      }
    }
    for (auto& [key, source] : sources) plan_.sources.push_back(std::move(source));
    plan_.constraints.assign(constraints.begin(), constraints.end());
    plan_.empty_folders.assign(empty.begin(), empty.end());
  }

  void make_groups() {
    add_group("bases", "stage 1: images that the services stand on",
              [](const PlanTarget& target) { return target.kind == PlanTarget::Kind::base; });
    add_group("services", "stage 2: one image per service and release",
              [](const PlanTarget& target) { return target.kind == PlanTarget::Kind::service; });
    std::vector<std::string> all;
    for (const PlanGroup& group : plan_.groups) all.push_back(group.name);
    add_groups_by("release", &PlanTarget::release);
    add_groups_by("service", &PlanTarget::image);
    plan_.groups.insert(plan_.groups.begin(), PlanGroup{"default", "all images of this plan", all});
  }

  /// One for each value, where there is more than one.
  void add_groups_by(std::string_view kind, std::string PlanTarget::* field) {
    std::set<std::string> values;
    for (const PlanTarget& target : plan_.targets)
      if (target.kind == PlanTarget::Kind::service && target.is_built()) values.insert(target.*field);
    if (values.size() < 2) return;
    for (const std::string& value : values)
      add_group(fmt::format("{}-{}", kind, value), fmt::format("{} {}", kind, value),
                [&](const PlanTarget& t) { return t.kind == PlanTarget::Kind::service && t.*field == value; });
  }

  void add_group(std::string_view name, std::string description, const auto& belongs) {
    PlanGroup group{bake_name(name), std::move(description), {}};
    for (const PlanTarget& target : plan_.targets)
      if (target.is_built() && belongs(target)) group.targets.push_back(target.id);
    while (plan_.find(group.name) != nullptr) group.name += "-all";  // bake could not select the target any more
    if (!group.targets.empty()) plan_.groups.push_back(std::move(group));
  }

  const Snapshot& snapshot_;
  const ImageGraph& graph_;
  const std::vector<Finding>& findings_;
  std::vector<Cell> untouched_;
  BuildPlan plan_;
};

}  // namespace

BuildRequest default_request(const formats::ForgeConfig& config) {
  BuildRequest request;
  take_settings(config, request);
  return request;
}

void take_settings(const formats::ForgeConfig& config, BuildRequest& request) {
  if (request.registry.empty()) request.registry = config.registry;
  request.forge_platforms = config.platforms;
  request.python = config.python;
  request.distro = config.distro;
}

Result<BuildPlan> plan_builds(const Snapshot& snapshot, const BuildRequest& request,
                              const std::vector<Finding>& findings) {
  return Planner(snapshot, request, findings).run();
}

}  // namespace forge::plan
