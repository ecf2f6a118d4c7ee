/// Whether a patch's change is upstream: in the history of the ref, or after it in its series; by which commit, since
/// which tag, and whether it was taken back. The tree at the ref decides what history only names.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/model/hunk_origin.hpp"
#include "engine/model/patch_series.hpp"
#include "engine/model/upstream_line.hpp"
#include "engine/model/upstream_past.hpp"

namespace forge::model {

/// What tells that a commit is the patch's change, the strongest first.
enum class Witness {
  patch_id,     ///< `git patch-id --stable` of both is the same
  same_result,  ///< applied to the commit's parent the patch gives the commit's tree
  content,      ///< every hunk's result came into the tree by this commit
  change_id,    ///< the same `Change-Id:`, another text
  cherry_pick   ///< one names the other as its origin, another text
};
[[nodiscard]] std::string_view to_string(Witness witness);

enum class UpstreamState {
  merged,    ///< in the ref's history
  ahead,     ///< in the series, after the ref
  reverted,  ///< in the ref's history, and taken back there
};

struct UpstreamChange {
  UpstreamState state = UpstreamState::merged;
  KnownCommit commit;  ///< its tag: the first on the line of the ref, else of its series
  Witness by = Witness::patch_id;
  /// Upstream's change is the patch's. Otherwise only the name is known to be the same, and the tree does not have what
  /// the patch wants.
  bool same_content = true;
  std::string final_tag{};  ///< the first that is no pre-release
  /// By its message, or by what the files are after it; nothing where it was several commits.
  std::optional<git::ObjectId> reverted_by{};
};

/// A commit that brought a part of a patch.
struct PartialOrigin {
  HunkOrigin where;
  KnownCommit commit;
};

struct PatchUpstream {
  std::optional<UpstreamChange> change{};
  /// Where the patch as a whole has no commit: those that brought the hunks which are in the tree.
  std::vector<PartialOrigin> parts{};
};

/// One for each patch of a placed series, in its order. `tip`: see series_tip. Fails where history can't be read.
[[nodiscard]] Result<std::vector<PatchUpstream>> find_upstream_changes(const UpstreamRefs& upstream,
                                                                       const std::optional<git::ObjectId>& tip,
                                                                       const SeriesPlacement& placement,
                                                                       std::span<const PatchText> patches);

/// Whether two patch files hold one change: the same patch-id, or a Change-Id in common.
[[nodiscard]] bool is_same_change(const PatchText& a, const PatchText& b);

/// Those of a series of the forge on its ref, computed once per snapshot.
[[nodiscard]] const Result<std::vector<PatchUpstream>>& upstream_changes(const workspace::Snapshot& snapshot,
                                                                         const workspace::PatchSeries& series);

}  // namespace forge::model
