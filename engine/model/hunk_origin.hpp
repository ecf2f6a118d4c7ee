/// Which commit brought the lines that a hunk wants, for hunks whose result is in the tree already.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/formats/patch.hpp"
#include "engine/model/patch_series.hpp"
#include "engine/model/upstream_line.hpp"

namespace forge::model {

struct HunkOrigin {
  std::size_t section = 0;
  std::optional<std::size_t> hunk;  ///< nothing: the section as a whole (a deleted file, a mode)
  git::ObjectId commit;
};

/// For every hunk and section of the patch that is in the ref's tree: the newest commit after which its result is there
/// and before which it was not. Where none is found, nothing stands for it.
[[nodiscard]] Result<std::vector<HunkOrigin>> hunk_origins(const UpstreamLine& line, std::string_view text,
                                                           const PatchPlacement& placement);

}  // namespace forge::model
