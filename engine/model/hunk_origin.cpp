#include "engine/model/hunk_origin.hpp"

#include <algorithm>
#include <functional>
#include <variant>

namespace forge::model {

using git::ObjectId;
using Number = UpstreamLine::Number;

namespace {

/// Commits of a path looked at one by one from the newest; beyond, the range is halved, which finds one such commit but
/// perhaps not the newest.
constexpr std::size_t max_one_by_one = 48;
constexpr std::size_t max_renames = 8;
/// Hunks of one patch that are looked for: each goes through the commits of its file.
constexpr std::size_t max_hunks = 200;

/// Whether a file's content (null: no such file) is what a hunk wants.
using Wanted = std::function<bool(const git::BlobPtr&)>;

/// The lines that the hunk leaves behind stand there one after the other.
bool has_lines(std::string_view content, std::string_view lines) {
  for (std::size_t at = content.find(lines); at != std::string_view::npos; at = content.find(lines, at + 1)) {
    if (at == 0 || content[at - 1] == '\n') return true;
  }
  return false;
}

std::string lines_after(std::string_view text, const formats::Patch& patch, const formats::Hunk& hunk) {
  std::string out;
  for (const formats::HunkLine& line : patch.lines_of(hunk)) {
    if (line.kind == formats::LineKind::context || line.kind == formats::LineKind::added)
      out += text.substr(line.text.begin, line.text.size());
  }
  return out;
}

class PathSearch {
 public:
  PathSearch(const UpstreamLine& line, const Wanted& wanted) : line_(line), wanted_(wanted) {}

  Result<std::optional<ObjectId>> run(std::string path) {
    for (std::size_t renames = 0; renames < max_renames; ++renames) {
      FORGE_TRY_ASSIGN(const std::optional<Number> found, newest_that_brought(path));
      if (!found) return std::nullopt;
      FORGE_TRY_ASSIGN(const std::string before, name_before(*found, path));
      if (before.empty()) return std::optional(line_.history().id(*found));
      path = before;
    }
    return std::nullopt;
  }

 private:
  /// Where the commit only moved the file, with the lines in it: its name before.
  [[nodiscard]] Result<std::string> name_before(Number commit, const std::string& path) const {
    const ObjectId id = line_.history().id(commit);
    FORGE_TRY_ASSIGN(const std::vector<git::PathChange> changes, line_.repository().changed_paths(id));
    for (const git::PathChange& change : changes) {
      if (change.kind != git::PathChange::Kind::rename || change.new_path != path) continue;
      FORGE_TRY_ASSIGN(const bool was_there, is_wanted_before(commit, change.old_path));
      if (was_there) return change.old_path;
    }
    return std::string();
  }

  [[nodiscard]] Result<std::optional<Number>> newest_that_brought(const std::string& path) const {
    std::vector<Number> commits = line_.history().touching(path);
    std::erase_if(commits, [&](Number commit) { return !line_.in_ref(commit); });
    for (std::size_t seen = 0; seen < max_one_by_one && !commits.empty(); ++seen) {
      const Number commit = commits.back();
      commits.pop_back();
      FORGE_TRY_ASSIGN(const bool brought, brings(commit, path));
      if (brought) return commit;
    }
    return by_halves(commits, path);
  }

  /// Of the commits (ascending) the first after which the lines are there, as though they stayed once they had come.
  [[nodiscard]] Result<std::optional<Number>> by_halves(const std::vector<Number>& commits,
                                                        const std::string& path) const {
    std::size_t begin = 0;
    std::size_t end = commits.size();
    while (begin < end) {
      const std::size_t middle = begin + (end - begin) / 2;
      FORGE_TRY_ASSIGN(const bool there, is_wanted_at(line_.history().id(commits[middle]), path));
      if (there)
        end = middle;
      else
        begin = middle + 1;
    }
    if (begin == commits.size()) return std::nullopt;
    FORGE_TRY_ASSIGN(const bool brought, brings(commits[begin], path));
    return brought ? std::optional(commits[begin]) : std::nullopt;
  }

