/// Sentences for people on a patch's change upstream: what findings and `patch check` say alike.
#pragma once

#include <string>
#include <vector>

#include "engine/model/upstream_change.hpp"

namespace forge::rules {

/// A sentence on where the change is and how it is known.
[[nodiscard]] std::string upstream_words(const model::UpstreamChange& change);
/// `The lines that are there came with commit …`, each commit once; empty where there is none.
[[nodiscard]] std::string part_words(const std::vector<model::PartialOrigin>& parts);

}  // namespace forge::rules
