#include "engine/audit/patch_facts.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "engine/formats/patch.hpp"
#include "engine/model/linked_trees.hpp"
#include "engine/model/patch_series.hpp"
#include "engine/model/series_refresh.hpp"
#include "engine/model/upstream_change.hpp"

namespace forge::audit {

namespace {

using model::PatchVerdict;
using workspace::PatchSeries;
using workspace::Snapshot;

bool is_exact(const model::PatchPlacement& patch) {
  return std::ranges::all_of(patch.sections, [](const model::SectionPlacement& section) {
    return std::ranges::all_of(
        section.hunks, [](const model::HunkPlacement& hunk) { return std::holds_alternative<model::Exact>(hunk); });
  });
}

PatchFate fate_of(const Snapshot& snapshot, const PatchSeries& series, const model::PatchPlacement& patch,
                  std::size_t i) {
  switch (patch.verdict) {
    case PatchVerdict::applies:
      return is_exact(patch) ? PatchFate::applies : PatchFate::applies_with_offset;
    case PatchVerdict::already_applied:
      return PatchFate::merged;
    case PatchVerdict::malformed:
      return PatchFate::malformed;
    case PatchVerdict::conflict:
      break;
  }
  const Result<model::SeriesRefresh>& refreshed = model::quick_refresh(snapshot, series);
  if (!refreshed || i >= refreshed->patches.size()) return PatchFate::conflicts;
  switch (refreshed->patches[i].action) {
    case model::RefreshAction::dropped:
      return PatchFate::merged;
    case model::RefreshAction::rewritten:
      return PatchFate::must_be_refreshed;
    case model::RefreshAction::unchanged:
    case model::RefreshAction::kept:
      break;
  }
  return PatchFate::conflicts;
}

std::string subject_of(const workspace::Document<formats::Patch>& patch) {
  return patch->mails.empty() ? std::string() : formats::subject_text(patch.file->text(), patch->mails.front());
}

void add_series(const Snapshot& snapshot, const PatchSeries& series, Row& row) {
  const Result<model::SeriesPlacement>& placement = model::series_placement(snapshot, series);
  if (!placement)
    row.reasons.push_back(
        {State::not_examined, Check::patches,
         fmt::format("patches/{}/{} was not tried: {}", series.component, series.release, placement.error().message)});
  const auto& upstream = model::upstream_changes(snapshot, series);
  for (std::size_t i = 0; i < series.patches.size(); ++i) {
    PatchFacts facts{.file = series.patches[i]->file, .subject = subject_of(*series.patches[i])};
    if (placement && i < placement->patches.size()) facts.fate = fate_of(snapshot, series, placement->patches[i], i);
    if (upstream && i < upstream->size() && (*upstream)[i].change) {
      facts.upstream = (*upstream)[i].change->commit.id;
      facts.upstream_tag = (*upstream)[i].change->commit.tag;
    }
    row.patches.push_back(std::move(facts));
  }
}

bool holds(PatchFate fate) {
  return fate == PatchFate::applies || fate == PatchFate::applies_with_offset;
}

}  // namespace

void add_patch_facts(const Snapshot& snapshot, const std::string& release, Row& row) {
  for (const PatchSeries& series : snapshot.patch_series())
    if (series.release == release && !series.patches.empty() &&
        model::patched_component(snapshot, series.component) == row.component)
      add_series(snapshot, series, row);
  Cell& cell = row.cell(Check::patches);
  if (row.patches.empty()) return;
  const bool unknown = std::ranges::count(row.patches, PatchFate::not_examined, &PatchFacts::fate) > 0;
  const auto applying = std::ranges::count_if(row.patches, [](const PatchFacts& one) { return holds(one.fate); });
  cell.state = unknown ? State::not_examined : State::ok;
  cell.word = unknown ? "not examined"
              : applying == std::ranges::ssize(row.patches)
                  ? fmt::format("{} {}", applying, applying == 1 ? "applies" : "apply")
                  : fmt::format("{} of {} apply", applying, row.patches.size());
}

}  // namespace forge::audit
