/// The plan as a graph: targets and what they are made of. What every picture of it shows.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/plan/build_plan.hpp"

namespace forge::plan {

struct PlanNode {
  /// `outer`: an image from elsewhere.
  enum class Kind { outer, base, service, added, unchanged, blocked, removed, source, constraints };
  std::string name{};   ///< what it is known by
  std::string label{};  ///< what it is called, its state in words included
  Kind kind = Kind::service;
  std::size_t layer = 0;               ///< behind all that it is made of; 0 is made of nothing
  const PlanTarget* target = nullptr;  ///< of the plan; null for what is no target
};

struct PlanEdge {
  std::string from;
  std::string to;
  std::string label;    ///< the context's name
  bool strong = false;  ///< the input that changed
};

/// Points into the plan that it was made from.
struct PlanGraph {
  std::map<std::string, PlanNode> nodes;  ///< by name
  std::vector<PlanEdge> edges;            ///< sorted by from, to and label
};

/// The name of the node that stands for a release's constraints.
[[nodiscard]] std::string constraints_node(std::string_view release);

[[nodiscard]] PlanGraph graph_of(const BuildPlan& plan);

}  // namespace forge::plan
