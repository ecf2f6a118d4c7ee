#include <algorithm>
#include <map>
#include <optional>
#include <ranges>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/model/closure_words.hpp"
#include "engine/model/component_closure.hpp"
#include "engine/model/declared_requirements.hpp"
#include "engine/plan/plan_sources.hpp"
#include "engine/sbom/parts.hpp"
#include "engine/sbom/purl.hpp"

namespace forge::sbom {

namespace {

using model::ClosurePackage;
using model::PackageFrom;
using plan::PlanSource;

/// The trees that the image's install may build from: its own, and those of the plan's contexts.
class Trees {
 public:
  explicit Trees(const Part& part) : part_(part) {
    for (const PlanSource& source : part.target.sources) {
      const auto& declared = model::declared_requirements(part.snapshot, part.target.release, source.component);
      if (declared && declared->declared.name) by_name_.emplace(declared->declared.name->str(), &source);
    }
  }

  [[nodiscard]] const PlanSource* named(const std::string& package) const {
    const auto found = by_name_.find(package);
    return found == by_name_.end() ? nullptr : found->second;
  }

  /// Every tree, where nothing tells which of them are installed.
  void add_all() const {
    for (const PlanSource& source : part_.target.sources) (void)add(source);
  }

  /// Its ref in the document.
  [[nodiscard]] Component& add(const PlanSource& source) const {
    Component component = source_component(part_, source);
    add_linked_trees(part_, source, component);
    return part_.sbom.components.emplace_back(std::move(component));
  }

