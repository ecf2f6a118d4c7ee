#include "engine/model/upstream_components.hpp"

#include "engine/model/upstream_constraints.hpp"

namespace forge::model {

std::set<std::string> upstream_components(const workspace::Snapshot& snapshot) {
  std::set<std::string> names;
  for (const std::string& release : snapshot.releases()) {
    const auto* refs = snapshot.source_refs(release);
    if (refs == nullptr) continue;
    for (const formats::SourceRef& entry : (*refs)->entries) names.insert(entry.component.value);
  }
  if (wants_upstream_constraints(snapshot.config())) names.emplace(requirements_component);
  return names;
}

std::set<std::string> named_refs(const workspace::Snapshot& snapshot, std::string_view component) {
  std::set<std::string> refs;
  for (const std::string& release : snapshot.releases()) {
    const auto* document = snapshot.source_refs(release);
    const formats::SourceRef* entry = document == nullptr ? nullptr : (*document)->find(component);
    if (entry != nullptr && entry->ref) refs.insert(entry->ref->value);
  }
  return refs;
}

}  // namespace forge::model
