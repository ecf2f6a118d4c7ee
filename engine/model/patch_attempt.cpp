#include "engine/model/patch_attempt.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "engine/formats/patch_binary.hpp"
#include "engine/formats/patch_names.hpp"
#include "engine/git/object_hash.hpp"

namespace forge::model {

namespace {

using formats::Certainty;
using formats::Section;

std::uint32_t type_of(std::uint32_t mode) {
  return mode & git::mode_type_mask;
}

std::string_view type_word(std::uint32_t mode) {
  if (type_of(mode) == git::mode_link) return "a symbolic link";
  if (type_of(mode) == git::mode_submodule) return "a submodule";
  return type_of(mode) == git::mode_folder ? "a folder" : "a file";
}

/// What git's index makes of a mode.
std::uint32_t stored_mode(std::uint32_t mode) {
  constexpr std::uint32_t owner_may_execute = 0100;
  if (type_of(mode) == git::mode_link) return git::mode_link;
  if (mode == git::mode_folder) return mode;  // meant for sparse indices; git does not mind it in a patch
  if (type_of(mode) == git::mode_submodule || type_of(mode) == git::mode_folder) return git::mode_submodule;
  return git::mode_file | ((mode & owner_may_execute) != 0 ? 0755U : 0644U);
}

/// A section seen in one direction; what the header left open is decided in here.
struct Change {
  const Section* section = nullptr;
  std::optional<std::string> old_path{};
  std::optional<std::string> new_path{};
  std::uint32_t old_mode = 0;
  std::uint32_t new_mode = 0;
  Certainty creates = Certainty::no;
  Certainty deletes = Certainty::no;
  std::string_view old_id{};
  std::string_view new_id{};
  const std::optional<formats::BinaryBlock>* block = nullptr;

  [[nodiscard]] const std::string& name() const { return old_path ? *old_path : *new_path; }
  [[nodiscard]] bool makes_new_path() const {
    return new_path && (creates == Certainty::yes || section->renames || section->copies);
  }
};

std::optional<std::string> value_of(const std::optional<Spanned<std::string>>& name) {
  if (!name) return std::nullopt;
  return name->value;
}

Change change_of(std::string_view text, const Section& section, Direction direction) {
  const auto view = [text](TextSpan span) { return text.substr(span.begin, span.size()); };
  Change change;
  change.section = &section;
  change.old_path = value_of(section.old_path);
  change.new_path = value_of(section.new_path);
  change.old_mode = section.old_mode;
  change.new_mode = section.new_mode;
  change.creates = section.creates;
  change.deletes = section.deletes;
  change.old_id = view(section.old_id);
  change.new_id = view(section.new_id);
  change.block = &section.forward;
  if (direction == Direction::forward) return change;
  std::swap(change.old_path, change.new_path);
  std::swap(change.creates, change.deletes);
  std::swap(change.old_id, change.new_id);
  if (change.new_mode != 0 || change.creates == Certainty::yes) std::swap(change.old_mode, change.new_mode);
  change.block = &section.backward;
  return change;
}

/// What the sections before have made of a path.
struct PathState {
  enum class Kind { result, gone, to_go };
  Kind kind = Kind::result;
  std::uint32_t mode = 0;
  FileContentPtr content{};
  std::size_t outcome = 0;  ///< of a result
};

/// A section that passed: what to write.
struct Outcome {
  TextSpan name{};  ///< in the patch
  std::optional<std::string> removes{};
  std::optional<std::string> makes{};
  TreeFile file{};
};

class Attempt {
 public:
  Attempt(TreeState& tree, const RunMemory& memory, std::string_view text, const formats::Patch& patch,
          Direction direction)
      : tree_(tree), memory_(memory), text_(text), patch_(patch), direction_(direction) {}

