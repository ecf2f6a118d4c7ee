#include "engine/plan/changed_cells.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <set>
#include <string>

#include "engine/base/names.hpp"
#include "engine/base/text.hpp"
#include "engine/formats/version.hpp"
#include "engine/model/image_graph.hpp"
#include "engine/model/linked_trees.hpp"

namespace forge::plan {

namespace {

using model::ImageNode;
using model::NeedKind;
using workspace::Snapshot;
using Names = std::set<std::string, std::less<>>;

std::vector<std::string> changed_paths(const Snapshot& before, const Snapshot& after) {
  std::vector<std::string> all;
  std::ranges::set_union(before.paths(), after.paths(), std::back_inserter(all));
  // A file that did not change is one and the same object in both.
  std::erase_if(all, [&](const std::string& path) {
    const SourceFilePtr file = before.file(path);
    return file != nullptr && file == after.file(path) && before.mode(path) == after.mode(path);
  });
  return all;
}

/// Names a commit for good, by its looks: a tag of a version, or a commit's whole id.
bool is_fixed(const std::string& ref) {
  const std::string_view text = ref.starts_with('v') ? std::string_view(ref).substr(1) : std::string_view(ref);
  return is_full_commit(ref) || formats::Version::parse(text).has_value();
}

class Reach {
 public:
  Reach(const Snapshot& before, const Snapshot& after) : sides_{&before, &after} {}

  /// False where everything can differ.
  bool add(std::string_view path) {
    const std::vector<std::string_view> parts = split(path, '/');
    if (path == "forge.yaml") return false;
    if (parts.size() < 3) return true;
    const std::string second(parts[1]);
    if (parts[0] == "images") images_.insert(second);
    if (parts[0] == "overrides") releases_.insert(second);
    if (parts[0] == "releases") add_release_file(second, parts[2]);
    if (parts[0] == "patches")
      for (const Snapshot* side : sides_) components_.insert(model::patched_component(*side, second));
    return true;
  }

  /// Refs that are another text than before, and those that may mean another commit.
  void add_refs() {
    std::set<std::string> releases(sides_[0]->releases().begin(), sides_[0]->releases().end());
    releases.insert(sides_[1]->releases().begin(), sides_[1]->releases().end());
    for (const std::string& release : releases) {
      add_refs_of(*sides_[0], *sides_[1], release);
      add_refs_of(*sides_[1], *sides_[0], release);
    }
  }

  Cells cells() {
    Cells out;
    for (const Snapshot* side : sides_) {
      const model::ImageGraph& graph = model::image_graph(*side);
      Names reached;  // parents come first
      for (const std::string& image : graph.build_order)
        if (is_reached(*graph.find(image), reached)) reached.insert(image);
      for (const std::vector<std::string>& cycle : graph.cycles) reached.insert(cycle.begin(), cycle.end());
      for (const ImageNode& node : graph.nodes) add_cells(*side, node.image, reached.contains(node.image), out);
    }
    return out;
  }

 private:
  void add_release_file(const std::string& release, std::string_view name) {
    // The refs are compared one by one.
    if (name != "source-refs.yaml") releases_.insert(release);
  }

  void add_refs_of(const Snapshot& side, const Snapshot& other, const std::string& release) {
    const auto* refs = side.source_refs(release);
    if (refs == nullptr) return;
    const auto* others = other.source_refs(release);
    for (const formats::SourceRef& entry : (*refs)->entries) {
      const formats::SourceRef* same = others == nullptr ? nullptr : (*others)->find(entry.component.value);
      const bool equal = same != nullptr && entry.ref && same->ref && entry.ref->value == same->ref->value;
      if (!equal || !is_fixed(entry.ref->value)) components_.insert(entry.component.value);
    }
  }

  [[nodiscard]] bool is_reached(const ImageNode& node, const Names& reached) const {
    if (images_.contains(node.image) || components_.contains(node.image)) return true;
    const auto names = [&](const std::string& parent) { return reached.contains(parent); };
    if (std::ranges::any_of(node.parents, names)) return true;
    return std::ranges::any_of(node.needs, [&](const model::ImageNeed& need) {
      return (need.kind == NeedKind::source && components_.contains(need.target)) ||
             (need.kind == NeedKind::libraries && !components_.empty());
    });
  }

  /// All releases of an image that is reached: only images of one name can take one another's tags.
  void add_cells(const Snapshot& side, const std::string& image, bool reached, Cells& out) const {
    const std::vector<std::string> releases = model::image_releases(side, image);
    if (releases.empty() && reached) out.emplace(image, "");
    for (const std::string& release : releases)
      if (reached || releases_.contains(release)) out.emplace(image, release);
  }

  std::array<const Snapshot*, 2> sides_;
  Names images_;
  Names components_;
  Names releases_;
};

}  // namespace

std::optional<Cells> cells_that_may_differ(const Snapshot& before, const Snapshot& after, const BuildRequest& request) {
  if (!request.global_inputs.empty()) return std::nullopt;
  Reach reach(before, after);
  for (const std::string& path : changed_paths(before, after))
    if (!reach.add(path)) return std::nullopt;
  reach.add_refs();
  return reach.cells();
}

}  // namespace forge::plan