 private:
  const Part& part_;
  std::map<std::string, const PlanSource*, std::less<>> by_name_;
};

std::string old_versions(const std::vector<const formats::Pin*>& pins) {
  std::vector<std::string> versions;
  versions.reserve(pins.size());
  for (const formats::Pin* pin : pins) versions.push_back(pin->requirement_text());
  return join(versions, ", ");
}

void tell_override(const formats::Override& entry, const SourceFilePtr& file,
                   const std::vector<const formats::Pin*>& replaced, Component& component) {
  component.properties.emplace_back("forge:override", file->path());
  if (!replaced.empty()) component.properties.emplace_back("forge:override:replaces", old_versions(replaced));
  component.properties.emplace_back("forge:override:reason", entry.reason.empty() ? "none given" : entry.reason);
}

/// Why no pin decides its version, where an override took it away.
void tell_removed_pin(const Part& part, const PackageName& name, Component& component) {
  for (const model::RemovedPin& removed : model::effective_pins(part.snapshot, part.target.release).removed)
    if (removed.entry->name == name) tell_override(*removed.entry, removed.file, removed.pins, component);
}

void tell_index_file(const ClosurePackage& package, Component& component) {
  if (!package.file) return;
  component.sha256 = package.file->sha256;
  component.properties.emplace_back("forge:file", package.file->file_name);
  if (package.file->yanked)
    component.properties.emplace_back(
        "forge:yanked", package.file->yanked_reason.empty() ? "no reason given" : package.file->yanked_reason);
}

void tell_license(const ClosurePackage& package, Component& component) {
  if (package.metadata == nullptr) return;
  component.license_expression = package.metadata->core.license_expression;
  if (component.license_expression.empty()) component.licenses = package.metadata->core.licenses;
}

Component from_index(const Part& part, const ClosurePackage& package) {
  Component component{
      .ref = {}, .kind = Component::Kind::library, .name = package.spelling, .version = package.version};
  component.purl = pypi_purl(package.spelling, package.version);
  component.ref = component.purl;
  tell_index_file(package, component);
  tell_license(package, component);
  if (package.floats())
    component.properties.emplace_back("forge:version:moves", "not pinned: another build may take another version");
  if (package.version.empty()) component.properties.emplace_back("forge:not-examined", "which version is installed");
  if (!package.unknown.empty()) component.properties.emplace_back("forge:not-examined", "what it requires");
  if (package.pin != nullptr && package.pin->entry != nullptr)
    tell_override(*package.pin->entry, package.pin->file, package.pin->replaces, component);
  tell_removed_pin(part, package.name, component);
  return component;
}

/// Edges from those who require to what they require.
void add_edges(const model::Closure& closure, const std::map<std::string, std::string>& refs, Sbom& sbom) {
  for (const ClosurePackage& package : closure.packages) {
    const std::string& ref = refs.at(package.name.str());
    for (const model::Requirer& by : package.required_by) {
      const auto who = refs.find(by.name);
      Component* component = by.name.empty() || who == refs.end() ? &sbom.root : sbom.find(who->second);
      if (component != nullptr) component->depends_on.push_back(ref);
    }
  }
}

void add_gaps(const model::Closure& closure, Sbom& sbom) {
  std::map<std::string, std::vector<std::string>> packages_by_cause;
  for (const ClosurePackage& package : closure.packages)
    if (package.failure) packages_by_cause[package.failure->message].push_back(package.spelling);
  for (const auto& [cause, packages] : packages_by_cause)
    sbom.gaps.push_back({fmt::format("what these packages are and require: {}", join(packages, ", ")), cause});
  std::vector<std::string> uncertain;
  for (const ClosurePackage& package : closure.packages)
    if (!package.failure && !package.unknown.empty()) uncertain.push_back(package.spelling);
  if (!uncertain.empty())
    sbom.gaps.push_back({fmt::format("what these packages require: {}", join(uncertain, ", ")),
                         "only a build of them can tell", false});
  for (const auto& conflict : closure.conflicts)
    if (conflict.stops) sbom.conflicts.push_back(model::words_for(conflict));
}

void add_closure(const Part& part, const Trees& trees, const model::Closure& closure) {
  std::map<std::string, std::string> refs;
  for (const ClosurePackage& package : closure.packages) {
    const PlanSource* tree = package.from == PackageFrom::source ? trees.named(package.name.str()) : nullptr;
    if (tree == nullptr) {
      const Component& added = part.sbom.components.emplace_back(from_index(part, package));
      refs.emplace(package.name.str(), added.ref);
      continue;
    }
    Component& added = trees.add(*tree);
    added.properties.emplace_back("forge:python-package", package.spelling);
    tell_removed_pin(part, package.name, added);
    refs.emplace(package.name.str(), added.ref);
  }
  add_edges(closure, refs, part.sbom);
  add_gaps(closure, part.sbom);
}

/// A component without a tree to read: what source-refs.yaml says of it, and its patches.
void add_unread_tree(const Part& part, const Failure& failure) {
  const std::string& image = part.target.image;
  PlanSource source{
      .component = image, .release = part.target.release, .ref = {}, .commit = {}, .version = {}, .path = {}};
  const auto* refs = part.snapshot.source_refs(part.target.release);
  const formats::SourceRef* entry = refs == nullptr ? nullptr : (*refs)->find(image);
  if (entry != nullptr && entry->ref) source.ref = entry->ref->value;
  Component component = source_component(part, source);
  component.properties.emplace_back("forge:not-examined", "its commit and what it requires");
  part.sbom.gaps.push_back({fmt::format("the source of {}, and what an install of it brings", image), failure.message});
  part.sbom.root.depends_on.push_back(component.ref);
  part.sbom.components.push_back(std::move(component));
}

}  // namespace

void add_python(const Part& part) {
  const std::string& release = part.target.release;
  const std::string& image = part.target.image;
  const auto& own = plan::plan_source(part.snapshot, image, release);
  if (!own) return add_unread_tree(part, own.error());
  part.sbom.time = own->time;
  const Trees trees(part);
  const bool native = model::is_native(part.snapshot, release, image);
  const auto* closure =
      native ? nullptr : &model::component_closure(part.snapshot, release, image, part.request.platform);
  if (closure != nullptr && *closure) return add_closure(part, trees, (*closure)->closure);
  trees.add_all();
  part.sbom.root.depends_on.push_back(fmt::format("source/{}", image));
  if (!native)
    part.sbom.gaps.push_back(
        {fmt::format("which Python packages an install of {} brings", image), closure->error().message});
}

}  // namespace forge::sbom
