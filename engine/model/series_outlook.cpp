#include "engine/model/series_outlook.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace forge::model {

using git::ChangeHistory;
using Number = ChangeHistory::Number;

namespace {

class Breaking {
 public:
  Breaking(const UpstreamRefs& upstream, const ChangeHistory& history, std::span<const PatchText> patches)
      : upstream_(upstream), history_(history), patches_(patches) {}

  Result<std::optional<Number>> find(Number good, Number bad) {
    had_ = history_.reach(good);
    const std::vector<Number> line = main_line(bad);
    FORGE_TRY_ASSIGN(const bool starts_well, line.size() > 1 ? applies(line.front()) : Result<bool>(false));
    // A series that needs what only `good` has never applies on the other line.
    if (!starts_well) return first_breaking(touching_commits(bad, had_));
    std::size_t fits = 0;
    std::size_t fails = line.size() - 1;
    while (fails - fits > 1) {
      const std::size_t middle = fits + (fails - fits) / 2;
      FORGE_TRY_ASSIGN(const bool there, applies(line[middle]));
      (there ? fits : fails) = middle;
    }
    return culprit(line[fits], line[fails]);
  }

 private:
  static constexpr std::size_t most_tried = 400;

  /// First parents back from `bad`, turned around; the first one is in the past of `good`.
  [[nodiscard]] std::vector<Number> main_line(Number bad) const {
    std::vector<Number> line{bad};
    while (!had_.contains(line.back())) {
      const std::span<const Number> parents = history_.parents(line.back());
      if (parents.empty()) return {};
      line.push_back(parents.front());
    }
    std::ranges::reverse(line);
    return line;
  }

  /// What step of the main line from `before` to `after` brought: the commit itself, or of a merge the one commit in it
  /// that touches the series' files.
  Result<std::optional<Number>> culprit(Number before, Number after) {
    if (history_.parents(after).size() == 1) return std::optional(after);
    const std::vector<Number> merged = touching_commits(after, history_.reach(before));
    if (merged.size() == 1) return std::optional(merged.front());
    FORGE_TRY_ASSIGN(const std::optional<Number> found, first_breaking(merged));
    return found ? found : std::optional(after);
  }

  /// Ascending; those that `bad` reaches and `had` does not hold.
  [[nodiscard]] std::vector<Number> touching_commits(Number bad, const ChangeHistory::Reach& had) const {
    const ChangeHistory::Reach has = history_.reach(bad);
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

  Result<std::optional<Number>> first_breaking(const std::vector<Number>& commits) {
    for (const Number commit : commits) {
      if (tried_.size() >= most_tried) break;
      const std::span<const Number> parents = history_.parents(commit);
      if (parents.empty()) continue;
      FORGE_TRY_ASSIGN(const bool after, applies(commit));
      if (after) continue;
      FORGE_TRY_ASSIGN(const bool before, applies(parents.front()));
      if (before) return std::optional(commit);
    }
    return std::optional<Number>();
  }

  Result<bool> applies(Number commit) {
    const auto known = tried_.find(commit);
    if (known != tried_.end()) return known->second;
    FORGE_TRY_ASSIGN(const SeriesPlacement placed, place_series(*upstream_.repository, history_.id(commit), patches_));
    tried_[commit] = placed.tree.has_value();
    return placed.tree.has_value();
  }

  const UpstreamRefs& upstream_;
  const ChangeHistory& history_;
  std::span<const PatchText> patches_;
  ChangeHistory::Reach had_;
  std::map<Number, bool> tried_;
};

}  // namespace

Result<std::vector<git::NamedRef>> newer_refs(const UpstreamRefs& upstream, const git::ObjectId& commit) {
  FORGE_TRY_ASSIGN(const git::ChangeHistoryPtr history, upstream.repository->changes());
  std::vector<git::NamedRef> out;
  const std::optional<Number> own_number = history->find(commit);
  const std::optional<git::NamedRef> head = series_head(upstream, *history, commit);
  const std::optional<Number> head_number = head ? history->find(head->commit) : std::nullopt;
  if (!own_number || !head_number) return out;
  const ChangeHistory::Reach after = history->holders(*own_number);
  const ChangeHistory::Reach on_series = history->reach(*head_number);
  const auto is_prerelease = [](const VersionTag& tag) { return tag.version.is_prerelease(); };
  const auto own = std::ranges::find(upstream.versions, commit, &VersionTag::commit);
  const bool takes_prereleases = own != upstream.versions.end() && is_prerelease(*own);
  for (const VersionTag& tag : upstream.versions) {
    if (tag.commit == commit || (is_prerelease(tag) && !takes_prereleases)) continue;
    const std::optional<Number> number = history->find(tag.commit);
    if (number && after.contains(*number) && on_series.contains(*number))
      out.push_back({git::RefKind::tag, tag.name, tag.commit});
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
