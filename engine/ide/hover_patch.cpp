/// Hover in a patch: where a hunk lands, what a path, a commit, a Change-Id or a bug is.
#include <algorithm>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/git/change_history.hpp"
#include "engine/git/fetch_time.hpp"
#include "engine/ide/hover_lines.hpp"
#include "engine/ide/links.hpp"
#include "engine/ide/patch_words.hpp"
#include "engine/ide/ref_candidates.hpp"
#include "engine/model/linked_trees.hpp"
#include "engine/model/patch_series.hpp"
#include "engine/model/placement_summary.hpp"

namespace forge::ide {

using Style = HoverPiece::Style;
using PatchDocument = workspace::Document<formats::Patch>;

namespace {

/// The patch, its place in its series, and what that series is for.
struct PatchContext {
  const PatchDocument& document;
  const workspace::PatchSeries& series;
  std::size_t number = 0;
  const Result<model::SeriesPlacement>& placement;

  [[nodiscard]] const model::SectionPlacement* section(std::size_t index) const {
    if (!placement || number >= placement->patches.size()) return nullptr;
    const auto& sections = placement->patches[number].sections;
    return index < sections.size() ? &sections[index] : nullptr;
  }
};

std::optional<PatchContext> patch_context(const HoverContext& context) {
  const PatchDocument* document = patch_at(context.snapshot, context.path);
  const workspace::PatchSeries* series = context.snapshot.patch_series(context.at.component, context.at.release);
  if (document == nullptr || series == nullptr) return std::nullopt;
  const auto number = std::ranges::find(series->patches, document, [](const auto& patch) { return patch.get(); });
  if (number == series->patches.end()) return std::nullopt;
  return PatchContext{*document, *series, static_cast<std::size_t>(number - series->patches.begin()),
                      model::series_placement(context.snapshot, *series)};
}

std::size_t section_of(const formats::Patch& patch, std::size_t hunk) {
  const auto found = std::ranges::find_if(patch.sections, [&](const formats::Section& section) {
    return hunk >= section.first_hunk && hunk < section.first_hunk + section.hunk_count;
  });
  return static_cast<std::size_t>(found - patch.sections.begin());
}

/// The file as the earlier patches of the series leave it; empty where there is none.
std::string file_before(const HoverContext& context, const PatchContext& patch, const std::string& path) {
  const auto base = model::series_base(context.snapshot, patch.document.component, patch.document.release);
  if (!base) return {};
  const auto commit = base->repository->commit(base->commit);
  if (!commit) return {};
  model::TreeState tree(*base->repository, commit->tree);
  model::RunMemory memory;
  const std::vector<model::PatchText> texts = model::patch_texts(patch.series);
  const std::vector<model::ParsedPatchPtr> parsed = model::read_run(texts);
  for (std::size_t i = 0; i < patch.number && !tree.failure(); ++i) {
    if (!parsed[i]->value.refused)
      (void)model::attempt_patch(tree, memory, texts[i].text, parsed[i]->value, model::Direction::forward);
  }
  if (tree.failure() || tree.find(path) == nullptr) return {};
  const model::FileContentPtr content = tree.content(path);
  return content && content->text() ? *content->text() : std::string();
}

/// Lines from `first` (0-based) on, with a few around them.
void add_source(HoverLines& lines, std::string_view text, std::int64_t first, std::size_t count) {
  constexpr std::int64_t around = 2;
  constexpr std::size_t most = 14;
  std::vector<std::string_view> all = split(text, '\n');
  if (all.back().empty()) all.pop_back();
  const auto begin = static_cast<std::size_t>(std::max<std::int64_t>(first - around, 0));
  const std::size_t end =
      std::min({all.size(), begin + most, static_cast<std::size_t>(std::max<std::int64_t>(first, 0)) + count + around});
  for (std::size_t i = begin; i < end; ++i) lines.push_back({{Style::source, fmt::format("{:5} {}", i + 1, all[i])}});
}

/// What is said of a placement, and the 1-based line that it is about, 0 for none.
struct PlacementWords {
  HoverLines& lines;
  std::int64_t shift = 0;

