#include "engine/model/published_version.hpp"

namespace forge::model {

PublishedVersionPtr PublishedVersions::find(const PackageName& name, const std::string& version) const {
  const std::scoped_lock lock(mutex_);
  const auto versions = by_name_.find(name);
  if (versions == by_name_.end()) return nullptr;
  const auto known = versions->second.find(version);
  return known == versions->second.end() ? nullptr : known->second;
}

void PublishedVersions::add(const PackageName& name, const std::string& version,
                            const PublishedVersionPtr& published) const {
  const std::scoped_lock lock(mutex_);
  by_name_[name].emplace(version, published);
}

}  // namespace forge::model
