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

/// The upstream commit after which a series stops to apply: found by halving the first parents between `good` and
/// `bad`; of a merge, the commit in it that touches one of the series' files. Where the two have no such line in common
/// (`good` is on another branch and the series needs what is there), the first commit of `bad` that touches a file of
/// the series and to whose parent it applies, but not to the commit; at most 400 commits are tried. Nothing where
/// there is none.
[[nodiscard]] Result<std::optional<KnownCommit>> breaking_commit(const UpstreamRefs& upstream,
                                                                 const git::ObjectId& good, const git::ObjectId& bad,
                                                                 std::span<const PatchText> patches);

}  // namespace forge::model
