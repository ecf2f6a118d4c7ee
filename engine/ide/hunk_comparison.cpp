#include "engine/ide/hunk_comparison.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "engine/model/conflict_cause.hpp"
#include "engine/model/linked_trees.hpp"
#include "engine/model/patch_attempt.hpp"
#include "engine/model/patch_series.hpp"
#include "engine/model/ref_status.hpp"
#include "engine/model/upstream_refs.hpp"
#include "engine/workspace/forge_layout.hpp"

namespace forge::ide {

using model::Lines;

namespace {

constexpr std::size_t context_lines = 12;

/// One hunk by its section, with its number there.
struct HunkPlace {
  std::size_t section = 0;
  std::size_t hunk = 0;
};

std::optional<HunkPlace> hunk_at(const formats::Patch& patch, std::uint32_t offset) {
  for (std::size_t s = 0; s < patch.sections.size(); ++s) {
    const auto hunks = patch.hunks_of(patch.sections[s]);
    for (std::size_t h = 0; h < hunks.size(); ++h)
      if (hunks[h].header.begin <= offset && offset < std::max(hunks[h].header.end, hunks[h].body.end))
        return HunkPlace{s, h};
  }
  return std::nullopt;
}

std::optional<HunkPlace> most_telling_hunk(const model::PatchPlacement& placed) {
  const formats::Patch& patch = placed.parsed->value;
  for (std::size_t s = 0; s < placed.sections.size(); ++s)
    for (std::size_t h = 0; h < placed.sections[s].hunks.size(); ++h)
      if (std::holds_alternative<model::Mismatch>(placed.sections[s].hunks[h])) return HunkPlace{s, h};
  if (const auto obstacle = placed.first_obstacle(); obstacle && patch.sections[*obstacle].hunk_count > 0)
    return HunkPlace{*obstacle, 0};
  for (std::size_t s = 0; s < patch.sections.size(); ++s)
    if (patch.sections[s].hunk_count > 0) return HunkPlace{s, 0};
  return std::nullopt;
}

/// Where the hunk's place in the file is, 0-based, and how many lines stand there.
struct Region {
  std::size_t begin = 0;
  std::size_t size = 0;
};

Region region_of(const model::HunkPlacement& placement, const model::HunkImages& images) {
  const auto index = [](std::uint64_t line) { return line == 0 ? 0 : static_cast<std::size_t>(line - 1); };
  if (const auto* exact = std::get_if<model::Exact>(&placement)) return {index(exact->at), images.before.size()};
  if (const auto* offset = std::get_if<model::Offset>(&placement)) return {index(offset->at), images.before.size()};
  if (const auto* applied = std::get_if<model::AlreadyApplied>(&placement))
    return {index(applied->at), images.after.size()};
  const auto& mismatch = std::get<model::Mismatch>(placement);
  using Kind = model::LineDifference::Kind;
  const auto count = [&](Kind kind) {
    return static_cast<std::size_t>(std::ranges::count(mismatch.differences, kind, &model::LineDifference::kind));
  };
  const std::size_t size = images.before.size() + count(Kind::inserted);
  const std::size_t missing = std::min(count(Kind::missing), size);
  if (mismatch.nearest_at == 0) return {index(images.before_start), images.before.size()};  // nothing is like it
  return {index(mismatch.nearest_at), size - missing};
}

void append(std::string& text, const Lines& lines, std::size_t begin, std::size_t end) {
  for (std::size_t i = begin; i < end; ++i) text += lines[i];
}

void compare(HunkComparison& out, const Lines& file, Region region, const Lines& expected) {
  region.begin = std::min(region.begin, file.size());
  const std::size_t region_end = region.begin + std::min(region.size, file.size() - region.begin);
  const std::size_t begin = region.begin - std::min(region.begin, context_lines);
  const std::size_t end = region_end + std::min(file.size() - region_end, context_lines);
  out.expected.line = out.found.line = begin + 1;
  append(out.found.text, file, begin, end);
  append(out.expected.text, file, begin, region.begin);
  append(out.expected.text, expected, 0, expected.size());
  append(out.expected.text, file, region_end, end);
}

/// The series up to one patch on its ref, for as long as its file is looked at.
class Comparison {
 public:
  Comparison(const workspace::Snapshot& snapshot, const workspace::PatchSeries& series, std::size_t patch,
             const model::SeriesPlacement& placement)
      : snapshot_(snapshot), series_(series), number_(patch), placement_(placement) {}

