/// What the rules on Dockerfiles share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/model/image_graph.hpp"
#include "engine/rules/rule.hpp"

namespace forge::rules {

[[nodiscard]] inline const std::vector<model::ImageNode>& images_of(const RuleContext& context) {
  return model::image_graph(context.snapshot).nodes;
}

[[nodiscard]] inline bool has_variable(std::string_view text) {
  return text.find('$') != std::string_view::npos;
}

/// `/` alone stays.
[[nodiscard]] inline std::string without_slash(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return std::string(path);
}

}  // namespace forge::rules
