#include "engine/model/upstream_change.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/formats/commit_message.hpp"
#include "engine/formats/patch_id.hpp"
#include "engine/model/known_answers.hpp"
#include "engine/model/linked_trees.hpp"
#include "engine/model/undone_change.hpp"

namespace forge::model {

using formats::PatchId;
using git::ObjectId;
using Number = UpstreamLine::Number;

namespace {

/// Commits that only change the same files: each is a diff to be made.
constexpr std::size_t max_same_paths = 300;
/// Changes in one patch file: each is looked for.
constexpr std::size_t max_mails = 256;
/// Commits with the same name; a Change-Id stands once on every branch.
constexpr std::size_t max_named = 64;

/// One commit's change in a patch file, which may hold several.
struct PatchChange {
  std::optional<PatchId> id;
  std::vector<std::string> commits;  ///< what the mail says it is or was picked from
  std::vector<std::string> change_ids;
  std::vector<std::string> paths;
};

std::string_view view(std::string_view text, TextSpan span) {
  return text.substr(span.begin, span.size());
}

std::size_t start_of(const formats::Mail& mail) {
  std::size_t start = std::string_view::npos;
  for (const TextSpan span : {mail.commit, mail.from, mail.date, mail.subject, mail.message}) {
    if (!span.empty()) start = std::min<std::size_t>(start, span.begin);
  }
  return start;
}

void add_paths(const formats::Section& section, std::vector<std::string>& paths) {
  if (section.new_path) paths.push_back(section.new_path->value);
  if (section.old_path && (section.renames || !section.new_path)) paths.push_back(section.old_path->value);
}

PatchChange read_change(std::string_view text, const formats::Patch& patch, std::size_t begin, std::size_t end,
                        const formats::Mail* mail) {
  PatchChange change;
  std::size_t id_begin = begin;
  if (mail != nullptr) {
    formats::ChangeOrigin origin = formats::read_change_origin(view(text, mail->message));
    change.change_ids = std::move(origin.change_ids);
    change.commits = std::move(origin.picked_from);
    if (!mail->commit.empty()) change.commits.insert(change.commits.begin(), to_lower(view(text, mail->commit)));
    id_begin = std::max<std::size_t>(begin, mail->message.end);
  }
  // The message may hold a line that looks like the start of another change.
  const auto ids = formats::stable_patch_ids(text.substr(id_begin, end - id_begin));
  if (ids.size() == 1) change.id = ids.front().id;
  const auto starts_at = [](const formats::Section& section) -> std::size_t { return section.span.begin; };
  for (auto section = std::ranges::lower_bound(patch.sections, begin, {}, starts_at);
       section != patch.sections.end() && section->span.begin < end; ++section)
    add_paths(*section, change.paths);
  return change;
}

std::vector<PatchChange> read_changes(std::string_view text, const formats::Patch& patch) {
  std::vector<PatchChange> out;
  if (patch.mails.empty()) out.push_back(read_change(text, patch, 0, text.size(), nullptr));
  for (std::size_t i = 0; i < patch.mails.size(); ++i) {
    const std::size_t begin = i == 0 ? 0 : start_of(patch.mails[i]);
    const std::size_t end = i + 1 < patch.mails.size() ? start_of(patch.mails[i + 1]) : text.size();
    out.push_back(read_change(text, patch, begin, end, &patch.mails[i]));
  }
  std::erase_if(out, [](const PatchChange& change) { return change.paths.empty(); });
  return out;
}

/// The first is the best.
int rank_of(const UpstreamChange& change) {
  if (change.state == UpstreamState::reverted) return 4;
  const int ahead = change.state == UpstreamState::ahead ? 1 : 0;
  return change.same_content ? ahead : 2 + ahead;
}

/// A commit that may be the change, and what names it so.
struct Candidate {
  Number commit = 0;
  std::optional<Witness> named;
};

/// Looks for the changes of one series.
class Search {
 public:
  Search(const UpstreamLine& line, const std::optional<ObjectId>& tip, const SeriesPlacement& placement,
         std::span<const PatchText> patches)
      : line_(line), tip_(tip), placement_(placement), patches_(patches) {}

  Result<PatchUpstream> find(std::size_t i) {
    PatchUpstream out;
    const PatchPlacement& placed = placement_.patches[i];
    if (placed.verdict == PatchVerdict::malformed) return out;
    FORGE_TRY_ASSIGN(out.change, change_of(i));
    const bool merged = out.change && out.change->state == UpstreamState::merged && out.change->same_content;
    const bool is_there = placed.verdict == PatchVerdict::already_applied;
    if (merged || !(is_there || placed.partly_applied)) return out;
    FORGE_TRY_ASSIGN(out.parts, parts_of(i));
    if (is_there) FORGE_TRY(take_single_origin(i, out));
    return out;
  }

