#include <algorithm>
#include <optional>

#include "engine/base/text.hpp"
#include "engine/model/upstream_change.hpp"
#include "engine/rules/catalog.hpp"
#include "engine/rules/patch_edits.hpp"
#include "engine/rules/placed_series.hpp"
#include "engine/rules/ref_value.hpp"
#include "engine/rules/upstream_words.hpp"

namespace forge::rules {

namespace {

using model::PatchUpstream;
using model::PatchVerdict;
using model::UpstreamChange;
using model::UpstreamState;

/// Null where history could not be looked through.
const PatchUpstream* upstream_of(const RuleContext& context, const PlacedSeries& placed, std::size_t i) {
  const Result<std::vector<PatchUpstream>>& all = model::upstream_changes(context.snapshot, placed.series);
  return all && i < all->size() ? &(*all)[i] : nullptr;
}

std::string already_applied_message(const RuleContext& context, const PlacedSeries& placed, std::size_t i) {
  const std::string start =
      fmt::format("{} is already in the state that this patch wants, so `git apply` fails", placed.target());
  const PatchUpstream* upstream = upstream_of(context, placed, i);
  const bool merged = upstream != nullptr && upstream->change && upstream->change->state == UpstreamState::merged;
  if (merged) return fmt::format("{}. {}.", start, upstream_words(*upstream->change));
  const std::string parts = upstream == nullptr ? std::string() : part_words(upstream->parts);
  return fmt::format("{}: its change was merged, or what it takes back was never there.{}", start,
                     parts.empty() ? parts : fmt::format(" {}.", parts));
}

/// The same change in other releases, where it still applies.
void relate_where_needed(const RuleContext& context, Added& added, const PlacedSeries& placed, std::size_t i) {
  const std::vector<model::PatchText> own = model::patch_texts(placed.series);
  for (const workspace::PatchSeries& other : context.snapshot.patch_series()) {
    if (other.component != placed.series.component || other.release == placed.series.release) continue;
    const Result<model::SeriesPlacement>& there = model::series_placement(context.snapshot, other);
    if (!there) continue;
    const std::vector<model::PatchText> texts = model::patch_texts(other);
    for (std::size_t k = 0; k < texts.size(); ++k) {
      if (there->patches[k].verdict != PatchVerdict::applies || !model::is_same_change(own[i], texts[k])) continue;
      added.related(other.patches[k]->file, title_span(there->patches[k].parsed->value),
                    fmt::format("Still needed in release `{}`: it applies to `{}` at `{}`.", other.release,
                                other.component, ref_of(context.snapshot, other)->ref->value));
    }
  }
}

FileEdit removal_of(const PlacedSeries& placed, std::size_t i) {
  return {.kind = FileEdit::Kind::remove, .path = placed.file(i)->path()};
}

void check_already_applied(const RuleContext& context, Report& report) {
  for_each_placed(context, [&](const PlacedSeries& placed) {
    for (std::size_t i = 0; i < placed.placement.patches.size(); ++i) {
      if (placed.placement.patches[i].verdict != PatchVerdict::already_applied) continue;
      Added added =
          report.add_message(placed.file(i), title_span(placed.patch(i)), already_applied_message(context, placed, i));
      added.about(placed.series.release, placed.series.component);
      relate_where_needed(context, added, placed, i);
      added.fix(Fix{.title = "Delete the patch", .edits = {}, .files = {removal_of(placed, i)}});
      if (auto fix = delete_and_renumber(placed.series, i)) added.fix(std::move(*fix));
    }
  });
}

/// What is ahead of the ref; null for all else.
const UpstreamChange* ahead_of(const RuleContext& context, const PlacedSeries& placed, std::size_t i) {
  const PatchUpstream* upstream = upstream_of(context, placed, i);
  const bool ahead = upstream != nullptr && upstream->change && upstream->change->state == UpstreamState::ahead;
  return ahead ? &*upstream->change : nullptr;
}

/// The version to bump to: a pre-release only where nothing else has the change.
const std::string& bump_of(const UpstreamChange& change) {
  return change.final_tag.empty() ? change.commit.tag : change.final_tag;
}

/// Raises the ref and deletes every patch whose own first version is the same one.
std::optional<Fix> bump(const RuleContext& context, const PlacedSeries& placed, std::size_t patch) {
  const UpstreamChange& change = *ahead_of(context, placed, patch);
  const std::string& tag = bump_of(change);
  const auto* refs = context.snapshot.source_refs(placed.series.release);
  const formats::SourceRef* entry = ref_of(context.snapshot, placed.series);
  if (tag.empty() || refs == nullptr || entry == nullptr) return std::nullopt;
  Fix fix;
  fix.edits.push_back({{refs->file, entry->value_span}, requoted_ref(refs->file->text(entry->value_span), tag)});
  for (std::size_t i = 0; i < placed.placement.patches.size(); ++i) {
    const UpstreamChange* other = ahead_of(context, placed, i);
    const bool comes_along = other != nullptr && other->same_content && bump_of(*other) == tag;
    if (i == patch || comes_along) fix.files.push_back(removal_of(placed, i));
  }
  fix.title = fmt::format(
      "Raise `{}` to `{}` and delete {}{}", placed.series.component, tag,
      fix.files.size() == 1 ? std::string("the patch") : fmt::format("{} patches that it has", fix.files.size()),
      change.same_content ? "" : " (compare the texts first)");
  return fix;
}

void check_merged_ahead(const RuleContext& context, Report& report) {
  for_each_placed(context, [&](const PlacedSeries& placed) {
    for (std::size_t i = 0; i < placed.placement.patches.size(); ++i) {
      const UpstreamChange* change = ahead_of(context, placed, i);
      if (change == nullptr) continue;
      const std::string& tag = bump_of(*change);
      Added added = report.add(placed.file(i), title_span(placed.patch(i)), "{}{}", upstream_words(*change),
                               tag.empty() ? "." : fmt::format(": with `{}` the patch can go.", tag));
      added.about(placed.series.release, placed.series.component);
      if (auto fix = bump(context, placed, i)) added.fix(std::move(*fix));
    }
  });
}

constexpr Rule rules[] = {
    {.name = "patch-already-applied",
     .needs = Needs::upstream,
     .summary = "patch whose change is in the source tree already",
     .doc =
         "The patch applies in reverse: the tree at the ref is in the state that the patch wants. Most often upstream "
         "has merged it and the ref was raised: the finding names the commit, found by patch-id, by Change-Id or by "
         "the lines that it brought, and the first version with it. `git apply` treats that as a conflict and the "
         "build stops.\n\nDelete the file for this release; where other releases of the forge still need the patch, "
         "they are listed. A patch that takes a change back is reported, too, where that change was never there.",
     .bad = "# patches/keystone/2025.2/0001-log.patch, with `log(\"started\")` in the tree\n"
            "-    log(\"starting\")\n"
            "+    log(\"started\")\n",
     .good = "# the file is deleted, and the numbers behind it move up\n",
     .check = check_already_applied},
    {.name = "patch-merged-ahead",
     .severity = Severity::info,
     .needs = Needs::upstream,
     .summary = "patch whose change is in the series of the ref, after the ref",
     .doc =
         "Upstream has the change of this patch in the branch of its series, in a commit that the ref does not have "
         "yet: it has the same `git patch-id --stable`, gives the same result, or carries the same Change-Id (its text "
         "may then be another one; the finding says so). A commit that was reverted there does not count.\n\nRaise the "
         "ref to the first version with the commit and delete the patch; where there is no version yet, the next one "
         "will have it.",
     .bad = "# releases/2025.2/source-refs.yaml, with a patch whose change is in 1.0.1\n"
            "keystone: \"1.0.0\"\n",
     .good = "# releases/2025.2/source-refs.yaml, without the patch\n"
             "keystone: \"1.0.1\"\n",
     .check = check_merged_ahead},
};

}  // namespace

std::span<const Rule> patch_upstream_rules() {
  return rules;
}

}  // namespace forge::rules
