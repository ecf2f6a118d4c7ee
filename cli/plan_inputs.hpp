/// Which files a plan is made of, and what it is compared with: the work tree or a commit of the forge's repository.
#pragma once

#include <memory>

#include "cli/command.hpp"
#include "engine/base/task_pool.hpp"
#include "engine/plan/build_plan.hpp"
#include "engine/plan/plan_record.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::cli {

/// Loads the forge as `--since`, `--since-exact` and `--worktree` say, and puts the baseline, and where something is
/// pushed branch and commit, into `request`. Ends the command where a commit is missing, or where something would be
/// pushed or compared as a commit's that is not in it.
[[nodiscard]] workspace::SnapshotPtr load_forge_to_plan(const Invocation& invocation, const TaskPool& pool,
                                                        plan::BuildRequest& request);

/// Of the plan in a file, or on standard input for `-`.
[[nodiscard]] plan::PlanRecord read_plan_file(const std::string& path);

}  // namespace forge::cli
