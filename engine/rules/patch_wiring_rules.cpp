#include <algorithm>
#include <set>

#include "engine/base/text.hpp"
#include "engine/formats/python_project.hpp"
#include "engine/model/build_scripts.hpp"
#include "engine/model/effective_pins.hpp"
#include "engine/model/image_graph.hpp"
#include "engine/model/linked_trees.hpp"
#include "engine/model/newer_releases.hpp"
#include "engine/model/patch_series.hpp"
#include "engine/rules/catalog.hpp"
#include "engine/rules/patch_edits.hpp"

namespace forge::rules {

namespace {

using model::ImageNeed;
using model::ImageNode;
using workspace::PatchSeries;
using workspace::Snapshot;
using Where = formats::ExternalName::Where;

bool has_ref(const Snapshot& snapshot, std::string_view release, std::string_view component) {
  const auto* refs = snapshot.source_refs(release);
  return refs != nullptr && (*refs)->find(component) != nullptr;
}

std::vector<const PatchSeries*> selected_series(const RuleContext& context) {
  std::vector<const PatchSeries*> out;
  for (const PatchSeries& series : context.snapshot.patch_series()) {
    if (!series.patches.empty() && context.selects(series.release, series.component)) out.push_back(&series);
  }
  return out;
}

// patch-not-wired

/// Images that a build of the release makes: its services and what they stand on.
std::vector<const ImageNode*> images_of(const Snapshot& snapshot, std::string_view release) {
  const model::ImageGraph& graph = model::image_graph(snapshot);
  std::vector<const ImageNode*> out;
  for (const ImageNode& node : graph.nodes) {
    if (node.is_base || has_ref(snapshot, release, node.image)) out.push_back(&node);
  }
  return out;
}

/// How far the Dockerfiles of a release have come with a library's tree.
enum class Wiring { nothing, taken, installed };

/// A word of the instruction names the mount's target. Without a target, or with a script that may know it, nothing
/// can be said against it.
bool may_install(const formats::Instruction& run, const formats::Mount& mount) {
  if (!mount.target || !run.heredocs.empty()) return true;
  std::string_view target = mount.target->value;
  while (target.size() > 1 && target.ends_with('/')) target.remove_suffix(1);
  return std::ranges::any_of(run.words, [&](const auto& word) {
    return word.value.find(target) != std::string::npos || word.value.find('$') != std::string::npos ||
           word.value.ends_with(".sh");
  });
}

Wiring wiring_in(const ImageNode& node, const ImageNeed& need) {
  if (need.where != Where::mount) return Wiring::installed;
  for (const formats::Stage& stage : (*node.document)->stages) {
    for (const formats::Instruction& run : stage.instructions) {
      for (const formats::Mount& mount : run.mounts) {
        if (mount.from && mount.from->span == need.span && may_install(run, mount)) return Wiring::installed;
      }
    }
  }
  return Wiring::taken;
}

struct WiringFound {
  Wiring wiring = Wiring::nothing;
  const ImageNode* node = nullptr;
  TextSpan span{};
};

WiringFound find_wiring(const Snapshot& snapshot, const PatchSeries& series) {
  WiringFound best;
  for (const ImageNode* node : images_of(snapshot, series.release)) {
    for (const ImageNeed& need : node->needs) {
      const bool takes_it = need.kind == model::NeedKind::libraries ||
                            (need.kind == model::NeedKind::source && need.target == series.component);
      if (!takes_it || !need.used) continue;
      const Wiring wiring = wiring_in(*node, need);
      if (wiring > best.wiring) best = {wiring, node, need.span};
    }
  }
  return best;
}

bool is_pinned(const Snapshot& snapshot, const PatchSeries& series) {
  const auto name = PackageName::parse(series.component);
  return name && !model::effective_pins(snapshot, series.release).find(*name).empty();
}

std::string missing_steps(const Snapshot& snapshot, const PatchSeries& series, Wiring wiring) {
  std::vector<std::string> steps;
  if (wiring == Wiring::nothing)
    steps.push_back(fmt::format(
        "the context in a Dockerfile (`RUN --mount=type=bind,from={0},target=/src/{0},readwrite`)", series.component));
  steps.push_back(fmt::format("an installation from that tree (`/src/{}`) before the service's", series.component));
  if (is_pinned(snapshot, series))
    steps.push_back(fmt::format("the line `-{}` in overrides/{}/constraints.txt", series.component, series.release));
  std::string out;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (i > 0) out += i + 1 == steps.size() ? ", and " : ", ";
    out += steps[i];
  }
  return out;
}

void check_not_wired(const RuleContext& context, Report& report) {
  const Snapshot& snapshot = context.snapshot;
  if (model::image_graph(snapshot).nodes.empty()) return;  // a forge in its first days builds nothing yet
  for (const PatchSeries* series : selected_series(context)) {
    if (snapshot.is_service(series->component) || !has_ref(snapshot, series->release, series->component)) continue;
    const WiringFound found = find_wiring(snapshot, *series);
    if (found.wiring == Wiring::installed) continue;
    Added added = report.add(series->patches.front()->file, {},
                             "No image of {} installs `{}` from its patched tree, so the patches have no effect. What "
                             "is missing: {}.",
                             series->release, series->component, missing_steps(snapshot, *series, found.wiring));
    added.about(series->release, series->component);
    if (found.node != nullptr)
      added.related(found.node->document->file, found.span, "The tree is there, and nothing installs it.");
  }
}

// patch-adds-unpackaged-file

/// The text of a file at the top of the tree; empty where there is none.
std::string top_file(const git::Repository& repository, const git::ObjectId& tree, std::string_view name) {
  const auto entry = repository.entry(tree, name);
  if (!entry || !*entry) return {};
  const Result<git::BlobPtr> blob = repository.blob((*entry)->id);
  return blob ? **blob : std::string();
}

/// A component's tree at its ref, asked about packaging.
class Packaging {
 public:
  Packaging(git::RepositoryPtr repository, const git::ObjectId& tree)
      : repository_(std::move(repository)), tree_(tree) {
    const auto project =
        formats::python_project(top_file(*repository_, tree, "setup.cfg"), top_file(*repository_, tree, "setup.py"),
                                top_file(*repository_, tree, "pyproject.toml"));
    uses_pbr_ = project && project->uses_pbr;
  }

