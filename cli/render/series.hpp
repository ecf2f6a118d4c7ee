/// The answer of `patch check`: where every hunk of a series lands, at one ref or at several.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "engine/base/result.hpp"
#include "engine/base/source_file.hpp"
#include "engine/model/conflict_cause.hpp"
#include "engine/model/patch_series.hpp"
#include "engine/model/upstream_change.hpp"

namespace forge::cli {

/// A series at one ref. `causes` and `upstream` have one entry per patch, or are empty.
struct SeriesAtRef {
  std::string ref;
  Result<model::SeriesPlacement> placement;
  std::vector<std::vector<model::SectionCause>> causes{};
  std::vector<model::PatchUpstream> upstream{};
};

/// Where a series stops to apply among several refs.
struct SeriesBreak {
  std::string after;    ///< the last ref at which it applies
  std::string ref;      ///< the first behind it at which it does not
  bool merged = false;  ///< because all that does not apply there is in upstream
  std::optional<model::KnownCommit> commit{};
};

/// A series at the refs asked for. `files` are the patches in order, named as the user named them.
struct TriedSeries {
  std::string release{};  ///< empty for patches that were named one by one
  std::string component{};
  std::vector<SourceFilePtr> files{};
  std::vector<SeriesAtRef> refs{};
  std::optional<SeriesBreak> stops{};

  [[nodiscard]] std::string name() const;
};

/// The shape for one ref; `at` has a placement.
[[nodiscard]] nlohmann::ordered_json series_json(const std::vector<SourceFilePtr>& files, const SeriesAtRef& at);
/// `{"refs": […], "stops": …}`.
[[nodiscard]] nlohmann::ordered_json refs_json(const TriedSeries& series);
[[nodiscard]] std::string series_text(const std::vector<SourceFilePtr>& files, const SeriesAtRef& at, bool color);
/// A row per series and a column per ref where all were tried at the same refs, else a row for each ref.
[[nodiscard]] std::string outlook_text(const std::vector<TriedSeries>& all, bool color);

}  // namespace forge::cli
