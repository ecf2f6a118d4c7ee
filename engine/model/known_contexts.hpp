/// The names by which a Dockerfile may take something of the forge.
#pragma once

#include <string>
#include <vector>

#include "engine/model/image_graph.hpp"

namespace forge::model {

/// For a Dockerfile of that image, whether it takes them or not: images first, then folders, then source trees.
[[nodiscard]] std::vector<ImageNeed> known_contexts(const workspace::Snapshot& snapshot, const std::string& image);

}  // namespace forge::model
