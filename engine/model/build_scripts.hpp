/// How the forge's own workflows and scripts put patches on a source tree.
#pragma once

#include <vector>

#include "engine/base/source_file.hpp"
#include "engine/base/span.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::model {

/// A `git apply` of patches that leaves git's index as it was.
struct PlainApply {
  SourceFilePtr file;
  TextSpan apply;  ///< the word
};

struct PatchStep {
  bool exports_source = false;  ///< some step runs `source export`, which needs no index
  std::vector<PlainApply> plain;
};

/// Reads YAML and shell below .github/ and what is below scripts/, line by line; computed once per snapshot.
[[nodiscard]] const PatchStep& patch_step(const workspace::Snapshot& snapshot);

}  // namespace forge::model
