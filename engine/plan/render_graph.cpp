#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "engine/plan/plan_graph.hpp"
#include "engine/plan/render_bake.hpp"

namespace forge::plan {

namespace {

/// Short names for languages whose own are narrow: `n0`, `n1`, … in the order of the nodes.
std::map<std::string, std::string> short_names(const PlanGraph& graph) {
  std::map<std::string, std::string> names;
  for (const auto& [name, node] : graph.nodes) names[name] = fmt::format("n{}", names.size());
  return names;
}

std::string escaped(std::string_view text, const std::map<char, std::string_view>& escapes) {
  std::string out;
  for (const char c : text) {
    const auto escape = escapes.find(c);
    if (escape != escapes.end())
      out += escape->second;
    else if (static_cast<unsigned char>(c) >= 0x20)
      out += c;
  }
  return out;
}

const std::map<char, std::string_view>& markup_escapes() {
  static const std::map<char, std::string_view> escapes = {
      {'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}};
  return escapes;
}

struct Look {
  std::string_view fill;
  std::string_view shape;         ///< Graphviz's
  std::string_view mermaid_open;  ///< Mermaid's brackets
  std::string_view mermaid_close;
  std::string_view mermaid_class;
};

Look look_of(PlanNode::Kind kind) {
  switch (kind) {
    case PlanNode::Kind::outer:
      return {"#eeeeee", "box", "[[\"", "\"]]", "outer"};
    case PlanNode::Kind::base:
      return {"#cfe2ff", "box", "[\"", "\"]", "base"};
    case PlanNode::Kind::service:
      return {"#d1e7dd", "box", "[\"", "\"]", "service"};
    case PlanNode::Kind::added:
      return {"#a3d9b8", "box", "[\"", "\"]", "added"};
    case PlanNode::Kind::unchanged:
      return {"#f5f5f5", "box", "[\"", "\"]", "unchanged"};
    case PlanNode::Kind::removed:
      return {"#dddddd", "box", "[\"", "\"]", "removed"};
    case PlanNode::Kind::blocked:
      return {"#f8d7da", "box", "[\"", "\"]", "blocked"};
    case PlanNode::Kind::source:
      return {"#ffffff", "note", "(\"", "\")", "input"};
    case PlanNode::Kind::constraints:
      return {"#ffffff", "note", "(\"", "\")", "input"};
  }
  return {};
}

// SVG: columns by layer, rows by name.

constexpr int box_width = 220;
constexpr int box_height = 28;
constexpr int column_gap = 90;
constexpr int row_gap = 12;
constexpr int margin = 16;

struct Spot {
  int x = 0;
  int y = 0;
};

std::map<std::string, Spot> spots_of(const PlanGraph& graph, int& width, int& height) {
  std::map<std::string, Spot> spots;
  std::map<std::size_t, int> rows;
  for (const auto& [name, node] : graph.nodes) {
    const int row = rows[node.layer]++;
    const Spot spot{margin + static_cast<int>(node.layer) * (box_width + column_gap),
                    margin + row * (box_height + row_gap)};
    spots[name] = spot;
    width = std::max(width, spot.x + box_width + margin);
    height = std::max(height, spot.y + box_height + margin);
  }
  return spots;
}

std::string clipped(const std::string& label) {
  constexpr std::size_t most = 32;
  if (label.size() <= most) return label;
  std::size_t end = most - 1;
  while (end > 0 && (static_cast<unsigned char>(label[end]) & 0xC0U) == 0x80U) --end;  // no half character
  return label.substr(0, end) + "…";
}

}  // namespace

std::string render_mermaid(const BuildPlan& plan) {
  const PlanGraph graph = graph_of(plan);
  const auto names = short_names(graph);
  const std::map<char, std::string_view> escapes = {{'"', "#quot;"}, {'<', "&lt;"}, {'>', "&gt;"}};
  std::string out = "flowchart LR\n";
  for (const auto& [name, node] : graph.nodes) {
    const Look look = look_of(node.kind);
    out += fmt::format("  {}{}{}{}:::{}\n", names.at(name), look.mermaid_open, escaped(node.label, escapes),
                       look.mermaid_close, look.mermaid_class);
  }
  for (const PlanEdge& edge : graph.edges)
    out += fmt::format("  {} {}|\"{}\"| {}\n", names.at(edge.from), edge.strong ? "==>" : "-->",
                       escaped(edge.label, escapes), names.at(edge.to));
  out +=
      "  classDef outer fill:#eee,color:#000\n  classDef base fill:#cfe2ff,color:#000\n"
      "  classDef service fill:#d1e7dd,color:#000\n  classDef blocked fill:#f8d7da,color:#000,stroke-dasharray:4\n"
      "  classDef added fill:#a3d9b8,color:#000\n  classDef unchanged fill:#f5f5f5,color:#000\n"
      "  classDef removed fill:#ddd,color:#000,stroke-dasharray:2\n"
      "  classDef input fill:#fff,color:#000\n";
  return out;
}

std::string render_dot(const BuildPlan& plan) {
  const PlanGraph graph = graph_of(plan);
  const auto names = short_names(graph);
  const std::map<char, std::string_view> escapes = {{'"', "\\\""}, {'\\', "\\\\"}};
  std::string out =
      "digraph plan {\n  rankdir=LR;\n  node [style=filled, fontname=\"sans-serif\"];\n  edge "
      "[fontname=\"sans-serif\", "
      "fontsize=10];\n";
  for (const auto& [name, node] : graph.nodes) {
    const Look look = look_of(node.kind);
    out += fmt::format("  {} [label=\"{}\", shape={}, fillcolor=\"{}\"];\n", names.at(name),
                       escaped(node.label, escapes), look.shape, look.fill);
  }
  for (const PlanEdge& edge : graph.edges)
    out += fmt::format("  {} -> {} [label=\"{}\"{}];\n", names.at(edge.from), names.at(edge.to),
                       escaped(edge.label, escapes), edge.strong ? ", penwidth=3" : "");
  return out + "}\n";
}

std::string render_svg(const BuildPlan& plan) {
  const PlanGraph graph = graph_of(plan);
  int width = 2 * margin;
  int height = 2 * margin;
  const auto spots = spots_of(graph, width, height);
  const auto text = [](std::string_view of) { return escaped(of, markup_escapes()); };
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" role=\"img\" "
      "font-family=\"sans-serif\" font-size=\"12\">\n<title>Build plan</title>\n<rect width=\"100%\" height=\"100%\" "
      "fill=\"#ffffff\"/>\n",
      width, height);
  for (const PlanEdge& edge : graph.edges) {
    const Spot from = spots.at(edge.from);
    const Spot to = spots.at(edge.to);
    const int x1 = from.x + box_width;
    const int y1 = from.y + box_height / 2;
    const int y2 = to.y + box_height / 2;
    out += fmt::format(
        "<path d=\"M{} {} C{} {} {} {} {} {}\" fill=\"none\" stroke=\"{}\"><title>{}: {} for {}</title></path>\n", x1,
        y1, x1 + column_gap / 2, y1, to.x - column_gap / 2, y2, to.x, y2,
        edge.strong ? "#000000\" stroke-width=\"3" : "#888888", text(edge.label), text(graph.nodes.at(edge.from).label),
        text(graph.nodes.at(edge.to).label));
  }
  for (const auto& [name, node] : graph.nodes) {
    const Spot spot = spots.at(name);
    out += fmt::format(
        "<g><title>{0}</title><rect x=\"{1}\" y=\"{2}\" width=\"{3}\" height=\"{4}\" rx=\"4\" fill=\"{5}\" "
        "stroke=\"#444444\"{6}/><text x=\"{7}\" y=\"{8}\" fill=\"#000000\">{9}</text></g>\n",
        text(node.label), spot.x, spot.y, box_width, box_height, look_of(node.kind).fill,
        node.kind == PlanNode::Kind::blocked || node.kind == PlanNode::Kind::removed ? " stroke-dasharray=\"4\"" : "",
        spot.x + 8, spot.y + 18, text(clipped(node.label)));
  }
  return out + "</svg>\n";
}

}  // namespace forge::plan
