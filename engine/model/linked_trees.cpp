#include "engine/model/linked_trees.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/git/object_hash.hpp"
#include "engine/model/image_graph.hpp"

namespace forge::model {

namespace {

constexpr std::size_t most_modules_bytes = 1U << 16U;

/// The values of `path = …`. Git's own quoting and escapes do not occur in names of folders that a component can have.
std::vector<std::string> module_paths(std::string_view text) {
  std::vector<std::string> paths;
  for (const std::string_view line : split(text, '\n')) {
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos || trim(line.substr(0, equals)) != "path") continue;
    paths.emplace_back(trim(line.substr(equals + 1)));
  }
  std::ranges::sort(paths);
  const auto repeated = std::ranges::unique(paths);
  paths.erase(repeated.begin(), repeated.end());
  return paths;
}

Result<SeriesBase> read_base_at_ref(const workspace::Snapshot& snapshot, std::string_view component,
                                    std::string_view release) {
  const auto* refs = snapshot.source_refs(release);
  const formats::SourceRef* entry = refs == nullptr ? nullptr : (*refs)->find(component);
  if (entry == nullptr || !entry->ref)
    return fail(Failure::Kind::not_found, fmt::format("`{}` has no ref in release `{}`.", component, release));
  SeriesBase base{.repository = {}, .commit = {}, .component = std::string(component), .ref = entry->ref->value};
  FORGE_TRY_ASSIGN(base.repository, snapshot.upstreams().open(component));
  FORGE_TRY_ASSIGN(const git::ResolvedRef ref, base.repository->resolve(base.ref));
  base.commit = ref.commit;
  return base;
}

/// Every rule on patches asks for it.
const Result<SeriesBase>& base_at_ref(const workspace::Snapshot& snapshot, std::string_view component,
                                      std::string_view release) {
  return snapshot.once<Result<SeriesBase>>(fmt::format("{}/{}", release, component),
                                           [&] { return read_base_at_ref(snapshot, component, release); });
}

Result<std::vector<LinkedTree>> linked_at_ref(const workspace::Snapshot& snapshot, std::string_view component,
                                              std::string_view release) {
  FORGE_TRY_ASSIGN(const SeriesBase base, base_at_ref(snapshot, component, release));
  FORGE_TRY_ASSIGN(const git::CommitInfo commit, base.repository->commit(base.commit));
  return linked_trees(*base.repository, commit.tree);
}

}  // namespace

std::string linked_component(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return std::string(slash == std::string_view::npos ? path : path.substr(slash + 1));
}

Result<std::vector<LinkedTree>> linked_trees(const git::Repository& repository, const git::ObjectId& tree) {
  std::vector<LinkedTree> out;
  FORGE_TRY_ASSIGN(const std::optional<git::TreeEntry> modules, repository.entry(tree, ".gitmodules"));
  if (!modules || modules->mode == git::mode_folder || modules->mode == git::mode_submodule) return out;
  FORGE_TRY_ASSIGN(const git::BlobPtr text, repository.blob(modules->id));
  if (text->size() > most_modules_bytes) return out;
  for (std::string& path : module_paths(*text)) {
    if (path.empty() || path.starts_with('/') || path.ends_with('/')) continue;
    FORGE_TRY_ASSIGN(const std::optional<git::TreeEntry> link, repository.entry(tree, path));
    if (!link || link->mode != git::mode_submodule) continue;
    std::string component = linked_component(path);
    out.push_back({std::move(path), std::move(component), link->id});
  }
  return out;
}

std::string linked_series_name(std::string_view outer, std::string_view inner) {
  return fmt::format("{}-{}", outer, inner);
}

std::optional<LinkedName> linked_name(const workspace::Snapshot& snapshot, std::string_view component) {
  if (is_component(snapshot, component)) return std::nullopt;
  for (std::size_t dash = component.find('-'); dash != std::string_view::npos; dash = component.find('-', dash + 1)) {
    const std::string_view outer = component.substr(0, dash);
    const std::string_view inner = component.substr(dash + 1);
    if (is_component(snapshot, outer) && is_component(snapshot, inner))
      return LinkedName{std::string(outer), std::string(inner)};
  }
  return std::nullopt;
}

Result<SeriesBase> series_base(const workspace::Snapshot& snapshot, std::string_view component,
                               std::string_view release) {
  const std::optional<LinkedName> linked = linked_name(snapshot, component);
  if (!linked) return base_at_ref(snapshot, component, release);
  const auto& trees = linked_trees(snapshot, linked->outer, std::string(release));
  if (!trees) return tl::unexpected<Failure>(trees.error());
  const auto tree = std::ranges::find(*trees, linked->inner, &LinkedTree::component);
  if (tree == trees->end())
    return fail(Failure::Kind::not_found, fmt::format("The tree of `{}` of release `{}` has no submodule `{}`.",
                                                      linked->outer, release, linked->inner));
  SeriesBase base{
      .repository = {}, .commit = tree->commit, .component = linked->inner, .ref = tree->commit.abbreviated()};
  FORGE_TRY_ASSIGN(base.repository, open_linked(snapshot, linked->outer, *tree));
  return base;
}

const Result<std::vector<LinkedTree>>& linked_trees(const workspace::Snapshot& snapshot, const std::string& component,
                                                    const std::string& release) {
  return snapshot.once<Result<std::vector<LinkedTree>>>(fmt::format("trees linked by {}/{}", release, component),
                                                        [&] { return linked_at_ref(snapshot, component, release); });
}

bool lacks_linked(const workspace::Snapshot& snapshot, const LinkedName& name, std::string_view release) {
  const auto& trees = linked_trees(snapshot, name.outer, std::string(release));
  return trees && std::ranges::find(*trees, name.inner, &LinkedTree::component) == trees->end();
}

std::string patched_component(const workspace::Snapshot& snapshot, std::string_view component) {
  const std::optional<LinkedName> linked = linked_name(snapshot, component);
  return linked ? linked->outer : std::string(component);
}

std::string series_upstream(const workspace::Snapshot& snapshot, std::string_view component) {
  const std::optional<LinkedName> linked = linked_name(snapshot, component);
  return linked ? linked->inner : std::string(component);
}

Result<git::RepositoryPtr> open_linked(const workspace::Snapshot& snapshot, std::string_view outer,
                                       const LinkedTree& linked) {
  const std::string what =
      fmt::format("The tree of `{}` links `{}` at commit {}", outer, linked.path, linked.commit.hex());
  const Result<git::RepositoryPtr> repository = snapshot.upstreams().open(linked.component);
  if (!repository) {
    Failure failure = repository.error();
    failure.message =
        fmt::format("{}, and the repository of `{}` can't be read: {}", what, linked.component, failure.message);
    failure.hints.push_back(
        fmt::format("a ref for `{0}` in source-refs.yaml, and its git URL under `upstreams` in forge.yaml, let `mirror "
                    "sync` get it",
                    linked.component));
    return tl::unexpected(std::move(failure));
  }
  if (!(*repository)->commit(linked.commit))
    return fail(Failure::Kind::unavailable,
                fmt::format("{}, which the mirror of `{}` does not have.", what, linked.component),
                {"run `forge-analyze mirror sync`",
                 fmt::format("if it is still missing, `upstreams` in forge.yaml names another repository for `{}` than "
                             "the one that `{}` links",
                             linked.component, outer)});
  return *repository;
}

}  // namespace forge::model
