#include "engine/model/linked_series.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace forge::model {

std::string VersionSeries::str() const {
  return fmt::format("{}.{}", major, minor);
}

std::optional<VersionSeries> version_series(const formats::Version& version) {
  if (version.release().size() < 2) return std::nullopt;
  const auto major = version.release()[0].value();
  const auto minor = version.release()[1].value();
  if (!major || !minor) return std::nullopt;
  return VersionSeries{*major, *minor};
}

Result<std::optional<VersionSeries>> series_of_commit(const UpstreamRefs& upstream, const git::ObjectId& commit) {
  constexpr std::int64_t clock_slop_seconds = 86'400;
  FORGE_TRY_ASSIGN(const git::CommitInfo info, upstream.repository->commit(commit));
  for (const VersionTag& tag : upstream.versions) {
    if (tag.version.is_prerelease()) continue;
    FORGE_TRY_ASSIGN(const git::CommitInfo head, upstream.repository->commit(tag.commit));
    if (head.commit_time.seconds + clock_slop_seconds < info.commit_time.seconds) continue;
    bool holds = tag.commit == commit;
    if (!holds) {
      FORGE_TRY_ASSIGN(holds, upstream.repository->is_ancestor(commit, tag.commit));
    }
    if (holds) return version_series(tag.version);
  }
  return std::optional<VersionSeries>();
}

const VersionTag* newest_of_series(const UpstreamRefs& upstream, const VersionSeries& series) {
  const auto found = std::find_if(upstream.versions.rbegin(), upstream.versions.rend(), [&](const VersionTag& tag) {
    return !tag.version.is_prerelease() && version_series(tag.version) == series;
  });
  return found == upstream.versions.rend() ? nullptr : &*found;
}

}  // namespace forge::model