  [[nodiscard]] bool uses_pbr() const { return uses_pbr_; }
  /// A file that is no module, below a package's folder.
  [[nodiscard]] bool is_data(std::string_view path) const {
    const std::size_t slash = path.find('/');
    if (slash == std::string_view::npos || path.ends_with(".py")) return false;
    return exists(fmt::format("{}/__init__.py", path.substr(0, slash)));
  }
  [[nodiscard]] bool exists(std::string_view path) const {
    const auto entry = repository_->entry(tree_, path);
    return entry && *entry;
  }

 private:
  git::RepositoryPtr repository_;
  git::ObjectId tree_;
  bool uses_pbr_ = false;
};

std::optional<Packaging> packaging_of(const Snapshot& snapshot, const PatchSeries& series,
                                      const model::SeriesPlacement& placement) {
  const Result<model::SeriesBase> base = model::series_base(snapshot, series.component, series.release);
  if (!base) return std::nullopt;
  const Result<git::CommitInfo> commit = base->repository->commit(placement.commit);
  if (!commit) return std::nullopt;
  return Packaging(base->repository, commit->tree);
}

void check_adds_unpackaged_file(const RuleContext& context, Report& report) {
  const model::PatchStep& step = model::patch_step(context.snapshot);
  if (step.plain.empty() || step.exports_source) return;
  for (const PatchSeries* series : selected_series(context)) {
    const auto& placement = model::series_placement(context.snapshot, *series);
    if (!placement) continue;
    const std::optional<Packaging> packaging = packaging_of(context.snapshot, *series, *placement);
    if (!packaging || !packaging->uses_pbr()) continue;
    for (std::size_t i = 0; i < placement->patches.size(); ++i) {
      if (placement->patches[i].verdict != model::PatchVerdict::applies) continue;
      for (const formats::Section& section : placement->patches[i].parsed->value.sections) {
        const bool may_make =
            section.new_path && (section.creates != formats::Certainty::no || section.renames || section.copies);
        if (!may_make || !packaging->is_data(section.new_path->value) || packaging->exists(section.new_path->value))
          continue;
        Added added =
            report.add(series->patches[i]->file, section.new_path->span,
                       "`{}` is new and no module, and the patches are applied without git's index: pbr asks git which "
                       "files there are, so it is not installed.",
                       section.new_path->value);
        added.about(series->release, series->component);
        Fix fix{.title = "Apply the patches with `--index`"};
        for (const model::PlainApply& plain : step.plain) {
          added.related(plain.file, plain.apply, "The patches are applied here.");
          fix.edits.push_back({{plain.file, {plain.apply.end, plain.apply.end}}, " --index"});
        }
        added.fix(std::move(fix));
      }
    }
  }
}

// patch-missing-in-newer-release

Fix copy_to(const Snapshot& snapshot, const PatchSeries& series, std::size_t i, const std::string& release) {
  const SourceFilePtr& file = series.patches[i]->file;
  const std::string name = name_behind(snapshot.patch_series(series.component, release), file_name(file->path()));
  return Fix{.title = fmt::format("Copy the patch to {}", release),
             .edits = {},
             .files = {{.kind = FileEdit::Kind::create,
                        .path = fmt::format("patches/{}/{}/{}", series.component, release, name),
                        .text = std::string(file->text())}}};
}

TextSpan title_span(const formats::Patch& patch) {
  if (!patch.mails.empty() && !patch.mails.front().subject.empty()) return patch.mails.front().subject;
  return patch.sections.empty() ? TextSpan{} : patch.sections.front().header;
}

void check_missing_in_newer_release(const RuleContext& context, Report& report) {
  struct Asked {
    const PatchSeries* series = nullptr;
    std::size_t patch = 0;
    std::vector<model::ReleaseWithout> without{};
  };
  std::vector<Asked> all;
  for (const PatchSeries* series : selected_series(context)) {
    for (std::size_t i = 0; i < series->patches.size(); ++i) all.push_back({series, i});
  }
  context.pool.for_each(all.size(), [&](std::size_t i) {
    all[i].without = model::newer_releases_without(context.snapshot, *all[i].series, all[i].patch);
  });
  for (const Asked& asked : all) {
    if (asked.without.empty()) continue;
    std::vector<std::string> names;
    for (const model::ReleaseWithout& one : asked.without) {
      names.push_back(
          fmt::format("{} (`{}`{})", one.release, one.ref, one.applies ? "" : ", to which it does not apply"));
    }
    const auto& document = asked.series->patches[asked.patch];
    Added added =
        report.add(document->file, title_span(**document),
                   "{} of `{}` neither {} this change nor {} a patch with it: what the patch mends comes back "
                   "with the upgrade.",
                   join(names, " and "), asked.series->component, names.size() == 1 ? "has" : "have",
                   names.size() == 1 ? "carries" : "carry");
    added.about(asked.series->release, asked.series->component);
    for (const model::ReleaseWithout& one : asked.without) {
      if (one.applies) added.fix(copy_to(context.snapshot, *asked.series, asked.patch, one.release));
    }
  }
}

constexpr Rule rules[] = {
    {.name = "patch-not-wired",
     .summary = "patches of a library that no image installs from its tree",
     .doc = "A library's patches have an effect only where an image of the release installs it from the patched tree: "
            "the library needs a ref, a Dockerfile takes its tree as a context and installs it from there before the "
            "service, and its pin is taken out of the constraints. Otherwise the version of the index is installed, "
            "without the patches. The finding lists the steps that are missing.",
     .bad = "# images/keystone/Dockerfile, with patches/oslo.messaging/2025.2/0001-x.patch\n"
            "RUN --mount=type=bind,from=keystone,target=/src/keystone,readwrite \\\n"
            "    uv pip install --constraint /c.txt /src/keystone\n",
     .good = "# images/keystone/Dockerfile, with `-oslo.messaging` in overrides/2025.2/constraints.txt\n"
             "RUN --mount=type=bind,from=keystone,target=/src/keystone,readwrite \\\n"
             "    --mount=type=bind,from=oslo.messaging,target=/src/oslo.messaging,readwrite \\\n"
             "    uv pip install --constraint /c.txt /src/oslo.messaging /src/keystone\n",
     .check = check_not_wired},
    {.name = "patch-adds-unpackaged-file",
     .severity = Severity::warning,
     .needs = Needs::upstream,
     .summary = "patch that adds a data file which pbr will not package",
     .doc =
         "pbr asks git's index which files a package consists of. A workflow or script of this forge applies the "
         "patches with a plain `git apply`, which leaves the index as it was: a new file that is no Python module is "
         "then missing from the installed package, while the build succeeds.\n\nApply the patches with `git apply "
         "--index`, or build from `forge-analyze source export`, whose trees carry the list of files with them; a "
         "forge that does so is left alone.",
     .bad = "# .github/workflows/build.yaml, with a patch that adds keystone/policy.yaml\n"
            "- run: git -C src/keystone apply \"$PWD\"/patches/keystone/2025.2/*.patch\n",
     .good = "# .github/workflows/build.yaml\n"
             "- run: git -C src/keystone apply --index \"$PWD\"/patches/keystone/2025.2/*.patch\n",
     .check = check_adds_unpackaged_file},
    {.name = "patch-missing-in-newer-release",
     .severity = Severity::info,
     .needs = Needs::upstream,
     .summary = "patch whose change a newer release neither has nor carries",
     .doc =
         "A release carries the patch; a newer one has neither the change in its source nor a patch with it, so what "
         "was mended comes back with the upgrade. The same change is known by its `Change-Id`, its subject, an equal "
         "diff, the commit it was picked from, or since it applies in reverse. A release without any of the patch's "
         "files is left out.\n\nCopy the patch, or let it be where the newer release does not need it.",
     .bad = "# files, where the tree of 2025.2 lacks the change too\n"
            "patches/keystone/2025.1/0001-backlog.patch\n",
     .good = "# files\n"
             "patches/keystone/2025.1/0001-backlog.patch\n"
             "patches/keystone/2025.2/0001-backlog.patch\n",
     .check = check_missing_in_newer_release},
};

}  // namespace

std::span<const Rule> patch_wiring_rules() {
  return rules;
}

}  // namespace forge::rules
