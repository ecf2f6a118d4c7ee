/// The answer of `patch check`: where every hunk of a series lands.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "engine/base/source_file.hpp"
#include "engine/model/patch_series.hpp"
#include "engine/model/upstream_change.hpp"

namespace forge::cli {

/// `files` are the patches in order, named as the user named them; `upstream` has an entry for each.
[[nodiscard]] nlohmann::ordered_json series_json(const std::vector<SourceFilePtr>& files,
                                                 const model::SeriesPlacement& series,
                                                 const std::vector<model::PatchUpstream>& upstream);
[[nodiscard]] std::string series_text(const std::vector<SourceFilePtr>& files, const model::SeriesPlacement& series,
                                      const std::vector<model::PatchUpstream>& upstream, bool color);

}  // namespace forge::cli
