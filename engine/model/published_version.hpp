/// What the index has of one version of a project, as an install on one target sees it. A forge's images install the
/// same pinned versions over and over, so what is found out about one is kept for all.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/index/project_page.hpp"
#include "engine/model/closure.hpp"
#include "engine/model/release_choice.hpp"

namespace forge::model {

struct PublishedVersion {
  index::ProjectPagePtr page{};                    ///< null: the index does not have the project, or failed
  std::optional<Release> release{};                ///< absent: the page does not have the version
  index::FileMetadataPtr metadata{};               ///< null: not known
  std::vector<WrittenRequirement> requirements{};  ///< of `metadata`, parsed
  /// As in ClosurePackage.
  std::string unknown{};
  bool as_recorded = false;
  std::optional<Failure> failure{};
  bool needs_pkg_resources = false;
};
using PublishedVersionPtr = std::shared_ptr<const PublishedVersion>;

/// May be used by many threads at once.
class PublishedVersions {
 public:
  /// Null where it is not known yet.
  [[nodiscard]] PublishedVersionPtr find(const PackageName& name, const std::string& version) const;
  /// What somebody else added meanwhile is as good, and stays.
  void add(const PackageName& name, const std::string& version, const PublishedVersionPtr& published) const;

 private:
  mutable std::mutex mutex_;
  mutable std::map<PackageName, std::map<std::string, PublishedVersionPtr>> by_name_;
};

}  // namespace forge::model
