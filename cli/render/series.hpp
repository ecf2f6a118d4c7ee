/// The answer of `patch check`: where every hunk of a series lands.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "engine/base/source_file.hpp"
#include "engine/model/patch_series.hpp"

namespace forge::cli {

/// `files` are the patches in order, named as the user named them.
[[nodiscard]] nlohmann::ordered_json series_json(const std::vector<SourceFilePtr>& files,
                                                 const model::SeriesPlacement& series);
[[nodiscard]] std::string series_text(const std::vector<SourceFilePtr>& files, const model::SeriesPlacement& series,
                                      bool color);

}  // namespace forge::cli