  PatchAttempt run(std::span<const Section> sections) {
    std::vector<Change> changes;
    for (const Section& section : sections) changes.push_back(change_of(text_, section, direction_));
    if (direction_ == Direction::reverse) std::ranges::reverse(changes);
    prepare(changes);
    out_.applies = true;
    for (Change& change : changes) {
      SectionPlacement placement = check(change);
      if (placement.obstacle != Obstacle::none) out_.applies = false;
      out_.refused = placement.obstacle == Obstacle::forbidden_path;
      out_.sections.push_back(std::move(placement));
      if (out_.refused) break;
    }
    if (out_.applies) write();
    if (direction_ == Direction::reverse) std::ranges::reverse(out_.sections);
    out_.sections.resize(sections.size());
    return std::move(out_);
  }
  [[nodiscard]] RunMemory news() { return std::move(news_); }

 private:
  void prepare(const std::vector<Change>& changes) {
    for (const Change& change : changes) {
      const bool removes = change.section->renames || change.deletes != Certainty::no;
      if (change.old_path && removes && type_of(change.old_mode) == git::mode_link)
        news_.links_removed.insert(*change.old_path);
      if (change.new_path && type_of(change.new_mode) == git::mode_link) news_.links_made.insert(*change.new_path);
      if (change.old_path && (!change.new_path || change.section->renames))
        table_[*change.old_path].kind = PathState::Kind::to_go;
    }
  }

  static SectionPlacement stop(Obstacle obstacle, TextSpan culprit, std::string reason) {
    return {.obstacle = obstacle, .reason = std::move(reason), .culprit = culprit};
  }

  [[nodiscard]] TextSpan old_name_span(const Section& section) const {
    return section.old_path ? section.old_path->span : section.path().span;
  }

  SectionPlacement check(Change& change) {
    FileContentPtr source;
    if (change.old_path) {
      if (SectionPlacement bad = find_source(change, source); bad.obstacle != Obstacle::none) return bad;
    }
    if (SectionPlacement bad = check_target(change); bad.obstacle != Obstacle::none) return bad;
    if (SectionPlacement bad = check_types(change); bad.obstacle != Obstacle::none) return bad;
    if (SectionPlacement bad = check_path(change); bad.obstacle != Obstacle::none) return bad;
    if (!source) source = std::make_shared<const FileContent>(std::make_shared<const std::string>());
    SectionPlacement placement;
    const FileContentPtr result =
        change.section->binary ? apply_binary(change, *source, placement) : apply_hunks(change, source, placement);
    if (placement.obstacle == Obstacle::none) keep(change, result, placement);
    return placement;
  }

  /// The earlier section's result for the old path, null where the tree counts.
  const PathState* earlier(const Change& change) const {
    if (change.section->renames || change.section->copies) return nullptr;
    const auto at = table_.find(*change.old_path);
    return at == table_.end() || at->second.kind == PathState::Kind::to_go ? nullptr : &at->second;
  }

  SectionPlacement find_source(Change& change, FileContentPtr& source) {
    const std::string path = *change.old_path;
    const TextSpan span = old_name_span(*change.section);
    const PathState* before = earlier(change);
    if (before != nullptr && before->kind == PathState::Kind::gone)
      return stop(Obstacle::target_gone, span,
                  fmt::format("`{}` has been renamed or deleted by an earlier part of this patch", path));
    std::uint32_t mode = before != nullptr ? before->mode : 0;
    if (before == nullptr) {
      const TreeFile* file = tree_.find(path);
      if (file == nullptr) return missing_source(change, path, span);
      mode = file->mode;
    }
    if (change.creates == Certainty::undecided) change.creates = Certainty::no;
    if (change.old_mode == 0) change.old_mode = mode;
    if (type_of(mode) != type_of(change.old_mode))
      return stop(
          Obstacle::wrong_type, change.section->header,
          fmt::format("`{}` is {}, the patch takes it for {}", path, type_word(mode), type_word(change.old_mode)));
    if (change.new_mode == 0 && change.deletes == Certainty::no) change.new_mode = mode;
    source = before != nullptr ? before->content : tree_.content(path);
    return {};
  }

