/// How a series fares at other refs than its own: which come next, and what makes it stop to apply.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/model/patch_series.hpp"
#include "engine/model/upstream_past.hpp"

namespace forge::model {

/// The versions of the ref's series that come after it (pre-releases only after a pre-release), oldest first, then
/// the head of the series where no version is at it.
[[nodiscard]] Result<std::vector<git::NamedRef>> newer_refs(const UpstreamRefs& upstream, const git::ObjectId& commit);

/// The upstream commit after which a series stops to apply: found by halving the commits that `bad` has, `good` lacks
/// and that touch one of the series' files, and seen to break it: it applies to the commit's parent and not to the
/// commit. Nothing where no single commit (of at most 400 that are tried) does.
[[nodiscard]] Result<std::optional<KnownCommit>> breaking_commit(const UpstreamRefs& upstream,
                                                                 const git::ObjectId& good, const git::ObjectId& bad,
                                                                 std::span<const PatchText> patches);

}  // namespace forge::model
