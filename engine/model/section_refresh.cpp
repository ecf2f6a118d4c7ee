#include "engine/model/section_refresh.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "engine/formats/patch_names.hpp"
#include "engine/git/object_hash.hpp"
#include "engine/git/text_merge.hpp"

namespace forge::model {

namespace {

using formats::Certainty;
using formats::Section;

bool is_regular(std::uint32_t mode) {
  return (mode & git::mode_type_mask) == git::mode_file;
}

/// As git tells binary files.
bool looks_binary(std::string_view content) {
  constexpr std::size_t looked_at = 8000;
  return content.substr(0, looked_at).find('\0') != std::string_view::npos;
}

/// Lines that the patch adds one below the other.
std::vector<std::string> added_runs(std::string_view text, const formats::Patch& patch, const Section& section) {
  std::vector<std::string> runs;
  for (const formats::Hunk& hunk : patch.hunks_of(section)) {
    bool within = false;
    for (const formats::HunkLine& line : patch.lines_of(hunk)) {
      if (line.kind == formats::LineKind::added) {
        if (!within) runs.emplace_back();
        runs.back() += text.substr(line.text.begin, line.text.size());
      }
      within = line.kind == formats::LineKind::added;
    }
  }
  return runs;
}

/// How often `run` stands in `content`, from a line's beginning on.
std::size_t occurrences(std::string_view content, std::string_view run) {
  std::size_t count = 0;
  for (std::size_t at = content.find(run); at != std::string_view::npos; at = content.find(run, at + 1)) {
    if (at == 0 || content[at - 1] == '\n') ++count;
  }
  return count;
}

/// Short runs (`return None`, a bracket, a blank line) come again by nature.
bool tells_something(std::string_view run) {
  constexpr std::size_t enough = 24;
  return static_cast<std::size_t>(std::ranges::count_if(run, [](char c) { return !formats::is_patch_blank(c); })) >=
         enough;
}

/// A line-wise merge can't see that ours has the same change at another place, and would put it in twice.
bool comes_twice(const std::vector<std::string>& runs, std::string_view base, std::string_view ours,
                 std::string_view merged) {
  return std::ranges::any_of(runs, [&](const std::string& run) {
    if (!tells_something(run)) return false;
    const std::size_t in_ours = occurrences(ours, run);
    return in_ours > occurrences(base, run) && occurrences(merged, run) > in_ours;
  });
}

bool has_all(const std::vector<std::string>& runs, std::string_view merged) {
  return std::ranges::all_of(runs, [&](std::string_view run) {
    return std::ranges::all_of(split_lines(run), [&](std::string_view line) {
      return occurrences(merged, line.substr(0, line.find('\n'))) > 0;
    });
  });
}

std::string lines_word(std::int64_t lines) {
  const std::int64_t count = lines < 0 ? -lines : lines;
  return fmt::format("{} {} {}", count, count == 1 ? "line" : "lines", lines < 0 ? "up" : "down");
}

/// By how much the hunks were moved.
std::string offsets_words(const SectionPlacement& placement) {
  std::optional<std::int64_t> least;
  std::optional<std::int64_t> most;
  for (const HunkPlacement& hunk : placement.hunks) {
    const auto* offset = std::get_if<Offset>(&hunk);
    if (offset == nullptr) continue;
    least = std::min(least.value_or(offset->lines), offset->lines);
    most = std::max(most.value_or(offset->lines), offset->lines);
  }
  if (!least || *least == *most) return lines_word(least.value_or(0));
  return fmt::format("{} to {}", lines_word(*least), lines_word(*most));
}

bool is_exact(const SectionPlacement& placement) {
  return std::ranges::none_of(placement.hunks,
                              [](const HunkPlacement& hunk) { return std::holds_alternative<Offset>(hunk); });
}

/// The patch's own change, on the base that it was made from.
std::optional<std::string> clean_merge(const std::vector<std::string>& runs, std::string_view base,
                                       std::string_view ours, std::string_view theirs) {
  for (const git::MergeDiff diff : {git::MergeDiff::standard, git::MergeDiff::patience}) {
    git::TextMerge merge = git::merge_texts(base, ours, theirs, diff);
    if (merge.conflict) continue;
    if (comes_twice(runs, base, ours, merge.text) || !has_all(runs, merge.text)) return std::nullopt;
    return std::move(merge.text);
  }
  return std::nullopt;
}

SectionRefresh stuck(TextSpan culprit, std::string why) {
  return {.kind = SectionRefresh::Kind::stuck, .note = std::move(why), .culprit = culprit};
}

}  // namespace

struct SectionRefresher::Item {
  std::string_view text;
  const formats::Patch& patch;
  std::size_t number = 0;

