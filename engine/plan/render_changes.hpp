/// What a plan builds and why, and how two plans differ, for people.
#pragma once

#include <string>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/plan/build_plan.hpp"
#include "engine/plan/plan_record.hpp"

namespace forge::plan {

/// A line for each target: its state, what changed, its platforms and tags.
[[nodiscard]] std::string render_plan_text(const BuildPlan& plan);
/// The same as a table, for a job's summary.
[[nodiscard]] std::string render_plan_markdown(const BuildPlan& plan);

/// All inputs of one target. `not_found` where the plan has none of that id.
[[nodiscard]] Result<std::string> explain_text(const BuildPlan& plan, std::string_view id);
[[nodiscard]] Result<std::string> explain_json(const BuildPlan& plan, std::string_view id);

/// What `compare` found; targets that are the same are left out.
[[nodiscard]] std::string render_diff_text(const std::vector<TargetChange>& changes);
[[nodiscard]] std::string render_diff_markdown(const std::vector<TargetChange>& changes);
[[nodiscard]] std::string render_diff_json(const std::vector<TargetChange>& changes);

}  // namespace forge::plan
