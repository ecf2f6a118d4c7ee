/// What upstream's history says of a patch that does not apply, section by section. Read only when asked for.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "engine/model/file_fate.hpp"
#include "engine/model/line_cause.hpp"
#include "engine/model/patch_series.hpp"

namespace forge::model {

struct SectionCause {
  std::optional<FileFate> fate{};                 ///< of a file that is not in the tree
  std::vector<std::optional<LineCause>> hunks{};  ///< one per hunk tried, for those that fit nowhere
};

/// Which failing hunks are looked up in history: those of the patch's first obstacle, or those of its first forty
/// sections that fail. Missing files are looked up in forty sections either way.
enum class CauseDepth { first_obstacle, sections };

/// One per section of the patch. All of them are empty where the patch applies, where the conflict lies in the series
/// itself, and where the history can't be read: a cause is an addition, the verdict stands without it.
[[nodiscard]] std::vector<SectionCause> conflict_causes(const UpstreamPast& past, std::string_view text,
                                                        const PatchPlacement& placement, CauseDepth depth,
                                                        PastBudget& budget);

/// The same for the first obstacle of one patch of a series of the forge, computed once per snapshot.
[[nodiscard]] const std::vector<SectionCause>& conflict_causes(const workspace::Snapshot& snapshot,
                                                               const workspace::PatchSeries& series, std::size_t patch);

}  // namespace forge::model
