#include "engine/rules/placed_series.hpp"

#include "engine/model/linked_trees.hpp"

namespace forge::rules {

using workspace::PatchSeries;

std::vector<const PatchSeries*> selected_series(const RuleContext& context) {
  std::vector<const PatchSeries*> out;
  for (const PatchSeries& series : context.snapshot.patch_series()) {
    if (context.selects(series.release, series.component)) out.push_back(&series);
  }
  return out;
}

const formats::SourceRef* ref_of(const workspace::Snapshot& snapshot, const PatchSeries& series) {
  const auto* refs = snapshot.source_refs(series.release);
  const formats::SourceRef* entry = refs == nullptr ? nullptr : (*refs)->find(series.component);
  return entry != nullptr && entry->ref ? entry : nullptr;
}

void for_each_placed(const RuleContext& context, const std::function<void(const PlacedSeries&)>& visit) {
  std::vector<const PatchSeries*> all = selected_series(context);
  std::erase_if(all, [](const PatchSeries* series) { return series->patches.empty(); });
  context.pool.for_each(all.size(), [&](std::size_t i) { (void)model::series_placement(context.snapshot, *all[i]); });
  for (const PatchSeries* series : all) {
    const Result<model::SeriesPlacement>& placement = model::series_placement(context.snapshot, *series);
    if (!placement) continue;
    const Result<model::SeriesBase> base = model::series_base(context.snapshot, series->component, series->release);
    if (base) visit(PlacedSeries{*series, *placement, base->ref});
  }
}

TextSpan title_span(const formats::Patch& patch) {
  if (!patch.mails.empty() && !patch.mails.front().subject.empty()) return patch.mails.front().subject;
  return patch.sections.empty() ? TextSpan{} : patch.sections.front().header;
}

}  // namespace forge::rules
