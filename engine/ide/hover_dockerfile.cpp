/// Hover on the names in a Dockerfile: its own stages, and what it takes from outside.
#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/formats/dockerfile_stages.hpp"
#include "engine/ide/hover_lines.hpp"
#include "engine/model/known_contexts.hpp"

namespace forge::ide {

using workspace::Snapshot;
using Style = HoverPiece::Style;

namespace {

std::string stage_title(const formats::Dockerfile& file, std::size_t index) {
  const auto& name = file.stages[index].name;
  return name ? name->value : fmt::format("stage {}", index + 1);
}

void add_source_lines(HoverLines& lines, const Snapshot& snapshot, const std::string& component) {
  for (const std::string& release : snapshot.releases()) {
    const auto* refs = snapshot.source_refs(release);
    const formats::SourceRef* entry = refs == nullptr ? nullptr : (*refs)->find(component);
    if (entry != nullptr && entry->ref) add_code(lines, release + ": ", entry->ref->value);
  }
}

HoverLines need_lines(const HoverContext& context, const model::ImageNeed& need) {
  const Snapshot& snapshot = context.snapshot;
  HoverLines lines = {{{Style::strong, need.name}}};
  const auto say = [&](std::string words) { lines.front().push_back({Style::plain, std::move(words)}); };
  switch (need.kind) {
    case model::NeedKind::image:
      say(": the forge's own image, images/" + need.target);
      break;
    case model::NeedKind::source:
      say(fmt::format(": the source tree of {}, with its patches", need.target));
      add_source_lines(lines, snapshot, need.target);
      break;
    case model::NeedKind::constraints:
      say(": a folder with the release's upper-constraints.txt, overrides applied");
      break;
    case model::NeedKind::libraries:
      say(": a folder with the source trees of the libraries that a release patches");
      for (const std::string& release : snapshot.releases()) {
        const std::vector<std::string> libraries = model::patched_libraries(snapshot, release);
        add_plain(lines, fmt::format("{}: {}", release, libraries.empty() ? "none" : join(libraries, ", ")));
      }
      break;
    case model::NeedKind::external:
      say(": an image that the forge does not build");
      break;
    case model::NeedKind::undefined:
      say(": nothing in the forge is called so, so a build would pull an image of that name");
      if (need.meant) add_code(lines, "did you mean ", *need.meant, "?");
      break;
    case model::NeedKind::invalid:
      say(": no image reference");
      break;
  }
  if (!need.used) add_plain(lines, "in a stage that the build of the last one does not need");
  return lines;
}

}  // namespace

HoverLines context_lines(const HoverContext& context, const Subject& subject) {
  const model::ImageNode* node = model::image_graph(context.snapshot).find(context.at.component);
  if (node == nullptr) return {};
  const auto need = std::ranges::find(node->needs, subject.span, &model::ImageNeed::span);
  return need == node->needs.end() ? HoverLines() : need_lines(context, *need);
}

HoverLines named_context_lines(const HoverContext& context, const std::string& name) {
  for (const model::ImageNeed& need : model::known_contexts(context.snapshot, context.at.component))
    if (need.name == name) return need_lines(context, need);
  return {};
}

HoverLines stage_lines(const HoverContext& context, std::size_t index) {
  const auto* document = context.snapshot.dockerfile(context.at.component);
  if (document == nullptr || index >= (*document)->stages.size()) return {};
  const formats::Dockerfile& file = **document;
  const formats::Stage& stage = file.stages[index];
  HoverLines lines = {{{Style::strong, stage_title(file, index)},
                       {Style::plain, fmt::format(": stage {} of {}, from ", index + 1, file.stages.size())},
                       {Style::code, stage.base.value}}};
  std::vector<std::string> takers;
  for (const formats::StageMention& mention : formats::stage_mentions(file)) {
    const bool taken = !mention.declares && mention.stage == index;
    std::string taker = stage_title(file, mention.by);
    if (taken && std::ranges::find(takers, taker) == takers.end()) takers.push_back(std::move(taker));
  }
  const bool is_last = index + 1 == file.stages.size();
  if (!takers.empty()) add_plain(lines, "taken by " + join(takers, ", "));
  if (is_last) add_plain(lines, "the last one, which is the image");
  if (!formats::used_stages(file)[index]) add_plain(lines, "the build of the last one does not need it");
  return lines;
}

}  // namespace forge::ide