  SectionPlacement missing_source(Change& change, const std::string& path, TextSpan span) {
    if (change.creates == Certainty::undecided) {
      change.creates = Certainty::yes;
      change.deletes = Certainty::no;
      change.old_path.reset();
      return {};
    }
    return stop(Obstacle::target_missing, span,
                tree_.is_folder(path) ? fmt::format("`{}` is a folder in the tree, not a file", path)
                                      : fmt::format("`{}` is not in the tree", path));
  }

  SectionPlacement check_target(Change& change) {
    if (!change.makes_new_path()) return {};
    const auto at = table_.find(*change.new_path);
    const bool makes_room = at != table_.end() && at->second.kind != PathState::Kind::result;
    if (!makes_room && tree_.find(*change.new_path) != nullptr)
      return stop(Obstacle::target_exists, change.section->path().span,
                  fmt::format("`{}` exists already, and the patch wants to make it", *change.new_path));
    if (change.new_mode == 0)
      change.new_mode = change.creates == Certainty::yes ? git::mode_file | 0644U : change.old_mode;
    return {};
  }

  SectionPlacement check_types(Change& change) {
    if (!change.old_path || !change.new_path) return {};
    if (change.new_mode == 0) change.new_mode = change.old_mode;
    if (type_of(change.old_mode) == type_of(change.new_mode)) return {};
    return stop(Obstacle::wrong_type, change.section->header,
                fmt::format("`{}` can't turn from {} into {} in one step: git wants a deletion and a new file",
                            *change.new_path, type_word(change.old_mode), type_word(change.new_mode)));
  }

  SectionPlacement check_path(const Change& change) {
    const bool reads_old =
        change.deletes != Certainty::no || (change.creates != Certainty::yes && !change.section->copies);
    if (change.old_path && reads_old) {
      if (SectionPlacement bad = forbidden(change, *change.old_path, change.old_mode); bad.obstacle != Obstacle::none)
        return bad;
    }
    if (!change.new_path || change.deletes != Certainty::no) return {};
    if (SectionPlacement bad = forbidden(change, *change.new_path, change.new_mode); bad.obstacle != Obstacle::none)
      return bad;
    if (!is_beyond_link(*change.new_path)) return {};
    return stop(Obstacle::beyond_link, change.section->path().span,
                fmt::format("a folder on the way to `{}` is a symbolic link", *change.new_path));
  }

  static SectionPlacement forbidden(const Change& change, const std::string& path, std::uint32_t mode) {
    const std::string_view reason = formats::forbidden_path_reason(path, mode);
    if (reason.empty()) return {};
    return stop(Obstacle::forbidden_path, change.section->path().span,
                fmt::format("git refuses the path `{}`: it {}", path, reason));
  }

  [[nodiscard]] bool is_beyond_link(std::string_view path) {
    const std::string_view in_the_way = tree_.file_among_parents(path);
    if (!in_the_way.empty() && tree_.find(in_the_way)->mode == git::mode_link &&
        !is_in(in_the_way, &RunMemory::links_removed))
      return true;
    if (memory_.links_made.empty() && news_.links_made.empty()) return false;
    for (std::size_t slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/', slash + 1)) {
      if (is_in(path.substr(0, slash), &RunMemory::links_made)) return true;
    }
    return false;
  }

  using Links = std::set<std::string, std::less<>>;
  [[nodiscard]] bool is_in(std::string_view path, Links RunMemory::* links) const {
    return (memory_.*links).contains(path) || (news_.*links).contains(path);
  }

  /// Hunks after one that fails are tried only for what they tell the reader.
  FileContentPtr apply_hunks(const Change& change, const FileContentPtr& source, SectionPlacement& placement) {
    if (change.section->hunk_count == 0) return source;
    if (!tree_.can_afford(change.section->hunk_count, 0)) return stopped(change, placement, std::string(too_much));
    tree_.works_on(source);
    PatchedLines lines(*source);
    place_hunks(change, lines, placement);
    tree_.spend(lines.work());
    if (placement.obstacle != Obstacle::none) return nullptr;
    if (!tree_.can_afford(lines.size() / lines_copied_for_one,
                          is_made(change) ? 0 : lines.size() * sizeof(std::string_view)))
      return stopped(change, placement, std::string(too_much));
    return std::make_shared<const FileContent>(lines.result(), lines.result_is_whole(), *source);
  }