 private:
  /// Of a file with several commits: the last one, where all are there.
  Result<std::optional<UpstreamChange>> change_of(std::size_t i) {
    if (placement_.patches[i].parsed->value.mails.size() > max_mails) return std::nullopt;
    const std::vector<PatchChange> changes = read_changes(patches_[i].text, placement_.patches[i].parsed->value);
    std::optional<UpstreamChange> worst;
    for (const PatchChange& change : changes) {
      FORGE_TRY_ASSIGN(std::optional<UpstreamChange> found, best_of(i, change, changes.size() == 1));
      if (!found) return std::nullopt;
      if (!worst || rank_of(*found) >= rank_of(*worst)) worst = std::move(found);
    }
    return worst;
  }

  Result<std::optional<UpstreamChange>> best_of(std::size_t i, const PatchChange& change, bool alone) {
    std::optional<UpstreamChange> best;
    for (const Candidate& candidate : named_like(change)) {
      FORGE_TRY_ASSIGN(const std::optional<Witness> by, witness_of(i, change, candidate, alone));
      if (!by) continue;
      FORGE_TRY_ASSIGN(UpstreamChange found, judged(i, candidate.commit, *by));
      if (!best || rank_of(found) < rank_of(*best)) best = std::move(found);
    }
    const bool found = best && best->same_content && best->state != UpstreamState::reverted;
    if (found || !change.id) return best;
    for (const Number commit : same_paths(change, placement_.patches[i].verdict)) {
      FORGE_TRY_ASSIGN(const bool same, has_patch_id(commit, *change.id));
      if (!same) continue;
      FORGE_TRY_ASSIGN(UpstreamChange other, judged(i, commit, Witness::patch_id));
      if (!best || rank_of(other) < rank_of(*best)) best = std::move(other);
    }
    return best;
  }

  /// By the names that the patch carries, the newest first.
  [[nodiscard]] std::vector<Candidate> named_like(const PatchChange& change) const {
    std::map<Number, Witness, std::greater<>> found;
    const git::ChangeHistory& history = line_.history();
    const auto add = [&](Number commit, Witness by) {
      if ((line_.in_ref(commit) || line_.is_ahead(commit)) && history.parents(commit).size() <= 1)
        found.try_emplace(commit, by);
    };
    for (const std::string& id : change.change_ids) {
      for (const Number commit : history.with_change_id(id)) add(commit, Witness::change_id);
    }
    for (const std::string& name : change.commits) {
      const auto id = ObjectId::from_hex(name);
      if (!id) continue;
      if (const auto commit = history.find(*id)) add(*commit, Witness::cherry_pick);
      for (const Number commit : history.picked_from(*id)) add(commit, Witness::cherry_pick);
    }
    std::vector<Candidate> out;
    for (const auto& [commit, by] : found) {
      if (out.size() < max_named) out.push_back({commit, by});
    }
    return out;
  }

  /// The newest first. What the ref's tree shows to be absent is looked for after it only.
  [[nodiscard]] std::vector<Number> same_paths(const PatchChange& change, PatchVerdict verdict) const {
    std::vector<Number> commits = line_.history().changing_exactly(change.paths);
    std::erase_if(commits, [&](Number commit) {
      const bool may_be_in_ref = verdict == PatchVerdict::conflict && line_.in_ref(commit);
      return !may_be_in_ref && !line_.is_ahead(commit);
    });
    std::ranges::reverse(commits);
    if (commits.size() > max_same_paths) commits.resize(max_same_paths);
    return commits;
  }

  Result<std::optional<Witness>> witness_of(std::size_t i, const PatchChange& change, const Candidate& candidate,
                                            bool alone) {
    if (change.id) {
      FORGE_TRY_ASSIGN(const bool same, has_patch_id(candidate.commit, *change.id));
      if (same) return Witness::patch_id;
    }
    if (alone) {
      FORGE_TRY_ASSIGN(const bool same, gives_same_tree(i, candidate.commit));
      if (same) return Witness::same_result;
    }
    return candidate.named;
  }

