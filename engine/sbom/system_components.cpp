#include <algorithm>
#include <array>
#include <map>
#include <set>

#include <fmt/format.h>

#include "engine/formats/debian_control.hpp"
#include "engine/model/apt_closure.hpp"
#include "engine/model/distribution_packages.hpp"
#include "engine/model/package_set.hpp"
#include "engine/model/stage_packages.hpp"
#include "engine/sbom/parts.hpp"
#include "engine/sbom/purl.hpp"

namespace forge::sbom {

namespace {

/// Name -> the file that asks for it; of several the first.
using Asked = std::map<std::string, std::string, std::less<>>;

/// A tree's own bindep.txt counts only where the image runs bindep at all.
bool runs_bindep(const workspace::Snapshot& snapshot, const std::string& image) {
  const auto* dockerfile = snapshot.dockerfile(image);
  return dockerfile != nullptr && dockerfile->file->text().find("bindep") != std::string_view::npos;
}

Asked asked_packages(const Part& part, const model::StageInstalls& installs) {
  Asked asked;
  const std::string& image = part.target.image;
  for (const model::StageInstall& install : installs.runtime)
    asked.try_emplace(install.name, install.place.file->path());
  for (const auto& package :
       model::forge_packages(part.snapshot, part.target.release, image, model::PackagePhase::runtime))
    asked.try_emplace(package.name, package.file->path());
  if (part.target.release.empty() || !runs_bindep(part.snapshot, image)) return asked;
  const model::PackageSets& sets = model::package_sets(part.snapshot, part.target.release, image);
  if (sets.failure)
    part.sbom.gaps.push_back({fmt::format("which system packages {} asks for", image), sets.failure->message});
  for (const model::SystemPackage& package : sets.runtime)
    if (package.origin == model::PackageOrigin::upstream_bindep) asked.try_emplace(package.name, package.file->path());
  return asked;
}

std::vector<std::string> names_in(const Asked& asked) {
  std::vector<std::string> names;
  names.reserve(asked.size());
  for (const auto& [name, file] : asked) names.push_back(name);
  return names;
}

/// `ubuntu`, `noble` of `ubuntu:noble`.
std::pair<std::string, std::string> distribution_of(const Part& part) {
  const std::string& distro = part.snapshot.config().distro;
  const std::size_t colon = distro.find(':');
  return {distro.substr(0, colon), colon == std::string::npos ? std::string() : distro.substr(colon + 1)};
}

Component package_component(const Part& part, std::string_view name, const index::ListedPackage* package) {
  const auto [distro, codename] = distribution_of(part);
  const std::string version(package == nullptr ? std::string_view() : package->version);
  Component component{.ref = {}, .kind = Component::Kind::library, .name = std::string(name), .version = version};
  component.purl = purl(
      "deb", distro, name, version,
      {{"arch", std::string(package == nullptr ? std::string_view() : package->architecture)}, {"distro", codename}});
  component.ref = component.purl;
  if (package != nullptr && package->source != package->name)
    component.properties.emplace_back("forge:source-package", package->source);
  return component;
}

void tell_origin(const Asked& asked, const std::set<std::string_view>& in_base, Component& component) {
  const auto by = asked.find(component.name);
  if (in_base.contains(component.name))
    component.properties.emplace_back("forge:from", "the distribution's image, whose version may be an older one");
  else if (by == asked.end())
    component.properties.emplace_back("forge:from", "required by other packages");
  if (by != asked.end()) component.properties.emplace_back("forge:asked-by", by->second);
}

/// What stands for each name among the packages that are installed.
std::map<std::string, std::string, std::less<>> refs_by_name(const model::AptClosure& closure,
                                                             const std::vector<Component>& components) {
  std::map<std::string, std::string, std::less<>> refs;
  for (const Component& component : components) refs.emplace(component.name, component.ref);
  for (std::size_t i = 0; i < components.size(); ++i)
    for (const auto& group : formats::parse_relations(closure.installs[i].version.package.provides))
      for (const formats::PackageRelation& provided : group)
        refs.try_emplace(std::string(provided.name), components[i].ref);
  return refs;
}

void add_edges(const model::AptClosure& closure, std::vector<Component>& components, Component& root) {
  const auto refs = refs_by_name(closure, components);
  for (std::size_t i = 0; i < components.size(); ++i) {
    const index::ListedPackage& package = closure.installs[i].version.package;
    for (const std::string_view field : {package.pre_depends, package.depends}) {
      for (const formats::RelationGroup& group : formats::parse_relations(field)) {
        const auto met = std::ranges::find_if(group, [&](const auto& one) { return refs.contains(one.name); });
        if (met == group.end()) continue;
        const std::string& ref = refs.find(met->name)->second;
        if (ref != components[i].ref) components[i].depends_on.push_back(ref);
      }
    }
    if (closure.installs[i].asked) root.depends_on.push_back(components[i].ref);
  }
}

void tell_gaps(const Part& part, const model::AptClosure& closure) {
  for (const std::string& name : closure.unknown) {
    Component component = package_component(part, name, nullptr);
    component.properties.emplace_back("forge:not-examined", "the distribution's package lists have no such package");
    part.sbom.root.depends_on.push_back(component.ref);
    part.sbom.components.push_back(std::move(component));
    part.sbom.gaps.push_back(
        {fmt::format("the system package {}", name),
         fmt::format("The package lists of {} have no `{}`.", part.snapshot.config().distro, name)});
  }
  for (const model::AptUnmet& unmet : closure.unmet)
    part.sbom.conflicts.push_back(fmt::format("`{}` {} `{}`, which no package can satisfy here.", unmet.package,
                                              unmet.conflict ? "conflicts with" : "depends on", unmet.relation));
}

/// Without package lists, the names that are asked for are all there is to say.
void add_names_only(const Part& part, const Asked& asked, const std::string& cause) {
  for (const auto& [name, file] : asked) {
    Component component = package_component(part, name, nullptr);
    component.properties.emplace_back("forge:asked-by", file);
    component.properties.emplace_back("forge:not-examined", "its version and what it requires");
    part.sbom.root.depends_on.push_back(component.ref);
    part.sbom.components.push_back(std::move(component));
  }
  part.sbom.gaps.push_back({"versions of system packages and what they bring", cause});
}

}  // namespace

void add_system(const Part& part) {
  const model::StageInstalls installs = model::stage_installs(part.snapshot, part.target.image);
  const Asked asked = asked_packages(part, installs);
  const auto* cache = model::distribution_packages(part.snapshot, part.request.platform);
  if (cache == nullptr) return add_names_only(part, asked, "There are no package lists to ask.");
  if (!*cache) return add_names_only(part, asked, cache->error().message);
  std::vector<std::string> names = names_in(asked);
  std::set<std::string_view> in_base;
  model::AptClosure base;
  if (installs.is_known) {
    std::vector<std::string> required = model::base_system(part.snapshot, **cache, part.request.platform);
    // Lists that are a part of a distribution's may lack what nobody here has asked for.
    std::erase_if(required, [&](const std::string& name) { return !(*cache)->has(name); });
    base = model::apt_closure(**cache, required);
    for (const model::AptInstall& install : base.installs) in_base.insert(install.version.package.name);
    names.insert(names.end(), required.begin(), required.end());
  }
  const model::AptClosure closure = model::apt_closure(**cache, names);
  std::vector<Component> components;
  for (const model::AptInstall& install : closure.installs) {
    Component component = package_component(part, install.version.package.name, &install.version.package);
    tell_origin(asked, in_base, component);
    components.push_back(std::move(component));
  }
  add_edges(closure, components, part.sbom.root);
  std::ranges::move(components, std::back_inserter(part.sbom.components));
  tell_gaps(part, closure);
}

}  // namespace forge::sbom
