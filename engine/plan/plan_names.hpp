/// What a target's image is called, and what its labels and its description say.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/model/image_graph.hpp"
#include "engine/plan/build_plan.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::plan {

struct PlanInputs {
  const workspace::Snapshot& snapshot;
  const BuildRequest& request;
};

/// By folder below images/, or by the short form of an outer image's reference.
[[nodiscard]] std::optional<std::string> known_digest(const BuildRequest& request, std::string_view image);

/// `fp-` and the first 20 digits: a tag that says what went in.
[[nodiscard]] std::string fingerprint_tag(std::string_view fingerprint);

/// The tree that the target is named after; null for a base, or where it could not be resolved.
[[nodiscard]] const PlanSource* own_source(const PlanTarget& target);

/// Full names with tags, the one that never moves first. Not checked against the grammar.
[[nodiscard]] std::vector<std::string> image_names(const PlanInputs& in, const model::ImageNode& node,
                                                   const PlanTarget& target);

/// Fills `description` and `labels`.
void describe_target(const PlanInputs& in, const model::ImageNode& node, PlanTarget& target);

}  // namespace forge::plan
