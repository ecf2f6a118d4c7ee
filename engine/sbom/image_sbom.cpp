#include "engine/sbom/image_sbom.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "engine/model/image_graph.hpp"
#include "engine/model/image_reference.hpp"
#include "engine/model/stage_packages.hpp"
#include "engine/sbom/parts.hpp"
#include "engine/sbom/purl.hpp"

namespace forge::sbom {

namespace {

using model::ImageNeed;
using model::NeedKind;

std::string tag_of(const plan::PlanTarget& target) {
  if (target.image_tags.empty()) return {};
  const std::string& name = target.image_tags.front();
  const std::size_t colon = name.rfind(':');
  return colon == std::string::npos || name.find('/', colon) != std::string::npos ? std::string()
                                                                                  : name.substr(colon + 1);
}

Component root_of(const plan::PlanTarget& target, const std::string& platform) {
  Component root{.ref = "image/" + target.id, .kind = Component::Kind::container, .name = target.repository};
  root.version = tag_of(target);
  if (const auto reference = model::parse_image_reference(target.repository))
    root.purl = oci_purl(reference->domain, reference->path, root.version, {});
  if (!target.release.empty()) root.properties.emplace_back("forge:release", target.release);
  root.properties.emplace_back("forge:platform", platform);
  return root;
}

/// What the last stage of an image is built from; null where that is nothing from outside, or only the build can tell.
const ImageNeed* base_need(const model::ImageNode& node) {
  const formats::Dockerfile& file = **node.document;
  if (file.stages.empty()) return nullptr;
  std::size_t stage = file.stages.size() - 1;
  while (const auto below = formats::base_stage(file, stage)) stage = *below;
  const auto need = std::ranges::find_if(node.needs, [&](const ImageNeed& one) {
    return one.where == formats::ExternalName::Where::from && one.span.begin == file.stages[stage].base.span.begin;
  });
  return need == node.needs.end() ? nullptr : &*need;
}

Component outer_image(const Part& part, const std::string& name) {
  Component component{.ref = "image/" + name, .kind = Component::Kind::container, .name = name};
  const auto reference = model::parse_image_reference(name);
  if (!reference) return component;
  component.name = reference->domain == "docker.io" ? reference->path : reference->domain + "/" + reference->path;
  std::string digest = reference->digest;
  // What somebody looked up before counts where the Dockerfile pins nothing; see the plan's `--base-digest`.
  if (digest.empty()) {
    for (const plan::PlanInput& input : part.target.inputs)
      if (input.name == "image " + name && input.value.starts_with("sha256:")) digest = input.value;
  }
  component.version = digest.empty() ? reference->tag : digest;
  component.purl = oci_purl(reference->domain, reference->path, reference->tag, digest);
  if (digest.empty())
    component.properties.emplace_back("forge:version:moves", "no digest: another build may take another image");
  return component;
}

void close(Sbom& sbom) {
  const auto settle = [](Component& component) {
    std::ranges::sort(component.depends_on);
    const auto rest = std::ranges::unique(component.depends_on);
    component.depends_on.erase(rest.begin(), rest.end());
    std::erase(component.depends_on, component.ref);
  };
  std::ranges::stable_sort(sbom.components, {}, &Component::ref);
  const auto rest = std::ranges::unique(sbom.components, {}, &Component::ref);
  sbom.components.erase(rest.begin(), rest.end());
  std::ranges::for_each(sbom.components, settle);
  settle(sbom.root);
}

}  // namespace

Component* Sbom::find(std::string_view ref) {
  const auto found = std::ranges::find(components, ref, &Component::ref);
  return found == components.end() ? nullptr : &*found;
}

void add_images(const Part& part) {
  const model::ImageGraph& graph = model::image_graph(part.snapshot);
  const model::ImageNode* node = graph.find(part.target.image);
  Component* above = &part.sbom.root;
  // A chain longer than all images is a cycle.
  for (std::size_t depth = 0; node != nullptr && depth < graph.nodes.size(); ++depth) {
    const ImageNeed* need = base_need(*node);
    if (need == nullptr) return;
    const bool is_own = need->kind == NeedKind::image;
    Component below =
        is_own ? Component{.ref = "image/" + need->target, .kind = Component::Kind::container, .name = need->target}
               : outer_image(part, need->name);
    above->depends_on.push_back(below.ref);
    above = &part.sbom.components.emplace_back(std::move(below));
    node = is_own ? graph.find(need->target) : nullptr;
    if (!is_own && !model::stage_installs(part.snapshot, part.target.image).is_known)
      part.sbom.gaps.push_back({fmt::format("what the image {} holds", need->name),
                                "it is neither of this forge nor a plain distribution", false});
  }
}

Sbom image_sbom(const workspace::Snapshot& snapshot, const plan::PlanTarget& target, const SbomRequest& request) {
  Sbom sbom{.image = target.image, .release = target.release, .platform = request.platform, .root = {}};
  sbom.root = root_of(target, request.platform);
  const Part part{snapshot, target, request, sbom};
  if (!target.release.empty()) add_python(part);
  add_system(part);
  add_images(part);
  close(sbom);
  return sbom;
}

}  // namespace forge::sbom
