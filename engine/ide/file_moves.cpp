#include "engine/ide/file_moves.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "engine/base/names.hpp"
#include "engine/base/text.hpp"
#include "engine/workspace/forge_layout.hpp"

namespace forge::ide {

using workspace::DocumentKind;
using workspace::PatchSeries;
using workspace::Snapshot;

namespace {

bool is_name_character(char c) {
  return is_alnum(c) || c == '_' || c == '-';
}

std::string_view base_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

/// For people; no store lists those at the root.
constexpr std::array<std::string_view, 3> pages = {"README.md", "README.rst", "patches/README.md"};

bool is_page(std::string_view path) {
  return std::ranges::find(pages, path) != pages.end();
}

bool names_paths(DocumentKind kind) {
  switch (kind) {
    case DocumentKind::overrides:
    case DocumentKind::workflow:
    case DocumentKind::build_script:
    case DocumentKind::dockerfile:
    case DocumentKind::image_text:
    case DocumentKind::source_refs:
    case DocumentKind::extra_packages:
      return true;
    default:
      return false;
  }
}

/// Whatever may name a patch, with its text.
std::vector<SourceFilePtr> readable_files(const Snapshot& snapshot) {
  std::vector<SourceFilePtr> files;
  for (const std::string& path : snapshot.paths())
    if (names_paths(workspace::classify(path).kind)) files.push_back(snapshot.file(path));
  for (const std::string_view page : pages)
    if (Result<std::string> text = snapshot.read(page))
      files.push_back(SourceFile::make(std::string(page), std::move(*text)));
  return files;
}

/// What is looked for, and what may stand before it.
struct Needle {
  std::string_view text;
  std::string_view replacement;
  bool whole_path = true;  ///< else a bare name, which no slash stands before
};

bool stands_alone(std::string_view text, std::size_t at, const Needle& needle) {
  if (at > 0) {
    const char before = text[at - 1];
    if (is_name_character(before) || (!needle.whole_path && (before == '/' || before == '.'))) return false;
  }
  const std::size_t end = at + needle.text.size();
  if (end >= text.size()) return true;
  if (is_name_character(text[end])) return false;
  // `0001-a.patch.orig` is another file, `see 0001-a.patch.` ends a sentence.
  return text[end] != '.' || end + 1 >= text.size() || !is_name_character(text[end + 1]);
}

void replace_in(const SourceFilePtr& file, const Needle& needle, std::vector<TextEdit>& edits) {
  const std::string_view text = file->text();
  for (std::size_t at = text.find(needle.text); at != std::string_view::npos; at = text.find(needle.text, at + 1)) {
    const TextSpan span = span_of(at, at + needle.text.size());
    const bool taken = std::ranges::any_of(edits, [&](const TextEdit& edit) {
      return edit.place.file == file && edit.place.span.begin < span.end && span.begin < edit.place.span.end;
    });
    if (!taken && stands_alone(text, at, needle)) edits.push_back({{file, span}, std::string(needle.replacement)});
  }
}

/// Whether one patch of the forge alone is called so.
bool is_unique_name(const Snapshot& snapshot, std::string_view name) {
  std::size_t count = 0;
  for (const PatchSeries& series : snapshot.patch_series())
    for (const auto& patch : series.patches) count += base_name(patch->file->path()) == name ? 1U : 0U;
  return count == 1;
}

void add_needles(const Snapshot& snapshot, const Move& move, std::vector<Needle>& needles) {
  needles.push_back({move.from, move.to});
  const bool is_patch = workspace::classify(move.from).kind == DocumentKind::patch;
  const std::string_view name = base_name(move.from);
  if (is_patch && name != base_name(move.to) && is_unique_name(snapshot, name))
    needles.push_back({name, base_name(move.to), false});
}

bool takes_bare_names(const SourceFile& file) {
  return is_page(file.path()) || workspace::classify(file.path()).kind == DocumentKind::overrides;
}

bool goes(const std::string& path, const std::vector<std::string>& removed) {
  return std::ranges::any_of(removed,
                             [&](const std::string& one) { return path == one || path.starts_with(one + "/"); });
}

/// The entry's lines with the comment lines that are its reason.
TextSpan lines_of(const SourceFile& file, const formats::Override& entry) {
  const std::uint32_t first = entry.reason_span.empty() ? entry.span.begin : entry.reason_span.begin;
  return {file.full_line_at(first).begin, file.full_line_at(entry.span.end).end};
}

}  // namespace

Fix edits_for_moves(const Snapshot& snapshot, const std::vector<Move>& moves) {
  Fix fix{.title = "Follow the renamed patches"};
  std::vector<Needle> needles;
  for (const Move& move : moves) add_needles(snapshot, move, needles);
  // The longest first: a file inside of a folder that is renamed too keeps its own new name.
  std::ranges::stable_sort(needles, std::ranges::greater{}, [](const Needle& needle) { return needle.text.size(); });
  for (const SourceFilePtr& file : readable_files(snapshot)) {
    for (const Needle& needle : needles)
      if (needle.whole_path || takes_bare_names(*file)) replace_in(file, needle, fix.edits);
  }
  return fix;
}

Fix edits_for_removals(const Snapshot& snapshot, const std::vector<std::string>& paths) {
  Fix fix{.title = "Take the pin of a library back that has no patches any more"};
  for (const PatchSeries& series : snapshot.patch_series()) {
    const auto* overrides = snapshot.overrides(series.release);
    const auto name = PackageName::parse(series.component);
    const bool all_go = !series.patches.empty() && std::ranges::all_of(series.patches, [&](const auto& patch) {
      return goes(patch->file->path(), paths);
    });
    if (!all_go || overrides == nullptr || !name || snapshot.is_service(series.component)) continue;
    for (const formats::Override& entry : (*overrides)->entries)
      if (entry.removes() && entry.name == *name)
        fix.edits.push_back({{overrides->file, lines_of(*overrides->file, entry)}, ""});
  }
  return fix;
}

}  // namespace forge::ide