  /// A diff that can't be had is none of the same change.
  Result<bool> has_patch_id(Number commit, const PatchId& wanted) {
    const auto known = ids_.find(commit);
    if (known != ids_.end()) return known->second == wanted;
    const Result<std::string> diff = line_.repository().diff(line_.history().id(commit));
    std::optional<PatchId> id;
    if (diff) {
      const auto ids = formats::stable_patch_ids(*diff);
      if (ids.size() == 1) id = ids.front().id;
    }
    ids_.emplace(commit, id);
    return id == wanted;
  }

  /// The patch on the tree before the commit. Nothing where it does not apply there.
  Result<std::optional<ObjectId>> tree_on_parent(std::size_t i, Number commit) const {
    const auto parents = line_.history().parents(commit);
    if (parents.empty()) return std::nullopt;
    FORGE_TRY_ASSIGN(const SeriesPlacement placed,
                     place_series(line_.repository(), line_.history().id(parents.front()), patches_.subspan(i, 1)));
    return placed.tree;
  }

  /// Stronger than the texts, which depend on how a diff was made.
  Result<bool> gives_same_tree(std::size_t i, Number commit) const {
    FORGE_TRY_ASSIGN(const std::optional<ObjectId> tree, tree_on_parent(i, commit));
    if (!tree) return false;
    FORGE_TRY_ASSIGN(const git::CommitInfo info, line_.repository().commit(line_.history().id(commit)));
    return *tree == info.tree;
  }

  Result<UpstreamChange> judged(std::size_t i, Number commit, Witness by) {
    UpstreamChange change;
    change.by = by;
    FORGE_TRY_ASSIGN(change.commit, describe(commit));
    change.final_tag = line_.first_final_tag(commit);
    change.same_content = by == Witness::patch_id || by == Witness::same_result || by == Witness::content;
    FORGE_TRY_ASSIGN(change.reverted_by, line_.reverted_by(commit));
    PatchVerdict verdict = placement_.patches[i].verdict;
    if (!line_.in_ref(commit)) {
      change.state = UpstreamState::ahead;
      FORGE_TRY_ASSIGN(verdict, verdict_at_tip(i));
    }
    // The tree knows better than any name.
    if (verdict == PatchVerdict::already_applied) {
      change.same_content = true;
      change.reverted_by.reset();
    } else {
      FORGE_TRY(look_for_undoing(commit, verdict, change));
    }
    return change;
  }

  /// Of a change that the tree does not have as it is: taken back, or only built upon?
  Result<void> look_for_undoing(Number commit, PatchVerdict verdict, UpstreamChange& change) {
    if (!change.reverted_by) {
      FORGE_TRY_ASSIGN(const ChangeFate fate, fate_of(commit));
      change.reverted_by = fate.undone_by;
      const bool is_absent = verdict == PatchVerdict::applies && change.same_content && !fate.fits_again;
      if (!change.reverted_by && !is_absent) return {};
    }
    change.state = UpstreamState::reverted;
    return {};
  }

  /// Several patches may name the same commit.
  Result<ChangeFate> fate_of(Number commit) {
    const auto known = fates_.find(commit);
    if (known != fates_.end()) return known->second;
    FORGE_TRY_ASSIGN(const ChangeFate fate, fate_of_change(line_, commit));
    return fates_.emplace(commit, fate).first->second;
  }

  Result<PatchVerdict> verdict_at_tip(std::size_t i) {
    if (!at_tip_) {
      FORGE_TRY_ASSIGN(at_tip_, place_series(line_.repository(), *tip_, patches_));
    }
    return at_tip_->patches[i].verdict;
  }

  [[nodiscard]] Result<KnownCommit> describe(Number commit) const {
    FORGE_TRY_ASSIGN(const git::CommitInfo info, line_.repository().commit(line_.history().id(commit)));
    return KnownCommit{info.id, std::string(info.subject()), info.commit_time, line_.first_tag(commit)};
  }

  Result<std::vector<PartialOrigin>> parts_of(std::size_t i) {
    FORGE_TRY_ASSIGN(const std::vector<HunkOrigin> origins,
                     hunk_origins(line_, patches_[i].text, placement_.patches[i]));
    std::vector<PartialOrigin> out;
    for (const HunkOrigin& origin : origins) {
      FORGE_TRY_ASSIGN(KnownCommit commit, describe(*line_.history().find(origin.commit)));
      out.push_back({origin, std::move(commit)});
    }
    return out;
  }

