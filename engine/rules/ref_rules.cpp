#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "engine/base/names.hpp"
#include "engine/base/text.hpp"
#include "engine/formats/yaml_tree.hpp"
#include "engine/model/advisories.hpp"
#include "engine/model/linked_trees.hpp"
#include "engine/model/ref_status.hpp"
#include "engine/model/upstream_constraints.hpp"
#include "engine/rules/catalog.hpp"
#include "engine/rules/matrix_cells.hpp"
#include "engine/rules/ref_edits.hpp"
#include "engine/rules/ref_value.hpp"
#include "engine/rules/selected.hpp"

namespace forge::rules {

namespace {

using formats::SourceRef;
using formats::SourceRefs;
using git::RefKind;
using model::ForgeRef;
using model::RefStatus;
using model::UpstreamRefs;
using workspace::Document;
using workspace::Snapshot;

const std::string& component_of(const ForgeRef& ref) {
  return ref.entry->component.value;
}

/// Those that were asked for and can be looked at.
std::vector<ForgeRef> refs_to_examine(const RuleContext& context) {
  std::vector<ForgeRef> refs = selected_refs(context);
  std::erase_if(refs, [](const ForgeRef& ref) { return !ref.entry->ref; });
  return refs;
}

const Result<UpstreamRefs>& upstream_of(const RuleContext& context, const ForgeRef& ref) {
  return model::upstream_refs(context.snapshot, component_of(ref));
}

void fix_ref(Added& added, const ForgeRef& ref, std::string title, const std::string& value, bool safe = false) {
  const TextSpan span = ref.entry->value_span;
  added.fix(std::move(title), span, requoted_ref(ref.document->file->text(span), value), safe);
}

template <class... Args>
Added add_at_ref(Report& report, const ForgeRef& ref, fmt::format_string<Args...> format, Args&&... args) {
  Added added = report.add(ref.document->file, ref.entry->value_span, format, std::forward<Args>(args)...);
  added.about(ref.release, component_of(ref));
  return added;
}

/// ` did you mean `a`, `b` or `c`?`, empty for nothing.
std::string did_you_mean(const std::vector<std::string>& names) {
  if (names.empty()) return {};
  std::string text = "; did you mean ";
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
    text += "`" + names[i] + "`";
  }
  return text + "?";
}

// ref-missing

/// Behind the colon where nothing stands there; else the whole value: `null`, `~`, `""`.
Fix set_null_ref(const ForgeRef& ref, const std::string& value) {
  const SourceFilePtr& file = ref.document->file;
  Fix fix{fmt::format("Use `{}`", value)};
  TextSpan span = ref.entry->value_span;
  std::string text = requoted_ref("", value);
  if (span.empty()) {
    const std::size_t colon = file->text().find(':', ref.entry->component.span.end);
    if (colon == std::string_view::npos) return fix;
    span = span_of(colon + 1, colon + 1);
    text.insert(0, " ");
  }
  fix.edits.push_back({{file, span}, std::move(text)});
  return fix;
}

void check_null_refs(const RuleContext& context, Report& report) {
  for (const ForgeRef& ref : selected_refs(context)) {
    if (ref.entry->ref && !ref.entry->ref->value.empty()) continue;
    const TextSpan span = ref.entry->value_span.empty() ? ref.entry->component.span : ref.entry->value_span;
    Added added = report.add(ref.document->file, span, "`{}` has no ref in {}.", component_of(ref), ref.release);
    added.about(ref.release, component_of(ref));
    if (ref.status->newest) added.fix(set_null_ref(ref, ref.status->newest->name));
  }
}

void check_ref_missing(const RuleContext& context, Report& report) {
  check_null_refs(context, report);
  check_matrix_refs(context, report);
  const Snapshot& snapshot = context.snapshot;
  for (const std::string& release : snapshot.releases()) {
    const auto* refs = snapshot.source_refs(release);
    const auto* extras = snapshot.extra_packages(release);
    if (refs == nullptr || extras == nullptr) continue;
    for (const formats::ServiceExtras& service : (*extras)->services) {
      const std::string& name = service.service.value;
      // A name without an image is extra-packages-schema's.
      if (!snapshot.is_service(name) || (*refs)->find(name) != nullptr || !context.selects(release, name)) continue;
      Added added = report.add(extras->file, service.service.span,
                               "`{}` has extra packages in {}, but {} names no ref of it, so it is not built.", name,
                               release, refs->file->path());
      added.about(release, name);
      const RefStatus& status = model::ref_status(snapshot, release, name);
      if (status.newest) added.fix(insert_ref(*refs, name, status.newest->name));
    }
  }
}

// ref-not-string

void check_ref_not_string(const RuleContext& context, Report& report) {
  for (const std::string& release : context.snapshot.releases()) {
    const auto* refs = context.snapshot.source_refs(release);
    if (refs == nullptr) continue;
    for (const SourceRef& entry : (*refs)->entries) {
      if (entry.not_string.empty() || !entry.ref) continue;
      report
          .add(refs->file, entry.value_span, "`{}` is not quoted, so YAML reads a {}: tools may see another value.",
               entry.ref->value, entry.not_string)
          .about(release, entry.component.value)
          .fix("Quote it", entry.value_span, fmt::format("\"{}\"", entry.ref->value), true);
    }
  }
}

// ref-not-found, ref-branch-gone

bool is_missing(const ForgeRef& ref) {
  return ref.status->failure && ref.status->failure->kind == Failure::Kind::not_found &&
         ref.entry->not_string.empty() && !ref.entry->ref->value.empty();
}

/// What is left of a series whose branch the ref names and the upstream no longer has.
const model::Series* what_is_left(const UpstreamRefs& upstream, std::string_view ref) {
  const std::string name = model::series_of_branch(ref);
  const model::Series* series = name.empty() ? nullptr : upstream.find_series(name);
  // Not gone but yet to come: `unmaintained/X` while there is `stable/X`.
  return series != nullptr && series->ref.starts_with("stable/") ? nullptr : series;
}

std::string missing_words(const UpstreamRefs& upstream, const ForgeRef& ref) {
  const std::string& text = ref.entry->ref->value;
  if (const std::string problem = ref_name_problem(text); !problem.empty())
    return fmt::format("`{}` can't be the name of a tag, branch or commit: {}", text, problem);
  const std::string cut_off = upstream.repository->is_shallow() ? "; its history here is cut off" : "";
  if (text == "HEAD") return "`HEAD` is whatever somebody checked out, not a tag, branch or commit";
  if (is_full_commit(text)) return fmt::format("`{}` has no commit `{}`{}", component_of(ref), text, cut_off);
  if (is_abbreviated_commit(text)) {
    return fmt::format("`{}` has no tag or branch `{}`, and none or several commits that start so{}", component_of(ref),
                       text, cut_off);
  }
  return fmt::format("`{}` has no tag, branch or commit `{}`", component_of(ref), text);
}

void add_missing(const UpstreamRefs& upstream, const ForgeRef& ref, Report& report) {
  const auto near = model::near_refs(upstream, *ref.status, ref.entry->ref->value);
  const std::string meant = did_you_mean(near);
  Added added = add_at_ref(report, ref, "{}{}", missing_words(upstream, ref), meant.empty() ? "." : meant);
  for (const std::string& name : near) fix_ref(added, ref, fmt::format("Use `{}`", name), name);
}

void check_ref_not_found(const RuleContext& context, Report& report) {
  for (const ForgeRef& ref : refs_to_examine(context)) {
    const Result<UpstreamRefs>& upstream = upstream_of(context, ref);
    if (!upstream) continue;
    const std::string& text = ref.entry->ref->value;
    const auto& resolved = ref.status->resolved;
    if (is_missing(ref) && what_is_left(*upstream, text) == nullptr) add_missing(*upstream, ref, report);
    if (!resolved || resolved->kind != RefKind::commit || is_full_commit(text)) continue;
    Added added = add_at_ref(report, ref,
                             "`{}` is an abbreviated commit; write all 40 digits, since hosts and tools "
                             "take no fewer.",
                             text);
    fix_ref(added, ref, fmt::format("Write `{}`", resolved->commit.hex()), resolved->commit.hex(), true);
  }
}

void check_ref_branch_gone(const RuleContext& context, Report& report) {
  for (const ForgeRef& ref : refs_to_examine(context)) {
    const Result<UpstreamRefs>& upstream = upstream_of(context, ref);
    if (!upstream || !is_missing(ref)) continue;
    const std::string& text = ref.entry->ref->value;
    const model::Series* left = what_is_left(*upstream, text);
    if (left == nullptr) continue;
    Added added = add_at_ref(report, ref, "The branch `{}` of `{}` is gone; what is left of {} is the {} `{}`.", text,
                             component_of(ref), left->name, to_string(left->kind), left->ref);
    fix_ref(added, ref, fmt::format("Use `{}`", left->ref), left->ref);
  }
}

// ref-unreachable-commit

void check_ref_unreachable_commit(const RuleContext& context, Report& report) {
  for (const ForgeRef& ref : refs_to_examine(context)) {
    const RefStatus& status = *ref.status;
    if (!status.commit || status.resolved->kind != RefKind::commit || !status.series.empty()) continue;
    const Result<UpstreamRefs>& upstream = upstream_of(context, ref);
    if (upstream->repository->is_shallow() || model::is_on_any_ref(*upstream, *status.commit).value_or(true)) continue;
    add_at_ref(report, ref,
               "Commit `{}` of `{}` is on no branch or tag: it may vanish, and hosts may refuse to give it.",
               status.resolved->commit.abbreviated(), component_of(ref));
  }
}

// ref-is-branch, ref-branch-with-patches

const model::VersionTag* version_at(const UpstreamRefs& upstream, const git::ObjectId& commit) {
  const auto found = std::find_if(upstream.versions.rbegin(), upstream.versions.rend(),
                                  [&](const model::VersionTag& tag) { return tag.commit == commit; });
  return found == upstream.versions.rend() ? nullptr : &*found;
}

void check_ref_is_branch(const RuleContext& context, Report& report) {
  for (const ForgeRef& ref : refs_to_examine(context)) {
    const auto& resolved = ref.status->resolved;
    if (!resolved || resolved->kind != RefKind::branch) continue;
    const auto* tag = version_at(*upstream_of(context, ref), resolved->commit);
    Added added = add_at_ref(
        report, ref, "`{}` is a branch of `{}`, so two builds may differ; it is now at {}.", ref.entry->ref->value,
        component_of(ref),
        tag != nullptr ? fmt::format("`{}`", tag->name) : fmt::format("commit `{}`", resolved->commit.abbreviated()));
    if (tag != nullptr) fix_ref(added, ref, fmt::format("Pin to the tag `{}`", tag->name), tag->name);
    const std::string commit = resolved->commit.hex();
    fix_ref(added, ref, fmt::format("Pin to the commit `{}`", resolved->commit.abbreviated()), commit);
  }
}

/// Without asking the upstream: the names that OpenStack's projects give their branches.
bool is_branch_by_name(std::string_view ref) {
  constexpr std::array<std::string_view, 5> folders = {"stable/", "unmaintained/", "feature/", "bugfix/", "proposed/"};
  return ref == "master" || ref == "main" ||
         std::ranges::any_of(folders, [&](std::string_view folder) { return ref.starts_with(folder); });
}

void check_ref_branch_with_patches(const RuleContext& context, Report& report) {
  for (const workspace::PatchSeries& series : context.snapshot.patch_series()) {
    const auto* refs = context.snapshot.source_refs(series.release);
    const SourceRef* entry = refs == nullptr ? nullptr : (*refs)->find(series.component);
    if (entry == nullptr || !entry->ref || !is_branch_by_name(entry->ref->value) || series.patches.empty()) continue;
    report
        .add(
            refs->file, entry->value_span,
            "`{}` is a branch with {} on it, which may stop applying without a change here; pin it to a tag or commit.",
            entry->ref->value,
            series.patches.size() == 1 ? std::string("a patch") : fmt::format("{} patches", series.patches.size()))
        .about(series.release, series.component)
        .related(series.patches.front()->file, {}, "the first patch");
  }
}

// ref-series-mismatch, ref-behind

enum class Mismatch { none, other_series, pre_release };

Mismatch mismatch_of(const UpstreamRefs& upstream, const ForgeRef& ref) {
  const RefStatus& status = *ref.status;
  if (!status.commit) return Mismatch::none;
  const auto names = model::series_names(ref.release);
  const bool own = std::ranges::count(names, status.series) > 0;
  const bool on_newest = status.newest && status.newest->commit == status.commit->id;
  const bool is_main = upstream.main_branch && status.series == upstream.main_branch->name;
  const bool release_has_series = model::series_of_release(upstream, ref.release) != nullptr;
  // The next release has no branch yet; what leads to it is on the main branch.
  if (!own && !on_newest && !status.series.empty() && (!is_main || release_has_series)) return Mismatch::other_series;
  const auto version = status.named_version();
  if (version && version->is_prerelease() && release_has_series) return Mismatch::pre_release;
  return Mismatch::none;
}

/// The release of this forge that a series is the right one for; empty where there is none.
std::string release_of_series(const Snapshot& snapshot, const std::string& series) {
  for (const std::string& release : snapshot.releases()) {
    if (std::ranges::count(model::series_names(release), series) > 0) return release;
  }
  return {};
}

std::string mismatch_words(const RuleContext& context, const UpstreamRefs& upstream, const ForgeRef& ref,
                           Mismatch mismatch) {
  const std::string& text = ref.entry->ref->value;
  if (mismatch == Mismatch::pre_release)
    return fmt::format("`{}` is a pre-release of {}, not the release itself.", text, ref.status->series);
  const std::string& series = ref.status->series;
  if (upstream.main_branch && series == upstream.main_branch->name)
    return fmt::format("`{}` of `{}` leads to the release to come, not to {}.", text, component_of(ref), ref.release);
  const std::string other = release_of_series(context.snapshot, series);
  return fmt::format("`{}` of `{}` belongs to {}, not to {}{}.", text, component_of(ref), series, ref.release,
                     other.empty() ? "" : fmt::format("; its place would be releases/{}", other));
}

void check_ref_series_mismatch(const RuleContext& context, Report& report) {
  for (const ForgeRef& ref : refs_to_examine(context)) {
    const Result<UpstreamRefs>& upstream = upstream_of(context, ref);
    if (!upstream) continue;
    const Mismatch mismatch = mismatch_of(*upstream, ref);
    if (mismatch == Mismatch::none) continue;
    Added added = add_at_ref(report, ref, "{}", mismatch_words(context, *upstream, ref, mismatch));
    if (ref.status->newest && model::series_of_release(*upstream, ref.release) != nullptr)
      fix_ref(added, ref, fmt::format("Use `{}`, the newest of {}", ref.status->newest->name, ref.release),
              ref.status->newest->name);
  }
}

void check_ref_behind(const RuleContext& context, Report& report) {
  for (const ForgeRef& ref : refs_to_examine(context)) {
    const RefStatus& status = *ref.status;
    const Result<UpstreamRefs>& upstream = upstream_of(context, ref);
    if (!upstream || !status.has_newer || status.resolved->kind == RefKind::branch ||
        mismatch_of(*upstream, ref) != Mismatch::none)
      continue;
    const std::vector<std::string> advisories =
        model::released_advisories(model::advisories_ahead(context.snapshot, ref.release, component_of(ref)));
    Added added = add_at_ref(report, ref, "`{}` of `{}` is behind `{}`, the newest version of its series{}.",
                             ref.entry->ref->value, component_of(ref), status.newest->name,
                             advisories.empty() ? "" : fmt::format("; in between: {}", join(advisories, ", ")));
    if (!advisories.empty()) added.level(Severity::warning);
    fix_ref(added, ref, fmt::format("Use `{}`", status.newest->name), status.newest->name);
  }
}

// ref-component-unknown, upstream-unavailable

std::vector<std::string> known_components(const Snapshot& snapshot) {
  std::set<std::string> names;
  for (const std::string& release : snapshot.releases()) {
    if (const auto* refs = snapshot.source_refs(release)) {
      for (const SourceRef& entry : (*refs)->entries) names.insert(entry.component.value);
    }
  }
  return {names.begin(), names.end()};
}

bool opens(const Snapshot& snapshot, std::string_view component) {
  return snapshot.upstreams().open(component).has_value();
}

/// The same name with another separator, where the upstream has it: `oslo.messaging` for `oslo_messaging`.
std::optional<std::string> respelled(const Snapshot& snapshot, const std::string& component) {
  for (const char separator : {'.', '-', '_'}) {
    std::string name = component;
    std::ranges::replace_if(name, [](char c) { return c == '.' || c == '-' || c == '_'; }, separator);
    if (name != component && opens(snapshot, name)) return name;
  }
  return std::nullopt;
}

/// What a component that can't be opened was certainly meant to be. A missing mirror alone proves nothing: then only
/// another spelling of the same name counts.
std::optional<std::string> meant_component(const Snapshot& snapshot, const std::string& component) {
  const auto opened = snapshot.upstreams().open(component);
  if (opened) return std::nullopt;
  if (auto name = respelled(snapshot, component)) return name;
  if (opened.error().kind != Failure::Kind::not_found) return std::nullopt;
  std::vector<std::string> candidates = known_components(snapshot);
  candidates.insert(candidates.end(), snapshot.images().begin(), snapshot.images().end());
  std::erase_if(candidates, [&](const std::string& name) { return name == component || !opens(snapshot, name); });
  return nearest(component, candidates);
}

void check_unknown_keys(const RuleContext& context, Report& report) {
  for (const ForgeRef& ref : refs_to_examine(context)) {
    if (upstream_of(context, ref)) continue;
    const auto meant = meant_component(context.snapshot, component_of(ref));
    if (!meant) continue;
    report
        .add(ref.document->file, ref.entry->component.span,
             "There is no upstream of a component `{}`; did you mean `{}`?", component_of(ref), *meant)
        .about(ref.release, component_of(ref))
        .fix(fmt::format("Write `{}`", *meant), ref.entry->component.span, *meant);
  }
}

/// The key that a folder or file is misnamed for: it has no ref, no upstream, and looks like one that has.
std::optional<std::string> meant_key(const Snapshot& snapshot, const std::vector<std::string>& keys,
                                     const std::string& name) {
  if (std::ranges::count(keys, name) > 0 || opens(snapshot, name)) return std::nullopt;
  return nearest(name, keys);
}

Fix rename_folder(const Snapshot& snapshot, const std::string& from, const std::string& to) {
  Fix fix{fmt::format("Rename {} to {}", from, to)};
  for (const std::string& path : snapshot.paths()) {
    if (path.starts_with(from)) fix.files.push_back({FileEdit::Kind::rename, path, to + path.substr(from.size())});
  }
  return fix;
}

void check_unknown_patch_folders(const RuleContext& context, const std::vector<std::string>& keys, Report& report) {
  std::set<std::string> reported;
  for (const workspace::PatchSeries& series : context.snapshot.patch_series()) {
    if (model::linked_name(context.snapshot, series.component) || !context.selects(series.release, series.component))
      continue;
    const auto meant = meant_key(context.snapshot, keys, series.component);
    if (!meant || series.patches.empty() || !reported.insert(series.component).second) continue;
    const auto& patch = *series.patches.front();
    const bool has_subject = !patch->mails.empty() && !patch->mails.front().subject.empty();
    report
        .add(patch.file, has_subject ? patch->mails.front().subject : patch.file->line_at(0),
             "No release and no upstream knows a component `{}`; did you mean patches/{}?", series.component, *meant)
        .about(series.release, series.component)
        .fix(rename_folder(context.snapshot, fmt::format("patches/{}/", series.component),
                           fmt::format("patches/{}/", *meant)));
  }
}

/// releases/<release>/test-excludes/<service>.txt: release and service.
std::optional<std::pair<std::string, std::string>> test_excludes(std::string_view path) {
  const auto pieces = split(path, '/');
  if (pieces.size() != 4 || pieces[0] != "releases" || pieces[2] != "test-excludes" || !pieces[3].ends_with(".txt"))
    return std::nullopt;
  return std::pair(std::string(pieces[1]), std::string(pieces[3].substr(0, pieces[3].size() - 4)));
}

void check_unknown_files(const RuleContext& context, const std::vector<std::string>& keys, Report& report) {
  const Snapshot& snapshot = context.snapshot;
  for (const std::string& path : snapshot.paths()) {
    const auto excludes = test_excludes(path);
    if (!excludes) continue;
    const auto meant = meant_key(snapshot, keys, excludes->second);
    if (!meant) continue;
    const std::string right = fmt::format("releases/{}/test-excludes/{}.txt", excludes->first, *meant);
    report
        .add(snapshot.file(path), {}, "No release and no upstream knows a component `{}`; did you mean `{}`?",
             excludes->second, *meant)
        .about(excludes->first, excludes->second)
        .fix(rename_folder(snapshot, path, right));
  }
  for (const std::string& image : snapshot.images()) {
    if (!context.selects({}, image)) continue;
    const auto meant = meant_key(snapshot, keys, image);
    const auto* dockerfile = snapshot.dockerfile(image);
    if (!meant || dockerfile == nullptr || snapshot.is_service(*meant)) continue;
    report
        .add(dockerfile->file, dockerfile->file->line_at(0),
             "No release and no upstream knows a component `{}`, and `{}` has no image; did you mean images/{}?", image,
             *meant, *meant)
        .about({}, image)
        .fix(rename_folder(snapshot, fmt::format("images/{}/", image), fmt::format("images/{}/", *meant)));
  }
}

void check_ref_component_unknown(const RuleContext& context, Report& report) {
  check_unknown_keys(context, report);
  const std::vector<std::string> keys = known_components(context.snapshot);
  check_unknown_patch_folders(context, keys, report);
  check_unknown_files(context, keys, report);
}

/// Where a component's cause is told: its first ref; the others are related.
void add_unavailable(const RuleContext& context, const std::vector<const ForgeRef*>& refs, Report& report) {
  const Failure& failure = *refs.front()->status->failure;
  Added added = add_at_ref(report, *refs.front(), "{}{}", failure.message,
                           failure.hints.empty() ? "" : fmt::format(" To mend it, {}.", join(failure.hints, ", ")));
  if (context.offline) added.level(Severity::warning);
  for (std::size_t i = 1; i < refs.size(); ++i) {
    added.related(refs[i]->document->file, refs[i]->entry->value_span,
                  fmt::format("not examined in {} either", refs[i]->release));
  }
}

/// The repository that upper-constraints.txt is compared with is missed only where the forge asks for it; one that is
/// there and can't be read is told in any case.
void add_requirements_unavailable(const RuleContext& context, Report& report) {
  std::optional<Added> added;
  for (const std::string& release : context.snapshot.releases()) {
    const auto* document = context.snapshot.upper_constraints(release);
    const auto& drift = model::constraints_drift(context.snapshot, release);
    if (document == nullptr || drift || !context.selects(release, {})) continue;
    const Failure& failure = drift.error();
    const bool absent = failure.kind == Failure::Kind::not_found || failure.kind == Failure::Kind::unavailable;
    if (absent && !model::wants_upstream_constraints(context.snapshot.config())) continue;
    const TextSpan span = document->file->line_at(0);
    if (added) {
      added->related(document->file, span, fmt::format("not compared in {} either", release));
      continue;
    }
    added.emplace(report.add(document->file, span, "Not compared with upstream's file: {}{}", failure.message,
                             failure.hints.empty() ? "" : fmt::format(" To mend it, {}.", join(failure.hints, ", "))));
    added->about(release);
    if (context.offline) added->level(Severity::warning);
  }
}

void check_upstream_unavailable(const RuleContext& context, Report& report) {
  std::map<std::pair<std::string, std::string>, std::vector<const ForgeRef*>> by_cause;
  const std::vector<ForgeRef> examined = refs_to_examine(context);
  for (const ForgeRef& ref : examined) {
    const auto& failure = ref.status->failure;
    if (!failure || (upstream_of(context, ref) && failure->kind == Failure::Kind::not_found)) continue;
    if (!upstream_of(context, ref) && meant_component(context.snapshot, component_of(ref))) continue;
    by_cause[{component_of(ref), failure->message}].push_back(&ref);
  }
  for (const auto& [cause, refs] : by_cause) add_unavailable(context, refs, report);
  add_requirements_unavailable(context, report);
}

constexpr Rule rules[] = {
    {.name = "ref-missing",
     .needs = Needs::upstream,
     .summary = "component without a ref in a release that asks for it",
     .doc = "A component has an empty value in source-refs.yaml, or extra-packages.yaml of the release names a service "
            "that source-refs.yaml does not. A reader of YAML hands on the word `null`, and the checkout then looks "
            "for a ref called null; or the service is silently not built. Write a tag, a branch or a commit.",
     .bad = "# releases/2025.2/source-refs.yaml\nkeystone:\n",
     .good = "# releases/2025.2/source-refs.yaml\nkeystone: \"28.0.0\"\n",
     .check = check_ref_missing},
    {.name = "ref-not-string",
     .summary = "unquoted ref that YAML reads as a number, date or truth value",
     .doc =
         "YAML reads `14.0`, `1234567e10` or `2025.2` without quotes as numbers. Some readers print them as written, "
         "others as `14`, `12345670000000000` and `2025.2`. Quote the value.",
     .bad = "# releases/2025.2/source-refs.yaml\nplacement: 14.0\n",
     .good = "# releases/2025.2/source-refs.yaml\nplacement: \"14.0\"\n",
     .check = check_ref_not_string},
    {.name = "ref-not-found",
     .needs = Needs::upstream,
     .summary = "ref that is no tag, branch or commit of the upstream",
     .doc =
         "The upstream has no tag, no branch and no commit of that name, so the checkout fails. Revision expressions "
         "such as `HEAD` or `a..b` are no refs. An abbreviated commit is found here, but hosts and tools want all 40 "
         "digits. If the ref is new, bring the mirror up to date with `forge-analyze mirror sync`.",
     .bad = "# releases/2025.2/source-refs.yaml\nkeystone: \"28.0.9\"\n",
     .good = "# releases/2025.2/source-refs.yaml\nkeystone: \"28.0.0\"\n",
     .check = check_ref_not_found},
    {.name = "ref-branch-gone",
     .needs = Needs::upstream,
     .summary = "branch of a series that has moved on",
     .doc = "A series goes from `stable/X` to `unmaintained/X` and ends as a tag `X-eol`; each step removes the branch "
            "before it. Use what is left of the series, or its newest version.",
     .bad = "# releases/2023.1/source-refs.yaml\nkeystone: \"stable/2023.1\"\n",
     .good = "# releases/2023.1/source-refs.yaml\nkeystone: \"unmaintained/2023.1\"\n",
     .check = check_ref_branch_gone},
    {.name = "ref-unreachable-commit",
     .severity = Severity::warning,
     .needs = Needs::upstream,
     .summary = "commit that no branch or tag holds",
     .doc = "The commit exists, but no branch or tag leads to it: a review that was not merged, or a fork's. It can "
            "vanish, and hosts may refuse to give it to a build. Use a commit of a branch.",
     .bad = "# releases/2025.2/source-refs.yaml, a commit of a review that was not merged\n"
            "keystone: \"fa546a8270e8ad4c0174450e8d0425a074990c9a\"\n",
     .good = "# releases/2025.2/source-refs.yaml, a commit of stable/2025.2\n"
             "keystone: \"6065f8612f02c65f23abd732a7daae76dfe148ab\"\n",
     .check = check_ref_unreachable_commit},
    {.name = "ref-is-branch",
     .severity = Severity::hint,
     .needs = Needs::upstream,
     .summary = "ref that moves",
     .doc = "A branch moves, so two builds of the same forge may differ. Pin it to the tag or the commit that it is "
            "now.",
     .bad = "# releases/2025.2/source-refs.yaml\nkeystone: \"stable/2025.2\"\n",
     .good = "# releases/2025.2/source-refs.yaml\nkeystone: \"28.0.0\"\n",
     .check = check_ref_is_branch},
    {.name = "ref-branch-with-patches",
     .severity = Severity::warning,
     .summary = "patches on a ref that moves",
     .doc = "Patches are applied to a branch. When it moves they may stop applying, or be merged already, without a "
            "commit in the forge. Pin the ref to a tag or a commit.",
     .bad = "# releases/2025.2/source-refs.yaml, with patches/keystone/2025.2/0001-x.patch\n"
            "keystone: \"stable/2025.2\"\n",
     .good = "# releases/2025.2/source-refs.yaml, with the same patch\n"
             "keystone: \"28.0.1\"\n",
     .check = check_ref_branch_with_patches},
    {.name = "ref-series-mismatch",
     .severity = Severity::warning,
     .needs = Needs::upstream,
     .summary = "ref of another series than the release's folder, or a pre-release",
     .doc =
         "The series of a ref is that of the oldest branch that holds it, not of its number. A ref of another series "
         "is built with the wrong constraints and beside the wrong services. Use the newest version of the right "
         "series.",
     .bad = "# releases/2025.2/source-refs.yaml\nkeystone: \"27.0.0\"\n",
     .good = "# releases/2025.2/source-refs.yaml\nkeystone: \"28.0.0\"\n",
     .check = check_ref_series_mismatch},
    {.name = "ref-behind",
     .severity = Severity::info,
     .needs = Needs::upstream,
     .summary = "newer version in the same series",
     .doc = "The series has a newer version than the ref. It is a warning where a commit in between names a CVE or an "
            "OSSA. Use the newer version.",
     .bad = "# releases/2025.2/source-refs.yaml, where stable/2025.2 has 28.0.1\n"
            "keystone: \"28.0.0\"\n",
     .good = "# releases/2025.2/source-refs.yaml\n"
             "keystone: \"28.0.1\"\n",
     .check = check_ref_behind},
    {.name = "ref-component-unknown",
     .needs = Needs::upstream,
     .summary = "name of a component that nothing knows",
     .doc = "A key of source-refs.yaml, or a folder or file named for a component, is known to no upstream and to no "
            "source-refs.yaml, while a name like it is. Names are those of the upstream repositories: "
            "`oslo.messaging`, not `oslo_messaging`.",
     .bad = "# releases/2025.2/source-refs.yaml\noslo_messaging: \"17.1.0\"\n",
     .good = "# releases/2025.2/source-refs.yaml\noslo.messaging: \"17.1.0\"\n",
     .check = check_ref_component_unknown},
    {.name = "upstream-unavailable",
     .needs = Needs::upstream,
     .summary = "component whose upstream could not be looked at",
     .doc = "There is no mirror of the component's upstream here, or it can't be read, so nothing that needs the "
            "component's source was examined. Run `forge-analyze mirror sync`, or correct `upstream` in forge.yaml. "
            "With `--offline` this is a warning.",
     .bad = "# forge.yaml, for a component that is not at that place\n"
            "upstream: \"https://opendev.org/openstack/{component}\"\n"
            "# releases/2025.2/source-refs.yaml\n"
            "ovn: \"v25.03.3\"\n",
     .good = "# forge.yaml\n"
             "upstream: \"https://opendev.org/openstack/{component}\"\n"
             "upstreams:\n"
             "  ovn: \"https://github.com/ovn-org/ovn\"\n",
     .check = check_upstream_unavailable},
};

}  // namespace

std::span<const Rule> ref_rules() {
  return rules;
}

}  // namespace forge::rules
