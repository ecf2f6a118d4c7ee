#include "engine/ide/navigation.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <variant>

#include "engine/base/names.hpp"
#include "engine/formats/dockerfile_stages.hpp"
#include "engine/ide/subject.hpp"
#include "engine/model/effective_pins.hpp"
#include "engine/model/image_graph.hpp"
#include "engine/model/linked_trees.hpp"
#include "engine/model/patch_series.hpp"
#include "engine/model/placement_summary.hpp"
#include "engine/workspace/forge_layout.hpp"

namespace forge::ide {

using workspace::DocumentKind;
using workspace::DocumentPath;
using workspace::Snapshot;
using Targets = std::vector<Target>;

namespace {

void add(Targets& into, const SourceFilePtr& file, TextSpan span, TextSpan extent = {}) {
  const TextSpan outer =
      extent.empty() ? span : TextSpan{std::min(span.begin, extent.begin), std::max(span.end, extent.end)};
  const bool known =
      std::ranges::any_of(into, [&](const Target& target) { return target.file == file && target.span == span; });
  if (file != nullptr && !known) into.push_back({file, span, outer, std::nullopt});
}

/// Of all releases where `release` is empty.
std::vector<std::string> releases_of(const Snapshot& snapshot, const std::string& release) {
  return release.empty() ? snapshot.releases() : std::vector<std::string>{release};
}

void add_ref_lines(const Snapshot& snapshot, const std::string& release, std::string_view component, Targets& into) {
  for (const std::string& of : releases_of(snapshot, release)) {
    const auto* refs = snapshot.source_refs(of);
    const formats::SourceRef* entry = refs == nullptr ? nullptr : (*refs)->find(component);
    if (entry == nullptr) continue;
    add(into, refs->file, entry->component.span, entry->ref ? entry->ref->span : entry->component.span);
  }
}

void add_pins(const Snapshot& snapshot, const std::string& release, std::string_view package, Targets& into) {
  const auto* pins = snapshot.upper_constraints(release);
  if (pins == nullptr) return;
  for (const formats::Pin& pin : (*pins)->pins)
    if (pin.name.str() == package) add(into, pins->file, pin.spelling.span, pin.span);
}

/// A patch's subject, else its first line.
TextSpan title_of(const workspace::Document<formats::Patch>& patch) {
  if (!patch->mails.empty() && !patch->mails.front().subject.empty()) return patch->mails.front().subject;
  return patch.file->line_at(0);
}

void add_patches(const Snapshot& snapshot, const std::string& release, std::string_view component, Targets& into) {
  for (const workspace::PatchSeries& series : snapshot.patch_series()) {
    if (!release.empty() && series.release != release) continue;
    if (series.component != component && model::patched_component(snapshot, series.component) != component) continue;
    for (const auto& patch : series.patches) add(into, patch->file, title_of(*patch));
  }
}

void add_dockerfile(const Snapshot& snapshot, std::string_view image, Targets& into) {
  if (const auto* document = snapshot.dockerfile(image)) add(into, document->file, document->file->line_at(0));
}

/// The name of a stage, or all of its FROM where it has none.
void add_stage(const Snapshot& snapshot, const std::string& image, std::size_t index, Targets& into) {
  const auto* document = snapshot.dockerfile(image);
  if (document == nullptr || index >= (*document)->stages.size()) return;
  const formats::Stage& stage = (*document)->stages[index];
  add(into, document->file, stage.name ? stage.name->span : stage.base.span, stage.from.span);
}

const model::ImageNeed* need_at(const Snapshot& snapshot, const std::string& image, TextSpan span) {
  const model::ImageNode* node = model::image_graph(snapshot).find(image);
  if (node == nullptr) return nullptr;
  const auto found = std::ranges::find(node->needs, span, &model::ImageNeed::span);
  return found == node->needs.end() ? nullptr : &*found;
}

void add_context(const Snapshot& snapshot, const model::ImageNeed& need, Targets& into) {
  switch (need.kind) {
    case model::NeedKind::image:
      return add_dockerfile(snapshot, need.target, into);
    case model::NeedKind::source:
      return add_ref_lines(snapshot, {}, need.target, into);
    case model::NeedKind::constraints:
      for (const std::string& release : snapshot.releases())
        if (const auto* pins = snapshot.upper_constraints(release)) add(into, pins->file, pins->file->line_at(0));
      return;
    case model::NeedKind::libraries:
      for (const std::string& release : snapshot.releases())
        for (const std::string& library : model::patched_libraries(snapshot, release))
          add_ref_lines(snapshot, release, library, into);
      return;
    case model::NeedKind::external:
    case model::NeedKind::undefined:
    case model::NeedKind::invalid:
      return;
  }
}

/// The section that has the hunk.
std::size_t section_of(const formats::Patch& patch, std::size_t hunk) {
  for (std::size_t i = 0; i < patch.sections.size(); ++i) {
    const formats::Section& section = patch.sections[i];
    if (hunk >= section.first_hunk && hunk < section.first_hunk + section.hunk_count) return i;
  }
  return patch.sections.size();
}

struct LandedAt {
  std::int64_t operator()(const model::Exact& exact) const { return static_cast<std::int64_t>(exact.at); }
  std::int64_t operator()(const model::Offset& offset) const { return static_cast<std::int64_t>(offset.at); }
  std::int64_t operator()(const model::AlreadyApplied& there) const { return static_cast<std::int64_t>(there.at); }
  std::int64_t operator()(const model::Mismatch& mismatch) const {
    return static_cast<std::int64_t>(mismatch.nearest_at);
  }
};

/// The 1-based line where the hunk was found in this run, as the earlier hunks leave the file; 0 where it was not.
std::int64_t landed_at(const Snapshot& snapshot, const workspace::Document<formats::Patch>& document, std::size_t hunk,
                       std::size_t section) {
  const workspace::PatchSeries* series = snapshot.patch_series(document.component, document.release);
  if (series == nullptr) return 0;
  const auto& placement = model::series_placement(snapshot, *series);
  if (!placement) return 0;
  for (std::size_t i = 0; i < series->patches.size() && i < placement->patches.size(); ++i) {
    if (series->patches[i].get() != &document || section >= placement->patches[i].sections.size()) continue;
    const auto& hunks = placement->patches[i].sections[section].hunks;
    const std::size_t index = hunk - document->sections[section].first_hunk;
    return index < hunks.size() ? std::visit(LandedAt{}, hunks[index]) : 0;
  }
  return 0;
}

/// The line of the old file, from 0, that a place in a hunk is about.
std::uint32_t old_line(const Snapshot& snapshot, const workspace::Document<formats::Patch>& document, std::size_t index,
                       std::uint32_t offset) {
  const formats::Patch& patch = *document;
  const formats::Hunk& hunk = patch.hunks[index];
  const std::size_t section = section_of(patch, index);
  if (section == patch.sections.size()) return 0;
  std::int64_t line = landed_at(snapshot, document, index, section);
  if (line > 0)
    line -= model::shift_before(patch, patch.sections[section], index);
  else
    line = static_cast<std::int64_t>(std::min<std::uint64_t>(hunk.before.start, UINT32_MAX));
  for (const formats::HunkLine& at : patch.lines_of(hunk)) {
    if (at.text.end > offset) break;
    if (at.kind == formats::LineKind::context || at.kind == formats::LineKind::removed) ++line;
  }
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(line - 1, 0, UINT32_MAX));
}

/// That file of the tree that the patch is for; nothing where it has none of that name.
std::optional<Target> tree_target(const Snapshot& snapshot, const workspace::Document<formats::Patch>& document,
                                  const formats::Section& section, std::uint32_t line) {
  const auto base = model::series_base(snapshot, document.component, document.release);
  if (!base) return std::nullopt;
  const auto commit = base->repository->commit(base->commit);
  if (!commit) return std::nullopt;
  for (const auto& path : {section.old_path, section.new_path}) {
    const auto entry =
        path ? base->repository->entry(commit->tree, path->value) : Result<std::optional<git::TreeEntry>>();
    if (!entry || !*entry) continue;
    return Target{nullptr, {}, {}, TreeFile{base->component, base->commit.hex(), path->value, line}};
  }
  return std::nullopt;
}

/// A place in a hunk's body has no token of its own.
std::optional<std::size_t> hunk_around(const formats::Patch& patch, std::uint32_t offset) {
  for (std::size_t i = 0; i < patch.hunks.size(); ++i) {
    const formats::Hunk& hunk = patch.hunks[i];
    if (hunk.header.begin <= offset && offset < std::max(hunk.body.end, hunk.header.end + 1)) return i;
  }
  return std::nullopt;
}

std::optional<Definition> definition_in_tree(const Snapshot& snapshot, std::string_view path, std::uint32_t offset,
                                             const std::optional<Subject>& subject) {
  const auto* document = patch_at(snapshot, path);
  if (document == nullptr) return std::nullopt;
  const formats::Patch& patch = **document;
  std::optional<Target> target;
  TextSpan origin = subject ? shown_span(*subject, offset) : TextSpan{offset, offset};
  if (subject && subject->kind != SubjectKind::hunk) {
    target = tree_target(snapshot, *document, patch.sections[subject->index], 0);
  } else if (const auto hunk = hunk_around(patch, offset)) {
    const std::size_t section = section_of(patch, *hunk);
    if (section == patch.sections.size()) return std::nullopt;
    if (!subject) origin = document->file->line_at(offset);
    target = tree_target(snapshot, *document, patch.sections[section], old_line(snapshot, *document, *hunk, offset));
  }
  if (!target) return std::nullopt;
  return Definition{origin, {*std::move(target)}};
}

Targets targets_of(const Snapshot& snapshot, const DocumentPath& at, const Subject& subject) {
  Targets targets;
  switch (subject.kind) {
    case SubjectKind::component:
    case SubjectKind::ref:
      if (at.kind != DocumentKind::source_refs) {
        add_ref_lines(snapshot, at.release, subject.name, targets);
        break;
      }
      add_dockerfile(snapshot, subject.name, targets);
      add_patches(snapshot, at.release, subject.name, targets);
      break;
    case SubjectKind::package:
      add_pins(snapshot, at.release, subject.name, targets);
      break;
    case SubjectKind::patch:
      add_ref_lines(snapshot, at.release, model::patched_component(snapshot, at.component), targets);
      break;
    case SubjectKind::context:
      if (const model::ImageNeed* need = need_at(snapshot, at.component, subject.span))
        add_context(snapshot, *need, targets);
      break;
    case SubjectKind::stage:
      add_stage(snapshot, at.component, subject.index, targets);
      break;
    default:
      break;
  }
  return targets;
}

bool is_in_tree(SubjectKind kind) {
  return kind == SubjectKind::patched_file || kind == SubjectKind::hunk || kind == SubjectKind::blob;
}

/// Collects the places where something stands.
class Uses {
 public:
  Uses(const Snapshot& snapshot, std::string release) : snapshot_(snapshot), release_(std::move(release)) {}

