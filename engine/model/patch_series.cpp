#include "engine/model/patch_series.hpp"

#include <algorithm>
#include <utility>

#include "engine/model/linked_trees.hpp"
#include "engine/model/series_clash.hpp"

namespace forge::model {

namespace {

bool is_partly_there(const PatchAttempt& attempt) {
  return std::ranges::any_of(attempt.sections, [](const SectionPlacement& section) {
    return section.already_applied || std::ranges::any_of(section.hunks, [](const HunkPlacement& hunk) {
             return std::holds_alternative<AlreadyApplied>(hunk);
           });
  });
}

class SeriesRun {
 public:
  SeriesRun(const git::Repository& repository, const git::ObjectId& tree, std::span<const PatchText> patches)
      : repository_(repository), base_(tree), tree_(repository, tree), patches_(patches), parsed_(read_run(patches)) {
    memory_.earlier = &earlier_;
  }

  Result<SeriesPlacement> run() {
    for (std::size_t i = 0; i < patches_.size() && !tree_.failure(); ++i) {
      out_.push_back(place(i));
      earlier_.add(patches_[i].text);
    }
    if (!all_apply() && !tree_.failure()) look_backwards();
    if (tree_.failure()) return tl::unexpected<Failure>(*tree_.failure());
    SeriesPlacement done;
    if (all_apply()) done.tree = tree_.tree_id();
    if (tree_.failure()) return tl::unexpected<Failure>(*tree_.failure());
    done.patches = std::move(out_);
    return done;
  }

 private:
  [[nodiscard]] bool all_apply() const {
    return std::ranges::all_of(out_, [](const auto& patch) { return patch.verdict == PatchVerdict::applies; });
  }
  [[nodiscard]] const formats::Patch& patch(std::size_t i) const { return parsed_[i]->value; }

  PatchPlacement place(std::size_t i) {
    PatchPlacement out;
    out.parsed = parsed_[i];
    if (patch(i).refused) {
      out.verdict = PatchVerdict::malformed;
      return out;
    }
    PatchAttempt attempt = attempt_patch(tree_, memory_, patches_[i].text, patch(i), Direction::forward);
    if (attempt.applies)
      tree_.settle();
    else
      judge(i, attempt, out);
    out.sections = std::move(attempt.sections);
    if (out.verdict == PatchVerdict::conflict && patches_.size() > 1) find_clash(i, out);
    return out;
  }

  void judge(std::size_t i, PatchAttempt& attempt, PatchPlacement& out) {
    out.verdict = attempt.refused ? PatchVerdict::malformed : PatchVerdict::conflict;
    if (attempt.refused) return;
    const std::size_t mark = tree_.mark();
    RunMemory scratch = memory_;
    if (attempt_patch(tree_, scratch, patches_[i].text, patch(i), Direction::reverse).applies)
      out.verdict = PatchVerdict::already_applied;
    tree_.rollback(mark);
    find_already_applied(attempt, tree_, memory_, patches_[i].text, patch(i));
    out.partly_applied = out.verdict == PatchVerdict::conflict && is_partly_there(attempt);
  }

  void find_clash(std::size_t i, PatchPlacement& out) {
    constexpr std::size_t most_looked_at = 20;  // each may try the series up to it again
    if (clashes_looked_for_ == most_looked_at) return;
    ++clashes_looked_for_;
    const SeriesUpTo series{repository_, base_, tree_, memory_, patches_, parsed_, out_, i};
    out.clash = model::find_clash(series, out);
  }

  /// Of a series that is in the tree as a whole, the first patch often does not reverse before the later ones are
  /// taken back.
  void look_backwards() {
    const std::size_t mark = tree_.mark();
    RunMemory scratch = memory_;
    for (std::size_t i = patches_.size(); i-- > 0;) {
      PatchPlacement& placement = out_[i];
      if (placement.verdict == PatchVerdict::malformed) continue;
      const bool reverses = attempt_patch(tree_, scratch, patches_[i].text, patch(i), Direction::reverse).applies;
      if (!reverses || placement.verdict != PatchVerdict::conflict) continue;
      placement.verdict = PatchVerdict::already_applied;
      placement.partly_applied = false;
      placement.clash.reset();
    }
    tree_.rollback(mark);
  }

  const git::Repository& repository_;
  git::ObjectId base_;
  TreeState tree_;
  RunMemory memory_;
  std::span<const PatchText> patches_;
  PatchTexts earlier_;
  std::vector<ParsedPatchPtr> parsed_;
  std::size_t clashes_looked_for_ = 0;
  std::vector<PatchPlacement> out_;
};

Result<SeriesPlacement> place_on_ref(const workspace::Snapshot& snapshot, const workspace::PatchSeries& series) {
  FORGE_TRY_ASSIGN(const SeriesBase base, series_base(snapshot, series.component, series.release));
  return place_series(*base.repository, base.commit, patch_texts(series));
}

}  // namespace

std::string_view to_string(PatchVerdict verdict) {
  switch (verdict) {
    case PatchVerdict::applies:
      return "applies";
    case PatchVerdict::already_applied:
      return "already-applied";
    case PatchVerdict::conflict:
      return "conflict";
    case PatchVerdict::malformed:
      return "malformed";
  }
  return "malformed";
}

std::optional<std::size_t> PatchPlacement::first_obstacle() const {
  std::optional<std::size_t> first;
  for (std::size_t i = 0; i < sections.size(); ++i) {
    if (sections[i].obstacle == Obstacle::none) continue;
    if (!sections[i].already_applied) return i;
    if (!first) first = i;
  }
  return first;
}

std::vector<ParsedPatchPtr> read_run(std::span<const PatchText> patches) {
  std::vector<ParsedPatchPtr> out;
  formats::StripGuess guess;
  for (const PatchText& patch : patches) {
    const bool fresh = guess == formats::StripGuess{};
    out.push_back(fresh ? patch.parsed
                        : std::make_shared<const Parsed<formats::Patch>>(parse_patch(patch.text, guess)));
    guess = out.back()->value.guess_after;
  }
  return out;
}

Result<SeriesPlacement> place_series(const git::Repository& repository, const git::ObjectId& commit,
                                     std::span<const PatchText> patches) {
  FORGE_TRY_ASSIGN(const git::CommitInfo info, repository.commit(commit));
  FORGE_TRY_ASSIGN(SeriesPlacement out, SeriesRun(repository, info.tree, patches).run());
  out.commit = commit;
  return out;
}

std::vector<PatchText> patch_texts(const workspace::PatchSeries& series) {
  std::vector<PatchText> out;
  out.reserve(series.patches.size());
  for (const auto& document : series.patches)
    out.push_back({document->file->text(), ParsedPatchPtr(document, &document->parsed)});
  return out;
}

const Result<SeriesPlacement>& series_placement(const workspace::Snapshot& snapshot,
                                                const workspace::PatchSeries& series) {
  return snapshot.once<Result<SeriesPlacement>>("placement of patches/" + series.component + "/" + series.release,
                                                [&] { return place_on_ref(snapshot, series); });
}

}  // namespace forge::model
