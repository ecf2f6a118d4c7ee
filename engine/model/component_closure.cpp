#include "engine/model/component_closure.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/model/declared_requirements.hpp"
#include "engine/model/requirement_check.hpp"

namespace forge::model {

namespace {

using workspace::Snapshot;

WrittenRequirement written(const ComponentRequirements& tree, const formats::DeclaredRequirement& declared,
                           const std::string& extra) {
  return {.requirement = declared.requirement,
          .text = declared.text,
          .extra = extra,
          .place = tree.place(declared.place)};
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
    for (const auto& declared : extra.requirements)
      source.requirements.push_back(written(tree, declared, extra.name));
  }
  std::ranges::sort(source.extras);
  return source;
}

/// `text` as it stands in a list of the forge; nothing where it is no requirement, which a rule of its own reports.
std::optional<WrittenRequirement> root_of(std::string text, std::optional<Place> place) {
  auto requirement = formats::parse_requirement(text);
  if (!requirement) return std::nullopt;
  return WrittenRequirement{.requirement = *std::move(requirement), .text = std::move(text), .place = std::move(place)};
}

void add_roots(const Snapshot& snapshot, const std::string& release, const std::string& component,
               const PackageName& name, const std::vector<std::string>& more_extras, ClosureRequest& request) {
  std::set<std::string> extras(more_extras.begin(), more_extras.end());
  const auto* listed = snapshot.extra_packages(release);
  const formats::ServiceExtras* own = listed != nullptr ? (*listed)->find(component) : nullptr;
  if (own != nullptr) {
    for (const auto& extra : own->pip_extras) extras.insert(extra.value);
  }
  const std::string brackets = extras.empty() ? std::string() : "[" + join(extras, ",") + "]";
  auto root = root_of(name.str() + brackets, std::nullopt);
  if (!root) root = root_of(name.str(), std::nullopt);  // an extra that is no name; extra-packages-schema says so
  request.roots.push_back(*std::move(root));
  if (own == nullptr) return;
  for (const auto& package : own->pip_packages) {
    if (auto one = root_of(package.value, Place{listed->file, package.span})) request.roots.push_back(*std::move(one));
  }
}

formats::MarkerEnvironment environment_of(const Snapshot& snapshot, const std::string& platform) {
  for (const TargetEnvironment& target : target_environments(snapshot)) {
    if (target.platform == platform) return target.markers;
  }
  return formats::MarkerEnvironment::linux_cpython(snapshot.config().python, formats::machine_of_platform(platform));
}

Result<ComponentClosure> compute(const Snapshot& snapshot, const std::string& release, const std::string& component,
                                 const std::string& platform, const std::vector<std::string>& extras) {
  if (snapshot.index() == nullptr) return fail(Failure::Kind::unavailable, "There is no package index to ask.");
  const Result<ComponentRequirements>& tree = declared_requirements(snapshot, release, component);
  if (!tree) return tl::unexpected<Failure>(tree.error());
  if (!tree->declared.name)
    return fail(Failure::Kind::invalid, fmt::format("The tree of `{}` at `{}` does not say which package it is.",
                                                    component, tree->ref));
  const formats::ForgeConfig& config = snapshot.config();
  ClosureRequest request{.sources = {},
                         .roots = {},
                         .environment = environment_of(snapshot, platform),
                         .target = formats::wheel_target(config.python, platform, config.distro)};
  request.sources.push_back(
      source_of(*tree, *tree->declared.name, source_version(snapshot, release, component)));
  add_roots(snapshot, release, component, *tree->declared.name, extras, request);
  return ComponentClosure{release, component, platform, *tree->declared.name,
                          closure(request, effective_pins(snapshot, release), *snapshot.index())};
}

}  // namespace

const Result<ComponentClosure>& component_closure(const Snapshot& snapshot, const std::string& release,
                                                  const std::string& component, const std::string& platform,
                                                  const std::vector<std::string>& extras) {
  const std::string key = fmt::format("{}/{}/{}/{}", release, component, platform, join(extras, ","));
  return snapshot.once<Result<ComponentClosure>>(key,
                                                 [&] { return compute(snapshot, release, component, platform, extras); });
}

}  // namespace forge::model
