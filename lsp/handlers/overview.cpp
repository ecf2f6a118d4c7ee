/// forge/overview: what the tree of the extension shows.
#include <string>
#include <utility>

#include <fmt/format.h>

#include "engine/ide/forge_overview.hpp"
#include "lsp/handlers/table.hpp"
#include "lsp/protocol/uri.hpp"

namespace forge::lsp {

using protocol::Json;

namespace {

std::string_view state_of(const ide::ComponentState& component) {
  switch (component.worst) {
    case Severity::error:
      return "error";
    case Severity::warning:
      return "warning";
    case Severity::info:
      return "information";
    case Severity::hint:
      return "hint";
    case Severity::off:
      break;
  }
  return component.examined ? "ok" : "unknown";
}

std::string_view verdict_of(const ide::PatchState& patch) {
  return patch.fact == nullptr ? "unknown" : model::to_string(patch.fact->verdict);
}

Json patch_json(const ide::PatchState& patch, const ForgeState& state) {
  const std::string& path = patch.file->path();
  const std::int64_t offset = patch.fact == nullptr ? 0 : patch.fact->offset;
  return {{"name", path.substr(path.rfind('/') + 1)},
          {"uri", protocol::uri_of(state, path)},
          {"state", verdict_of(patch)},
          {"detail", offset == 0 ? std::string() : fmt::format("offset {:+}", offset)}};
}

Json text_or_null(const std::string& text) {
  return text.empty() ? Json() : Json(text);
}

Json component_json(const ide::ComponentState& component, const protocol::Edge& edge) {
  static const ide::RefFact nothing;
  const ide::RefFact& fact = component.fact == nullptr ? nothing : *component.fact;
  Json patches = Json::array();
  for (const ide::PatchState& patch : component.patches) patches.push_back(patch_json(patch, edge.state));
  return {{"name", component.name},
          {"service", component.service},
          {"ref", component.ref},
          {"kind", fact.kind ? git::to_string(*fact.kind) : "unknown"},
          {"commit", text_or_null(fact.commit)},
          {"date", text_or_null(fact.date)},
          {"newest", fact.has_newer ? Json(fact.newest) : Json()},
          {"behind", fact.behind ? Json(*fact.behind) : Json()},
          {"state", state_of(component)},
          {"uri", protocol::uri_of(edge.state, component.place.file->path())},
          {"range", protocol::to_range(*component.place.file, component.place.span, edge.unit)},
          {"patches", std::move(patches)}};
}

Json release_json(const ide::ReleaseState& release, const protocol::Edge& edge) {
  Json components = Json::array();
  for (const ide::ComponentState& component : release.components) components.push_back(component_json(component, edge));
  return {{"name", release.name},
          {"uri", release.file ? Json(protocol::uri_of(edge.state, release.file->path())) : Json()},
          {"components", std::move(components)}};
}

Json forge_json(const WorkspaceContext::Forge& forge, const ClientPtr& client) {
  // What is known already, at once; a client that listens is told when there is more.
  const StatePtr& state = forge.state;
  const bool checked = state->all_known();
  const protocol::Edge edge{*state, client->can, client->unit};
  Json releases = Json::array();
  Json unavailable = Json::array();
  if (const workspace::SnapshotPtr snapshot = state->snapshot()) {
    const FindingsPtr findings = checked ? state->all_findings() : with_last_known(*state, forge.last_findings);
    const ide::ForgeFactsPtr own = state->facts_at_hand();
    const ide::ForgeFactsPtr facts = own ? own : forge.last_facts;
    const ide::ForgeOverview overview = ide::forge_overview(*snapshot, *findings, facts.get());
    for (const ide::ReleaseState& release : overview.releases) releases.push_back(release_json(release, edge));
    unavailable = overview.unavailable;
  }
  return {{"uri", protocol::uri_of_path(state->root())},
          {"name", state->root().substr(state->root().rfind('/') + 1)},
          {"checked", checked},
          {"unavailable", std::move(unavailable)},
          {"releases", std::move(releases)}};
}

}  // namespace

Json overview(const WorkspaceContext& context, const Json&) {
  Json forges = Json::array();
  for (const WorkspaceContext::Forge& forge : context.forges) forges.push_back(forge_json(forge, context.client));
  return {{"forges", std::move(forges)}};
}

}  // namespace forge::lsp
