#include "engine/ide/forge_overview.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "engine/model/patch_series.hpp"
#include "engine/model/placement_summary.hpp"
#include "engine/model/ref_status.hpp"

namespace forge::ide {

using workspace::Snapshot;

namespace {

std::vector<PatchState> patch_states(const Snapshot& snapshot, const std::string& component, const std::string& release,
                                     bool with_upstreams) {
  std::vector<PatchState> states;
  const workspace::PatchSeries* series = snapshot.patch_series(component, release);
  if (series == nullptr) return states;
  for (const auto& patch : series->patches) states.push_back({.file = patch->file});
  if (!with_upstreams || states.empty()) return states;
  const auto& placement = model::series_placement(snapshot, *series);
  if (!placement) return states;
  for (std::size_t i = 0; i < states.size() && i < placement->patches.size(); ++i) {
    states[i].verdict = model::to_string(placement->patches[i].verdict);
    if (placement->patches[i].verdict == model::PatchVerdict::applies)
      states[i].offset = model::largest_offset(placement->patches[i]);
  }
  return states;
}

Severity worst_of(const std::vector<Finding>& findings, const std::string& component, const std::string& release) {
  Severity worst = Severity::off;
  for (const Finding& finding : findings)
    if (finding.component == component && (finding.release.empty() || finding.release == release))
      worst = std::max(worst, finding.severity);
  return worst;
}

void add_upstream(ComponentState& state, const model::RefStatus& status) {
  state.examined = status.commit.has_value() || (status.failure && status.failure->kind == Failure::Kind::not_found);
  if (status.resolved) state.kind = git::to_string(status.resolved->kind);
  if (status.commit) {
    state.commit = status.commit->id;
    state.date = status.commit->commit_time;
  }
  if (status.has_newer && status.newest) state.newest = status.newest->name;
  state.behind = status.behind;
}

}  // namespace

ForgeOverview forge_overview(const Snapshot& snapshot, const std::vector<Finding>& findings, bool with_upstreams) {
  ForgeOverview overview;
  std::set<std::string> unavailable;
  for (const std::string& release : snapshot.releases()) {
    const auto* document = snapshot.source_refs(release);
    ReleaseState state{.name = release, .file = document == nullptr ? nullptr : document->file, .components = {}};
    if (document != nullptr) {
      for (const formats::SourceRef& entry : (*document)->entries) {
        const std::string& name = entry.component.value;
        ComponentState component{
            .name = name, .service = snapshot.is_service(name), .place = {document->file, entry.component.span}};
        if (entry.ref) component.ref = entry.ref->value;
        component.worst = worst_of(findings, name, release);
        component.patches = patch_states(snapshot, name, release, with_upstreams);
        if (with_upstreams) add_upstream(component, model::ref_status(snapshot, release, name));
        if (with_upstreams && !component.examined) unavailable.insert(name);
        state.components.push_back(std::move(component));
      }
    }
    overview.releases.push_back(std::move(state));
  }
  overview.unavailable.assign(unavailable.begin(), unavailable.end());
  return overview;
}

}  // namespace forge::ide
