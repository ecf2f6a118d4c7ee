/// Which series of a component another one was made against, told by its version tags: `3.5` for every commit of
/// Open vSwitch that leads to v3.5.x and to none before. Its branches are named otherwise than OpenStack's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/base/result.hpp"
#include "engine/model/upstream_refs.hpp"

namespace forge::model {

/// The first two numbers of a version.
struct VersionSeries {
  std::uint64_t major = 0;
  std::uint64_t minor = 0;

  [[nodiscard]] std::string str() const;
  friend auto operator<=>(const VersionSeries&, const VersionSeries&) = default;
};
[[nodiscard]] std::optional<VersionSeries> version_series(const formats::Version& version);

/// Of the lowest final version whose tag has the commit in its history. Nothing where no tag has it: then it is newer
/// than all that is known here, or on a branch ahead of its last tag.
[[nodiscard]] Result<std::optional<VersionSeries>> series_of_commit(const UpstreamRefs& upstream,
                                                                    const git::ObjectId& commit);

/// The highest final version of a series; null where it has none.
[[nodiscard]] const VersionTag* newest_of_series(const UpstreamRefs& upstream, const VersionSeries& series);

}  // namespace forge::model
