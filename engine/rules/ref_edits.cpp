#include "engine/rules/ref_edits.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace forge::rules {

Fix insert_ref(const workspace::Document<formats::SourceRefs>& refs, const std::string& component,
               const std::string& value) {
  const std::vector<formats::SourceRef>& entries = refs->entries;
  const auto name = [](const formats::SourceRef& entry) -> const std::string& { return entry.component.value; };
  const auto line = fmt::format("{}: \"{}\"\n", component, value);
  Fix fix{fmt::format("Insert `{}: \"{}\"`", component, value)};
  const auto next =
      std::ranges::find_if(entries, [&](const formats::SourceRef& entry) { return name(entry) > component; });
  if (std::ranges::is_sorted(entries, {}, name) && next != entries.end()) {
    const std::uint32_t at = refs.file->full_line_at(next->component.span.begin).begin;
    fix.edits.push_back({{refs.file, {at, at}}, line});
    return fix;
  }
  const auto end = static_cast<std::uint32_t>(refs.file->text().size());
  const bool ends_in_line = end == 0 || refs.file->text().back() == '\n';
  fix.edits.push_back({{refs.file, {end, end}}, (ends_in_line ? "" : "\n") + line});
  return fix;
}

}  // namespace forge::rules
