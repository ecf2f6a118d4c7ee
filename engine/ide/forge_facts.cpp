#include "engine/ide/forge_facts.hpp"

#include <algorithm>
#include <cstdlib>
#include <variant>

#include "engine/model/ref_status.hpp"
#include "engine/model/upstream_change.hpp"

namespace forge::ide {

using workspace::PatchSeries;
using workspace::Snapshot;

namespace {

std::string day_of(const git::Timestamp& time) {
  return git::to_rfc3339(time).substr(0, 10);
}

const formats::SourceRef* entry_of(const Snapshot& snapshot, const std::string& release, const std::string& component) {
  const auto* refs = snapshot.source_refs(release);
  return refs == nullptr ? nullptr : (*refs)->find(component);
}

void add_newest(const Snapshot& snapshot, const std::string& component, const model::RefStatus& status, RefFact& fact) {
  if (!status.newest) return;
  fact.newest = status.newest->name;
  fact.has_newer = status.has_newer;
  const auto& upstream = model::upstream_refs(snapshot, component);
  if (!fact.has_newer || !upstream) return;
  if (const auto commit = upstream->repository->commit(status.newest->commit))
    fact.newest_date = day_of(commit->commit_time);
}

RefFact ref_fact(const Snapshot& snapshot, const std::string& release, const formats::SourceRef& entry) {
  const model::RefStatus& status = model::ref_status(snapshot, release, entry.component.value);
  RefFact fact{.ref = entry.ref->value};
  if (status.failure) fact.problem = status.failure->message;
  if (status.resolved) {
    fact.kind = status.resolved->kind;
    fact.commit = status.resolved->commit.hex();
  }
  if (status.commit) {
    fact.date = day_of(status.commit->commit_time);
    fact.subject = status.commit->subject();
  }
  fact.series = status.series;
  fact.behind = status.behind;
  add_newest(snapshot, entry.component.value, status, fact);
  return fact;
}

bool fits(const model::HunkPlacement& hunk) {
  return std::holds_alternative<model::Exact>(hunk) || std::holds_alternative<model::Offset>(hunk);
}

/// Counts the hunks of the sections, whether they were tried or not.
void add_hunks(const model::PatchPlacement& placement, PatchFact& fact) {
  const formats::Patch& patch = placement.parsed->value;
  for (std::size_t s = 0; s < placement.sections.size() && s < patch.sections.size(); ++s) {
    const model::SectionPlacement& section = placement.sections[s];
    for (std::size_t h = 0; h < section.hunks.size(); ++h) {
      const model::HunkPlacement& hunk = section.hunks[h];
      if (const auto* offset = std::get_if<model::Offset>(&hunk);
          offset != nullptr && std::abs(offset->lines) > std::abs(fact.offset))
        fact.offset = offset->lines;
      if (!fact.obstacle && !fits(hunk)) fact.obstacle = fact.hunks + h;
    }
    fact.hunks += patch.sections[s].hunk_count;
  }
}

PatchFact patch_fact(const model::PatchPlacement& placement, const model::PatchUpstream* upstream) {
  PatchFact fact{.verdict = placement.verdict, .partly_applied = placement.partly_applied};
  add_hunks(placement, fact);
  const bool merged = placement.verdict == model::PatchVerdict::already_applied && upstream != nullptr &&
                      upstream->change && upstream->change->state == model::UpstreamState::merged;
  if (merged) fact.merged_as = upstream->change->commit.id.abbreviated();
  return fact;
}

SeriesFact series_fact(const Snapshot& snapshot, const PatchSeries& series) {
  SeriesFact fact;
  if (const auto* entry = entry_of(snapshot, series.release, series.component); entry != nullptr && entry->ref)
    fact.ref = entry->ref->value;
  for (const auto& patch : series.patches) fact.files.push_back(patch->file);
  const auto& placement = model::series_placement(snapshot, series);
  if (!placement) {
    fact.problem = placement.error().message;
    return fact;
  }
  const auto& upstream = model::upstream_changes(snapshot, series);
  for (std::size_t i = 0; i < placement->patches.size(); ++i)
    fact.patches.push_back(
        patch_fact(placement->patches[i], upstream && i < upstream->size() ? &(*upstream)[i] : nullptr));
  return fact;
}

}  // namespace

ForgeFacts collect_facts(const Snapshot& snapshot) {
  ForgeFacts facts{.upstreams = &snapshot.upstreams(), .refs = {}, .series = {}};
  for (const std::string& release : snapshot.releases()) {
    const auto* document = snapshot.source_refs(release);
    if (document == nullptr) continue;
    for (const formats::SourceRef& entry : (*document)->entries) {
      // Of a component that stands twice only the last counts.
      if (!entry.ref || (*document)->find(entry.component.value) != &entry) continue;
      facts.refs.emplace(ForgeCell(release, entry.component.value), ref_fact(snapshot, release, entry));
    }
  }
  for (const PatchSeries& series : snapshot.patch_series()) {
    if (!series.patches.empty())
      facts.series.emplace(ForgeCell(series.release, series.component), series_fact(snapshot, series));
  }
  return facts;
}

bool same_answers(const ForgeFacts& a, const ForgeFacts& b) {
  return a.refs == b.refs && std::ranges::equal(a.series, b.series, [](const auto& x, const auto& y) {
           return x.first == y.first && x.second.ref == y.second.ref && x.second.patches == y.second.patches &&
                  x.second.problem == y.second.problem;
         });
}

bool Recollection::same_upstreams() const {
  return facts_->upstreams == &now_.upstreams();
}

Recalled<RefFact> Recollection::ref(const std::string& release, const std::string& component) const {
  const formats::SourceRef* entry = entry_of(now_, release, component);
  if (facts_ == nullptr || entry == nullptr || !entry->ref) return {};
  const auto found = facts_->refs.find(ForgeCell(release, component));
  if (found == facts_->refs.end()) return {};
  const bool exact = same_upstreams() && found->second.ref == entry->ref->value;
  return {&found->second, exact ? Certainty::exact : Certainty::stale};
}

Recalled<SeriesFact> Recollection::series(const PatchSeries& series) const {
  if (facts_ == nullptr) return {};
  const auto found = facts_->series.find(ForgeCell(series.release, series.component));
  if (found == facts_->series.end()) return {};
  const SeriesFact& fact = found->second;
  const formats::SourceRef* entry = entry_of(now_, series.release, series.component);
  const bool same_ref = (entry != nullptr && entry->ref ? entry->ref->value : std::string()) == fact.ref;
  // A file that did not change is the same object in every snapshot.
  const bool same_files =
      std::ranges::equal(series.patches, fact.files, {}, [](const auto& patch) { return patch->file; });
  return {&fact, same_upstreams() && same_ref && same_files ? Certainty::exact : Certainty::stale};
}

Recalled<PatchFact> Recollection::patch(const PatchSeries& series, std::string_view path) const {
  const Recalled<SeriesFact> whole = this->series(series);
  if (whole.fact == nullptr) return {};
  const auto file = std::ranges::find(whole.fact->files, path, [](const SourceFilePtr& f) { return f->path(); });
  const auto index = static_cast<std::size_t>(file - whole.fact->files.begin());
  if (index >= whole.fact->patches.size()) return {};
  return {&whole.fact->patches[index], whole.certainty};
}

}  // namespace forge::ide
