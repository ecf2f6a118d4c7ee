#include "engine/rules/selected.hpp"

#include <algorithm>

#include "engine/model/image_graph.hpp"

namespace forge::rules {

namespace {

using model::ImageNeed;
using model::ImageNode;
using model::NeedKind;

bool may_hold_selected(const RuleContext& context, const std::string& release, const std::string& image) {
  if (context.selects(release, image)) return true;
  const ImageNode* node = model::image_graph(context.snapshot).find(image);
  if (node == nullptr) return false;
  const auto selected = [&](const std::string& component) { return context.selects(release, component); };
  return std::ranges::any_of(node->needs, [&](const ImageNeed& need) {
    if (need.kind == NeedKind::source) return selected(need.target);
    return need.kind == NeedKind::libraries &&
           std::ranges::any_of(model::patched_libraries(context.snapshot, release), selected);
  });
}

}  // namespace

std::vector<model::ForgeRef> selected_refs(const RuleContext& context) {
  if (context.selects_all()) return model::forge_refs(context.snapshot, context.pool);
  return model::forge_refs(context.snapshot, context.pool, [&](std::string_view release, std::string_view component) {
    return context.selects(release, component);
  });
}

std::vector<model::ForgeRef> selected_refs_by_component(const RuleContext& context) {
  std::vector<model::ForgeRef> refs = selected_refs(context);
  const auto component = [](const model::ForgeRef& ref) -> const std::string& { return ref.entry->component.value; };
  std::ranges::stable_sort(refs, {}, component);
  return refs;
}

std::vector<const model::ImageRequirements*> selected_requirements(const RuleContext& context,
                                                                   const std::string& release) {
  std::vector<const model::ImageRequirements*> out;
  if (!context.selects(release, {})) return out;
  for (const std::string& image : model::images_of(context.snapshot, release))
    if (may_hold_selected(context, release, image))
      out.push_back(&model::image_requirements(context.snapshot, release, image));
  return out;
}

}  // namespace forge::rules