  void component(std::string_view name) {
    add_patches(snapshot_, release_, name, found_);
    for (const std::string& release : releases_of(snapshot_, release_)) {
      const auto* extras = snapshot_.extra_packages(release);
      const auto* entry = extras == nullptr ? nullptr : (*extras)->find(name);
      if (entry != nullptr) add(found_, extras->file, entry->service.span);
    }
    contexts(model::NeedKind::source, name);
    if (const auto* config = snapshot_.config_document(); config != nullptr && (*config)->upstreams.contains(name))
      named(*config->file, SubjectKind::component, name);
  }

  /// The Dockerfiles that take that from outside.
  void contexts(model::NeedKind kind, std::string_view target) {
    for (const model::ImageNode& node : model::image_graph(snapshot_).nodes)
      for (const model::ImageNeed& need : node.needs)
        if (need.kind == kind && need.target == target) add(found_, node.document->file, need.span);
  }

  void package(std::string_view name) {
    for (const auto* overrides : snapshot_.all_overrides()) {
      if (overrides->release != release_) continue;
      for (const formats::Override& entry : (*overrides)->entries)
        if (entry.name.str() == name) add(found_, overrides->file, entry.spelling.span, entry.span);
    }
    if (const auto* tests = snapshot_.test_refs(release_)) named(*tests->file, SubjectKind::package, name);
    if (const auto* extras = snapshot_.extra_packages(release_)) named(*extras->file, SubjectKind::package, name);
  }

