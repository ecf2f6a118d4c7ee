/// Snapshot, release and findings -> audit.
#pragma once

#include <string>
#include <vector>

#include "engine/audit/audit.hpp"
#include "engine/base/task_pool.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::audit {

/// `findings` are what the rules found, of this release at least; those of other releases are left out, as are those on
/// images that nothing of this release is built from. What stops the plan and is no finding of a rule joins them.
/// The verdict: not ready with any error, ready with risks with a warning or with something that was not examined.
[[nodiscard]] Audit audit_release(const workspace::Snapshot& snapshot, const std::string& release,
                                  std::vector<Finding> findings, std::vector<Remark> remarks, const TaskPool& pool);

}  // namespace forge::audit
