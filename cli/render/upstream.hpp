/// What `patch check` says of a patch's change upstream.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "engine/base/source_file.hpp"
#include "engine/model/upstream_change.hpp"

namespace forge::cli {

/// Adds `upstream` (a commit of the same change is in the ref or its series), `reverted` (it was, and was taken back)
/// and `upstreamParts` (commits that brought single hunks).
void add_upstream_json(nlohmann::ordered_json& patch, const SourceFile& file, const formats::Patch& parsed,
                       const model::PatchUpstream& upstream);
/// Lines for a person; empty where nothing was found.
[[nodiscard]] std::string upstream_text(const SourceFile& file, const formats::Patch& parsed,
                                        const model::PatchUpstream& upstream);

}  // namespace forge::cli
