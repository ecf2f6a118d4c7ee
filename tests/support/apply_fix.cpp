#include "tests/support/apply_fix.hpp"

#include <algorithm>
#include <vector>

namespace forge::support {

TextFiles apply_fix(TextFiles files, const Fix& fix) {
  std::vector<TextEdit> edits = fix.edits;
  std::ranges::sort(edits, {}, [](const TextEdit& edit) { return edit.place.span.begin; });
  // From the last to the first, so that the spans before stay true.
  for (auto edit = edits.rbegin(); edit != edits.rend(); ++edit)
    files[edit->place.file->path()].replace(edit->place.span.begin, edit->place.span.size(), edit->new_text);
  for (const FileEdit& edit : fix.files) {
    if (edit.kind == FileEdit::Kind::create) files[edit.path] = edit.text;
    if (edit.kind == FileEdit::Kind::rename) files[edit.new_path] = files[edit.path];
    if (edit.kind != FileEdit::Kind::create) files.erase(edit.path);
  }
  return files;
}

}  // namespace forge::support
