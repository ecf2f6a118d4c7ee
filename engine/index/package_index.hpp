/// What a package index has: the releases of a project, the metadata of a file. Everything above this layer sees the
/// index only through here.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/names.hpp"
#include "engine/base/result.hpp"
#include "engine/formats/core_metadata.hpp"
#include "engine/formats/index_page.hpp"
#include "engine/index/project_page.hpp"

namespace forge::index {

/// What a file says of itself.
struct FileMetadata {
  formats::CoreMetadata core;
  /// Whether the requirements are what an install will see. False for an sdist whose PKG-INFO leaves them open: `core`
  /// then has what was recorded when the sdist was made, and only a build would tell.
  bool settled = true;
  /// An sdist whose setup.py imports pkg_resources and that names no build requirement that still brings it.
  bool needs_pkg_resources = false;
};
using FileMetadataPtr = std::shared_ptr<const FileMetadata>;

struct FileQuestion {
  PackageName project;
  formats::IndexFile file;
};

/// Questions come many at a time, since each may cost a trip over the network. Every method may be called from any
/// thread. Answers do not change as long as the index lives. Failures: `not_found` (no index has the project),
/// `unavailable` (not reachable, or not in the cache while offline), `invalid` (what came makes no sense).
class PackageIndex {
 public:
  virtual ~PackageIndex() = default;
  /// In the order of the projects.
  [[nodiscard]] virtual std::vector<Result<ProjectPagePtr>> pages(const std::vector<PackageName>& projects) const = 0;
  /// In the order of the questions.
  [[nodiscard]] virtual std::vector<Result<FileMetadataPtr>> metadata(
      const std::vector<FileQuestion>& questions) const = 0;
  /// The file itself, its digest compared with its page's. Not kept.
  [[nodiscard]] virtual Result<std::string> content(const formats::IndexFile& file) const = 0;
  /// What is asked, for messages: URLs without credentials.
  [[nodiscard]] virtual std::string name() const = 0;
};

using PackageIndexPtr = std::shared_ptr<const PackageIndex>;

}  // namespace forge::index
