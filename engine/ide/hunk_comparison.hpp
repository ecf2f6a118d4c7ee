/// What a hunk of a patch expects, beside what the file of its ref has in that place.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/model/upstream_past.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::ide {

struct HunkComparison {
  /// Lines of the file with a few around them.
  struct Side {
    std::string text;
    std::uint64_t line = 1;  ///< 1-based, of the first one
  };
  std::string component;
  std::string ref;
  std::string path;  ///< in the tree
  Side expected;     ///< the file with the hunk's old image in its place
  Side found;        ///< the file at the ref, after the earlier patches of the series; empty where it has none
  bool applies = false;
  std::string reason{};                          ///< why the hunk does not fit: a sentence
  std::optional<model::KnownCommit> upstream{};  ///< what changed the lines, or will bring them, where it is known
};

/// Of the hunk at `offset`, else of the first one that does not fit, else of the first. Nothing where `path` is no
/// patch of a series, has no hunk, or where the series can't be tried. Reads the upstream's repository.
[[nodiscard]] std::optional<HunkComparison> compare_hunk(const workspace::Snapshot& snapshot, std::string_view path,
                                                         std::uint32_t offset);

}  // namespace forge::ide
