#include "engine/model/series_refresh.hpp"

#include <algorithm>
#include <deque>
#include <utility>

#include <fmt/format.h>

#include "engine/model/linked_trees.hpp"

namespace forge::model {

namespace {

bool is_exact(const PatchAttempt& attempt) {
  return attempt.applies && std::ranges::all_of(attempt.sections, [](const SectionPlacement& section) {
           return std::ranges::all_of(section.hunks,
                                      [](const HunkPlacement& hunk) { return std::holds_alternative<Exact>(hunk); });
         });
}

/// Git leaves a part of such a file out without a word, and so would a new text of it.
bool is_read_in_part(const Parsed<formats::Patch>& parsed) {
  return std::ranges::any_of(parsed.problems, [](const Problem& p) { return p.rule == "patch-malformed"; });
}

/// Index of the mail in which a section stands: how many of them begin before it.
std::size_t mail_of(const formats::Patch& patch, const formats::Section& section) {
  return static_cast<std::size_t>(std::ranges::count_if(patch.mails, [&](const formats::Mail& mail) {
    const TextSpan first = !mail.commit.empty() ? mail.commit : !mail.from.empty() ? mail.from : mail.subject;
    return first.begin < section.span.begin;
  }));
}

class SeriesRefresher {
 public:
  SeriesRefresher(const git::Repository& repository, const git::ObjectId& commit, const git::ObjectId& tree,
                  std::span<const PatchText> patches, RefreshOptions options)
      : patches_(patches), tree_(repository, tree), sections_(repository, commit, tree_, patches, options) {}

  Result<SeriesRefresh> run() {
    SeriesRefresh out;
    std::vector<std::size_t> without;
    for (std::size_t i = 0; i < patches_.size(); ++i) {
      FORGE_TRY_ASSIGN(PatchRefresh patch, refresh(i));
      if (tree_.failure()) return tl::unexpected<Failure>(*tree_.failure());
      patch.without = without;
      if (patch.action == RefreshAction::kept && !applies_) without.push_back(i);
      out.patches.push_back(std::move(patch));
    }
    if (without.empty()) out.tree = tree_.tree_id();
    if (tree_.failure()) return tl::unexpected<Failure>(*tree_.failure());
    return out;
  }

 private:
  using ParsedPatch = Parsed<formats::Patch>;

  Result<PatchRefresh> refresh(std::size_t i) {
    const ParsedPatchPtr parsed = guess_ == formats::StripGuess{}
                                      ? patches_[i].parsed
                                      : std::make_shared<const ParsedPatch>(parse_patch(patches_[i].text, guess_));
    applies_ = false;
    if (parsed->value.refused) return kept({}, "git can't read it");
    parsed_.push_back(parsed);
    const std::string_view text = patches_[i].text;
    const std::size_t mark = tree_.mark();
    const RunMemory memory = memory_;
    const PatchAttempt attempt = attempt_patch(tree_, memory_, text, parsed->value, Direction::forward);
    applies_ = attempt.applies;
    if (is_exact(attempt)) {
      guess_ = parsed->value.guess_after;
      return PatchRefresh{};
    }
    if (is_read_in_part(*parsed)) {
      if (applies_) guess_ = parsed->value.guess_after;
      return kept({}, "git reads only a part of it");
    }
    tree_.rollback(mark);
    memory_ = memory;
    FORGE_TRY_ASSIGN(PatchRefresh out, rewrite(text, parsed->value));
    if (out.action == RefreshAction::rewritten || out.action == RefreshAction::dropped) return out;
    if (!applies_) {
      if (!reverses(text, parsed->value)) return out;
      return PatchRefresh{.action = RefreshAction::dropped, .notes = {"the tree is in the state that it wants"}};
    }
    guess_ = parsed->value.guess_after;
    (void)attempt_patch(tree_, memory_, text, parsed->value, Direction::forward);
    return out;
  }

  static PatchRefresh kept(TextSpan culprit, std::string why) {
    return {.action = RefreshAction::kept, .notes = {std::move(why)}, .culprit = culprit};
  }

  bool reverses(std::string_view text, const formats::Patch& patch) {
    const std::size_t mark = tree_.mark();
    RunMemory scratch = memory_;
    const bool there = attempt_patch(tree_, scratch, text, patch, Direction::reverse).applies;
    tree_.rollback(mark);
    return there;
  }

  /// Section by section, then proves the new text. Leaves the tree as it was unless the patch is rewritten.
  Result<PatchRefresh> rewrite(std::string_view text, const formats::Patch& patch) {
    const std::size_t mark = tree_.mark();
    std::vector<std::optional<std::string>> sections(patch.sections.size());
    PatchRefresh out{.action = RefreshAction::rewritten};
    PatchRefresh stuck{.action = RefreshAction::kept};
    for (std::size_t s = 0; s < patch.sections.size(); ++s) {
      FORGE_TRY_ASSIGN(SectionRefresh section, sections_.refresh(text, patch, s));
      if (section.kind == SectionRefresh::Kind::stuck) {
        if (stuck.notes.empty()) stuck.culprit = section.culprit;
        stuck.notes.push_back(std::move(section.note));
        continue;
      }
      if (section.kind == SectionRefresh::Kind::same) continue;
      out.notes.push_back(std::move(section.note));
      sections[s] = section.kind == SectionRefresh::Kind::gone ? std::string() : std::move(section.text);
    }
    if (!stuck.notes.empty()) {
      tree_.rollback(mark);
      return stuck;
    }
    const auto is_gone = [](const auto& section) { return section && section->empty(); };
    if (std::ranges::all_of(sections, is_gone)) {
      tree_.rollback(mark);
      out.action = RefreshAction::dropped;
      return out;
    }
    const git::ObjectId wanted = tree_.tree_id();
    tree_.rollback(mark);
    if (loses_a_mail(patch, sections))
      return kept(patch.sections.front().header,
                  "it holds several mails, and the change of one is in already: take that one out");
    return proven(std::move(out), wanted, rewritten_patch(text, patch, sections));
  }

