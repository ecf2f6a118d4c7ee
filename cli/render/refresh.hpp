/// The answer of `patch refresh`: what became of every patch, or would become of it.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "engine/base/source_file.hpp"
#include "engine/model/series_refresh.hpp"

namespace forge::cli {

/// One patch of a refreshed series.
struct RefreshedPatch {
  SourceFilePtr file;
  std::string release{};    ///< empty for files outside of a forge
  std::string component{};  ///< likewise
  model::RefreshAction action = model::RefreshAction::unchanged;
  std::string text{};
  std::vector<std::string> notes{};
  TextSpan culprit{};
  std::vector<std::string> without{};  ///< files of earlier patches that do not apply
};

[[nodiscard]] nlohmann::ordered_json refresh_json(const std::vector<RefreshedPatch>& patches);
[[nodiscard]] std::string refresh_text(const std::vector<RefreshedPatch>& patches, bool drops_merged, bool color);
/// What would be written, as a unified diff of the patch files; with `drops_merged` that of the ones that would go too.
[[nodiscard]] std::string refresh_diff(const std::vector<RefreshedPatch>& patches, bool drops_merged, bool color);

}  // namespace forge::cli