  void place_hunks(const Change& change, PatchedLines& lines, SectionPlacement& placement) {
    std::size_t failed = 0;
    for (const formats::Hunk& hunk : patch_.hunks_of(*change.section)) {
      const HunkImages images = hunk_images(text_, patch_, hunk, direction_);
      const std::optional<std::size_t> at = lines.find(images);
      placement.hunks.push_back(at ? placed(*at, images) : mismatch(hunk, images, lines, failed++));
      if (at) {
        lines.replace(*at, images);
        continue;
      }
      if (placement.obstacle == Obstacle::none) {
        const auto& why = std::get<Mismatch>(placement.hunks.back());
        placement.obstacle = Obstacle::mismatch;
        placement.culprit = why.culprit;
        placement.reason = fmt::format("`{}`: {}", change.name(), why.reason);
      }
      if (direction_ == Direction::reverse || ++failed_ >= most_failing) return;
    }
  }

  static HunkPlacement placed(std::size_t at, const HunkImages& images) {
    const auto start = static_cast<std::int32_t>(images.after_start == 0 ? 0 : images.after_start - 1);
    const std::int64_t offset = static_cast<std::int64_t>(at) - start;
    if (offset == 0) return Exact{at + 1};
    return Offset{at + 1, offset};
  }

  [[nodiscard]] HunkPlacement mismatch(const formats::Hunk& hunk, const HunkImages& images, const PatchedLines& lines,
                                       std::size_t failed) const {
    if (direction_ == Direction::reverse) return Mismatch{.culprit = hunk.header};
    const bool in_full = failed < most_explained && failed_ < most_explained_of_patch;
    return explain_mismatch(patch_, hunk, images, lines, memory_.earlier,
                            in_full ? Explanation::full : Explanation::brief);
  }

  static constexpr std::size_t most_explained = 100;  ///< of one section; a place is searched for each of them
  static constexpr std::size_t most_explained_of_patch = 1'000;
  /// Of a patch. Behind them the first that fails ends its section: nobody reads on.
  static constexpr std::size_t most_failing = 2'000;
  static constexpr std::uint64_t lines_copied_for_one = 1;

  static constexpr std::string_view too_much =
      "the series changes so much that it was given up (more than 4 GiB worked on or 2 GiB held)";

  /// Whether its result takes the place of one that is held already.
  [[nodiscard]] bool is_made(const Change& change) {
    if (!change.new_path || change.old_path != change.new_path) return false;
    const auto at = table_.find(*change.new_path);
    if (at != table_.end() && at->second.kind == PathState::Kind::result) return true;
    const TreeFile* file = tree_.find(*change.new_path);
    return file != nullptr && file->changed;
  }

  static FileContentPtr stopped(const Change& change, SectionPlacement& placement, std::string reason) {
    placement.obstacle = Obstacle::mismatch;
    placement.culprit = change.section->header;
    placement.reason = fmt::format("`{}`: {}", change.name(), std::move(reason));
    return nullptr;
  }

  FileContentPtr apply_binary(const Change& change, const FileContent& source, SectionPlacement& placement) {
    const std::optional<git::ObjectId> old_id = git::ObjectId::from_hex(change.old_id);
    const std::optional<git::ObjectId> new_id = git::ObjectId::from_hex(change.new_id);
    if (!old_id || !new_id)
      return stopped(change, placement,
                     "git applies a binary change only with full ids on the index line (`git diff --binary "
                     "--full-index`)");
    if (!tree_.can_afford(source.text()->size(), 0)) return stopped(change, placement, std::string(too_much));
    const git::ObjectId found = git::hash_object("blob", *source.text());
    if (change.old_path ? found.hex() != change.old_id : !source.empty())
      return stopped(
          change, placement,
          fmt::format("its content is {}, the patch is made for {}", found.abbreviated(), old_id->abbreviated()));
    if (*new_id == git::ObjectId{}) return text_content({});
    if (git::BlobPtr known = tree_.blob(*new_id)) return std::make_shared<const FileContent>(std::move(known));
    return apply_block(change, source, *new_id, placement);
  }

