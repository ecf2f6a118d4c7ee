#include "engine/model/image_graph.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/base/utf8.hpp"
#include "engine/model/image_reference.hpp"
#include "engine/model/known_contexts.hpp"

namespace forge::model {

using formats::ExternalName;
using workspace::Snapshot;

const ImageNode* ImageGraph::find(std::string_view image) const {
  const auto found = std::ranges::lower_bound(nodes, image, {}, &ImageNode::image);
  return found == nodes.end() || found->image != image ? nullptr : &*found;
}

namespace {

/// The releases of every component that has a ref in one.
struct ComponentReleases {
  std::map<std::string, std::vector<std::string>, std::less<>> by_component;
};

/// Asked for each name of each image, so it is read out of the files once.
const ComponentReleases& component_releases(const Snapshot& snapshot) {
  return snapshot.once<ComponentReleases>("", [&] {
    ComponentReleases out;
    for (const std::string& release : snapshot.releases()) {
      const auto* refs = snapshot.source_refs(release);
      if (refs == nullptr) continue;
      for (const formats::SourceRef& entry : (*refs)->entries) {
        std::vector<std::string>& releases = out.by_component[entry.component.value];
        if (releases.empty() || releases.back() != release) releases.push_back(release);
      }
    }
    return out;
  });
}

}  // namespace

std::vector<std::string> releases_with(const Snapshot& snapshot, std::string_view component) {
  const auto& releases = component_releases(snapshot).by_component;
  const auto found = releases.find(component);
  return found == releases.end() ? std::vector<std::string>() : found->second;
}

bool is_component(const Snapshot& snapshot, std::string_view name) {
  return component_releases(snapshot).by_component.contains(name);
}

namespace {

constexpr std::string_view constraints_name = "upper-constraints";

/// Tells the names of one image's Dockerfile apart.
class Classifier {
 public:
  Classifier(const Snapshot& snapshot, std::string image) : snapshot_(snapshot), image_(std::move(image)) {}

  ImageNeed classify(const ExternalName& external, bool used) const {
    ImageNeed need{NeedKind::external, external.name.value, {}, external.where, external.name.span, used};
    const std::optional<ImageReference> reference = parse_image_reference(external.name.value);
    if (!reference) {
      need.kind = NeedKind::invalid;
      return need;
    }
    need.name = reference->short_form();
    const bool bare = need.name.find_first_of("/:@") == std::string::npos;
    if (bare)
      classify_bare(need);
    else if (reference->digest.empty() && is_image(reference->name()))
      link(need, NeedKind::image, reference->name());
    return need;
  }

  /// Every name that is something of the forge to that Dockerfile.
  std::vector<ImageNeed> all() const {
    std::vector<ImageNeed> needs;
    std::vector<std::string> names = known_names();
    for (const std::string& image : snapshot_.images())
      if (is_component(snapshot_, image)) names.push_back(image + std::string(image_suffix));
    for (const std::string& name : names) {
      ImageNeed need = classify({ExternalName::Where::mount, {name, {}}, 0}, true);
      if (need.kind != NeedKind::undefined && need.kind != NeedKind::external) needs.push_back(std::move(need));
    }
    const auto order = [](const ImageNeed& need) {
      return need.kind == NeedKind::source ? NeedKind::undefined : need.kind;
    };
    std::ranges::stable_sort(needs, {}, order);
    return needs;
  }

 private:
  static constexpr std::string_view image_suffix = "-image";

  void classify_bare(ImageNeed& need) const {
    if (need.name == constraints_name) return link(need, NeedKind::constraints, {});
    if (need.name == libraries_context) return link(need, NeedKind::libraries, {});
    const bool component = is_component(snapshot_, need.name);
    if (component && (need.name == image_ || !is_image(need.name))) return link(need, NeedKind::source, need.name);
    if (is_image(need.name) && need.name != image_) return link(need, NeedKind::image, need.name);
    if (const std::string_view image = said_image(need.name); is_image(image) && image != image_)
      return link(need, NeedKind::image, image);
    std::vector<std::string> names = known_names();
    // A folder of images/ without a ref, or without a Dockerfile: the name is right, what it stands for is missing.
    const bool own_name = std::erase(names, need.name) > 0;
    if (!own_name) need.meant = nearest(need.name, names);
    // A bare FROM or COPY may well mean an official image of the public registry; a mount hardly ever does.
    if (need.where == ExternalName::Where::mount || need.meant || own_name) need.kind = NeedKind::undefined;
  }