  std::int64_t operator()(const model::Exact& exact) const {
    const std::int64_t at = static_cast<std::int64_t>(exact.at) - shift;
    add_plain(lines, fmt::format("applies at line {}", at));
    return at;
  }
  std::int64_t operator()(const model::Offset& offset) const {
    const std::int64_t at = static_cast<std::int64_t>(offset.at) - shift;
    add_plain(lines, fmt::format("applies at line {} (offset {:+})", at, offset.lines));
    return at;
  }
  std::int64_t operator()(const model::AlreadyApplied& there) const {
    add_plain(lines, fmt::format("is in the tree already, at line {}", there.at));
    return static_cast<std::int64_t>(there.at);
  }
  std::int64_t operator()(const model::Mismatch& mismatch) const {
    add_plain(lines, "does not apply");
    if (!mismatch.reason.empty()) add_plain(lines, mismatch.reason);
    if (mismatch.nearest_at == 0) return 0;
    add_plain(lines, fmt::format("nearest place: line {}, {} of {} lines are the same", mismatch.nearest_at,
                                 mismatch.matching, mismatch.size));
    return static_cast<std::int64_t>(mismatch.nearest_at);
  }
};

HoverLines hunk_lines(const HoverContext& context, const PatchContext& patch, std::size_t index) {
  const formats::Patch& parsed = *patch.document;
  if (index >= parsed.hunks.size()) return {};
  const std::size_t number = section_of(parsed, index);
  if (number == parsed.sections.size()) return {};
  const formats::Section& section = parsed.sections[number];
  if (!section.old_path && !section.new_path) return {};
  HoverLines lines = {
      {{Style::strong, section.path().value},
       {Style::plain, fmt::format(": hunk {} of {}", index - section.first_hunk + 1, section.hunk_count)}}};
  if (!patch.placement) {
    add_failure(lines, patch.placement.error());
    return lines;
  }
  const model::SectionPlacement* placed = patch.section(number);
  if (placed == nullptr) return lines;
  const std::size_t in_section = index - section.first_hunk;
  if (in_section >= placed->hunks.size()) {
    if (!placed->reason.empty()) add_plain(lines, placed->reason);
    return lines;
  }
  const std::int64_t at =
      std::visit(PlacementWords{lines, model::shift_before(parsed, section, index)}, placed->hunks[in_section]);
  if (at <= 0 || !section.old_path) return lines;
  const std::string text = file_before(context, patch, section.old_path->value);
  if (!text.empty())
    add_source(lines, text, at - 1,
               static_cast<std::size_t>(std::min<std::uint64_t>(parsed.hunks[index].before.count, 100)));
  return lines;
}

std::string change_words(const formats::Section& section) {
  if (section.renames && section.old_path) return "renamed from " + section.old_path->value;
  if (section.creates == formats::Certainty::yes) return "a new file";
  if (section.deletes == formats::Certainty::yes) return "deleted";
  return section.binary ? "a binary change" : counted(section.hunk_count, "hunk");
}

HoverLines file_lines(const HoverContext& context, const PatchContext& patch, const Subject& subject) {
  if (subject.index >= patch.document->sections.size()) return {};
  const formats::Section& section = patch.document->sections[subject.index];
  HoverLines lines = {{{Style::strong, subject.name}, {Style::plain, ": " + change_words(section)}}};
  const auto base = model::series_base(context.snapshot, context.at.component, context.at.release);
  if (!base) {
    add_failure(lines, base.error());
    return lines;
  }
  const auto commit = base->repository->commit(base->commit);
  const auto entry = commit ? base->repository->entry(commit->tree, subject.name) : tl::unexpected(commit.error());
  if (!entry) return lines;
  const std::string tree = fmt::format("{} at {}", base->component, base->ref);
  add_plain(lines, *entry ? "in the tree of " + tree : "not in the tree of " + tree);
  if (*entry && subject.kind == SubjectKind::blob) lines.back().push_back({Style::plain, ""});
  const model::SectionPlacement* placed = patch.section(subject.index);
  if (placed != nullptr && !placed->reason.empty()) add_plain(lines, placed->reason);
  return lines;
}

HoverLines blob_lines(const HoverContext& context, const PatchContext& patch, const Subject& subject) {
  if (subject.index >= patch.document->sections.size()) return {};
  const formats::Section& section = patch.document->sections[subject.index];
  const bool is_old = section.old_id == subject.span;
  HoverLines lines = {{{Style::code, subject.name},
                       {Style::plain, is_old ? ": the file before the patch, when it was made"
                                             : ": the file after the patch, when it was made"}}};
  if (subject.name.find_first_not_of('0') == std::string::npos) {
    lines.front().back().text = ": no file";
    return lines;
  }
  const auto base = model::series_base(context.snapshot, context.at.component, context.at.release);
  const auto commit = base ? base->repository->commit(base->commit) : tl::unexpected(base.error());
  if (!commit || (!section.old_path && !section.new_path)) return lines;
  const std::string& path = is_old && section.old_path ? section.old_path->value : section.path().value;
  const auto entry = base->repository->entry(commit->tree, path);
  if (!entry) return lines;
  const std::string where = fmt::format("{} of {} at {}", path, base->component, base->ref);
  if (!*entry)
    add_plain(lines, "there is no " + where);
  else if ((*entry)->id.hex().starts_with(to_lower(subject.name)))
    add_plain(lines, "the same as " + where);
  else
    add_code(lines, where + " is ", (*entry)->id.abbreviated(), ", another content");
  return lines;
}

/// Whether the release's ref has the commit.
void add_reach(HoverLines& lines, const HoverContext& context, const git::Repository& repository,
               const git::ObjectId& commit) {
  const auto base = model::series_base(context.snapshot, context.at.component, context.at.release);
  if (!base) return;
  const auto reached = base->commit == commit ? Result<bool>(true) : repository.is_ancestor(commit, base->commit);
  if (reached) add_plain(lines, fmt::format("{} the history of {}", *reached ? "in" : "not in", base->ref));
}

HoverLines commit_lines(const HoverContext& context, const Subject& subject) {
  const std::string component = model::series_upstream(context.snapshot, context.at.component);
  HoverLines lines;
  const auto repository = context.snapshot.upstreams().open(component);
  if (!repository) {
    add_code(lines, "commit ", subject.name);
    add_failure(lines, repository.error());
    return lines;
  }
  const auto resolved = (*repository)->resolve(subject.name);
  const auto commit = resolved ? (*repository)->commit(resolved->commit) : tl::unexpected(resolved.error());
  if (!commit) {
    add_code(lines, "commit ", subject.name, fmt::format(": not in the repository of {}", component));
    if (subject.index == static_cast<std::size_t>(PatchWordKind::own_commit))
      add_plain(lines, "the commit that this patch was made from, in its author's clone");
    return lines;
  }
  add_commit(lines, *commit);
  add_plain(lines, commit->author.substr(0, commit->author.find(" <")));
  add_reach(lines, context, **repository, commit->id);
  return lines;
}

HoverLines change_id_lines(const HoverContext& context, const Subject& subject) {
  const std::string component = model::series_upstream(context.snapshot, context.at.component);
  HoverLines lines;
  add_code(lines, "change ", subject.name.substr(0, 12), " under review at review.opendev.org");
  const auto repository = context.snapshot.upstreams().open(component);
  const auto* on_disk = repository ? dynamic_cast<const git::RepositoryOnDisk*>(repository->get()) : nullptr;
  const git::ChangeHistoryPtr history = on_disk == nullptr ? nullptr : on_disk->changes_if_known();
  if (!history) return lines;
  constexpr std::size_t most = 5;
  const std::vector<git::ChangeHistory::Number> found = history->with_change_id(subject.name);
  if (found.empty()) add_plain(lines, fmt::format("no commit of {} has it", component));
  for (std::size_t i = 0; i < found.size() && i < most; ++i) {
    const auto commit = (*repository)->commit(history->id(found[found.size() - 1 - i]));
    if (!commit) continue;
    add_commit(lines, *commit);
    add_reach(lines, context, **repository, commit->id);
  }
  if (found.size() > most) add_plain(lines, fmt::format("… and {} more commits", found.size() - most));
  return lines;
}

/// In how many other patches of the forge the same word stands.
std::size_t other_patches_with(const HoverContext& context, const Subject& subject) {
  std::size_t count = 0;
  for (const workspace::PatchSeries& series : context.snapshot.patch_series()) {
    for (const auto& patch : series.patches) {
      if (patch->file->path() == context.path) continue;
      const std::vector<PatchWord> words = patch_words(patch->file->text(), **patch);
      if (std::ranges::find(words, subject.name, &PatchWord::value) != words.end()) ++count;
    }
  }
  return count;
}

HoverLines bug_lines(const HoverContext& context, const Subject& subject) {
  HoverLines lines;
  switch (static_cast<PatchWordKind>(subject.index)) {
    case PatchWordKind::cve:
      add_code(lines, "vulnerability ", subject.name);
      break;
    case PatchWordKind::ossa:
      add_code(lines, "OpenStack security advisory ", subject.name);
      break;
    case PatchWordKind::bug_url:
      add_plain(lines, "a bug on Launchpad");
      break;
    default:
      add_code(lines, "bug ", subject.name, " on Launchpad");
  }
  if (const std::size_t others = other_patches_with(context, subject); others > 0)
    add_plain(lines, fmt::format("named in {} of this forge too", counted(others, "other patch", "es")));
  return lines;
}

HoverLines whole_patch_lines(const HoverContext& context, const PatchContext& patch) {
  const std::string& path = patch.document.file->path();
  HoverLines lines = {
      {{Style::strong, path.substr(path.rfind('/') + 1)},
       {Style::plain, fmt::format(": number {} of {} for {} in {}", patch.number + 1, patch.series.patches.size(),
                                  patch.document.component, patch.document.release)}}};
  if (!patch.placement) {
    add_failure(lines, patch.placement.error());
    return lines;
  }
  if (patch.number >= patch.placement->patches.size()) return lines;
  const auto base = model::series_base(context.snapshot, patch.document.component, patch.document.release);
  const std::string ref = base ? fmt::format("{} {}", base->component, base->ref) : patch.document.component;
  switch (patch.placement->patches[patch.number].verdict) {
    case model::PatchVerdict::applies:
      add_plain(lines, "applies to " + ref);
      break;
    case model::PatchVerdict::already_applied:
      add_plain(lines, fmt::format("the tree of {} is already in the state that it wants", ref));
      break;
    case model::PatchVerdict::conflict:
      add_plain(lines, "does not apply to " + ref);
      break;
    case model::PatchVerdict::malformed:
      add_plain(lines, "is malformed");
      break;
  }
  return lines;
}

}  // namespace

HoverLines patch_lines(const HoverContext& context, const Subject& subject) {
  const std::optional<PatchContext> patch = patch_context(context);
  if (!patch) return {};
  switch (subject.kind) {
    case SubjectKind::patch:
      return whole_patch_lines(context, *patch);
    case SubjectKind::patched_file:
      return file_lines(context, *patch, subject);
    case SubjectKind::hunk:
      return hunk_lines(context, *patch, subject.index);
    case SubjectKind::blob:
      return blob_lines(context, *patch, subject);
    case SubjectKind::commit:
      return commit_lines(context, subject);
    case SubjectKind::change_id:
      return change_id_lines(context, subject);
    case SubjectKind::bug:
      return bug_lines(context, subject);
    default:
      return {};
  }
}

}  // namespace forge::ide
