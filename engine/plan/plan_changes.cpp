#include "engine/plan/plan_changes.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/plan/plan_names.hpp"

namespace forge::plan {

namespace {

using State = PlanTarget::State;

/// A branch may have moved between that build and now, and nobody wrote down what it was.
std::vector<InputChange> moved_branches(const PlanTarget& target) {
  std::vector<InputChange> out;
  for (const PlanSource& source : target.sources)
    if (source.kind == git::RefKind::branch)
      out.push_back({"context " + source.component, fmt::format("`{}` as it was then, which is not known", source.ref),
                     source.commit});
  return out;
}

void mark_target(const PlanRecord& baseline, PlanTarget& target) {
  if (target.state != State::planned) return;  // blocked, or known to be as it was
  const RecordedTarget* before = baseline.find(target.id);
  if (before == nullptr) {
    target.state = State::added;
    return;
  }
  target.changes = changed_inputs(before->inputs, target.inputs);
  if (before->recomputed) {
    for (InputChange& moved : moved_branches(target))
      if (std::ranges::find(target.changes, moved.name, &InputChange::name) == target.changes.end())
        target.changes.push_back(std::move(moved));
    std::ranges::sort(target.changes, {}, &InputChange::name);
  }
  // What was built for more platforms than are asked for now, as by a pull request, will do.
  const bool covered = std::ranges::all_of(target.platforms, [&](const std::string& platform) {
    return std::ranges::find(before->platforms, platform) != before->platforms.end();
  });
  if (!covered) target.changes.push_back({"platforms", join(before->platforms, " "), join(target.platforms, " ")});
  if (before->fingerprint.empty() || !target.changes.empty()) return;
  target.state = State::unchanged;
  target.digest = before->digest;
}

/// What stands on a changed target is changed, also where the reason (a branch) is in no fingerprint.
void pass_on(BuildPlan& plan) {
  for (PlanTarget& target : plan.targets) {  // parents come first
    if (target.state != State::unchanged) continue;
    for (const std::string& id : target.needs) {
      const PlanTarget* parent = plan.find(id);
      if (parent == nullptr || parent->state == State::unchanged) continue;
      target.state = State::planned;
      target.digest.clear();
      target.changes.push_back({"context " + parent->image, "", parent->fingerprint});
    }
    std::ranges::sort(target.changes, {}, &InputChange::name);
  }
}

/// The image that was pushed then stands for the target, which need not be built on the way.
void take_image(PlanTarget& child, const PlanTarget& parent) {
  for (PlanContext& context : child.contexts) {
    if (context.base != parent.id) continue;
    context.value = fmt::format("docker-image://{}@{}", parent.repository, parent.digest);
    context.pinned = true;
    context.base.clear();
  }
  std::erase(child.needs, parent.id);
}

void link_parents(BuildPlan& plan) {
  for (auto target = plan.targets.rbegin(); target != plan.targets.rend(); ++target) {  // children come first
    if (!target->is_in_bake()) continue;
    for (const std::string& id : std::vector<std::string>(target->needs)) {
      const auto parent = std::ranges::find(plan.targets, id, &PlanTarget::id);
      if (parent == plan.targets.end() || parent->state != State::unchanged) continue;
      if (parent->digest.empty())
        parent->linked = true;
      else
        take_image(*target, *parent);
    }
  }
}

bool was_asked_for(const BuildRequest& request, const RecordedTarget& target) {
  const auto wanted = [](const std::vector<std::string>& names, const std::string& name) {
    return names.empty() || std::ranges::find(names, name) != names.end();
  };
  const bool service = target.kind == PlanTarget::Kind::service;
  if (request.stage == Stage::bases && service) return false;
  if (!service) return request.stage != Stage::services && request.services.empty();
  return wanted(request.releases, target.release) && wanted(request.services, target.image);
}

void add_removed(const PlanRecord& baseline, BuildPlan& plan) {
  for (const auto& [id, before] : baseline.targets) {
    if (plan.find(id) != nullptr || !was_asked_for(plan.request, before)) continue;
    if (before.kind == PlanTarget::Kind::base && known_digest(plan.request, before.image)) continue;
    PlanTarget target;
    target.id = id;
    target.image = before.image;
    target.release = before.release;
    target.kind = before.kind;
    target.repository = before.repository;
    target.state = State::removed;
    target.selected = false;
    plan.targets.push_back(std::move(target));
  }
}

/// The image that there is: by digest where it is known, else by a tag that does not move.
std::string existing_image(const BuildPlan& plan, const PlanTarget& target, const RecordedTarget& before) {
  if (!target.digest.empty()) return target.repository + "@" + target.digest;
  if (const auto digest = known_digest(plan.request, target.id)) return target.repository + "@" + *digest;
  if (plan.request.fingerprint_tags) return target.repository + ":" + fingerprint_tag(target.fingerprint);
  if (before.image_tags.empty()) return "";
  return target.kind == PlanTarget::Kind::service ? before.image_tags.front() : before.image_tags.back();
}

void add_retags(const PlanRecord& baseline, BuildPlan& plan) {
  for (const PlanTarget& target : plan.targets) {
    if (target.state != State::unchanged || !target.selected) continue;
    PlanRetag retag{target.id, target.repository, existing_image(plan, target, *baseline.find(target.id)),
                    target.image_tags};
    std::erase(retag.tags, retag.from);
    if (!retag.from.empty() && !retag.tags.empty()) plan.retags.push_back(std::move(retag));
  }
}

}  // namespace

void mark_changes(BuildPlan& plan) {
  if (!plan.request.baseline) return;
  const PlanRecord& baseline = *plan.request.baseline;
  for (PlanTarget& target : plan.targets) mark_target(baseline, target);
  pass_on(plan);
  link_parents(plan);
  if (plan.request.push) add_retags(baseline, plan);
  add_removed(baseline, plan);
}

}  // namespace forge::plan
