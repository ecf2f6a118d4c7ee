#include "engine/plan/plan_graph.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include <fmt/format.h>

namespace forge::plan {

namespace {

/// Drawn strong where it is why something is built again.
bool is_reason(const PlanTarget& target, const std::string& context) {
  return std::ranges::find(target.changes, "context " + context, &InputChange::name) != target.changes.end();
}

void add_context(const PlanTarget& target, const PlanContext& context, PlanGraph& graph) {
  const auto connect = [&](const std::string& name, const std::string& label, PlanNode::Kind kind) {
    graph.nodes.try_emplace(name, PlanNode{.name = name, .label = label, .kind = kind});
    graph.edges.push_back({name, target.id, context.name, is_reason(target, context.name)});
  };
  switch (context.kind) {
    case PlanContext::Kind::base:
      if (!context.base.empty())
        graph.edges.push_back({context.base, target.id, context.name, is_reason(target, context.name)});
      else
        connect(context.name, context.name, PlanNode::Kind::outer);
      break;
    case PlanContext::Kind::image:
      connect(context.name, context.name, PlanNode::Kind::outer);
      break;
    case PlanContext::Kind::constraints:
      connect(constraints_node(target.release), "constraints of " + target.release, PlanNode::Kind::constraints);
      break;
    case PlanContext::Kind::source: {
      const auto source = std::ranges::find(target.sources, context.name, &PlanSource::component);
      if (source == target.sources.end()) break;
      constexpr std::size_t short_commit = 12;
      const bool is_commit = source->ref == source->commit;
      std::string label =
          fmt::format("{} {}", source->component, is_commit ? source->ref.substr(0, short_commit) : source->ref);
      if (source->patches > 0)
        label += fmt::format(", {} {}", source->patches, source->patches == 1 ? "patch" : "patches");
      connect(source->path, label, PlanNode::Kind::source);
      break;
    }
    case PlanContext::Kind::empty:
      break;
  }
}

std::size_t layer_of(const std::string& name, PlanGraph& graph, std::set<std::string>& under_way,
                     std::map<std::string, std::size_t>& known) {
  const auto found = known.find(name);
  if (found != known.end()) return found->second;
  if (!under_way.insert(name).second) return 0;  // a cycle: the plan blocks it
  std::size_t layer = 0;
  for (const PlanEdge& edge : graph.edges)
    if (edge.to == name) layer = std::max(layer, layer_of(edge.from, graph, under_way, known) + 1);
  under_way.erase(name);
  known[name] = layer;
  return layer;
}

PlanNode::Kind kind_of(const PlanTarget& target) {
  switch (target.state) {
    case PlanTarget::State::added:
      return PlanNode::Kind::added;
    case PlanTarget::State::unchanged:
      return PlanNode::Kind::unchanged;
    case PlanTarget::State::blocked:
      return PlanNode::Kind::blocked;
    case PlanTarget::State::removed:
      return PlanNode::Kind::removed;
    case PlanTarget::State::planned:
      break;
  }
  return target.kind == PlanTarget::Kind::base ? PlanNode::Kind::base : PlanNode::Kind::service;
}

}  // namespace

std::string constraints_node(std::string_view release) {
  return fmt::format("constraints {}", release);
}

PlanGraph graph_of(const BuildPlan& plan) {
  PlanGraph graph;
  for (const PlanTarget& target : plan.targets) {
    std::string label = target.release.empty() ? target.image : fmt::format("{} {}", target.image, target.release);
    // In words too, for those who can't tell the colours apart.
    if (target.state != PlanTarget::State::planned) label += fmt::format(" ({})", to_string(target.state));
    graph.nodes[target.id] = {.name = target.id, .label = std::move(label), .kind = kind_of(target), .target = &target};
  }
  for (const PlanTarget& target : plan.targets)
    for (const PlanContext& context : target.contexts) add_context(target, context, graph);
  std::erase_if(graph.edges, [&](const PlanEdge& edge) { return !graph.nodes.contains(edge.from); });
  std::ranges::sort(graph.edges, {}, [](const PlanEdge& edge) { return std::tie(edge.from, edge.to, edge.label); });
  const auto same = std::ranges::unique(graph.edges, {},
                                        [](const PlanEdge& edge) { return std::tie(edge.from, edge.to, edge.label); });
  graph.edges.erase(same.begin(), same.end());
  std::set<std::string> under_way;
  std::map<std::string, std::size_t> known;
  for (auto& [name, node] : graph.nodes) node.layer = layer_of(name, graph, under_way, known);
  return graph;
}

}  // namespace forge::plan