  std::optional<HunkComparison> of(std::uint32_t offset) {
    const model::PatchPlacement& placed = placement_.patches[number_];
    const formats::Patch& patch = placed.parsed->value;
    auto place = hunk_at(patch, offset);
    if (!place) place = most_telling_hunk(placed);
    if (!place) return std::nullopt;
    const formats::Section& section = patch.sections[place->section];
    HunkComparison out{.component = series_.component,
                       .ref = ref(),
                       .path = (section.old_path ? section.old_path : section.new_path)->value,
                       .expected = {},
                       .found = {}};
    out.applies = placed.verdict == model::PatchVerdict::applies;
    explain(out, placed, *place);
    if (!fill(out, placed, *place)) return std::nullopt;
    return out;
  }

 private:
  [[nodiscard]] std::string ref() const {
    const std::string component = model::patched_component(snapshot_, series_.component);
    const model::RefStatus& status = model::ref_status(snapshot_, series_.release, component);
    return status.entry != nullptr && status.entry->ref ? status.entry->ref->value : placement_.commit.abbreviated();
  }

  void explain(HunkComparison& out, const model::PatchPlacement& placed, HunkPlace place) const {
    if (place.section >= placed.sections.size()) return;
    const model::SectionPlacement& section = placed.sections[place.section];
    out.reason = section.reason;
    if (place.hunk < section.hunks.size())
      if (const auto* mismatch = std::get_if<model::Mismatch>(&section.hunks[place.hunk]))
        out.reason = mismatch->reason;
    if (placed.verdict != model::PatchVerdict::conflict) return;
    const auto& causes = model::conflict_causes(snapshot_, series_, number_);
    if (place.section >= causes.size()) return;
    const model::SectionCause& cause = causes[place.section];
    if (cause.fate) out.upstream = cause.fate->commit;
    if (place.hunk < cause.hunks.size() && cause.hunks[place.hunk]) out.upstream = cause.hunks[place.hunk]->commit;
  }

  bool fill(HunkComparison& out, const model::PatchPlacement& placed, HunkPlace place) const {
    const auto& upstream = model::upstream_refs(snapshot_, model::series_upstream(snapshot_, series_.component));
    if (!upstream) return false;
    const auto commit = upstream->repository->commit(placement_.commit);
    if (!commit) return false;
    model::TreeState tree(*upstream->repository, commit->tree);
    const std::vector<model::PatchText> texts = model::patch_texts(series_);
    model::RunMemory memory;
    for (std::size_t i = 0; i < number_; ++i)
      if (!placement_.patches[i].parsed->value.refused)
        (void)model::attempt_patch(tree, memory, texts[i].text, placement_.patches[i].parsed->value,
                                   model::Direction::forward);
    const formats::Patch& patch = placed.parsed->value;
    const formats::Section& section = patch.sections[place.section];
    const auto hunks = patch.hunks_of(section);
    const std::string_view text = texts[number_].text;
    const model::HunkImages images = model::hunk_images(text, patch, hunks[place.hunk], model::Direction::forward);
    const model::TreeFile* file = tree.find(out.path);
    if (tree.failure()) return false;
    if (file == nullptr) {
      append(out.expected.text, images.before, 0, images.before.size());
      out.expected.line = images.before_start;
      return true;
    }
    const model::FileContentPtr content = tree.content(out.path);
    if (!content || tree.failure()) return false;
    model::PatchedLines lines(content->lines());
    for (std::size_t h = 0; h < place.hunk; ++h) {
      const model::HunkImages earlier = model::hunk_images(text, patch, hunks[h], model::Direction::forward);
      if (const auto at = lines.find(earlier)) lines.replace(*at, earlier);
    }
    const auto& placements = placed.sections[place.section].hunks;
    const model::HunkPlacement placement =
        place.hunk < placements.size() ? placements[place.hunk] : model::HunkPlacement(model::Mismatch{});
    compare(out, lines.result(), region_of(placement, images), images.before);
    return true;
  }

  const workspace::Snapshot& snapshot_;
  const workspace::PatchSeries& series_;
  std::size_t number_;
  const model::SeriesPlacement& placement_;
};

}  // namespace

std::optional<HunkComparison> compare_hunk(const workspace::Snapshot& snapshot, std::string_view path,
                                           std::uint32_t offset) {
  const workspace::DocumentPath kind = workspace::classify(path);
  if (kind.kind != workspace::DocumentKind::patch) return std::nullopt;
  const workspace::PatchSeries* series = snapshot.patch_series(kind.component, kind.release);
  if (series == nullptr) return std::nullopt;
  const auto patch = std::ranges::find_if(series->patches, [&](const auto& one) { return one->file->path() == path; });
  if (patch == series->patches.end()) return std::nullopt;
  const auto& placement = model::series_placement(snapshot, *series);
  if (!placement) return std::nullopt;
  const auto number = static_cast<std::size_t>(patch - series->patches.begin());
  if (number >= placement->patches.size() || !placement->patches[number].parsed) return std::nullopt;
  return Comparison(snapshot, *series, number, *placement).of(offset);
}

}  // namespace forge::ide
