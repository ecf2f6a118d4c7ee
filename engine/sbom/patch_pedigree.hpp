/// What a patch's own words say of the bugs it resolves, and where its change comes from.
#pragma once

#include <string_view>
#include <vector>

#include "engine/formats/patch.hpp"
#include "engine/sbom/sbom.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::sbom {

/// Named by `Closes-Bug:`, `Closes-Rhbz:`, `Story:` and DEP-3's `Bug…:`, and every `CVE-…` and `OSSA-…` in the text
/// around the diffs. `Related-Bug:` and `Partial-Bug:` resolve nothing. In the order of the text, advisories last.
[[nodiscard]] std::vector<Issue> resolved_issues(std::string_view text, const formats::Patch& patch);

/// One for each patch of the series.
[[nodiscard]] std::vector<PatchPedigree> pedigree_of(const workspace::Snapshot& snapshot,
                                                     const workspace::PatchSeries& series);

}  // namespace forge::sbom
