/// The patch series of a forge on their refs, as the rules on patches go through them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/model/patch_series.hpp"
#include "engine/rules/rule.hpp"

namespace forge::rules {

/// One series where it is to be applied.
struct PlacedSeries {
  const workspace::PatchSeries& series;
  const model::SeriesPlacement& placement;
  std::string ref;

  [[nodiscard]] const SourceFilePtr& file(std::size_t i) const { return series.patches[i]->file; }
  [[nodiscard]] const formats::Patch& patch(std::size_t i) const { return placement.patches[i].parsed->value; }
  [[nodiscard]] std::string target() const { return fmt::format("`{}` at `{}`", series.component, ref); }
};

[[nodiscard]] std::vector<const workspace::PatchSeries*> selected_series(const RuleContext& context);

/// Null where the release has no ref for the component.
[[nodiscard]] const formats::SourceRef* ref_of(const workspace::Snapshot& snapshot,
                                               const workspace::PatchSeries& series);

/// Those whose ref can be looked at; the rules on refs report the others. All are placed before the first is visited.
void for_each_placed(const RuleContext& context, const std::function<void(const PlacedSeries&)>& visit);

/// Where a finding on the patch as a whole points: its subject, else the first header.
[[nodiscard]] TextSpan title_span(const formats::Patch& patch);

}  // namespace forge::rules
