#include "engine/ide/forge_overview.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace forge::ide {

using workspace::Snapshot;

namespace {

std::vector<PatchState> patch_states(const Snapshot& snapshot, const std::string& component, const std::string& release,
                                     const Recollection& recollection) {
  std::vector<PatchState> states;
  const workspace::PatchSeries* series = snapshot.patch_series(component, release);
  if (series == nullptr) return states;
  for (const auto& patch : series->patches)
    states.push_back({patch->file, recollection.patch(*series, patch->file->path()).fact});
  return states;
}

Severity worst_of(const std::vector<Finding>& findings, const std::string& component, const std::string& release) {
  Severity worst = Severity::off;
  for (const Finding& finding : findings)
    if (finding.component == component && (finding.release.empty() || finding.release == release))
      worst = std::max(worst, finding.severity);
  return worst;
}

/// Of a ref that is another now, nothing is said until git has looked at it.
const RefFact* known_ref(const Recollection& recollection, const std::string& release, const std::string& component,
                         const std::string& ref) {
  const RefFact* fact = recollection.ref(release, component).fact;
  return fact != nullptr && fact->ref == ref ? fact : nullptr;
}

bool is_unavailable(const std::vector<Finding>& findings, const std::string& component) {
  return std::ranges::any_of(findings, [&](const Finding& finding) {
    return finding.rule == "upstream-unavailable" && finding.component == component;
  });
}

}  // namespace

ForgeOverview forge_overview(const Snapshot& snapshot, const std::vector<Finding>& findings, const ForgeFacts* facts) {
  const Recollection recollection(snapshot, facts);
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
        component.fact = known_ref(recollection, release, name, component.ref);
        component.worst = worst_of(findings, name, release);
        component.patches = patch_states(snapshot, name, release, recollection);
        const bool missing = is_unavailable(findings, name);
        component.examined = component.fact != nullptr && !missing;
        if (missing) unavailable.insert(name);
        state.components.push_back(std::move(component));
      }
    }
    overview.releases.push_back(std::move(state));
  }
  overview.unavailable.assign(unavailable.begin(), unavailable.end());
  return overview;
}

}  // namespace forge::ide
