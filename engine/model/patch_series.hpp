/// A patch series on a commit's tree, in memory: what one `git apply` over all its files would do, patch by patch.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/formats/patch.hpp"
#include "engine/git/upstreams.hpp"
#include "engine/model/patch_attempt.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::model {

using ParsedPatchPtr = std::shared_ptr<const Parsed<formats::Patch>>;

/// One patch file of a run. `parsed` is as the first file of a run would be read.
struct PatchText {
  std::string_view text;
  ParsedPatchPtr parsed;
};

enum class PatchVerdict {
  applies,
  already_applied,  ///< it applies in reverse: the tree is in the state that the patch wants
  conflict,
  malformed
};
[[nodiscard]] std::string_view to_string(PatchVerdict verdict);

/// A conflict that lies in the series, not in upstream.
struct SeriesClash {
  enum class Kind {
    broken_by,   ///< it applies to the ref's tree, but no more after that earlier patch
    made_by,     ///< the line it trips over was put in by that earlier patch
    taken_by,    ///< the line it expects was taken out by that earlier patch
    needs,       ///< the line or file it expects comes with that earlier patch, which does not apply itself
    supplied_by  ///< it applies after that later patch
  };
  Kind kind = Kind::broken_by;
  std::size_t patch = 0;  ///< number in the series
};
[[nodiscard]] std::string_view to_string(SeriesClash::Kind kind);

struct PatchPlacement {
  PatchVerdict verdict = PatchVerdict::applies;
  bool partly_applied = false;  ///< a conflict, but some of it is in the tree
  ParsedPatchPtr parsed;        ///< as read in this run; its sections are those below
  std::vector<SectionPlacement> sections;
  std::optional<SeriesClash> clash;  ///< of a conflict; looked for in the first twenty of a series

  /// Index of the first section that fits nowhere and whose result is not there either, else of the first that does
  /// not fit; nothing where all do.
  [[nodiscard]] std::optional<std::size_t> first_obstacle() const;
};

struct SeriesPlacement {
  git::ObjectId commit;
  std::optional<git::ObjectId> tree;  ///< the result, where the whole series applies
  std::vector<PatchPlacement> patches;
};

/// The patches as one run reads them: what an earlier file made git guess holds for the later ones.
[[nodiscard]] std::vector<ParsedPatchPtr> read_run(std::span<const PatchText> patches);

/// A patch that does not apply is left out and the ones behind it are tried without it. Fails only where the
/// repository does.
[[nodiscard]] Result<SeriesPlacement> place_series(const git::Repository& repository, const git::ObjectId& commit,
                                                   std::span<const PatchText> patches);

/// The patches of a series of the forge.
[[nodiscard]] std::vector<PatchText> patch_texts(const workspace::PatchSeries& series);

/// The series on its component's ref in its release, computed once per snapshot. Fails where the ref, the upstream or
/// the commit is not to be had; the rules on refs report that.
[[nodiscard]] const Result<SeriesPlacement>& series_placement(const workspace::Snapshot& snapshot,
                                                              const workspace::PatchSeries& series);

}  // namespace forge::model