  /// One commit that brought all of the patch is its change, where the patch could have been applied in its place.
  Result<void> take_single_origin(std::size_t i, PatchUpstream& out) {
    std::set<ObjectId> commits;
    std::size_t wanted = 0;
    for (const PartialOrigin& part : out.parts) commits.insert(part.where.commit);
    for (const formats::Section& section : placement_.patches[i].parsed->value.sections)
      wanted += !section.new_path || section.hunk_count == 0 ? 1 : section.hunk_count;
    if (commits.size() != 1 || out.parts.size() != wanted) return {};
    const Number commit = *line_.history().find(*commits.begin());
    FORGE_TRY_ASSIGN(const std::optional<ObjectId> tree, tree_on_parent(i, commit));
    if (!tree) return {};
    const std::vector<PatchChange> changes = read_changes(patches_[i].text, placement_.patches[i].parsed->value);
    Witness by = Witness::content;
    if (changes.size() == 1) {
      FORGE_TRY_ASSIGN(
          by, witness_of(i, changes.front(), {commit, std::nullopt}, true).map([](std::optional<Witness> found) {
            return found.value_or(Witness::content);
          }));
    }
    FORGE_TRY_ASSIGN(out.change, judged(i, commit, by));
    out.parts.clear();
    return {};
  }

  const UpstreamLine& line_;
  const std::optional<ObjectId>& tip_;
  const SeriesPlacement& placement_;
  std::span<const PatchText> patches_;
  std::optional<SeriesPlacement> at_tip_;
  std::map<Number, std::optional<PatchId>> ids_;
  std::map<Number, ChangeFate> fates_;
};

Result<std::vector<PatchUpstream>> changes_on_ref(const workspace::Snapshot& snapshot,
                                                  const workspace::PatchSeries& series) {
  const Result<UpstreamRefs>& upstream = upstream_refs(snapshot, series_upstream(snapshot, series.component));
  if (!upstream) return tl::unexpected<Failure>(upstream.error());
  const Result<SeriesPlacement>& placement = series_placement(snapshot, series);
  if (!placement) return tl::unexpected<Failure>(placement.error());
  FORGE_TRY_ASSIGN(const std::optional<ObjectId> tip, series_tip(*upstream, placement->commit, series.release));
  return find_upstream_changes(*upstream, tip, *placement, patch_texts(series));
}

std::string question(const workspace::PatchSeries& series) {
  return "upstream of patches/" + series.component + "/" + series.release;
}

}  // namespace

std::string_view to_string(Witness witness) {
  switch (witness) {
    case Witness::patch_id:
      return "patch-id";
    case Witness::same_result:
      return "same-result";
    case Witness::content:
      return "content";
    case Witness::change_id:
      return "change-id";
    case Witness::cherry_pick:
      return "cherry-pick";
  }
  return "content";
}

bool is_same_change(const PatchText& a, const PatchText& b) {
  const std::vector<PatchChange> of_a = read_changes(a.text, a.parsed->value);
  const std::vector<PatchChange> of_b = read_changes(b.text, b.parsed->value);
  if (of_a.empty() || of_a.size() != of_b.size()) return false;
  return std::ranges::equal(of_a, of_b, [](const PatchChange& x, const PatchChange& y) {
    const bool same_id = x.id && x.id == y.id;
    return same_id || std::ranges::any_of(x.change_ids, [&](const std::string& id) {
             return std::ranges::count(y.change_ids, id) > 0;
           });
  });
}

Result<std::vector<PatchUpstream>> find_upstream_changes(const UpstreamRefs& upstream,
                                                         const std::optional<ObjectId>& tip,
                                                         const SeriesPlacement& placement,
                                                         std::span<const PatchText> patches) {
  FORGE_TRY_ASSIGN(const UpstreamLine line, UpstreamLine::open(upstream, placement.commit, tip));
  Search search(line, tip, placement, patches);
  std::vector<PatchUpstream> out;
  for (std::size_t i = 0; i < patches.size(); ++i) {
    FORGE_TRY_ASSIGN(PatchUpstream one, search.find(i));
    out.push_back(std::move(one));
  }
  return out;
}

const Result<std::vector<PatchUpstream>>& upstream_changes(const workspace::Snapshot& snapshot,
                                                           const workspace::PatchSeries& series) {
  const auto& answer = snapshot.once<Result<std::vector<PatchUpstream>>>(
      question(series), [&] { return changes_on_ref(snapshot, series); });
  KnownAnswer<Result<std::vector<PatchUpstream>>>::of(snapshot, question(series)) = &answer;
  return answer;
}

const Result<std::vector<PatchUpstream>>* known_upstream_changes(const workspace::Snapshot& snapshot,
                                                                 const workspace::PatchSeries& series) {
  return KnownAnswer<Result<std::vector<PatchUpstream>>>::of(snapshot, question(series));
}

}  // namespace forge::model
