#include "engine/model/series_outlook.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace forge::model {

using git::ChangeHistory;
using Number = ChangeHistory::Number;

namespace {

/// The head of the oldest series that holds the commit, else the main branch.
Result<std::optional<git::NamedRef>> head_over(const UpstreamRefs& upstream, const git::ObjectId& commit) {
  for (const Series& series : upstream.series) {
    FORGE_TRY_ASSIGN(const bool held, upstream.repository->is_ancestor(commit, series.tip));
    if (held) return std::optional(git::NamedRef{series.kind, series.ref, series.tip});
  }
  if (!upstream.main_branch) return std::optional<git::NamedRef>();
  FORGE_TRY_ASSIGN(const bool held, upstream.repository->is_ancestor(commit, upstream.main_branch->commit));
  return held ? upstream.main_branch : std::nullopt;
}

class Breaking {
 public:
  Breaking(const UpstreamRefs& upstream, const ChangeHistory& history, std::span<const PatchText> patches)
      : upstream_(upstream), history_(history), patches_(patches) {}

  Result<std::optional<Number>> find(Number good, Number bad) {
    const std::vector<Number> commits = touching_commits(good, bad);
    if (commits.empty()) return std::optional<Number>();
    std::size_t low = 0;
    std::size_t high = commits.size() - 1;
    while (low < high) {
      const std::size_t middle = low + (high - low) / 2;
      FORGE_TRY_ASSIGN(const bool fits, applies(history_.id(commits[middle])));
      if (fits)
        low = middle + 1;
      else
        high = middle;
    }
    FORGE_TRY_ASSIGN(const bool sure, breaks(commits[low]));
    if (sure) return std::optional(commits[low]);
    // Branches that were merged stand side by side, so halving may miss: one by one, the oldest first.
    for (const Number commit : commits) {
      if (tried_.size() >= most_tried) break;
      FORGE_TRY_ASSIGN(const bool found, breaks(commit));
      if (found) return std::optional(commit);
    }
    return std::optional<Number>();
  }

 private:
  static constexpr std::size_t most_tried = 400;

  [[nodiscard]] std::vector<Number> touching_commits(Number good, Number bad) const {
    const ChangeHistory::Reach has = history_.reach(bad);
    const ChangeHistory::Reach had = history_.reach(good);
    std::set<Number> out;
    for (const PatchText& patch : patches_) {
      for (const formats::Section& section : patch.parsed->value.sections) {
        for (const auto* path : {&section.old_path, &section.new_path}) {
          if (!*path) continue;
          for (const Number commit : history_.touching((*path)->value)) {
            if (has.contains(commit) && !had.contains(commit)) out.insert(commit);
          }
        }
      }
    }
    return {out.begin(), out.end()};
  }

  Result<bool> applies(const git::ObjectId& commit) {
    const auto known = tried_.find(commit);
    if (known != tried_.end()) return known->second;
    FORGE_TRY_ASSIGN(const SeriesPlacement placed, place_series(*upstream_.repository, commit, patches_));
    tried_[commit] = placed.tree.has_value();
    return placed.tree.has_value();
  }

  Result<bool> breaks(Number commit) {
    const std::span<const Number> parents = history_.parents(commit);
    if (parents.empty()) return false;
    FORGE_TRY_ASSIGN(const bool after, applies(history_.id(commit)));
    if (after) return false;
    return applies(history_.id(parents.front()));
  }

  const UpstreamRefs& upstream_;
  const ChangeHistory& history_;
  std::span<const PatchText> patches_;
  std::map<git::ObjectId, bool> tried_;
};

}  // namespace

Result<std::vector<git::NamedRef>> newer_refs(const UpstreamRefs& upstream, const git::ObjectId& commit) {
  std::vector<git::NamedRef> out;
  FORGE_TRY_ASSIGN(const std::optional<git::NamedRef> head, head_over(upstream, commit));
  if (!head) return out;
  const auto is_prerelease = [](const VersionTag& tag) { return tag.version.is_prerelease(); };
  const auto own = std::ranges::find(upstream.versions, commit, &VersionTag::commit);
  const bool takes_prereleases = own != upstream.versions.end() && is_prerelease(*own);
  for (const VersionTag& tag : upstream.versions) {
    if (tag.commit == commit || (is_prerelease(tag) && !takes_prereleases)) continue;
    FORGE_TRY_ASSIGN(const bool after, upstream.repository->is_ancestor(commit, tag.commit));
    if (!after) continue;
    FORGE_TRY_ASSIGN(const bool on_series, upstream.repository->is_ancestor(tag.commit, head->commit));
    if (on_series) out.push_back({git::RefKind::tag, tag.name, tag.commit});
  }
  if (head->commit != commit && (out.empty() || out.back().commit != head->commit)) out.push_back(*head);
  return out;
}

Result<std::optional<KnownCommit>> breaking_commit(const UpstreamRefs& upstream, const git::ObjectId& good,
                                                   const git::ObjectId& bad, std::span<const PatchText> patches) {
  FORGE_TRY_ASSIGN(const git::ChangeHistoryPtr history, upstream.repository->changes());
  const std::optional<Number> from = history->find(good);
  const std::optional<Number> to = history->find(bad);
  if (!from || !to) return std::optional<KnownCommit>();
  FORGE_TRY_ASSIGN(const std::optional<Number> found, Breaking(upstream, *history, patches).find(*from, *to));
  if (!found) return std::optional<KnownCommit>();
  FORGE_TRY_ASSIGN(const UpstreamPast past, UpstreamPast::read(upstream, bad));
  FORGE_TRY_ASSIGN(KnownCommit commit, past.describe(*found));
  return std::optional(std::move(commit));
}

}  // namespace forge::model
