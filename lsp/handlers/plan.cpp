/// forge/plan: the build plan as a graph.
#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "engine/plan/plan_builds.hpp"
#include "engine/plan/plan_graph.hpp"
#include "lsp/handlers/table.hpp"

namespace forge::lsp {

using protocol::Json;

namespace {

std::string_view kind_of(const plan::PlanNode& node) {
  using Kind = plan::PlanNode::Kind;
  if (node.target != nullptr) return node.target->kind == plan::PlanTarget::Kind::base ? "base" : "service";
  if (node.kind == Kind::source) return "source";
  return node.kind == Kind::constraints ? "constraints" : "outer";
}

/// The file in which a person changes that node; null where it has none.
SourceFilePtr file_of(const plan::PlanNode& node, const plan::BuildPlan& plan, const workspace::Snapshot& snapshot) {
  const auto of = [](const auto* document) { return document == nullptr ? nullptr : document->file; };
  if (node.target != nullptr) return of(snapshot.dockerfile(node.target->image));
  // Of blocked targets too, whose sources the plan as a whole leaves out.
  for (const plan::PlanTarget& target : plan.targets)
    if (std::ranges::find(target.sources, node.name, &plan::PlanSource::path) != target.sources.end())
      return of(snapshot.source_refs(target.release));
  const auto made_of = [&](const std::string& release) { return plan::constraints_node(release) == node.name; };
  const auto release = std::ranges::find_if(snapshot.releases(), made_of);
  return release == snapshot.releases().end() ? nullptr : of(snapshot.upper_constraints(*release));
}

Json uri_of_node(const plan::PlanNode& node, const plan::BuildPlan& plan, const ForgeState& state) {
  const workspace::SnapshotPtr snapshot = state.snapshot();
  const SourceFilePtr file = snapshot ? file_of(node, plan, *snapshot) : nullptr;
  return file ? Json(protocol::uri_of(state, file->path())) : Json();
}

Json node_json(const plan::PlanNode& node, const plan::BuildPlan& plan, const ForgeState& state) {
  Json json = {
      {"id", node.name},      {"label", node.label}, {"kind", kind_of(node)}, {"layer", node.layer},
      {"release", ""},        {"detail", ""},        {"state", "planned"},    {"uri", uri_of_node(node, plan, state)},
      {"tags", Json::array()}};
  if (node.target == nullptr) return json;
  const plan::PlanTarget& target = *node.target;
  json["release"] = target.release;
  json["detail"] = target.version;
  json["state"] = plan::to_string(target.state);
  json["tags"] = target.tags;
  json["platforms"] = target.platforms;
  Json problems = Json::array();
  for (const Finding& finding : target.findings)
    problems.push_back(position_text(finding.place) + ": " + finding.message);
  json["problems"] = std::move(problems);
  return json;
}

Json graph_json(const plan::BuildPlan& plan, const ForgeState& state) {
  const plan::PlanGraph graph = plan::graph_of(plan);
  Json nodes = Json::array();
  for (const auto& [name, node] : graph.nodes) nodes.push_back(node_json(node, plan, state));
  Json edges = Json::array();
  for (const plan::PlanEdge& edge : graph.edges)
    edges.push_back({{"from", edge.from}, {"to", edge.to}, {"label", edge.label}});
  Json problems = Json::array();
  for (const Finding& finding : plan.findings)
    problems.push_back(position_text(finding.place) + ": " + finding.message);
  return {{"nodes", std::move(nodes)}, {"edges", std::move(edges)}, {"problems", std::move(problems)}};
}

}  // namespace

Json plan_graph(const SnapshotContext& context, const Json& params) {
  const workspace::SnapshotPtr snapshot = context.state->snapshot();
  if (!snapshot) return nullptr;
  plan::BuildRequest request = plan::default_request(snapshot->config());
  if (const Json release = params.value("release", Json()); release.is_string() && !release.get<std::string>().empty())
    request.releases = {release.get<std::string>()};
  const auto plan = plan::plan_builds(*snapshot, request, *context.state->all_findings());
  if (!plan)
    return {{"nodes", Json::array()}, {"edges", Json::array()}, {"problems", Json::array({plan.error().message})}};
  return graph_json(*plan, *context.state);
}

}  // namespace forge::lsp
