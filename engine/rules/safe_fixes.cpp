#include "engine/rules/safe_fixes.hpp"

#include <algorithm>
#include <map>

namespace forge::rules {

namespace {

struct FileEdits {
  SourceFilePtr file;
  std::vector<const TextEdit*> edits{};
  std::size_t fixes = 0;
};

bool meets(const TextSpan& a, const TextSpan& b) {
  return a.begin <= b.end && b.begin <= a.end;  // two insertions at one place have no order
}

bool is_free(const std::map<std::string, FileEdits>& files, const TextEdit& edit) {
  const auto file = files.find(edit.place.file->path());
  return file == files.end() || std::ranges::none_of(file->second.edits, [&](const TextEdit* other) {
           return meets(other->place.span, edit.place.span);
         });
}

std::string mended(const FileEdits& file) {
  std::vector<const TextEdit*> edits = file.edits;
  std::ranges::sort(edits, {}, [](const TextEdit* edit) { return edit->place.span.begin; });
  std::string text;
  std::size_t at = 0;
  for (const TextEdit* edit : edits) {
    text += file.file->text().substr(at, edit->place.span.begin - at);
    text += edit->new_text;
    at = edit->place.span.end;
  }
  return text + std::string(file.file->text().substr(at));
}

std::map<std::string, FileEdits> collect(const std::vector<Finding>& findings) {
  std::map<std::string, FileEdits> files;
  for (const Finding& finding : findings) {
    const auto fix = std::ranges::find_if(finding.fixes, [](const Fix& one) { return one.safe && one.files.empty(); });
    if (fix == finding.fixes.end()) continue;
    if (!std::ranges::all_of(fix->edits, [&](const TextEdit& edit) { return is_free(files, edit); })) continue;
    for (const TextEdit& edit : fix->edits) {
      FileEdits& file = files[edit.place.file->path()];
      file.file = edit.place.file;
      file.edits.push_back(&edit);
    }
    if (!fix->edits.empty()) ++files[fix->edits.front().place.file->path()].fixes;
  }
  return files;
}

}  // namespace

std::vector<TextEdit> safe_edits(const std::vector<Finding>& findings) {
  std::vector<TextEdit> out;
  for (const auto& [path, file] : collect(findings))
    for (const TextEdit* edit : file.edits) out.push_back(*edit);
  return out;
}

std::vector<MendedFile> safe_fixes(const std::vector<Finding>& findings) {
  const std::map<std::string, FileEdits> files = collect(findings);
  std::vector<MendedFile> out;
  out.reserve(files.size());
  for (const auto& [path, file] : files) out.push_back({file.file, mended(file), file.fixes});
  return out;
}

}  // namespace forge::rules
