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

Json patch_json(const ide::PatchState& patch, const ForgeState& state) {
  const std::string& path = patch.file->path();
  return {{"name", path.substr(path.rfind('/') + 1)},
          {"uri", protocol::uri_of(state, path)},
          {"state", patch.verdict},
          {"detail", patch.offset == 0 ? std::string() : fmt::format("offset {:+}", patch.offset)}};
}

template <class T, class Write>
Json or_null(const std::optional<T>& value, const Write& write) {
  return value ? Json(write(*value)) : Json();
}

Json component_json(const ide::ComponentState& component, const protocol::Edge& edge) {
  Json patches = Json::array();
  for (const ide::PatchState& patch : component.patches) patches.push_back(patch_json(patch, edge.state));
  return {{"name", component.name},
          {"service", component.service},
          {"ref", component.ref},
          {"kind", component.kind},
          {"commit", or_null(component.commit, [](const git::ObjectId& id) { return id.hex(); })},
          {"date", or_null(component.date, [](const git::Timestamp& date) { return git::to_rfc3339(date); })},
          {"newest", component.newest.empty() ? Json() : Json(component.newest)},
          {"behind", or_null(component.behind, [](std::size_t count) { return count; })},
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

Json forge_json(const StatePtr& state, const ClientPtr& client) {
  // What is known already, at once; a client that listens is told when there is more.
  const bool checked = state->all_known();
  const FindingsPtr findings = state->findings_at_hand();
  const protocol::Edge edge{*state, client->can, client->unit};
  Json releases = Json::array();
  Json unavailable = Json::array();
  if (const workspace::SnapshotPtr snapshot = state->snapshot()) {
    const ide::ForgeOverview overview = ide::forge_overview(*snapshot, *findings, checked);
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
  for (const StatePtr& state : context.forges) forges.push_back(forge_json(state, context.client));
  return {{"forges", std::move(forges)}};
}

}  // namespace forge::lsp
