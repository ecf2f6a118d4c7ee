/// What stands beside an exported tree: `<folder>.json`, its manifest. By it a second export of the same things is
/// known without reading a file of the tree.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/plan/build_plan.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::plan {

/// `sha256:…` over all that an exported tree and its manifest follow from: the commit and what git calls it, the
/// version, the patches by name and content. Unlike source_identity() it needs no tree of the repository, and it tells
/// apart what may give equal files.
[[nodiscard]] Result<std::string> export_inputs(const workspace::Snapshot& snapshot, const PlanSource& source);

/// What a manifest says.
struct ExportRecord {
  std::string inputs;  ///< export_inputs() of what was exported
  std::string layout;  ///< the digest of the OCI image; empty where the tree is a folder
  std::size_t files = 0;
  std::vector<std::string> notes;  ///< ExportedTree::notes
};

/// Of the manifest beside `folder`. Nothing where there is none, where it is none of ours, or where no folder is beside
/// it.
[[nodiscard]] std::optional<ExportRecord> read_export_record(const std::string& folder);

}  // namespace forge::plan
