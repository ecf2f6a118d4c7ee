#include "engine/rules/override_fixes.hpp"

#include <utility>

#include <fmt/format.h>

#include "engine/base/text.hpp"

namespace forge::rules {

Fix add_override_lines(const workspace::Snapshot& snapshot, const std::string& release, std::string title,
                       const std::vector<std::string>& lines) {
  Fix fix{std::move(title), {}, {}, false};
  const std::string added = join(lines, "\n") + "\n";
  if (const auto* overrides = snapshot.overrides(release)) {
    const std::string_view text = overrides->file->text();
    const bool open_line = !text.empty() && !text.ends_with('\n');
    fix.edits.push_back({{overrides->file, span_of(text.size(), text.size())}, (open_line ? "\n" : "") + added});
  } else {
    fix.files.push_back({FileEdit::Kind::create, fmt::format("overrides/{}/constraints.txt", release), {}, added});
  }
  return fix;
}

Fix add_override(const workspace::Snapshot& snapshot, const std::string& release, const std::string& entry) {
  return add_override_lines(snapshot, release, fmt::format("Add `{}` to the overrides", entry), {entry});
}

}  // namespace forge::rules