  [[nodiscard]] Result<bool> brings(Number commit, const std::string& path) const {
    FORGE_TRY_ASSIGN(const bool after, is_wanted_at(line_.history().id(commit), path));
    if (!after) return false;
    FORGE_TRY_ASSIGN(const bool before, is_wanted_before(commit, path));
    return !before;
  }

  [[nodiscard]] Result<bool> is_wanted_before(Number commit, const std::string& path) const {
    const auto parents = line_.history().parents(commit);
    if (parents.empty()) return wanted_(nullptr);
    return is_wanted_at(line_.history().id(parents.front()), path);
  }

  [[nodiscard]] Result<bool> is_wanted_at(const ObjectId& commit, const std::string& path) const {
    FORGE_TRY_ASSIGN(const git::CommitInfo info, line_.repository().commit(commit));
    FORGE_TRY_ASSIGN(const std::optional<git::TreeEntry> entry, line_.repository().entry(info.tree, path));
    if (!entry) return wanted_(nullptr);
    const Result<git::BlobPtr> blob = line_.repository().blob(entry->id);
    return blob && wanted_(*blob);
  }

  const UpstreamLine& line_;
  const Wanted& wanted_;
};

/// All origins of one patch.
class Origins {
 public:
  Origins(const UpstreamLine& line, std::string_view text, const PatchPlacement& placement)
      : line_(line), text_(text), placement_(placement), patch_(placement.parsed->value) {}

  Result<std::vector<HunkOrigin>> run() {
    for (std::size_t i = 0; i < placement_.sections.size(); ++i) FORGE_TRY(add_section(i));
    return std::move(out_);
  }

 private:
  [[nodiscard]] bool is_there(const SectionPlacement& section, std::size_t hunk) const {
    return placement_.verdict == PatchVerdict::already_applied || section.already_applied ||
           (hunk < section.hunks.size() && std::holds_alternative<AlreadyApplied>(section.hunks[hunk]));
  }

  Result<void> add_section(std::size_t i) {
    const formats::Section& section = patch_.sections[i];
    const SectionPlacement& placed = placement_.sections[i];
    if (!section.new_path || section.hunk_count == 0) {
      if (!is_there(placed, placed.hunks.size())) return {};
      const bool gone = !section.new_path;
      return add(i, std::nullopt, section.path().value,
                 [gone](const git::BlobPtr& content) { return (content == nullptr) == gone; });
    }
    for (std::size_t hunk = 0; hunk < section.hunk_count && looked_for_ < max_hunks; ++hunk) {
      if (!is_there(placed, hunk)) continue;
      const std::string lines = lines_after(text_, patch_, patch_.hunks_of(section)[hunk]);
      FORGE_TRY(add(i, hunk, section.path().value, [&lines](const git::BlobPtr& content) {
        return content != nullptr && has_lines(*content, lines);
      }));
    }
    return {};
  }

  Result<void> add(std::size_t section, std::optional<std::size_t> hunk, const std::string& path,
                   const Wanted& wanted) {
    if (looked_for_ == max_hunks) return {};
    ++looked_for_;
    FORGE_TRY_ASSIGN(const std::optional<ObjectId> commit, PathSearch(line_, wanted).run(path));
    if (commit) out_.push_back({section, hunk, *commit});
    return {};
  }

  const UpstreamLine& line_;
  std::string_view text_;
  const PatchPlacement& placement_;
  const formats::Patch& patch_;
  std::size_t looked_for_ = 0;
  std::vector<HunkOrigin> out_;
};

}  // namespace

Result<std::vector<HunkOrigin>> hunk_origins(const UpstreamLine& line, std::string_view text,
                                             const PatchPlacement& placement) {
  return Origins(line, text, placement).run();
}

}  // namespace forge::model