  FileContentPtr apply_block(const Change& change, const FileContent& source, const git::ObjectId& new_id,
                             SectionPlacement& placement) {
    if (!*change.block)
      return stopped(change, placement, "the patch says that it differs, but has no data of the new content");
    if (!tree_.can_afford((*change.block)->size, 0)) return stopped(change, placement, std::string(too_much));
    std::optional<std::string> data = formats::inflate_block(text_, **change.block);
    if (data && (*change.block)->delta) data = formats::apply_delta(*source.text(), *data);
    if (!data) return stopped(change, placement, "the binary delta does not fit its content");
    if (!tree_.can_afford(data->size(), data->size())) return stopped(change, placement, std::string(too_much));
    if (git::hash_object("blob", *data).hex() != change.new_id)
      return stopped(
          change, placement,
          fmt::format("its data does not give the content {} that the index line names", new_id.abbreviated()));
    return text_content(std::move(*data));
  }

  static FileContentPtr text_content(std::string text) {
    return std::make_shared<const FileContent>(std::make_shared<const std::string>(std::move(text)));
  }

  void keep(const Change& change, const FileContentPtr& result, SectionPlacement& placement) {
    if (change.new_path) {
      PathState& state = table_[*change.new_path];
      // What is put in last counts, so what came before it need not be held.
      if (state.content && state.outcome < outcomes_.size()) outcomes_[state.outcome].makes.reset();
      if (state.content && state.outcome < outcomes_.size()) outcomes_[state.outcome].file = {};
      state = {PathState::Kind::result, change.new_mode, result, outcomes_.size()};
    }
    if (change.old_path && (!change.new_path || change.section->renames))
      table_[*change.old_path] = {PathState::Kind::gone, 0, nullptr};
    const bool deletes = change.deletes == Certainty::yes;
    if (deletes && !result->empty()) {
      placement.obstacle = Obstacle::content_left;
      placement.culprit = change.section->header;
      placement.reason =
          fmt::format("`{}` has lines that the patch does not delete, so it can't be removed", change.name());
      return;
    }
    Outcome outcome{.name = change.section->path().span};
    const bool only_makes = change.creates == Certainty::yes || (change.section->copies && !deletes);
    if (!only_makes) outcome.removes = change.old_path;
    if (!deletes) {
      outcome.makes = change.new_path;
      outcome.file.mode = stored_mode(change.new_mode == 0 ? git::mode_file | 0644U : change.new_mode);
      outcome.file.content = result;
      outcome.file.changed = true;
    }
    outcomes_.push_back(std::move(outcome));
  }

  /// All removals come first; a result that finds a folder in its place fails the whole patch.
  void write() {
    const std::size_t mark = tree_.mark();
    for (const Outcome& outcome : outcomes_) {
      if (outcome.removes) tree_.remove(*outcome.removes);
    }
    for (std::size_t i = 0; i < outcomes_.size(); ++i) {
      Outcome& outcome = outcomes_[i];
      if (!outcome.makes) continue;
      if (settle_submodule(outcome.file) && tree_.put(*outcome.makes, std::move(outcome.file))) continue;
      tree_.rollback(mark);
      out_.applies = false;
      out_.sections[i].obstacle = Obstacle::collision;
      out_.sections[i].culprit = outcome.name;
      out_.sections[i].reason = fmt::format(
          "`{}` can't be written: a file stands where a folder is needed, or a folder "
          "where the file should be",
          *outcome.makes);
      return;
    }
    drop_folder_modes();
  }

  /// A file with the mode of a folder counts for its own patch only: git drops it when it reads its index again.
  void drop_folder_modes() {
    for (const Outcome& outcome : outcomes_) {
      const TreeFile* file = outcome.makes ? tree_.find(*outcome.makes) : nullptr;
      if (file != nullptr && file->mode == git::mode_folder) tree_.remove(*outcome.makes);
    }
  }

