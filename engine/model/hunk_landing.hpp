/// Hunks that apply, but where? What `git apply` does with status 0 and nobody asked for: a hunk that fits at several
/// places, lands in another function, joins two lines, or makes a change that is there already once more.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/formats/patch.hpp"
#include "engine/model/patch_series.hpp"

namespace forge::model {

/// A line of the file as the earlier hunks of the section left it.
struct ScopedLine {
  std::uint64_t line = 0;  ///< 1-based
  std::string scope;       ///< the function or class around it, as `Listener.stop`; empty: none, or unknown
};

struct OddLanding {
  enum class Kind {
    ambiguous,     ///< fits as well at `others`, and nothing decides between them
    elsewhere,     ///< lands outside of what it names after `@@`, which is at `others`
    out_of_order,  ///< lands above the hunk before it, which is at `others`
    end_of_file,   ///< an insertion without context: it goes to the end, wherever it says
    again,         ///< what it makes stands at `others` already, nearer to where it says
    repeated,      ///< `others` is where the same hunk of this patch or an earlier one landed before
    joins_lines,   ///< the line at `at` and the one after it become one
    overwrites,    ///< the section writes over another file, `path`, that it does not name as its source
    submodule      ///< a checkout leaves submodules as they are
  };
  Kind kind = Kind::ambiguous;
  std::size_t patch = 0;  ///< index in the series
  TextSpan span;          ///< in the patch: the hunk's header, or what is to blame
  std::string path;       ///< in the tree
  ScopedLine at;
  std::int64_t lines = 0;  ///< how far from where it says
  std::string named;       ///< what the hunk says after `@@`
  std::vector<ScopedLine> others;
};

/// Of the patches that apply, in their order. `placement` is what place_series said of them.
[[nodiscard]] Result<std::vector<OddLanding>> find_odd_landings(const git::Repository& repository,
                                                                const SeriesPlacement& placement,
                                                                std::span<const PatchText> patches);

/// Computed once per snapshot. Fails where series_placement does.
[[nodiscard]] const Result<std::vector<OddLanding>>& odd_landings(const workspace::Snapshot& snapshot,
                                                                  const workspace::PatchSeries& series);

/// What stands behind a section's last hunk, looks like a part of it, and is not read by git, since the counts are
/// used up; or behind the last section, cut off too early for git to see it.
struct DroppedText {
  TextSpan span;         ///< the lines
  TextSpan hunk;         ///< header of the hunk before them; empty: there is none
  bool changes = false;  ///< some of them are removed or added lines, or another section
};
[[nodiscard]] std::vector<DroppedText> dropped_text(std::string_view text, const formats::Patch& patch);

}  // namespace forge::model
