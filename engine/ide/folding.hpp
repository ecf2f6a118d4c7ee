/// Which lines of a document belong together.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/workspace/snapshot.hpp"

namespace forge::ide {

struct Fold {
  std::uint32_t first = 0;  ///< line, from 0
  std::uint32_t last = 0;   ///< after `first`
  bool comment = false;
};

/// A patch's message, files and hunks; blocks of comment lines; nested mappings and lists of YAML. Sorted by line.
[[nodiscard]] std::vector<Fold> folds(const workspace::Snapshot& snapshot, std::string_view path);

}  // namespace forge::ide
