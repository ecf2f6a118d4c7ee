#include "engine/git/libgit2_handles.hpp"
#include "engine/git/text_merge.hpp"

namespace forge::git {

namespace {

using PatchHandle = std::unique_ptr<git_patch, Libgit2Delete<git_patch_free>>;

constexpr std::string_view ours_mark = "<<<<<<<";
constexpr std::string_view theirs_mark = "=======";

git_merge_file_input merge_input(std::string_view text) {
  git_merge_file_input input = GIT_MERGE_FILE_INPUT_INIT;
  input.ptr = text.data();
  input.size = text.size();
  return input;
}

class MergeResult {
 public:
  ~MergeResult() { git_merge_file_result_free(&value_); }
  MergeResult() = default;
  MergeResult(const MergeResult&) = delete;
  MergeResult& operator=(const MergeResult&) = delete;
  [[nodiscard]] git_merge_file_result* get() { return &value_; }
  [[nodiscard]] std::string_view text() const { return {value_.ptr, value_.len}; }
  [[nodiscard]] bool is_clean() const { return value_.automergeable != 0; }

 private:
  git_merge_file_result value_{};
};

/// Where the first conflict stands in ours: theirs is cut down to one change, so nothing of it precedes.
MergeConflict first_conflict(std::string_view marked) {
  MergeConflict out{.first = 1};
  bool within = false;
  while (!marked.empty()) {
    const std::size_t end = std::min(marked.find('\n'), marked.size() - 1) + 1;
    const std::string_view line = marked.substr(0, end);
    if (within && line.starts_with(theirs_mark)) break;
    if (within) ++out.count;
    if (!within && line.starts_with(ours_mark)) within = true;
    if (!within) ++out.first;
    marked.remove_prefix(end);
  }
  return out;
}

}  // namespace

TextMerge merge_texts(std::string_view base, std::string_view ours, std::string_view theirs, MergeDiff diff) {
  const git_merge_file_input base_input = merge_input(base);
  const git_merge_file_input ours_input = merge_input(ours);
  const git_merge_file_input theirs_input = merge_input(theirs);
  git_merge_file_options options = GIT_MERGE_FILE_OPTIONS_INIT;
  options.flags = GIT_MERGE_FILE_STYLE_MERGE;
  if (diff == MergeDiff::patience) options.flags |= GIT_MERGE_FILE_DIFF_PATIENCE;
  MergeResult result;
  if (!libgit2_is_ready() || git_merge_file(result.get(), &base_input, &ours_input, &theirs_input, &options) != 0)
    return {.conflict = MergeConflict{}};
  if (!result.is_clean()) return {.conflict = first_conflict(result.text())};
  return {.text = std::string(result.text())};
}

std::string diff_texts(std::string_view before, std::string_view after, unsigned context_lines) {
  git_diff_options options = GIT_DIFF_OPTIONS_INIT;
  options.flags = GIT_DIFF_INDENT_HEURISTIC | GIT_DIFF_FORCE_TEXT;
  options.context_lines = context_lines;
  options.max_size = -1;
  git_patch* raw = nullptr;
  if (!libgit2_is_ready() ||
      git_patch_from_buffers(&raw, before.data(), before.size(), "x", after.data(), after.size(), "x", &options) != 0)
    return {};
  const PatchHandle patch(raw);
  git_buf buffer = GIT_BUF_INIT;
  if (git_patch_to_buf(&buffer, patch.get()) != 0) return {};
  const std::string_view text(buffer.ptr, buffer.size);
  const std::size_t first = text.find("\n@@ -");
  std::string hunks = first == std::string_view::npos ? std::string() : std::string(text.substr(first + 1));
  git_buf_dispose(&buffer);
  return hunks;
}

}  // namespace forge::git
