#include "engine/rules/override_edits.hpp"

#include <fmt/format.h>

namespace forge::rules {

Fix add_override(const workspace::Snapshot& snapshot, const std::string& release, const std::string& entry) {
  Fix fix{fmt::format("Add `{}` to the overrides", entry), {}, {}, false};
  if (const auto* overrides = snapshot.overrides(release)) {
    const std::string_view text = overrides->file->text();
    const bool open_line = !text.empty() && !text.ends_with('\n');
    fix.edits.push_back({{overrides->file, span_of(text.size(), text.size())}, (open_line ? "\n" : "") + entry + "\n"});
  } else {
    fix.files.push_back(
        {FileEdit::Kind::create, fmt::format("overrides/{}/constraints.txt", release), {}, entry + "\n"});
  }
  return fix;
}

}  // namespace forge::rules
