/// A patch series rewritten so that every hunk stands where it says, at one commit: what applies with an offset is
/// moved, what no longer applies is merged three-way. What can't be is left as it was, and said.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/model/patch_series.hpp"
#include "engine/model/section_refresh.hpp"

namespace forge::model {

enum class RefreshAction {
  unchanged,  ///< it applies exactly
  rewritten,  ///< PatchRefresh::text does
  dropped,    ///< the tree has the whole change
  kept        ///< it does not apply, or only with an offset, and can't be made to
};
[[nodiscard]] std::string_view to_string(RefreshAction action);

struct PatchRefresh {
  RefreshAction action = RefreshAction::unchanged;
  std::string text{};                ///< where it is rewritten
  std::vector<std::string> notes{};  ///< clauses: what was done to which file, or why nothing could be
  TextSpan culprit{};                ///< of a kept one, in the patch as it was: what is in the way
  /// Earlier patches that do not apply: this one was looked at without them.
  std::vector<std::size_t> without{};
};

struct SeriesRefresh {
  git::ObjectId commit;
  /// The tree that the refreshed series makes; not there where a patch stays that does not apply.
  std::optional<git::ObjectId> tree;
  std::vector<PatchRefresh> patches;
};

/// Every rewritten text has been applied to the tree that the patches before it leave, exactly, and made there what
/// the merge did. Refreshing the outcome changes nothing. Fails only where the repository does.
[[nodiscard]] Result<SeriesRefresh> refresh_series(const git::Repository& repository, const git::ObjectId& commit,
                                                   std::span<const PatchText> patches, RefreshOptions options = {});

/// The series on its component's ref in its release. Fails as series_placement does.
[[nodiscard]] Result<SeriesRefresh> refresh_series(const workspace::Snapshot& snapshot,
                                                   const workspace::PatchSeries& series);

/// The same without a look at history, computed once per snapshot: quick enough to be offered beside a finding.
[[nodiscard]] const Result<SeriesRefresh>& quick_refresh(const workspace::Snapshot& snapshot,
                                                         const workspace::PatchSeries& series);

}  // namespace forge::model
