#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "engine/base/text.hpp"
#include "engine/model/conflict_cause.hpp"
#include "engine/model/hunk_landing.hpp"
#include "engine/model/linked_trees.hpp"
#include "engine/model/patch_series.hpp"
#include "engine/model/ref_status.hpp"
#include "engine/model/retarget_patch.hpp"
#include "engine/model/series_refresh.hpp"
#include "engine/model/upstream_change.hpp"
#include "engine/rules/catalog.hpp"
#include "engine/rules/conflict_words.hpp"
#include "engine/rules/patch_edits.hpp"
#include "engine/rules/placed_series.hpp"
#include "engine/rules/ref_edits.hpp"
#include "engine/rules/upstream_words.hpp"

namespace forge::rules {

namespace {

using model::PatchPlacement;
using model::PatchVerdict;
using model::SectionPlacement;
using model::SeriesPlacement;
using workspace::PatchSeries;

std::string_view file_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

/// What kind of finding a conflict is.
enum class Conflict { does_not_apply, partly_applied, target_missing };

Conflict kind_of(const PatchPlacement& placement) {
  if (placement.partly_applied) return Conflict::partly_applied;
  const SectionPlacement& section = placement.sections[*placement.first_obstacle()];
  return section.obstacle == model::Obstacle::target_missing ? Conflict::target_missing : Conflict::does_not_apply;
}

/// Index of the first hunk without a place.
std::optional<std::size_t> failing_hunk(const SectionPlacement& section) {
  for (std::size_t i = 0; i < section.hunks.size(); ++i) {
    if (std::holds_alternative<model::Mismatch>(section.hunks[i])) return i;
  }
  return std::nullopt;
}

/// Where a conflict is and why, in the patch.
struct Culprit {
  TextSpan span;
  std::string reason;
  std::optional<model::Mismatch> mismatch{};
  std::size_t section = 0;
  std::optional<std::size_t> hunk{};
};

Culprit culprit_of(const PlacedSeries& placed, std::size_t i) {
  const PatchPlacement& placement = placed.placement.patches[i];
  const std::size_t number = *placement.first_obstacle();
  const SectionPlacement& section = placement.sections[number];
  const std::optional<std::size_t> hunk = failing_hunk(section);
  if (!hunk) return {section.culprit, section.reason, std::nullopt, number};
  const formats::Section& parsed = placed.patch(i).sections[number];
  const auto& mismatch = std::get<model::Mismatch>(section.hunks[*hunk]);
  return {placed.patch(i).hunks_of(parsed)[*hunk].header, fmt::format("`{}`: {}", parsed.path().value, mismatch.reason),
          mismatch, number, hunk};
}

void relate_culprit_line(Added& added, const SourceFilePtr& file, const Culprit& culprit) {
  if (!culprit.mismatch || culprit.mismatch->culprit == culprit.span) return;
  added.related(file, culprit.mismatch->culprit,
                culprit.mismatch->found_at == 0 ? std::string("This line is expected, and the file has none there.")
                                                : fmt::format("This line is expected, the file has `{}` at line {}.",
                                                              culprit.mismatch->found, culprit.mismatch->found_at));
}

/// The first conflict of a series is the finding; what the later ones say is worth little before it is mended.
void relate_later_conflicts(Added& added, const PlacedSeries& placed, std::size_t first) {
  for (std::size_t i = first + 1; i < placed.placement.patches.size(); ++i) {
    if (placed.placement.patches[i].verdict != PatchVerdict::conflict) continue;
    const Culprit culprit = culprit_of(placed, i);
    added.related(placed.file(i), culprit.span, fmt::format("Does not apply either: {}.", culprit.reason));
  }
}

/// Where the conflict comes from: a patch of the series, or upstream. Sentences, each with a blank in front.
std::string cause_of(const RuleContext& context, const PlacedSeries& placed, std::size_t i, const Culprit& culprit) {
  std::string out;
  if (const auto& clash = placed.placement.patches[i].clash)
    out += fmt::format(" {}.", clash_words(clash->kind, file_name(placed.file(clash->patch)->path()), placed.ref));
  const std::vector<model::SectionCause>& causes = model::conflict_causes(context.snapshot, placed.series, i);
  if (culprit.section >= causes.size()) return out;
  const model::SectionCause& cause = causes[culprit.section];
  const formats::Section& section = placed.patch(i).sections[culprit.section];
  if (cause.fate) out += fmt::format(" {}.", fate_words(*cause.fate, section.old_path->value, placed.ref));
  if (culprit.hunk && *culprit.hunk < cause.hunks.size() && cause.hunks[*culprit.hunk])
    out += fmt::format(" {}.", cause_words(*cause.hunks[*culprit.hunk], section.old_path->value, placed.ref));
  return out;
}

/// What of the patch is upstream all the same. A sentence with a blank in front.
std::string upstream_of(const RuleContext& context, const PlacedSeries& placed, std::size_t i) {
  const Result<std::vector<model::PatchUpstream>>& all = model::upstream_changes(context.snapshot, placed.series);
  if (!all || i >= all->size()) return {};
  const auto& [change, parts] = (*all)[i];
  if (change && change->state != model::UpstreamState::ahead) return fmt::format(" {}.", upstream_words(*change));
  const std::string words = part_words(parts);
  return words.empty() ? std::string() : fmt::format(" {}.", words);
}

/// The verdict on patch `i` with another text in its place.
bool applies_as(const RuleContext& context, const PlacedSeries& placed, std::size_t i, const std::string& text) {
  const Result<model::SeriesBase> base =
      model::series_base(context.snapshot, placed.series.component, placed.series.release);
  if (!base) return false;
  std::vector<model::PatchText> patches = model::patch_texts(placed.series);
  patches.resize(i + 1);
  patches[i] = {text, std::make_shared<const Parsed<formats::Patch>>(formats::parse_patch(text))};
  const Result<SeriesPlacement> tried = model::place_series(*base->repository, placed.placement.commit, patches);
  return tried && tried->patches[i].verdict == PatchVerdict::applies;
}

/// Writes the present names of the files that a patch does not find.
void offer_present_names(const RuleContext& context, Added& added, const PlacedSeries& placed, std::size_t i) {
  using Kind = model::FileFate::Kind;
  const std::vector<model::SectionCause>& causes = model::conflict_causes(context.snapshot, placed.series, i);
  const std::string_view text = placed.file(i)->text();
  model::PatchEdits edits;
  std::vector<std::string> names;
  for (std::size_t s = 0; s < causes.size(); ++s) {
    const std::optional<model::FileFate>& fate = causes[s].fate;
    if (!fate || (fate->kind != Kind::renamed && fate->kind != Kind::misnamed)) continue;
    const auto more = model::retarget(text, placed.patch(i).sections[s], fate->path, fate->kind == Kind::misnamed);
    if (more.empty()) continue;
    edits.insert(edits.end(), more.begin(), more.end());
    names.push_back(fate->path);
  }
  if (edits.empty()) return;
  const bool applies = applies_as(context, placed, i, model::edited(text, edits));
  Fix fix{.title = fmt::format("Write `{}` into the patch ({})", join(names, "`, `"),
                               applies ? "it applies then" : "it does not apply there as it is")};
  for (auto& [span, written] : edits) fix.edits.push_back({{placed.file(i), span}, std::move(written)});
  added.fix(std::move(fix));
}

/// Offers the text with which the patch applies exactly, where there is one.
void offer_refresh(Added& added, const RuleContext& context, const PlacedSeries& placed, std::size_t i) {
  const Result<model::SeriesRefresh>& refresh = model::quick_refresh(context.snapshot, placed.series);
  if (!refresh || refresh->patches[i].action != model::RefreshAction::rewritten) return;
  added.fix(Fix{.title = fmt::format("Refresh the patch ({})", join(refresh->patches[i].notes, "; ")),
                .edits = {replacement(placed.file(i), refresh->patches[i].text)}});
}

std::string conflict_message(const PlacedSeries& placed, Conflict kind, const Culprit& culprit) {
  switch (kind) {
    case Conflict::partly_applied:
      return fmt::format("A part of this patch is in {} already, and the rest does not apply. {}.", placed.target(),
                         culprit.reason);
    case Conflict::target_missing:
      return fmt::format("This patch changes a file that {} does not have: {}.", placed.target(), culprit.reason);
    case Conflict::does_not_apply:
      break;
  }
  return fmt::format("This patch does not apply to {}. {}.", placed.target(), culprit.reason);
}

/// The submodule that the file of the conflict lies in.
std::optional<model::LinkedTree> linked_target(const RuleContext& context, const PlacedSeries& placed, std::size_t i,
                                               const Culprit& culprit) {
  if (model::linked_name(context.snapshot, placed.series.component)) return std::nullopt;
  const auto& trees = model::linked_trees(context.snapshot, placed.series.component, placed.series.release);
  if (!trees) return std::nullopt;
  const std::string& path = placed.patch(i).sections[culprit.section].path().value;
  const auto found =
      std::ranges::find_if(*trees, [&](const model::LinkedTree& tree) { return path.starts_with(tree.path + "/"); });
  return found == trees->end() ? std::nullopt : std::optional(*found);
}

void report_linked_target(const PlacedSeries& placed, std::size_t i, const Culprit& culprit,
                          const model::LinkedTree& linked, Report& report) {
  const std::string& path = placed.patch(i).sections[culprit.section].path().value;
  report
      .add(placed.file(i), culprit.span,
           "This patch changes `{0}`, which is not in {1}: `{2}` is a submodule there, the tree of `{3}` at `{4}`. "
           "Patches for it go to patches/{5}/{6}, with names from that tree's own top (`{7}`).",
           path, placed.target(), linked.path, linked.component, linked.commit.abbreviated(),
           model::linked_series_name(placed.series.component, linked.component), placed.series.release,
           path.substr(linked.path.size() + 1))
      .about(placed.series.release, placed.series.component);
}

void report_conflicts(const RuleContext& context, Report& report, Conflict kind) {
  for_each_placed(context, [&](const PlacedSeries& placed) {
    const auto& patches = placed.placement.patches;
    const auto first = std::ranges::find(patches, PatchVerdict::conflict, &PatchPlacement::verdict);
    if (first == patches.end()) return;
    const auto i = static_cast<std::size_t>(first - patches.begin());
    const Culprit culprit = culprit_of(placed, i);
    const std::optional<model::LinkedTree> linked = linked_target(context, placed, i, culprit);
    if ((linked ? Conflict::target_missing : kind_of(*first)) != kind) return;
    if (linked) {
      report_linked_target(placed, i, culprit, *linked, report);
      return;
    }
    Added added = report.add_message(placed.file(i), culprit.span,
                                     conflict_message(placed, kind, culprit) + cause_of(context, placed, i, culprit) +
                                         upstream_of(context, placed, i));
    added.about(placed.series.release, placed.series.component);
    relate_culprit_line(added, placed.file(i), culprit);
    relate_later_conflicts(added, placed, i);
    if (kind == Conflict::target_missing)
      offer_present_names(context, added, placed, i);
    else
      offer_refresh(added, context, placed, i);
  });
}

void check_does_not_apply(const RuleContext& context, Report& report) {
  report_conflicts(context, report, Conflict::does_not_apply);
}

void check_partly_applied(const RuleContext& context, Report& report) {
  report_conflicts(context, report, Conflict::partly_applied);
}

void check_target_missing(const RuleContext& context, Report& report) {
  report_conflicts(context, report, Conflict::target_missing);
}

std::string moved_text(std::int64_t lines) {
  const std::int64_t count = lines < 0 ? -lines : lines;
  return fmt::format("{} {} {}", count, count == 1 ? "line" : "lines", lines < 0 ? "up" : "further down");
}

/// The hunks of one patch that land elsewhere, with where that is.
std::vector<std::pair<TextSpan, std::string>> moved_hunks(const PlacedSeries& placed, std::size_t i) {
  std::vector<std::pair<TextSpan, std::string>> out;
  const PatchPlacement& placement = placed.placement.patches[i];
  for (std::size_t s = 0; s < placement.sections.size(); ++s) {
    const formats::Section& section = placed.patch(i).sections[s];
    for (std::size_t h = 0; h < placement.sections[s].hunks.size(); ++h) {
      const auto* offset = std::get_if<model::Offset>(&placement.sections[s].hunks[h]);
      if (offset == nullptr) continue;
      out.emplace_back(
          placed.patch(i).hunks_of(section)[h].header,
          fmt::format("at line {} of `{}`, {}", offset->at, section.path().value, moved_text(offset->lines)));
    }
  }
  return out;
}

/// A refreshed text would make a wrong place the right one.
bool lands_oddly(const RuleContext& context, const PlacedSeries& placed, std::size_t i) {
  const Result<std::vector<model::OddLanding>>& odd = model::odd_landings(context.snapshot, placed.series);
  return odd && std::ranges::count(*odd, i, &model::OddLanding::patch) > 0;
}

void check_offset(const RuleContext& context, Report& report) {
  for_each_placed(context, [&](const PlacedSeries& placed) {
    for (std::size_t i = 0; i < placed.placement.patches.size(); ++i) {
      if (placed.placement.patches[i].verdict != PatchVerdict::applies) continue;
      const auto moved = moved_hunks(placed, i);
      if (moved.empty()) continue;
      Added added = report.add(placed.file(i), moved.front().first, "This hunk applies to {} {} than it says{}.",
                               placed.target(), moved.front().second,
                               moved.size() > 1 ? fmt::format(", and so do {} more", moved.size() - 1) : "");
      added.about(placed.series.release, placed.series.component);
      for (std::size_t h = 1; h < moved.size(); ++h)
        added.related(placed.file(i), moved[h].first, fmt::format("Applies {}.", moved[h].second));
      if (!lands_oddly(context, placed, i)) offer_refresh(added, context, placed, i);
    }
  });
}

bool same_place(const Problem& a, const Problem& b) {
  return a.span == b.span && a.message == b.message;
}

/// In a series a file can be malformed only because of what an earlier one made git guess.
void check_malformed(const RuleContext& context, Report& report) {
  for (const PatchSeries* series : selected_series(context)) {
    const std::vector<model::ParsedPatchPtr> run = model::read_run(model::patch_texts(*series));
    for (std::size_t i = 0; i < run.size(); ++i) {
      const auto& document = *series->patches[i];
      report.add_problems(&document);
      for (const Problem& problem : run[i]->problems) {
        const auto same = [&](const Problem& other) { return same_place(problem, other); };
        if (problem.rule != "patch-malformed" || std::ranges::any_of(document.parsed.problems, same)) continue;
        report
            .add(document.file, problem.span,
                 "{} (an earlier patch of the series names a file without a folder, so git strips nothing from the "
                 "names in this one)",
                 problem.message)
            .about(series->release, series->component);
      }
    }
  }
}

void check_metadata_missing(const RuleContext& context, Report& report) {
  for (const PatchSeries* series : selected_series(context)) {
    for (const auto& document : series->patches) report.add_problems(document.get());
  }
}

/// Why the order of two neighbours is not what a person reads; empty where it is.
std::string ambiguity(std::string_view before, std::string_view after) {
  const std::optional<std::string> first = patch_number(before);
  const std::optional<std::string> second = patch_number(after);
  if (!first || !second) return {};
  if (*first == *second)
    return fmt::format(
        "`{}` and `{}` have the same number: which one comes first depends on the rest of their names, "
        "and on the locale.",
        before, after);
  if (!number_before(*second, *first)) return {};
  return fmt::format("`{}` is applied before `{}`: names are sorted as text, not as numbers.", before, after);
}

void check_order_ambiguous(const RuleContext& context, Report& report) {
  for (const PatchSeries* series : selected_series(context)) {
    for (std::size_t i = 1; i < series->patches.size(); ++i) {
      const SourceFilePtr& file = series->patches[i]->file;
      const SourceFilePtr& before = series->patches[i - 1]->file;
      std::string why = ambiguity(file_name(before->path()), file_name(file->path()));
      if (why.empty()) continue;
      report.add_message(file, {}, std::move(why))
          .about(series->release, series->component)
          .related(before, {}, "The other one.")
          .fix(renumber(*series));
    }
  }
}

void check_stray_file(const RuleContext& context, Report& report) {
  for (const PatchSeries* series : selected_series(context)) {
    const std::string folder = fmt::format("patches/{}/{}/", series->component, series->release);
    for (const SourceFilePtr& file : series->strays) {
      const std::string_view name = file_name(file->path());
      if (name.starts_with('.')) continue;  // no glob takes it
      const bool patch = name.ends_with(".patch");
      Added added =
          patch
              ? report.add(file, {},
                           "`{}` is not applied: only patches directly in `{}` are, while the count in the tag takes "
                           "in the ones below.",
                           file->path(), folder)
              : report.add(file, {},
                           "`{}` is no `*.patch`: it is not applied, and a glob such as `{}*` hands it to `git apply`, "
                           "which stops at it.",
                           file->path(), folder);
      added.about(series->release, series->component);
      if (!patch || context.snapshot.file(folder + std::string(name))) continue;
      added.fix(Fix{
          .title = fmt::format("Move it to `{}`", folder),
          .edits = {},
          .files = {{.kind = FileEdit::Kind::rename, .path = file->path(), .new_path = folder + std::string(name)}}});
    }
  }
}

/// Patches for the copy of a component that another one brings need that other's ref, and the copy in its tree.
void report_linked_without_ref(const RuleContext& context, const PatchSeries& series, const model::LinkedName& linked,
                               Report& report) {
  const auto* refs = context.snapshot.source_refs(series.release);
  const bool has_outer = (*refs)->find(linked.outer) != nullptr;
  if (has_outer && !model::lacks_linked(context.snapshot, linked, series.release)) return;
  Added added =
      report.add(series.patches.front()->file, title_span(**series.patches.front()),
                 "These patches are for the copy of `{}` in the tree of `{}`, {}.", linked.inner, linked.outer,
                 has_outer ? fmt::format("which has no submodule of that name at the ref of {}", series.release)
                           : fmt::format("for which release `{}` has no ref: add it to `{}`, or remove the folder",
                                         series.release, refs->file->path()));
  added.about(series.release, series.component);
}

void check_without_ref(const RuleContext& context, Report& report) {
  for (const PatchSeries* series : selected_series(context)) {
    const auto* refs = context.snapshot.source_refs(series->release);
    if (refs == nullptr || series->patches.empty() || (*refs)->find(series->component) != nullptr) continue;
    if (const auto linked = model::linked_name(context.snapshot, series->component)) {
      report_linked_without_ref(context, *series, *linked, report);
      continue;
    }
    Added added =
        report.add(series->patches.front()->file, title_span(**series->patches.front()),
                   "Release `{}` has no ref for `{}`, so its {} {} applied to nothing: add the component to `{}`, or "
                   "remove the folder.",
                   series->release, series->component, series->patches.size(),
                   series->patches.size() == 1 ? "patch is" : "patches are", refs->file->path());
    added.about(series->release, series->component);
    const model::RefStatus& status = model::ref_status(context.snapshot, series->release, series->component);
    if (status.newest) added.fix(insert_ref(*refs, series->component, status.newest->name));
  }
}

constexpr Rule rules[] = {
    {.name = "patch-does-not-apply",
     .needs = Needs::upstream,
     .summary = "patch that finds no place in the source tree at the ref",
     .doc =
         "The component's build runs `git apply` over the series and stops at this patch. The finding points to the "
         "first hunk that finds no place and shows the line it expects and the line that the tree has there. `git "
         "apply` moves hunks, but never drops context.\n\nRebase the patch onto the ref, or drop it if the change is "
         "no longer needed. Later patches of the series that fail as well are listed with the finding: look at them "
         "again once this one applies.",
     .bad = "# a hunk of patches/keystone/2025.2/0001-backlog.patch, with `listen(port)` in the tree\n"
            " def start(port):\n"
            "-    listen(port, 1)\n"
            "+    listen(port, backlog=5)\n"
            "     log(\"started\")\n",
     .good = "# the same, made again on the ref\n"
             " def start(port):\n"
             "-    listen(port)\n"
             "+    listen(port, backlog=5)\n"
             "     log(\"started\")\n",
     .check = check_does_not_apply},
    {.name = "patch-partly-applied",
     .needs = Needs::upstream,
     .summary = "patch of which a part is in the source tree and the rest does not apply",
     .doc = "Some hunks find their result in the tree, others fit nowhere or still apply. Upstream has taken a part of "
            "the change or another version of it.\n\nCompare with upstream's change and reduce the patch to what is "
            "still missing.",
     .bad = "# two hunks of patches/keystone/2025.2/0001-both.patch, the second of which upstream has\n"
            "-    listen(port)\n"
            "+    listen(port, backlog=5)\n"
            "@@ -10,3 +10,3 @@\n"
            "-    log(\"stopping\")\n"
            "+    log(\"stopped\")\n",
     .good = "# what is still missing\n"
             "-    listen(port)\n"
             "+    listen(port, backlog=5)\n",
     .check = check_partly_applied},
    {.name = "patch-target-missing",
     .needs = Needs::upstream,
     .summary = "patch for a file that is not in the source tree",
     .doc =
         "The patch changes, renames or deletes a file that the tree at the ref does not have. It was renamed or "
         "deleted upstream, the patch was made with `diff.noprefix` (git takes the first folder off every name), or it "
         "belongs to another release.\n\nWrite the file's present path into the patch.",
     .bad = "# patches/keystone/2025.2/0001-x.patch, of a file that is called keystone/app.py at the ref\n"
            "--- a/keystone/application.py\n"
            "+++ b/keystone/application.py\n",
     .good = "# patches/keystone/2025.2/0001-x.patch\n"
             "--- a/keystone/app.py\n"
             "+++ b/keystone/app.py\n",
     .check = check_target_missing},
    {.name = "patch-malformed",
     .summary = "patch that git can't read",
     .doc = "`git apply` refuses the whole file before it looks at the source: a hunk's counts do not add up, the file "
            "is cut off, line ends were converted, a mail program or web page has changed it, or there is no diff in "
            "it. A broken binary block is worse, since git leaves it and all that follows out without a word.\n\nMake "
            "the patch again with `git format-patch`.",
     .bad = "# patches/nova/2025.2/0001-x.patch\n--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n a\n-b\n+c\n",
     .good = "# patches/nova/2025.2/0001-x.patch\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n",
     .check = check_malformed},
    {.name = "patch-offset",
     .severity = Severity::hint,
     .needs = Needs::upstream,
     .summary = "patch that applies some lines away from where it says",
     .doc =
         "`git apply` looks for a hunk's lines further up and down. That is normal after the ref was raised. A large "
         "offset in a file that repeats itself deserves a look at where the hunk lands.",
     .bad = "# a hunk of patches/keystone/2025.2/0001-backlog.patch, for lines that stand at 2 now\n"
            "@@ -12,6 +12,6 @@\n",
     .good = "# the same, as `forge-analyze patch refresh` writes it\n"
             "@@ -2,6 +2,6 @@\n",
     .check = check_offset},
    {.name = "patch-order-ambiguous",
     .severity = Severity::warning,
     .summary = "series whose order is not what its numbers say",
     .doc =
         "The shell sorts `*.patch` as text: `10-x` comes before `2-x`, and of two patches with one number the rest of "
         "the name decides, differently from locale to locale.\n\nGive every patch a number of its own with four "
         "digits, as `git format-patch` does.",
     .bad = "# files\n"
            "patches/keystone/2025.2/10-log.patch\n"
            "patches/keystone/2025.2/2-backlog.patch\n",
     .good = "# files\n"
             "patches/keystone/2025.2/0002-backlog.patch\n"
             "patches/keystone/2025.2/0010-log.patch\n",
     .check = check_order_ambiguous},
    {.name = "patch-stray-file",
     .severity = Severity::warning,
     .summary = "file among the patches that is not applied",
     .doc =
         "Only `*.patch` directly in patches/<component>/<release>/ is applied. A patch in a sub-folder is counted by "
         "the image tag all the same, and another file stops a build whose glob is `*`.\n\nMove it.",
     .bad = "# files\n"
            "patches/keystone/2025.2/README.md\n"
            "patches/keystone/2025.2/old/0001-backlog.patch\n",
     .good = "# files\n"
             "patches/README.md\n"
             "patches/keystone/2025.2/0001-backlog.patch\n",
     .check = check_stray_file},
    {.name = "patch-without-ref",
     .needs = Needs::upstream,
     .summary = "patches for a component that the release does not build",
     .doc =
         "source-refs.yaml of the release has no entry for the component, so there is no source to patch.\n\nAdd the "
         "component's ref, or remove the folder.",
     .bad = "# releases/2025.2/source-refs.yaml, with patches/keystone/2025.2/0001-x.patch\n"
            "nova: \"32.0.0\"\n",
     .good = "# releases/2025.2/source-refs.yaml\n"
             "nova: \"32.0.0\"\n"
             "keystone: \"28.0.0\"\n",
     .check = check_without_ref},
    {.name = "patch-metadata-missing",
     .severity = Severity::hint,
     .summary = "patch that does not say who made it, why, or where it comes from",
     .doc = "Without author, subject and an origin (`Change-Id:`, `Closes-Bug:`, `(cherry picked from commit …)`, "
            "`Forwarded:`) nobody knows later whether the patch is still needed, and the bill of materials stays "
            "empty.\n\nKeep the header that `git format-patch` writes.",
     .bad = "# patches/keystone/2025.2/0001-backlog.patch\n"
            "diff --git a/keystone/app.py b/keystone/app.py\n",
     .good = "# patches/keystone/2025.2/0001-backlog.patch\n"
             "From: Ann Other <ann@example.org>\n"
             "Subject: [PATCH] Listen with a backlog\n"
             "\n"
             "Closes-Bug: #2081234\n"
             "---\n"
             "diff --git a/keystone/app.py b/keystone/app.py\n",
     .check = check_metadata_missing},
};

}  // namespace

std::span<const Rule> patch_rules() {
  return rules;
}

}  // namespace forge::rules
