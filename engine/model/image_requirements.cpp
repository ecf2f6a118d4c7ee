#include "engine/model/image_requirements.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "engine/model/image_graph.hpp"

namespace forge::model {

namespace {

using workspace::Snapshot;

class Collector {
 public:
  Collector(const Snapshot& snapshot, const std::string& release, const std::string& image)
      : snapshot_(snapshot),
        pins_(effective_pins(snapshot, release)),
        environments_(target_environments(snapshot)),
        installs_(image_installs(snapshot, release, image)) {
    out_.release = release;
    out_.image = image;
  }

  ImageRequirements collect() {
    std::vector<std::pair<const InstalledTree*, const ComponentRequirements*>> trees;
    for (const InstalledTree& tree : installs_.trees) {
      const auto& declared = declared_requirements(snapshot_, out_.release, tree.component);
      out_.complete = out_.complete && declared && declared->declared.runtime_known;
      if (!declared) continue;
      trees.emplace_back(&tree, &*declared);
      out_.trees.push_back(&*declared);
      if (declared->declared.name) built_[declared->declared.name->str()] = tree.component;
    }
    note_patched_libraries();
    for (const auto& [installed, tree] : trees) add_tree(*installed, *tree);
    for (const InstalledPackage& package : installs_.packages) add({.package = &package});
    return std::move(out_);
  }

 private:
  /// By that context a library comes from its tree wherever something requires it, and is not asked for by itself.
  void note_patched_libraries() {
    const ImageNode* node = image_graph(snapshot_).find(out_.image);
    const auto takes_them = [](const ImageNeed& need) { return need.kind == NeedKind::libraries && need.used; };
    if (node == nullptr || std::ranges::none_of(node->needs, takes_them)) return;
    for (const std::string& library : patched_libraries(snapshot_, out_.release)) {
      const auto& declared = declared_requirements(snapshot_, out_.release, library);
      if (declared && declared->declared.name) built_.emplace(declared->declared.name->str(), library);
    }
  }

  void add(ImageRequirement one) {
    std::vector<std::string> active;
    if (one.extra != nullptr) active.push_back(one.extra->name);
    one.answer = check_requirement(one.requirement(), pins_, environments_, active);
    const auto sibling = built_.find(one.requirement().name.str());
    if (sibling != built_.end()) one.sibling = sibling->second;
    out_.requirements.push_back(std::move(one));
  }

  void add_tree(const InstalledTree& installed, const ComponentRequirements& tree) {
    std::vector<std::string> open;
    open.reserve(installed.extras.size());
    for (const AskedExtra& extra : installed.extras) open.push_back(extra.name);
    for (const auto& one : tree.declared.runtime) add({.tree = &tree, .declared = &one});
    std::set<const formats::DeclaredExtra*> seen;
    while (!open.empty()) {
      const formats::DeclaredExtra* extra = tree.declared.find_extra(open.back());
      open.pop_back();
      if (extra == nullptr || !seen.insert(extra).second) continue;
      for (const auto& one : extra->requirements) {
        add({.tree = &tree, .declared = &one, .extra = extra});
        if (one.requirement.name != tree.declared.name) continue;
        for (const auto& more : one.requirement.extras) open.push_back(more.value);
      }
    }
  }

  const Snapshot& snapshot_;
  const EffectivePins& pins_;
  std::vector<TargetEnvironment> environments_;
  const ImageInstalls& installs_;
  std::map<std::string, std::string, std::less<>> built_;  // name -> component
  ImageRequirements out_;
};

}  // namespace

bool ImageRequirements::names(const PackageName& name) const {
  return std::ranges::any_of(
      requirements, [&](const ImageRequirement& one) { return one.applies() && one.requirement().name == name; });
}

const ImageRequirements& image_requirements(const Snapshot& snapshot, const std::string& release,
                                            const std::string& image) {
  return snapshot.once<ImageRequirements>(release + "/" + image,
                                          [&] { return Collector(snapshot, release, image).collect(); });
}

std::vector<const ImageRequirements*> release_requirements(const Snapshot& snapshot, const std::string& release) {
  std::vector<const ImageRequirements*> out;
  for (const std::string& image : images_of(snapshot, release))
    out.push_back(&image_requirements(snapshot, release, image));
  return out;
}

}  // namespace forge::model
