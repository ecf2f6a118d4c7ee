/// A release that is not in the forge yet, made from one that is: the files that it would have, and what is left to
/// decide. `release init` writes them, `audit --candidate` looks at them in memory.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/audit/audit.hpp"
#include "engine/audit/carried_overrides.hpp"
#include "engine/audit/proposed_refs.hpp"
#include "engine/base/result.hpp"
#include "engine/base/task_pool.hpp"
#include "engine/workspace/file_store.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::audit {

struct ProposalRequest {
  std::string release;
  std::string from{};  ///< empty: the forge's newest release before it
  /// The new upper-constraints.txt with what it is called in words; instead of upstream's.
  std::optional<std::string> constraints_text{};
  std::string constraints_name{};
  /// Tag, branch or commit of the requirements repository; empty: what the release's series is there.
  std::string constraints_ref{};
  bool anew = false;  ///< also where the release is in the forge
};

enum class PatchCarry {
  carried,    ///< as it is
  refreshed,  ///< rewritten so that it applies
  merged,     ///< left out: the new ref has the change
  conflicts,  ///< carried as it is, and does not apply
  not_tried   ///< carried as it is: the source could not be looked at
};
/// `carried`, `refreshed`, …
[[nodiscard]] std::string_view to_string(PatchCarry carry);

struct CarriedPatch {
  std::string component;
  std::string from;  ///< path
  std::string path;  ///< where it goes; empty for a merged one
  PatchCarry carry = PatchCarry::not_tried;
  std::string note{};  ///< clauses
};

struct ReleaseProposal {
  std::string release;
  std::string from;
  std::map<std::string, std::string, std::less<>> files;  ///< path -> text
  std::vector<ProposedRef> refs;
  std::string constraints_from;  ///< where upper-constraints.txt is from, in words
  std::vector<CarriedOverride> overrides;
  std::vector<CarriedPatch> patches;
  std::vector<Remark> remarks;  ///< what is left to decide; of state `ok` what is only to be known
};

/// Makes a snapshot of other files with the same upstreams.
using Load = std::function<Result<workspace::SnapshotPtr>(const workspace::FileStorePtr&)>;

/// `snapshot` is that of `files`. Fails with `invalid` where the request makes no sense for this forge, with
/// `not_found` or `unavailable` where the constraints that were asked for by name are not to be had.
[[nodiscard]] Result<ReleaseProposal> propose_release(const workspace::Snapshot& snapshot,
                                                      const workspace::FileStorePtr& files, const Load& load,
                                                      const ProposalRequest& request, const TaskPool& pool);

}  // namespace forge::audit
