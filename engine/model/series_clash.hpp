/// Which patch of a series is to blame where another does not apply.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "engine/model/patch_series.hpp"
#include "engine/model/tree_state.hpp"

namespace forge::model {

/// A run at the moment when patch `number` has failed.
struct SeriesUpTo {
  const git::Repository& repository;
  const git::ObjectId& base;  ///< tree of the ref
  TreeState& tree;            ///< with the earlier patches that apply
  const RunMemory& memory;
  std::span<const PatchText> patches;
  std::span<const ParsedPatchPtr> parsed;
  std::span<const PatchPlacement> placed;  ///< of the earlier ones
  std::size_t number = 0;
};

/// Leaves the tree as it was.
[[nodiscard]] std::optional<SeriesClash> find_clash(const SeriesUpTo& series, const PatchPlacement& failed);

}  // namespace forge::model