  /// In its own Dockerfile.
  void stage(const std::string& image, std::size_t index) {
    const auto* document = snapshot_.dockerfile(image);
    if (document == nullptr) return;
    for (const formats::StageMention& mention : formats::stage_mentions(**document))
      if (mention.stage == index && !mention.declares) add(found_, document->file, mention.span);
  }

  /// In patches of the same component and release, or of all where `everywhere`.
  void in_patches(const DocumentPath& at, SubjectKind kind, std::string_view name, bool everywhere) {
    for (const workspace::PatchSeries& series : snapshot_.patch_series()) {
      if (!everywhere && (series.component != at.component || series.release != at.release)) continue;
      for (const auto& patch : series.patches) named(*patch->file, kind, name);
    }
  }

  Targets take() { return std::move(found_); }

 private:
  void named(const SourceFile& file, SubjectKind kind, std::string_view name) {
    for (const Subject& subject : subjects_in(snapshot_, file.path()))
      if (subject.kind == kind && subject.name == name)
        add(found_, snapshot_.file(file.path()), subject.span, subject.kind == kind ? subject.span : subject.extent);
  }

  const Snapshot& snapshot_;
  std::string release_;
  Targets found_;
};

void add_uses(const Snapshot& snapshot, const DocumentPath& at, const Subject& subject, Uses& uses) {
  switch (subject.kind) {
    case SubjectKind::component:
    case SubjectKind::ref:
      return uses.component(subject.name);
    case SubjectKind::package:
      return uses.package(subject.name);
    case SubjectKind::patch:
      return uses.component(model::patched_component(snapshot, at.component));
    case SubjectKind::patched_file:
      return uses.in_patches(at, SubjectKind::patched_file, subject.name, false);
    case SubjectKind::change_id:
    case SubjectKind::commit:
    case SubjectKind::bug:
      return uses.in_patches(at, subject.kind, subject.name, true);
    case SubjectKind::context:
      if (const model::ImageNeed* need = need_at(snapshot, at.component, subject.span)) {
        if (need->kind == model::NeedKind::source) return uses.component(need->target);
        uses.contexts(need->kind, need->target);
      }
      return;
    case SubjectKind::stage:
      return uses.stage(at.component, subject.index);
    default:
      return;
  }
}

/// Lines that say what the thing is.
Targets declarations(const Snapshot& snapshot, const DocumentPath& at, const Subject& subject) {
  Targets targets;
  const bool is_key = subject.kind == SubjectKind::component || subject.kind == SubjectKind::ref;
  if (is_key && at.kind == DocumentKind::source_refs)
    add_ref_lines(snapshot, at.release, subject.name, targets);
  else
    targets = targets_of(snapshot, at, subject);
  return targets;
}

bool is_same(const Subject& a, const Subject& b) {
  const auto group = [](SubjectKind kind) { return kind == SubjectKind::ref ? SubjectKind::component : kind; };
  return group(a.kind) == group(b.kind) && a.name == b.name && !a.name.empty();
}

}  // namespace

