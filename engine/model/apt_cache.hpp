/// A distribution's packages for one platform, as apt sees them: several lists, one candidate for each name.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/formats/debian_control.hpp"
#include "engine/index/package_list.hpp"

namespace forge::model {

struct AptVersion {
  index::ListedPackage package;
  std::size_t list = 0;
  [[nodiscard]] bool operator==(const AptVersion& other) const {
    return package.name == other.package.name && package.version == other.package.version;
  }
};

/// A package that stands for a name: its own, or one that it provides.
struct AptTarget {
  AptVersion version;
  bool by_name = true;
  std::string_view provided_version;  ///< where not by name; empty: none
};

class AptCache {
 public:
  /// In the order of apt's sources; it decides ties. `installed` is dpkg's status, or null.
  explicit AptCache(std::vector<index::PackageListPtr> lists, index::PackageListPtr installed = nullptr);

  /// The highest version of that name, installed or in a list; of equal ones the first.
  [[nodiscard]] const std::optional<AptVersion>& candidate(std::string_view name) const;
  [[nodiscard]] std::optional<AptVersion> installed(std::string_view name) const;
  /// The candidates that are that name or provide it, the one of that name first.
  [[nodiscard]] const std::vector<AptTarget>& candidates_for(std::string_view name) const;
  /// The installed packages that are that name or provide it.
  [[nodiscard]] std::vector<AptTarget> installed_for(std::string_view name) const;
  /// dpkg's status, or null.
  [[nodiscard]] const index::PackageList* installed_list() const { return installed_.get(); }
  /// Whether any list has a package of that name.
  [[nodiscard]] bool has(std::string_view name) const { return candidate(name).has_value(); }
  /// Every name of a package, sorted, each once.
  [[nodiscard]] std::vector<std::string_view> names() const;
  /// Those of packages whose candidate is essential or of priority `required`; sorted.
  [[nodiscard]] std::vector<std::string_view> required() const;

 private:
  struct Known;
  [[nodiscard]] std::optional<AptVersion> best_of(std::string_view name) const;
  [[nodiscard]] std::vector<AptTarget> targets_for(std::string_view name) const;

  std::vector<index::PackageListPtr> lists_;
  index::PackageListPtr installed_;
  std::shared_ptr<Known> known_;  ///< what was asked before: images ask for much the same
};

/// Whether the target satisfies the relation: a provided name without a version satisfies no versioned one
/// (policy 7.5).
[[nodiscard]] bool satisfies(const AptTarget& target, const formats::PackageRelation& relation);

}  // namespace forge::model
