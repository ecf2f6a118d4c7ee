#include "cli/render/refresh.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/render/diff.hpp"
#include "cli/render/text.hpp"
#include "engine/base/text.hpp"
#include "engine/base/utf8.hpp"

namespace forge::cli {

namespace {

using Json = nlohmann::ordered_json;
using model::RefreshAction;

std::uint32_t culprit_line(const RefreshedPatch& patch) {
  return patch.file->lines().line_of(patch.culprit.begin) + 1;
}

/// Whether a place in the patch is known that is in the way.
bool has_culprit(const RefreshedPatch& patch) {
  return patch.action == RefreshAction::kept && !patch.culprit.empty();
}

Style style_of(RefreshAction action) {
  switch (action) {
    case RefreshAction::unchanged:
      return Style::plain;
    case RefreshAction::rewritten:
      return Style::green;
    case RefreshAction::dropped:
      return Style::yellow;
    case RefreshAction::kept:
      return Style::red;
  }
  return Style::plain;
}

}  // namespace

Json refresh_json(const std::vector<RefreshedPatch>& patches) {
  Json list = Json::array();
  for (const RefreshedPatch& patch : patches) {
    Json one = {{"file", patch.file->path()}};
    if (!patch.component.empty()) one.update({{"component", patch.component}, {"release", patch.release}});
    one["action"] = model::to_string(patch.action);
    if (!patch.notes.empty()) one.update({{"reason", join(patch.notes, "; ")}, {"reasons", patch.notes}});
    if (has_culprit(patch)) one["line"] = culprit_line(patch);
    if (!patch.without.empty()) one["without"] = patch.without;
    list.push_back(std::move(one));
  }
  return {{"version", 1}, {"patches", std::move(list)}};
}

std::string refresh_text(const std::vector<RefreshedPatch>& patches, bool drops_merged, bool color) {
  std::string out;
  for (const RefreshedPatch& patch : patches) {
    std::string word(model::to_string(patch.action));
    if (patch.action == RefreshAction::dropped)
      word = drops_merged ? "deleted, its change is in" : "its change is in, delete it (or use --drop-merged)";
    const std::string place = has_culprit(patch) ? fmt::format(":{}", culprit_line(patch)) : "";
    out += fmt::format("{}{}: {}\n", to_valid_utf8(patch.file->path()), place,
                       styled(word, style_of(patch.action), color));
    for (const std::string& note : patch.notes) out += fmt::format("  {}\n", to_valid_utf8(note));
    if (!patch.without.empty() && patch.action != RefreshAction::unchanged)
      out += fmt::format("  looked at without {}\n", to_valid_utf8(join(patch.without, ", ")));
  }
  return out;
}

std::string refresh_diff(const std::vector<RefreshedPatch>& patches, bool drops_merged, bool color) {
  std::string out;
  for (const RefreshedPatch& patch : patches) {
    const bool goes = patch.action == RefreshAction::dropped && drops_merged;
    if (patch.action == RefreshAction::rewritten || goes)
      out += file_diff(patch.file->path(), patch.file->text(), patch.text, !goes, color);
  }
  return out;
}

}  // namespace forge::cli
