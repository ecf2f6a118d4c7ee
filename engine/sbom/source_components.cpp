#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "engine/git/locations.hpp"
#include "engine/model/linked_trees.hpp"
#include "engine/sbom/parts.hpp"
#include "engine/sbom/patch_pedigree.hpp"
#include "engine/sbom/purl.hpp"

namespace forge::sbom {

namespace {

/// What the world knows a component's upstream by.
struct Upstream {
  std::string url{};    ///< empty: only on this machine
  std::string sdist{};  ///< the package whose released archives stand for a repository
};

Upstream upstream_of(const Part& part, const std::string& component) {
  git::LocationOptions options{.root = {}, .mirror_folder = {}};
  options.upstream = part.request.upstream;
  const Result<git::Location> place = git::locate(part.snapshot.config(), options, component);
  if (!place) return {};
  if (!place->sdist.empty()) return {.url = {}, .sdist = place->sdist};
  if (!git::is_remote_url(place->url)) return {};
  return {.url = as_uri(place->public_url()), .sdist = {}};
}

Component tree_component(const Part& part, const std::string& component, const std::string& commit,
                         const std::string& version) {
  const Upstream upstream = upstream_of(part, component);
  Component out{.ref = {}, .kind = Component::Kind::library, .name = component, .version = version};
  out.purl = upstream.sdist.empty() ? source_purl(upstream.url, commit, component, version)
                                    : pypi_purl(upstream.sdist, version);
  out.ref = fmt::format("source/{}", component);
  out.vcs_url = upstream.url;
  if (upstream.sdist.empty()) out.commit = commit;  // else only this machine's import has it
  return out;
}

void add_patches(const Part& part, const workspace::PatchSeries* series, Component& component) {
  if (series == nullptr || series->patches.empty()) return;
  component.patches = pedigree_of(part.snapshot, *series);
  component.ancestor = Ancestor{component.name, component.version, component.purl};
  for (const PatchPedigree& patch : component.patches) {
    component.properties.emplace_back("forge:patch", fmt::format("{} sha256:{}", patch.path, patch.sha256));
    if (!patch.upstream.empty())
      component.properties.emplace_back("forge:patch:upstream", fmt::format("{} {}", patch.path, patch.upstream));
  }
}

}  // namespace

Component source_component(const Part& part, const plan::PlanSource& source) {
  Component out = tree_component(part, source.component, source.commit, source.version);
  if (source.component == part.target.image) out.kind = Component::Kind::application;
  out.properties.emplace_back("forge:ref", source.ref);
  if (source.kind == git::RefKind::branch)
    out.properties.emplace_back("forge:ref:moves", "a branch: another build may take another commit");
  add_patches(part, part.snapshot.patch_series(source.component, source.release), out);
  return out;
}

void add_linked_trees(const Part& part, const plan::PlanSource& source, Component& outer) {
  const auto& linked = model::linked_trees(part.snapshot, source.component, source.release);
  if (!linked) return;  // the tree itself could be read, or that is said already
  for (const model::LinkedTree& tree : *linked) {
    Component inner = tree_component(part, tree.component, tree.commit.hex(), {});
    inner.ref = fmt::format("source/{}/{}", source.component, tree.path);
    inner.properties.emplace_back("forge:linked-at", tree.path);
    add_patches(part,
                part.snapshot.patch_series(model::linked_series_name(source.component, tree.component), source.release),
                inner);
    outer.depends_on.push_back(inner.ref);
    part.sbom.components.push_back(std::move(inner));
  }
}

}  // namespace forge::sbom
