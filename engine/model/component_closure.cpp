#include "engine/model/component_closure.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/model/declared_requirements.hpp"
#include "engine/model/image_installs.hpp"
#include "engine/model/published_version.hpp"
#include "engine/model/requirement_check.hpp"

namespace forge::model {

namespace {

using workspace::Snapshot;

WrittenRequirement written(const ComponentRequirements& tree, const formats::DeclaredRequirement& declared,
                           const std::string& extra) {
  return {
      .requirement = declared.requirement, .text = declared.text, .extra = extra, .place = tree.place(declared.place)};
}

/// The tree as an installer sees it once it is built.
SourceComponent source_of(const ComponentRequirements& tree, const PackageName& name,
                          const Result<std::string>& version) {
  SourceComponent source{.name = name,
                         .version = version ? formats::Version::parse(*version) : std::nullopt,
                         .requirements = {},
                         .extras = {}};
  for (const auto& declared : tree.declared.runtime) source.requirements.push_back(written(tree, declared, {}));
  for (const auto& extra : tree.declared.extras) {
    source.extras.push_back(extra.name);
    for (const auto& declared : extra.requirements) source.requirements.push_back(written(tree, declared, extra.name));
  }
  std::ranges::sort(source.extras);
  return source;
}

WrittenRequirement root_of(const PackageName& name, const std::set<std::string>& extras) {
  std::string text = name.str();
  if (!extras.empty()) text += "[" + join(extras, ",") + "]";
  return {.requirement = *formats::parse_requirement(text), .text = std::move(text)};
}

/// Adds one tree with the extras that are asked for; a word that is no name is a matter of the rules on extras.
Result<void> add_tree(const Snapshot& snapshot, const std::string& release, const InstalledTree& tree,
                      const std::vector<std::string>& more_extras, ClosureRequest& request) {
  const Result<ComponentRequirements>& declared = declared_requirements(snapshot, release, tree.component);
  if (!declared) return tl::unexpected<Failure>(declared.error());
  if (declared->native)
    return fail(Failure::Kind::invalid, fmt::format("`{}` is no Python project: it is built by configure and make, so "
                                                    "an install of it brings no packages.",
                                                    tree.component));
  const std::optional<PackageName>& name = declared->declared.name;
  if (!name)
    return fail(Failure::Kind::invalid, fmt::format("The tree of `{}` at `{}` does not say which package it is.",
                                                    tree.component, declared->ref));
  std::set<std::string> extras;
  const auto take = [&](const std::string& word) {
    if (const auto extra = PackageName::parse(word)) extras.insert(extra->str());
  };
  for (const AskedExtra& extra : tree.extras) take(extra.name);
  for (const std::string& extra : more_extras) take(extra);
  request.sources.push_back(source_of(*declared, *name, source_version(snapshot, release, tree.component)));
  request.roots.push_back(root_of(*name, extras));
  return {};
}

/// The component itself first, then what its image installs beside it.
Result<void> add_installs(const Snapshot& snapshot, const std::string& release, const std::string& component,
                          const std::vector<std::string>& extras, ClosureRequest& request) {
  static const ImageInstalls nothing;
  const bool has_image = snapshot.is_service(component);
  const ImageInstalls& installs = has_image ? image_installs(snapshot, release, component) : nothing;
  const auto own = std::ranges::find(installs.trees, component, &InstalledTree::component);
  FORGE_TRY(
      add_tree(snapshot, release, own == installs.trees.end() ? InstalledTree{component, {}} : *own, extras, request));
  for (const InstalledTree& tree : installs.trees) {
    if (tree.component != component) FORGE_TRY(add_tree(snapshot, release, tree, {}, request));
  }
  for (const InstalledPackage& package : installs.packages)
    request.roots.push_back({.requirement = package.requirement, .text = package.text, .place = package.place});
  return {};
}

formats::MarkerEnvironment environment_of(const Snapshot& snapshot, const std::string& platform) {
  for (const TargetEnvironment& target : target_environments(snapshot)) {
    if (target.platform == platform) return target.markers;
  }
  return formats::MarkerEnvironment::linux_cpython(snapshot.config().python, formats::machine_of_platform(platform));
}

/// Of the closures of one platform.
const PublishedVersions& published_versions(const Snapshot& snapshot, const std::string& platform) {
  using Shared = std::shared_ptr<const PublishedVersions>;
  return *snapshot.once<Shared>(platform, [] { return std::make_shared<const PublishedVersions>(); });
}

Result<ComponentClosure> compute(const Snapshot& snapshot, const std::string& release, const std::string& component,
                                 const std::string& platform, const std::vector<std::string>& extras) {
  if (snapshot.index() == nullptr) return fail(Failure::Kind::unavailable, "There is no package index to ask.");
  const formats::ForgeConfig& config = snapshot.config();
  ClosureRequest request{.sources = {},
                         .roots = {},
                         .environment = environment_of(snapshot, platform),
                         .target = formats::wheel_target(config.python, platform, config.distro)};
  FORGE_TRY(add_installs(snapshot, release, component, extras, request));
  return ComponentClosure{
      release, component, platform, request.sources.front().name,
      closure(request, effective_pins(snapshot, release), *snapshot.index(), published_versions(snapshot, platform))};
}

}  // namespace

const Result<ComponentClosure>& component_closure(const Snapshot& snapshot, const std::string& release,
                                                  const std::string& component, const std::string& platform,
                                                  const std::vector<std::string>& extras) {
  const std::string key = fmt::format("{}/{}/{}/{}", release, component, platform, join(extras, ","));
  return snapshot.once<Result<ComponentClosure>>(
      key, [&] { return compute(snapshot, release, component, platform, extras); });
}

}  // namespace forge::model
