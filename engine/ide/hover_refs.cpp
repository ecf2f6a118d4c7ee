/// Hover on a component and on its ref.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "engine/ide/hover_lines.hpp"
#include "engine/ide/ref_candidates.hpp"
#include "engine/model/image_graph.hpp"
#include "engine/model/known_answers.hpp"
#include "engine/model/patch_series.hpp"
#include "engine/model/placement_summary.hpp"
#include "engine/model/ref_status.hpp"

namespace forge::ide {

using workspace::Snapshot;
using Style = HoverPiece::Style;

namespace {

/// `tag (annotated)`; of several tags on a commit only the last annotated one is told.
std::string kind_words(const git::Repository& repository, const git::ResolvedRef& ref, const std::string& name) {
  std::string words(git::to_string(ref.kind));
  if (ref.kind != git::RefKind::tag) return words;
  const std::string annotated = repository.commit_name(ref.commit).annotated_tag;
  if (annotated == name) return words + " (annotated)";
  return annotated.empty() ? words + " (lightweight)" : words;
}

/// What the series that is followed has as its head: the release's, which may be another one than the ref's.
std::string head_words(const model::UpstreamRefs& upstream, const model::RefStatus& status, const model::Series* own) {
  if (own != nullptr && own->tip == *status.tip) return "its head";
  const auto followed = std::ranges::find(upstream.series, *status.tip, &model::Series::tip);
  return followed == upstream.series.end() ? "the head" : fmt::format("the head of {}", followed->ref);
}

void add_series(HoverLines& lines, const model::UpstreamRefs& upstream, const model::RefStatus& status) {
  if (status.series.empty()) return;
  const auto found = std::ranges::find(upstream.series, status.series, &model::Series::name);
  const model::Series* own = found == upstream.series.end() ? nullptr : &*found;
  std::string line = fmt::format("on {}", own == nullptr ? status.series : own->ref);
  if (status.behind && status.tip) {
    const std::string head = head_words(upstream, status, own);
    line +=
        *status.behind == 0 ? ", at " + head : fmt::format(", {} behind {}", counted(*status.behind, "commit"), head);
    const auto commit = upstream.repository->commit(*status.tip);
    if (*status.behind > 0 && commit) line += fmt::format(" of {}", day_of(commit->commit_time));
  }
  add_plain(lines, std::move(line));
}

void add_newer(HoverLines& lines, const model::UpstreamRefs& upstream, const model::RefStatus& status) {
  if (!status.has_newer || !status.newest) return;
  const auto commit = upstream.repository->commit(status.newest->commit);
  add_code(lines, "newer in this series: ", status.newest->name,
           commit ? fmt::format(" ({})", day_of(commit->commit_time)) : std::string());
}

void add_nearest(HoverLines& lines, const model::UpstreamRefs& upstream, const git::ResolvedRef& ref) {
  if (ref.kind == git::RefKind::tag) return;
  const auto nearest = nearest_tag(upstream, ref.commit);
  if (!nearest) return;
  const bool at_tag = nearest->distance == 0;
  add_code(lines, ref.kind == git::RefKind::branch ? "last tag: " : "nearest tag: ", nearest->name,
           at_tag ? ", at this commit" : fmt::format(", {} before it", counted(nearest->distance, "commit")));
}

/// What the ref stands for in the component's upstream.
void add_upstream(HoverLines& lines, const HoverContext& context, const std::string& component, const std::string& ref,
                  const model::RefStatus& status) {
  if (status.failure) return add_failure(lines, *status.failure);
  const auto& upstream = model::upstream_refs(context.snapshot, component);
  if (!upstream) return;
  if (status.resolved)
    lines.front().push_back(
        {Style::plain, fmt::format(": {}", kind_words(*upstream->repository, *status.resolved, ref))});
  if (status.commit) add_commit(lines, *status.commit);
  add_series(lines, *upstream, status);
  if (status.resolved) add_nearest(lines, *upstream, *status.resolved);
  add_newer(lines, *upstream, status);
}

std::string verdict_of(const model::PatchPlacement& placement) {
  switch (placement.verdict) {
    case model::PatchVerdict::applies: {
      const std::int64_t offset = model::largest_offset(placement);
      return offset == 0 ? "applies" : fmt::format("applies (offset {:+})", offset);
    }
    case model::PatchVerdict::already_applied:
      return "is in the tree already";
    case model::PatchVerdict::conflict:
      return placement.partly_applied ? "does not apply; part of it is in the tree" : "does not apply";
    case model::PatchVerdict::malformed:
      return "is malformed";
  }
  return {};
}

/// `, merged upstream as 12ab345`, where that is known already.
std::string merged_words(const Snapshot& snapshot, const workspace::PatchSeries& series, std::size_t index) {
  const auto* known = model::known_upstream_changes(snapshot, series);
  if (known == nullptr || !*known || index >= (*known)->size()) return {};
  const auto& change = (**known)[index].change;
  if (!change || change->state != model::UpstreamState::merged || !change->same_content) return {};
  return fmt::format(", merged upstream as {}", change->commit.id.abbreviated());
}

void add_patches(HoverLines& lines, const Snapshot& snapshot, const std::string& component,
                 const std::string& release) {
  const workspace::PatchSeries* series = snapshot.patch_series(component, release);
  if (series == nullptr || series->patches.empty()) return;
  add_plain(lines, fmt::format("{}:", counted(series->patches.size(), "patch", "es")));
  const auto& placement = model::series_placement(snapshot, *series);
  for (std::size_t i = 0; i < series->patches.size(); ++i) {
    const std::string& path = series->patches[i]->file->path();
    const bool placed = placement && i < placement->patches.size();
    const std::string verdict = placed ? " " + verdict_of(placement->patches[i]) : std::string();
    lines.push_back({{Style::code, path.substr(path.rfind('/') + 1)},
                     {Style::plain, verdict + merged_words(snapshot, *series, i)}});
  }
}

HoverLines title(const std::string& component, const std::string& ref) {
  return {{{Style::strong, component}, {Style::plain, " "}, {Style::code, ref}}};
}

}  // namespace

HoverLines ref_lines(const HoverContext& context, const formats::SourceRef& entry) {
  const std::string& component = entry.component.value;
  HoverLines lines = title(component, entry.ref->value);
  const model::RefStatus& status = model::ref_status(context.snapshot, context.at.release, component);
  // Of a component that stands twice only the last counts, and only that one's status is known.
  if (status.entry == &entry) add_upstream(lines, context, component, entry.ref->value, status);
  add_patches(lines, context.snapshot, component, context.at.release);
  if (const auto& upstream = model::upstream_refs(context.snapshot, component))
    add_fetched(lines, context, *upstream->repository);
  return lines;
}

HoverLines possible_ref_lines(const HoverContext& context, const std::string& component, const std::string& ref) {
  HoverLines lines = title(component, ref);
  const auto& upstream = model::upstream_refs(context.snapshot, component);
  if (!upstream) return lines;
  const auto resolved = upstream->repository->resolve(ref);
  if (!resolved) return lines;
  lines.front().push_back({Style::plain, fmt::format(": {}", kind_words(*upstream->repository, *resolved, ref))});
  const auto commit = upstream->repository->commit(resolved->commit);
  if (commit) add_commit(lines, *commit);
  add_nearest(lines, *upstream, *resolved);
  const model::Series* series = model::series_of_release(*upstream, context.at.release);
  if (series != nullptr && upstream->repository->is_ancestor(resolved->commit, series->tip).value_or(false)) {
    if (const auto behind = upstream->repository->count_between(resolved->commit, series->tip))
      add_plain(lines, *behind == 0 ? fmt::format("the head of {}", series->ref)
                                    : fmt::format("{} behind the head of {}", counted(*behind, "commit"), series->ref));
  }
  return lines;
}

HoverLines component_lines(const HoverContext& context, const std::string& component) {
  const Snapshot& snapshot = context.snapshot;
  const bool is_service = snapshot.is_service(component);
  HoverLines lines = {
      {{Style::strong, component}, {Style::plain, is_service ? ": " : ": a library, without an image"}}};
  if (is_service) lines.front().push_back({Style::code, fmt::format("images/{}/Dockerfile", component)});
  for (const std::string& release : snapshot.releases()) {
    const auto* refs = snapshot.source_refs(release);
    const formats::SourceRef* entry = refs == nullptr ? nullptr : (*refs)->find(component);
    const workspace::PatchSeries* series = snapshot.patch_series(component, release);
    const std::size_t patches = series == nullptr ? 0 : series->patches.size();
    if (entry == nullptr && patches == 0) continue;
    std::string after = patches == 0 ? std::string() : ", " + counted(patches, "patch", "es");
    if (entry != nullptr && entry->ref)
      add_code(lines, release + ": ", entry->ref->value, std::move(after));
    else
      add_plain(lines, release + ": no ref" + after);
  }
  return lines;
}

}  // namespace forge::ide