  /// `ovs` of `ovs-image`: says that the image is meant, where the bare name could be taken for the source.
  static std::string_view said_image(std::string_view name) {
    return name.ends_with(image_suffix) ? name.substr(0, name.size() - image_suffix.size()) : std::string_view();
  }

  static void link(ImageNeed& need, NeedKind kind, std::string_view target) {
    need.kind = kind;
    need.target = target;
  }

  [[nodiscard]] bool is_image(std::string_view name) const { return snapshot_.dockerfile(name) != nullptr; }

  [[nodiscard]] std::vector<std::string> known_names() const {
    std::set<std::string> names{std::string(constraints_name), std::string(libraries_context)};
    names.insert(snapshot_.images().begin(), snapshot_.images().end());
    for (const std::string& release : snapshot_.releases())
      if (const auto* refs = snapshot_.source_refs(release))
        for (const formats::SourceRef& entry : (*refs)->entries) names.insert(entry.component.value);
    return {names.begin(), names.end()};
  }

  const Snapshot& snapshot_;
  std::string image_;
};

ImageNode make_node(const Snapshot& snapshot, const std::string& image) {
  ImageNode node;
  node.image = image;
  node.document = snapshot.dockerfile(image);
  const formats::Dockerfile& file = **node.document;
  const std::vector<bool> used = formats::used_stages(file);
  const Classifier classifier(snapshot, image);
  std::set<std::string> parents;
  for (const ExternalName& external : formats::external_names(file)) {
    node.needs.push_back(classifier.classify(external, used[external.stage]));
    const ImageNeed& need = node.needs.back();
    if (need.kind == NeedKind::image && need.used) parents.insert(need.target);
  }
  node.parents.assign(parents.begin(), parents.end());
  return node;
}

/// Follows parents that are not placed from `start` until one comes again; that part is the cycle.
std::vector<std::string> cycle_from(const std::map<std::string, ImageNode*>& open, const std::string& start) {
  std::vector<std::string> path;
  std::string at = start;
  while (std::ranges::find(path, at) == path.end()) {
    path.push_back(at);
    const std::vector<std::string>& parents = open.at(at)->parents;
    at = *std::ranges::find_if(parents, [&](const std::string& parent) { return open.contains(parent); });
  }
  path.erase(path.begin(), std::ranges::find(path, at));
  std::ranges::rotate(path, std::ranges::min_element(path));
  return path;
}

void find_cycles(ImageGraph& graph, const std::map<std::string, ImageNode*>& open) {
  std::set<std::vector<std::string>> cycles;
  for (const auto& [image, node] : open) cycles.insert(cycle_from(open, image));
  graph.cycles.assign(cycles.begin(), cycles.end());
}

/// Places level after level the images whose parents are all placed.
void sort_graph(ImageGraph& graph) {
  std::map<std::string, ImageNode*> open;
  for (ImageNode& node : graph.nodes) open.emplace(node.image, &node);
  for (std::size_t depth = 1; !open.empty(); ++depth) {
    std::vector<std::string> level;
    for (const auto& [image, node] : open)
      if (std::ranges::none_of(node->parents, [&](const std::string& parent) { return open.contains(parent); }))
        level.push_back(image);
    if (level.empty()) return find_cycles(graph, open);
    for (const std::string& image : level) {
      open.at(image)->depth = depth;
      open.erase(image);
      graph.build_order.push_back(image);
    }
  }
}

ImageGraph make_graph(const Snapshot& snapshot) {
  ImageGraph graph;
  for (const std::string& image : snapshot.images())
    if (snapshot.dockerfile(image) != nullptr) graph.nodes.push_back(make_node(snapshot, image));
  std::set<std::string> bases;
  for (const ImageNode& node : graph.nodes)
    for (const ImageNeed& need : node.needs)
      if (need.kind == NeedKind::image) bases.insert(need.target);
  for (ImageNode& node : graph.nodes) node.is_base = bases.contains(node.image);
  sort_graph(graph);
  return graph;
}

}  // namespace

std::vector<std::string> patched_libraries(const Snapshot& snapshot, std::string_view release) {
  std::set<std::string> libraries;
  const auto* refs = snapshot.source_refs(release);
  for (const workspace::PatchSeries& series : snapshot.patch_series()) {
    const bool patched = series.release == release && !series.patches.empty() && !snapshot.is_service(series.component);
    if (patched && refs != nullptr && (*refs)->find(series.component) != nullptr) libraries.insert(series.component);
  }
  return {libraries.begin(), libraries.end()};
}

std::vector<std::string> image_releases(const Snapshot& snapshot, std::string_view image) {
  std::vector<std::string> releases = releases_with(snapshot, image);
  if (!releases.empty()) return releases;
  for (const std::string& release : snapshot.releases()) {
    const auto* refs = snapshot.test_refs(release);
    if (refs != nullptr && (*refs)->find(image) != nullptr) releases.push_back(release);
  }
  return releases;
}

bool is_taken_by_libraries_context(const Snapshot& snapshot, std::string_view release, std::string_view library) {
  bool taken = false;
  const auto* refs = snapshot.source_refs(release);
  for (const ImageNode& node : image_graph(snapshot).nodes) {
    if (refs == nullptr || (*refs)->find(node.image) == nullptr) continue;
    for (const ImageNeed& need : node.needs) {
      if (need.kind == NeedKind::source && need.target == library && need.used) return false;
      taken |= need.kind == NeedKind::libraries && need.used;
    }
  }
  return taken;
}

std::optional<std::string> context_problem(const Snapshot& snapshot, const ImageNode& node, const ImageNeed& need) {
  const bool of_release =
      need.kind == NeedKind::source || need.kind == NeedKind::constraints || need.kind == NeedKind::libraries;
  if (of_release && image_releases(snapshot, node.image).empty())
    return fmt::format(
        "`{}` differs between releases, but `{}` is built once for all: no release has a ref for it, so no build of it "
        "is given this context.",
        need.name, node.image);
  if (need.kind == NeedKind::invalid)
    return fmt::format(
        "`{}` is no image name, and no context can be called so: only small letters, digits, `.`, `_`, `-`.",
        to_valid_utf8(need.name));
  if (need.kind != NeedKind::undefined) return std::nullopt;
  if (std::ranges::count(snapshot.images(), need.name) > 0)
    return fmt::format("`{0}` is neither a stage nor a context that a build of `{1}` is given: {2}.", need.name,
                       node.image,
                       snapshot.dockerfile(need.name) != nullptr
                           ? fmt::format("no release's source-refs.yaml has a ref for `{}`", need.name)
                           : fmt::format("images/{} has no Dockerfile", need.name));
  return fmt::format(
      "`{}` is neither a stage nor a context that a build of `{}` is given, so it would be pulled as the "
      "public image docker.io/library/{}{}",
      need.name, node.image, need.name,
      need.meant ? fmt::format("; did you mean `{}`?", *need.meant) : std::string("."));
}

namespace {

void add_argument(std::vector<BuildArgument>& arguments, std::string_view name, std::string_view separator,
                  const std::vector<Spanned<std::string>>& entries) {
  if (entries.empty()) return;
  std::vector<std::string_view> values;
  for (const Spanned<std::string>& entry : entries) values.push_back(entry.value);
  arguments.push_back({name, join(values, separator), entries.front().span});
}

}  // namespace

std::vector<BuildArgument> extra_arguments(const Snapshot& snapshot, std::string_view service,
                                           std::string_view release) {
  std::vector<BuildArgument> arguments;
  const auto* document = snapshot.extra_packages(release);
  const formats::ServiceExtras* extras = document == nullptr ? nullptr : (*document)->find(service);
  if (extras == nullptr) return arguments;
  add_argument(arguments, "PIP_EXTRAS", ",", extras->pip_extras);
  add_argument(arguments, "PIP_PACKAGES", " ", extras->pip_packages);
  add_argument(arguments, "EXTRA_APT_PACKAGES", " ", extras->apt_packages);
  return arguments;
}

std::vector<ImageNeed> known_contexts(const Snapshot& snapshot, const std::string& image) {
  return Classifier(snapshot, image).all();
}

const ImageGraph& image_graph(const Snapshot& snapshot) {
  return snapshot.once<ImageGraph>("", [&] { return make_graph(snapshot); });
}

}  // namespace forge::model