  [[nodiscard]] const Section& section() const { return patch.sections[number]; }
  [[nodiscard]] std::string_view view(TextSpan span) const { return text.substr(span.begin, span.size()); }
  [[nodiscard]] bool creates() const { return section().creates == Certainty::yes; }
  [[nodiscard]] bool deletes() const { return section().deletes == Certainty::yes; }
  [[nodiscard]] bool is_rename() const { return section().renames || section().copies; }
};

/// The file that a section changes, in the tree.
struct SectionRefresher::Target {
  std::string old_path;
  std::string new_path;
  std::uint32_t mode = 0;
  git::BlobPtr content;
  bool renames = false;  ///< or copies
  bool creates = false;
};

Result<SectionRefresh> SectionRefresher::refresh(std::string_view text, const formats::Patch& patch,
                                                 std::size_t section) {
  const Item item{text, patch, section};
  std::optional<Target> target;
  if (item.section().old_path) target = target_at(item, item.section().old_path->value);
  const std::size_t mark = tree_.mark();
  PatchAttempt attempt = attempt_section(tree_, text, patch, section, Direction::forward);
  SectionPlacement& placement = attempt.sections.front();
  if (!attempt.applies) return repaired(item, placement);
  if (is_exact(placement)) return SectionRefresh{};
  if (!target)
    target =
        Target{.new_path = item.section().path().value, .content = std::make_shared<std::string>(), .creates = true};
  if (item.deletes()) return stuck(item.section().header, "a deletion whose hunk names another line");
  const FileContentPtr result = tree_.content(target->new_path);
  const std::string placed = *result->text();
  if (target->creates) target->mode = tree_.find(target->new_path)->mode;
  tree_.rollback(mark);
  if (std::optional<Merged> other = from_named(item, *target); other && other->text != placed) {
    SectionRefresh out = finish(item, *target, other->text,
                                fmt::format("merged three-way from {}, because `git apply` puts a hunk elsewhere ({})",
                                            other->from, offsets_words(placement)));
    out.merged = true;
    return out;
  }
  return finish(item, *target, placed, fmt::format("moved by {}", offsets_words(placement)));
}

std::optional<SectionRefresher::Target> SectionRefresher::target_at(const Item& item, const std::string& path) {
  const TreeFile* file = tree_.find(path);
  if (file == nullptr) return std::nullopt;
  Target out{.old_path = path, .new_path = path, .mode = file->mode};
  out.content = tree_.content(path)->text();
  if (item.is_rename() && item.section().new_path) {
    out.new_path = item.section().new_path->value;
    out.renames = true;
  }
  return out;
}

SectionRefresh SectionRefresher::finish(const Item& item, const Target& target, const std::string& result,
                                        std::string note) {
  const Section& section = item.section();
  const bool says_mode = section.new_mode != 0 && !item.creates();
  const std::uint32_t mode = says_mode ? section.new_mode : target.mode;
  SectionRefresh out{.kind = SectionRefresh::Kind::rewritten,
                     .note = fmt::format("`{}`: {}", target.new_path, std::move(note))};
  if (!target.renames && !target.creates && result == *target.content && mode == target.mode) {
    out.kind = SectionRefresh::Kind::gone;
    out.note = fmt::format("`{}` has the change already", target.new_path);
    return out;
  }
  if (target.renames && section.renames) tree_.remove(target.old_path);
  TreeFile file{.mode = mode, .id = {}, .content = nullptr, .changed = true};
  file.content = std::make_shared<const FileContent>(std::make_shared<const std::string>(result));
  if (!tree_.put(target.new_path, std::move(file)))
    return stuck(section.header, fmt::format("`{}` can't be written where it belongs", target.new_path));
  out.text = section_text(item.text, item.patch, section,
                          {.old_path = target.creates ? target.new_path : target.old_path,
                           .new_path = target.new_path,
                           .old_mode = target.mode,
                           .new_mode = mode,
                           .before = *target.content,
                           .after = result,
                           .renames = target.renames,
                           .creates = target.creates});
  return out;
}

Result<SectionRefresh> SectionRefresher::repaired(const Item& item, const SectionPlacement& placement) {
  const Section& section = item.section();
  switch (placement.obstacle) {
    case Obstacle::mismatch: {
      std::optional<Target> target;
      if (section.old_path) target = target_at(item, section.old_path->value);
      if (!target || item.deletes()) break;
      if (!section.binary) return merged(item, placement, std::move(*target), {});
      const std::string_view wanted = item.view(section.new_id);
      if (wanted.size() == 40 && git::hash_object("blob", *target->content).hex() == wanted)
        return finish(item, *target, *target->content, {});
      break;
    }
    case Obstacle::target_missing:
      return without_target(item, placement);
    case Obstacle::target_exists:
      return existing_target(item, placement);
    default:
      break;
  }
  if (item.deletes() && placement.obstacle != Obstacle::forbidden_path)
    return stuck(placement.culprit, fmt::format("upstream has changed `{}`, which the patch deletes: {}",
                                                section.path().value, placement.reason));
  return stuck(placement.culprit, placement.reason);
}

bool SectionRefresher::is_in_already(const Item& item) {
  for (const formats::Hunk& hunk : item.patch.hunks_of(item.section())) {
    if (hunk_images(item.text, item.patch, hunk, Direction::reverse).before.empty()) return false;
  }
  const std::size_t mark = tree_.mark();
  const bool reverses = attempt_section(tree_, item.text, item.patch, item.number, Direction::reverse).applies;
  tree_.rollback(mark);
  return reverses;
}

Result<SectionRefresh> SectionRefresher::merged(const Item& item, const SectionPlacement& placement, Target target,
                                                const std::string& preface) {
  if (!is_regular(target.mode) || looks_binary(*target.content))
    return stuck(placement.culprit, fmt::format("{} (no text file, so nothing can be merged)", placement.reason));
  if (const std::optional<Merged> merge = from_named(item, target))
    return finish(item, target, merge->text, fmt::format("{}merged three-way from {}", preface, merge->from));
  // Where another name was found, the section can simply fit there.
  if (const auto fits = patched_text(*target.content, item.text, item.patch, item.section()))
    return finish(item, target, fits->text, fmt::format("{}its hunks fit there", preface));
  if (preface.empty() && !target.renames && is_in_already(item)) return finish(item, target, *target.content, {});
  if (options_.search_history) {
    FORGE_TRY_ASSIGN(const std::optional<Merged> merge, from_history(item, target));
    if (merge)
      return finish(item, target, merge->text, fmt::format("{}merged three-way from {}", preface, merge->from));
  }
  TextSpan culprit = placement.culprit;
  std::string why = conflict_words(item, target, culprit);
  return stuck(culprit, why.empty() ? placement.reason : std::move(why));
}

std::optional<SectionRefresher::Merged> SectionRefresher::from_named(const Item& item, const Target& target) {
  const std::string_view id = item.view(item.section().old_id);
  if (!is_regular(target.mode) || item.section().binary || item.creates() || target.creates) return std::nullopt;
  const git::BlobPtr base = named_.find(id);
  if (!base || looks_binary(*base)) return std::nullopt;
  const auto theirs = patched_text(*base, item.text, item.patch, item.section());
  if (!theirs) return std::nullopt;
  const std::vector<std::string> runs = added_runs(item.text, item.patch, item.section());
  std::optional<std::string> text = clean_merge(runs, *base, *target.content, theirs->text);
  if (!text) return std::nullopt;
  return Merged{std::move(*text), fmt::format("the blob {} that it names", id.substr(0, 7))};
}

Result<std::optional<SectionRefresher::Merged>> SectionRefresher::from_history(const Item& item, const Target& target) {
  std::vector<std::string> names = {target.old_path};
  if (item.section().old_path && item.section().old_path->value != target.old_path)
    names.push_back(item.section().old_path->value);
  const std::vector<std::string> runs = added_runs(item.text, item.patch, item.section());
  std::optional<Merged> found;
  FORGE_TRY(states_.for_each_state(names, [&](const git::BlobPtr& base, const git::ObjectId& commit) {
    if (looks_binary(*base)) return true;
    const auto theirs = patched_text(*base, item.text, item.patch, item.section());
    if (!theirs) return true;
    std::optional<std::string> text = clean_merge(runs, *base, *target.content, theirs->text);
    if (!text) return true;
    found = Merged{std::move(*text), fmt::format("the file's state at commit {}", commit.abbreviated())};
    return false;
  }));
  return found;
}

/// Hunk by hunk on the base that the patch names: the first that collides, and with what.
std::string SectionRefresher::conflict_words(const Item& item, const Target& target, TextSpan& culprit) {
  const git::BlobPtr base = named_.find(item.view(item.section().old_id));
  if (!base) return {};
  const std::span<const formats::Hunk> hunks = item.patch.hunks_of(item.section());
  for (std::size_t i = 0; i < hunks.size(); ++i) {
    const auto theirs = patched_text(*base, item.text, item.patch, hunks.subspan(i, 1));
    if (!theirs) return {};
    const git::TextMerge merge = git::merge_texts(*base, *target.content, theirs->text);
    if (!merge.conflict) continue;
    culprit = hunks[i].header;
    const git::MergeConflict& at = *merge.conflict;
    if (at.count == 0)
      return fmt::format("`{}`: the lines that this hunk changes are gone at line {} of the file", target.new_path,
                         at.first);
    const std::string lines = at.count == 1 ? fmt::format("line {}", at.first)
                                            : fmt::format("lines {} to {}", at.first, at.first + at.count - 1);
    return fmt::format("`{}`: this hunk collides with {} of the file as it is now", target.new_path, lines);
  }
  return fmt::format("`{}`: a merge would put the change in twice", target.new_path);
}

Result<SectionRefresh> SectionRefresher::without_target(const Item& item, const SectionPlacement& placement) {
  const Section& section = item.section();
  const std::string path = section.old_path->value;
  std::optional<FileMove> move;
  if (options_.search_history && !tree_.is_folder(path)) {
    FORGE_TRY_ASSIGN(move, states_.moved(path, [this](std::string_view p) { return tree_.find(p) != nullptr; }));
  }
  if (item.deletes()) {
    if (move)
      return stuck(placement.culprit, fmt::format("`{}`, which the patch deletes, is `{}` since commit {}", path,
                                                  move->path, move->commit.abbreviated()));
    if (!options_.search_history || tree_.is_folder(path)) return stuck(placement.culprit, placement.reason);
    return SectionRefresh{.kind = SectionRefresh::Kind::gone, .note = fmt::format("`{}` is gone already", path)};
  }
  if (!move) {
    std::optional<git::ObjectId> remover;
    if (options_.search_history) {
      FORGE_TRY_ASSIGN(remover, states_.removed_by(path));
    }
    return stuck(placement.culprit,
                 remover ? fmt::format("`{}` was deleted upstream by commit {}", path, remover->abbreviated())
                         : placement.reason);
  }
  if (section.copies || (section.renames && section.new_path && section.new_path->value != move->path))
    return stuck(placement.culprit,
                 fmt::format("`{}`, which the patch {}, is `{}` since commit {}", path,
                             section.renames ? "renames" : "copies", move->path, move->commit.abbreviated()));
  std::optional<Target> target = target_at(item, move->path);
  target->new_path = move->path;
  target->renames = false;
  const std::string preface = fmt::format("renamed from `{}` by commit {}; ", path, move->commit.abbreviated());
  if (section.binary)
    return stuck(placement.culprit, fmt::format("the binary file `{}` is `{}` now", path, move->path));
  if (section.hunk_count == 0) return finish(item, *target, *target->content, preface.substr(0, preface.size() - 2));
  return merged(item, placement, std::move(*target), preface);
}

SectionRefresh SectionRefresher::existing_target(const Item& item, const SectionPlacement& placement) {
  const Section& section = item.section();
  if (item.creates() && !section.binary) {
    const std::string& path = section.path().value;
    const TreeFile* file = tree_.find(path);
    const std::optional<PatchedText> made = patched_text({}, item.text, item.patch, section);
    const bool same_mode = file->mode == section.new_mode || (section.new_mode == 0 && is_regular(file->mode));
    if (made && same_mode && *tree_.content(path)->text() == made->text)
      return {.kind = SectionRefresh::Kind::gone, .note = fmt::format("`{}` is there already", path)};
  }
  return stuck(placement.culprit, placement.reason);
}

}  // namespace forge::model