std::optional<Definition> definition(const Snapshot& snapshot, std::string_view path, std::uint32_t offset) {
  const std::optional<Subject> subject = subject_at(snapshot, path, offset);
  if (!subject || is_in_tree(subject->kind)) return definition_in_tree(snapshot, path, offset, subject);
  Targets targets = targets_of(snapshot, workspace::classify(path), *subject);
  if (targets.empty()) return std::nullopt;
  return Definition{shown_span(*subject, offset), std::move(targets)};
}

Targets references(const Snapshot& snapshot, std::string_view path, std::uint32_t offset, bool with_declaration) {
  const std::optional<Subject> subject = subject_at(snapshot, path, offset);
  if (!subject) return {};
  const DocumentPath at = workspace::classify(path);
  Targets targets;
  if (with_declaration) targets = declarations(snapshot, at, *subject);
  Uses uses(snapshot, at.release);
  add_uses(snapshot, at, *subject, uses);
  for (const Target& use : uses.take()) add(targets, use.file, use.span, use.extent);
  return targets;
}

std::vector<TextSpan> highlights(const Snapshot& snapshot, std::string_view path, std::uint32_t offset) {
  std::vector<TextSpan> spans;
  const std::vector<Subject> all = subjects_in(snapshot, path);
  const std::optional<Subject> subject = subject_at(snapshot, path, offset);
  if (!subject) return spans;
  for (const Subject& other : all)
    if (is_same(*subject, other)) spans.push_back(other.span);
  std::ranges::sort(spans);
  const auto repeated = std::ranges::unique(spans);
  spans.erase(repeated.begin(), repeated.end());
  return spans;
}

}  // namespace forge::ide
