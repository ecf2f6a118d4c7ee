#include "engine/plan/source_identity.hpp"

#include <optional>
#include <vector>

#include <fmt/format.h>

#include "engine/base/sha256.hpp"
#include "engine/model/linked_trees.hpp"
#include "engine/model/patch_series.hpp"

namespace forge::plan {

namespace {

using workspace::PatchSeries;
using workspace::Snapshot;

/// The id of the tree with the series on it.
Result<std::string> patched_tree(const Snapshot& snapshot, const PatchSeries* series, const git::Repository& repository,
                                 const git::ObjectId& commit) {
  if (series == nullptr || series->patches.empty()) {
    FORGE_TRY_ASSIGN(const git::CommitInfo info, repository.commit(commit));
    return info.tree.hex();
  }
  const Result<model::SeriesPlacement>& placed = model::series_placement(snapshot, *series);
  if (!placed) return tl::unexpected(placed.error());
  if (!placed->tree)
    return fail(Failure::Kind::invalid,
                fmt::format("The patches for `{}` of {} do not apply.", series->component, series->release));
  return placed->tree->hex();
}

Result<std::string> linked_text(const Snapshot& snapshot, const PlanSource& source, const model::LinkedTree& linked) {
  FORGE_TRY_ASSIGN(const git::RepositoryPtr repository, model::open_linked(snapshot, source.component, linked));
  const std::string series = model::linked_series_name(source.component, linked.component);
  const bool of_copy = model::linked_name(snapshot, series).has_value();
  const PatchSeries* patches = of_copy ? snapshot.patch_series(series, source.release) : nullptr;
  FORGE_TRY_ASSIGN(const std::string tree, patched_tree(snapshot, patches, *repository, linked.commit));
  return fmt::format("linked {} {} {}\n", linked.path.size(), linked.path, tree);
}

}  // namespace

Result<std::string> source_identity(const Snapshot& snapshot, const PlanSource& source) {
  FORGE_TRY_ASSIGN(const git::RepositoryPtr repository, snapshot.upstreams().open(source.component));
  const std::optional<git::ObjectId> commit = git::ObjectId::from_hex(source.commit);
  if (!commit) return fail(Failure::Kind::invalid, fmt::format("The commit of `{}` is not known.", source.component));
  const PatchSeries* series = snapshot.patch_series(source.component, source.release);
  FORGE_TRY_ASSIGN(const std::string tree, patched_tree(snapshot, series, *repository, *commit));
  // The commit is in pbr.json, the version in PKG-INFO.
  std::string text = fmt::format("tree {}\ncommit {}\nversion {}\n", tree, commit->abbreviated(), source.version);
  const Result<std::vector<model::LinkedTree>>& linked =
      model::linked_trees(snapshot, source.component, source.release);
  if (!linked) return tl::unexpected(linked.error());
  for (const model::LinkedTree& one : *linked) {
    FORGE_TRY_ASSIGN(const std::string line, linked_text(snapshot, source, one));
    text += line;
  }
  return "sha256:" + sha256_hex(text);
}

}  // namespace forge::plan
