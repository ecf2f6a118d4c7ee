#include "engine/model/conflict_cause.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "engine/model/linked_trees.hpp"

namespace forge::model {

namespace {

/// The old image of a hunk with the line that differs first; nothing where the mismatch is not one of lines.
std::optional<ExpectedLines> expected_lines(std::string_view text, const formats::Patch& patch,
                                            const formats::Hunk& hunk, const Mismatch& mismatch) {
  if (mismatch.size == 0 || mismatch.differences.empty()) return std::nullopt;
  ExpectedLines out;
  for (const formats::HunkLine& line : patch.lines_of(hunk)) {
    if (line.kind != formats::LineKind::context && line.kind != formats::LineKind::removed) continue;
    if (line.text.begin == mismatch.culprit.begin) out.culprit = out.before.size();
    out.before.push_back(text.substr(line.text.begin, line.text.size()));
  }
  const HunkImages images = hunk_images(text, patch, hunk, Direction::forward);
  out.at_beginning = images.at_beginning;
  out.at_end = images.at_end;
  out.inserted = mismatch.differences.front().kind == LineDifference::Kind::inserted;
  return out;
}

/// The failing hunks of all sections that change one file, so that its states are read only once.
class HunkCauses {
 public:
  HunkCauses(std::string_view text, const formats::Patch& patch) : text_(text), patch_(patch) {}

  void add(std::size_t number, const SectionPlacement& placement) {
    constexpr std::size_t most_hunks = 100;
    const formats::Section& section = patch_.sections[number];
    OfFile& file = files_[section.old_path->value];
    std::size_t added = 0;
    for (std::size_t i = 0; i < placement.hunks.size() && added < most_hunks; ++i) {
      const auto* mismatch = std::get_if<Mismatch>(&placement.hunks[i]);
      if (mismatch == nullptr) continue;
      if (auto lines = expected_lines(text_, patch_, patch_.hunks_of(section)[i], *mismatch)) {
        file.hunks.push_back(std::move(*lines));
        file.places.emplace_back(number, i);
        ++added;
      }
    }
  }

  void look_up(const UpstreamPast& past, PastBudget& budget, std::vector<SectionCause>& out) const {
    for (const auto& [path, file] : files_) {
      if (file.hunks.empty() || budget.is_spent()) continue;
      const auto causes = line_causes(past, path, file.hunks, budget);
      if (!causes) continue;
      for (std::size_t i = 0; i < file.places.size(); ++i)
        out[file.places[i].first].hunks[file.places[i].second] = (*causes)[i];
    }
  }

 private:
  struct OfFile {
    std::vector<ExpectedLines> hunks;
    std::vector<std::pair<std::size_t, std::size_t>> places;  ///< section and hunk of each
  };
  std::string_view text_;
  const formats::Patch& patch_;
  std::map<std::string_view, OfFile> files_;
};

/// Lines that another patch of the series is to bring need not be upstream's.
void forget_never_there(SectionCause& cause) {
  for (std::optional<LineCause>& hunk : cause.hunks) {
    if (hunk && hunk->kind == LineCause::Kind::never_there) hunk.reset();
  }
  if (cause.fate && cause.fate->kind == FileFate::Kind::unknown) cause.fate.reset();
}

/// A clash within the series says all there is to say.
bool is_about_upstream(const PatchPlacement& placement) {
  using Kind = SeriesClash::Kind;
  const bool in_the_series =
      placement.clash && (placement.clash->kind == Kind::broken_by || placement.clash->kind == Kind::needs);
  return placement.verdict == PatchVerdict::conflict && !in_the_series;
}

std::string_view written_name(std::string_view text, const formats::Section& section) {
  return text.substr(section.old_path->span.begin, section.old_path->span.size());
}

}  // namespace

std::vector<SectionCause> conflict_causes(const UpstreamPast& past, std::string_view text,
                                          const PatchPlacement& placement, CauseDepth depth, PastBudget& budget) {
  constexpr std::size_t most_sections = 40;
  const std::optional<std::size_t> first = placement.first_obstacle();
  std::size_t looked_up = 0;
  std::vector<SectionCause> out(placement.sections.size());
  if (!is_about_upstream(placement)) return out;
  const formats::Patch& patch = placement.parsed->value;
  HunkCauses hunk_causes(text, patch);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const formats::Section& section = patch.sections[i];
    const SectionPlacement& placed = placement.sections[i];
    out[i].hunks.resize(placed.hunks.size());
    if (placed.obstacle == Obstacle::none || placed.already_applied || !section.old_path) continue;
    const bool missing = placed.obstacle == Obstacle::target_missing;
    if (looked_up == most_sections && i != first) continue;
    if (depth == CauseDepth::first_obstacle && !missing && i != first) continue;
    if (looked_up < most_sections) ++looked_up;
    if (missing) {
      if (auto fate = file_fate(past, section.old_path->value, written_name(text, section), budget))
        out[i].fate = *fate;
    } else {
      hunk_causes.add(i, placed);
    }
  }
  hunk_causes.look_up(past, budget, out);
  if (placement.clash) std::ranges::for_each(out, forget_never_there);
  return out;
}

const std::vector<SectionCause>& conflict_causes(const workspace::Snapshot& snapshot,
                                                 const workspace::PatchSeries& series, std::size_t patch) {
  const auto compute = [&] {
    const Result<SeriesPlacement>& placement = series_placement(snapshot, series);
    if (!placement || patch >= placement->patches.size()) return std::vector<SectionCause>();
    const PatchPlacement& placed = placement->patches[patch];
    if (!is_about_upstream(placed)) return std::vector<SectionCause>(placed.sections.size());
    const Result<UpstreamPast>& past =
        upstream_past(snapshot, series_upstream(snapshot, series.component), placement->commit);
    if (!past) return std::vector<SectionCause>(placed.sections.size());
    PastBudget budget;
    return conflict_causes(*past, series.patches[patch]->file->text(), placed, CauseDepth::first_obstacle, budget);
  };
  return snapshot.once<std::vector<SectionCause>>(
      fmt::format("causes of patches/{}/{} {}", series.component, series.release, patch), compute);
}

}  // namespace forge::model