  /// A submodule's content is its commit; false where it is something else.
  static bool settle_submodule(TreeFile& file) {
    constexpr std::string_view word = "Subproject commit ";
    if (file.mode != git::mode_submodule) return true;
    const std::string_view text = *file.content->text();
    if (!text.starts_with(word)) return false;
    const std::optional<git::ObjectId> id = git::ObjectId::from_hex(text.substr(word.size(), 40));
    if (!id) return false;
    file.id = *id;
    file.changed = false;
    file.content.reset();  // more lines than that are not kept
    return true;
  }

  TreeState& tree_;
  const RunMemory& memory_;
  RunMemory news_;  ///< what this patch adds to it
  std::string_view text_;
  const formats::Patch& patch_;
  Direction direction_;
  std::map<std::string, PathState, std::less<>> table_;
  std::size_t failed_ = 0;         ///< hunks
  std::vector<Outcome> outcomes_;  ///< one per section while all fit
  PatchAttempt out_;
};

/// Without `news` what the patch adds to the memory is dropped.
PatchAttempt attempt_sections(TreeState& tree, const RunMemory& memory, RunMemory* news, std::string_view text,
                              const formats::Patch& patch, std::span<const Section> sections, Direction direction) {
  Attempt attempt(tree, memory, text, patch, direction);
  PatchAttempt out = attempt.run(sections);
  if (!out.applies || news == nullptr) return out;
  *news = attempt.news();
  return out;
}

/// The hunk's result is there: its new image matches.
std::optional<HunkPlacement> result_in(const PatchedLines& lines, std::string_view text, const formats::Patch& patch,
                                       const formats::Hunk& hunk) {
  const HunkImages images = hunk_images(text, patch, hunk, Direction::reverse);
  if (images.before.empty()) return std::nullopt;
  const std::optional<std::size_t> at = lines.find(images);
  if (!at) return std::nullopt;
  return AlreadyApplied{*at + 1};
}

void mark_hunks(SectionPlacement& placement, TreeState& tree, std::string_view text, const formats::Patch& patch,
                const Section& section) {
  if (placement.hunks.empty() || !section.old_path || tree.find(section.old_path->value) == nullptr) return;
  const FileContentPtr content = tree.content(section.old_path->value);
  if (!tree.can_afford(0, 0)) return;
  tree.works_on(content);
  const PatchedLines lines(*content);
  for (std::size_t i = 0; i < placement.hunks.size(); ++i) {
    if (!std::holds_alternative<Mismatch>(placement.hunks[i])) continue;
    if (std::optional<HunkPlacement> there = result_in(lines, text, patch, patch.hunks_of(section)[i]))
      placement.hunks[i] = *there;
  }
  tree.spend(lines.work());
}

}  // namespace

PatchAttempt attempt_patch(TreeState& tree, RunMemory& memory, std::string_view text, const formats::Patch& patch,
                           Direction direction) {
  RunMemory news;
  PatchAttempt out = attempt_sections(tree, memory, &news, text, patch, patch.sections, direction);
  memory.links_made.merge(news.links_made);
  memory.links_removed.merge(news.links_removed);
  return out;
}

PatchAttempt attempt_section(TreeState& tree, std::string_view text, const formats::Patch& patch, std::size_t section,
                             Direction direction) {
  return attempt_sections(tree, {}, nullptr, text, patch, std::span(patch.sections).subspan(section, 1), direction);
}

void find_already_applied(PatchAttempt& attempt, TreeState& tree, const RunMemory& memory, std::string_view text,
                          const formats::Patch& patch) {
  for (std::size_t i = 0; i < attempt.sections.size(); ++i) {
    SectionPlacement& placement = attempt.sections[i];
    if (placement.obstacle == Obstacle::none) continue;
    const std::size_t mark = tree.mark();
    const std::span<const Section> one = std::span(patch.sections).subspan(i, 1);
    placement.already_applied = attempt_sections(tree, memory, nullptr, text, patch, one, Direction::reverse).applies;
    tree.rollback(mark);
    mark_hunks(placement, tree, text, patch, patch.sections[i]);
  }
}

}  // namespace forge::model