  static bool loses_a_mail(const formats::Patch& patch, const std::vector<std::optional<std::string>>& sections) {
    std::map<std::size_t, bool> stays;  // by mail
    for (std::size_t s = 0; s < sections.size(); ++s)
      stays[mail_of(patch, patch.sections[s])] |= !sections[s] || !sections[s]->empty();
    return std::ranges::any_of(stays, [](const auto& mail) { return !mail.second; });
  }

  PatchRefresh proven(PatchRefresh out, const git::ObjectId& wanted, std::string text) {
    texts_.push_back(std::move(text));
    const auto parsed = std::make_shared<const ParsedPatch>(parse_patch(texts_.back(), guess_));
    parsed_.push_back(parsed);
    const std::size_t mark = tree_.mark();
    RunMemory memory = memory_;
    const bool exact = !parsed->value.refused && !is_read_in_part(*parsed) &&
                       is_exact(attempt_patch(tree_, memory, texts_.back(), parsed->value, Direction::forward));
    if (!exact || tree_.tree_id() != wanted) {
      tree_.rollback(mark);
      return kept({}, "its parts depend on each other in a way that does not survive a rewrite");
    }
    memory_ = std::move(memory);
    guess_ = parsed->value.guess_after;
    out.text = texts_.back();
    return out;
  }

  std::span<const PatchText> patches_;
  std::deque<std::string> texts_;  ///< the tree's contents point into them
  std::vector<ParsedPatchPtr> parsed_;
  TreeState tree_;
  RunMemory memory_;
  SectionRefresher sections_;
  formats::StripGuess guess_;
  bool applies_ = false;  ///< the last patch, as it was, on the tree it met
};

bool changes_something(const PatchRefresh& patch) {
  return patch.action == RefreshAction::rewritten || patch.action == RefreshAction::dropped;
}

/// The whole series once more, as `git apply` would run it on what is handed out.
Result<bool> is_proven(const git::Repository& repository, std::span<const PatchText> patches,
                       const SeriesRefresh& refresh) {
  std::vector<PatchText> after;
  std::vector<std::size_t> numbers;
  for (std::size_t i = 0; i < patches.size(); ++i) {
    const PatchRefresh& patch = refresh.patches[i];
    if (patch.action == RefreshAction::dropped) continue;
    numbers.push_back(i);
    if (patch.action != RefreshAction::rewritten)
      after.push_back(patches[i]);
    else
      after.push_back({patch.text, std::make_shared<const Parsed<formats::Patch>>(formats::parse_patch(patch.text))});
  }
  FORGE_TRY_ASSIGN(const SeriesPlacement placement, place_series(repository, refresh.commit, after));
  for (std::size_t k = 0; k < numbers.size(); ++k) {
    if (refresh.patches[numbers[k]].action == RefreshAction::kept) continue;
    const PatchPlacement& patch = placement.patches[k];
    if (!is_exact({.applies = patch.verdict == PatchVerdict::applies, .sections = patch.sections})) return false;
  }
  return placement.tree == refresh.tree;
}

Result<SeriesRefresh> refresh_on_ref(const workspace::Snapshot& snapshot, const workspace::PatchSeries& series,
                                     RefreshOptions options) {
  FORGE_TRY_ASSIGN(const SeriesBase base, series_base(snapshot, series.component, series.release));
  return refresh_series(*base.repository, base.commit, patch_texts(series), options);
}

}  // namespace

std::string_view to_string(RefreshAction action) {
  switch (action) {
    case RefreshAction::unchanged:
      return "unchanged";
    case RefreshAction::rewritten:
      return "rewritten";
    case RefreshAction::dropped:
      return "dropped";
    case RefreshAction::kept:
      return "kept";
  }
  return "kept";
}

Result<SeriesRefresh> refresh_series(const git::Repository& repository, const git::ObjectId& commit,
                                     std::span<const PatchText> patches, RefreshOptions options) {
  FORGE_TRY_ASSIGN(const git::CommitInfo info, repository.commit(commit));
  FORGE_TRY_ASSIGN(SeriesRefresh out, SeriesRefresher(repository, commit, info.tree, patches, options).run());
  out.commit = commit;
  if (std::ranges::none_of(out.patches, changes_something)) return out;
  FORGE_TRY_ASSIGN(const bool proven, is_proven(repository, patches, out));
  if (!proven)
    return fail(Failure::Kind::invalid, "The refreshed series does not apply as it was merged; nothing was changed.");
  return out;
}

Result<SeriesRefresh> refresh_series(const workspace::Snapshot& snapshot, const workspace::PatchSeries& series) {
  return refresh_on_ref(snapshot, series, {});
}

const Result<SeriesRefresh>& quick_refresh(const workspace::Snapshot& snapshot, const workspace::PatchSeries& series) {
  return snapshot.once<Result<SeriesRefresh>>(
      "quick refresh of patches/" + series.component + "/" + series.release,
      [&] { return refresh_on_ref(snapshot, series, {.search_history = false}); });
}

}  // namespace forge::model
