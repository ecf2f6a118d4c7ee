/// What the models know of one row of an audit, and what that alone makes of its cells; findings come on top.
#pragma once

#include <string>
#include <vector>

#include "engine/audit/audit.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::audit {

/// The rows of a release, without facts: its components, the images that they are built from, and what is shared.
[[nodiscard]] std::vector<Row> rows_of(const workspace::Snapshot& snapshot, const std::string& release);

/// Fills the facts of a row and the cells of all checks but the plan. May be called for many rows at once.
void add_facts(const workspace::Snapshot& snapshot, const std::string& release, Row& row);

/// The cell and the facts of the plan.
void add_plan_facts(const plan::BuildPlan& plan, const std::string& release, Row& row);

[[nodiscard]] PinFacts pin_facts(const workspace::Snapshot& snapshot, const std::string& release);

}  // namespace forge::audit
