/// An exported tree as an OCI image: a context whose digest the plan can name, and which BuildKit verifies.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/finding.hpp"
#include "engine/base/result.hpp"
#include "engine/base/task_pool.hpp"
#include "engine/plan/source_export.hpp"

namespace forge::plan {

/// One uncompressed layer that holds the tree, sorted by bytes, all of it owner 0:0 and of the commit's time. The bytes
/// follow from the tree alone.
struct OciImage {
  std::string layer;     ///< a tar archive: ustar, with PAX headers only where that can't say it
  std::string config;    ///< JSON
  std::string manifest;  ///< JSON
  std::string digest;    ///< `sha256:…` of the manifest
};

/// The folder, relative to the forge's root, that a tree's image layout goes to.
[[nodiscard]] std::string oci_folder(std::string_view component, std::string_view release);

/// Fails with `invalid` where a path is more than an archive can hold.
[[nodiscard]] Result<OciImage> oci_image(const ExportedTree& tree);

/// Makes `folder` an OCI image layout (`oci-layout`, `index.json`, `blobs/sha256/`) with that image alone. It is
/// written beside the folder and renamed; one that names the same digest and has all its blobs is left alone.
[[nodiscard]] Result<Written> write_oci_layout(const OciImage& image, const ExportedTree& tree,
                                               const std::string& folder);

/// `folder` is a layout as write_oci_layout() leaves it, of the image with that digest. Of the blobs only the manifest
/// is read; of the others the sizes count.
[[nodiscard]] bool holds_layout(const std::string& folder, const std::string& digest);

/// Makes every source context of the plan an `oci-layout://<oci_folder>@<digest>`, for which each tree is read once.
/// Returns the trees that can't be exported, as findings that block their targets in a plan made anew with them.
[[nodiscard]] std::vector<Finding> pin_sources(const workspace::Snapshot& snapshot, BuildPlan& plan,
                                               const TaskPool& pool);

}  // namespace forge::plan
