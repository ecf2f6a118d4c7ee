/// What a component's ref in a release could be: tags, branches, commits, in the order in which people want them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/git/upstreams.hpp"
#include "engine/model/upstream_refs.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::ide {

struct SeriesTag {
  const model::VersionTag* tag = nullptr;
  std::string day;                      ///< of its commit: `2025-11-12`
  std::optional<std::size_t> behind{};  ///< commits from it to the head of its series
};

struct RefCandidates {
  std::vector<SeriesTag> series;                ///< of the release's series, newest first
  std::vector<const git::NamedRef*> branches;   ///< that of the series first, then the main one, then the others
  std::vector<git::CommitInfo> commits;         ///< the last ones of the series, newest first
  std::vector<const model::VersionTag*> other;  ///< versions of other series, newest first
};

/// Points into the snapshot's upstream_refs; empty where the upstream can't be read. Computed once per snapshot.
[[nodiscard]] const RefCandidates& ref_candidates(const workspace::Snapshot& snapshot, const std::string& release,
                                                  const std::string& component);

/// The day of a commit, in UTC.
[[nodiscard]] std::string day_of(const git::Timestamp& time);

}  // namespace forge::ide
