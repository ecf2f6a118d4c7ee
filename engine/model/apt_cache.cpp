#include "engine/model/apt_cache.hpp"

#include <algorithm>

#include "engine/formats/debian_version.hpp"

namespace forge::model {

namespace {

bool is_later(std::string_view a, std::string_view b) {
  return compare(formats::split_debian_version(a), formats::split_debian_version(b)) > 0;
}

std::optional<AptVersion> latest_in(const index::PackageList& list, std::size_t number, std::string_view name) {
  const auto [begin, end] = list.find(name);
  std::optional<AptVersion> best;
  for (std::uint32_t i = begin; i < end; ++i) {
    const index::ListedPackage package = list.package(i);
    if (!best || is_later(package.version, best->package.version)) best = AptVersion{package, number};
  }
  return best;
}

template <class Accept>
void add_providers(const index::PackageList& list, std::size_t number, std::string_view name, const Accept& accept,
                   std::vector<AptTarget>& targets) {
  const auto [begin, end] = list.find_providers(name);
  for (std::uint32_t i = begin; i < end; ++i) {
    const index::ListedProvider provider = list.provider(i);
    const index::ListedPackage package = list.package(provider.package);
    const AptTarget target{{package, number}, false, provider.version};
    const bool known = std::ranges::any_of(targets, [&](const AptTarget& other) {
      return !other.by_name && other.version == target.version && other.provided_version == target.provided_version;
    });
    if (!known && accept(package)) targets.push_back(target);
  }
}

}  // namespace

std::optional<AptVersion> AptCache::candidate(std::string_view name) const {
  std::optional<AptVersion> best;
  for (std::size_t i = 0; i < lists_.size(); ++i) {
    const auto found = latest_in(*lists_[i], i, name);
    if (found && (!best || is_later(found->package.version, best->package.version))) best = found;
  }
  const auto there = installed(name);
  if (there && (!best || is_later(there->package.version, best->package.version))) best = there;
  return best;
}

std::optional<AptVersion> AptCache::installed(std::string_view name) const {
  return installed_ == nullptr ? std::nullopt : latest_in(*installed_, lists_.size(), name);
}

std::vector<AptTarget> AptCache::candidates_for(std::string_view name) const {
  std::vector<AptTarget> targets;
  if (const auto own = candidate(name)) targets.push_back({*own, true, {}});
  const auto is_candidate = [&](const index::ListedPackage& package) {
    const auto best = candidate(package.name);
    return best && best->package.version == package.version;
  };
  for (std::size_t i = 0; i < lists_.size(); ++i) add_providers(*lists_[i], i, name, is_candidate, targets);
  if (installed_ != nullptr) add_providers(*installed_, lists_.size(), name, is_candidate, targets);
  return targets;
}

std::vector<AptTarget> AptCache::installed_for(std::string_view name) const {
  std::vector<AptTarget> targets;
  if (const auto own = installed(name)) targets.push_back({*own, true, {}});
  if (installed_ != nullptr)
    add_providers(*installed_, lists_.size(), name, [](const index::ListedPackage&) { return true; }, targets);
  return targets;
}

std::vector<std::string_view> AptCache::names() const {
  std::vector<std::string_view> names;
  for (const auto& list : lists_)
    for (std::uint32_t i = 0; i < list->size(); ++i) names.push_back(list->name(i));
  std::ranges::sort(names);
  const auto doublets = std::ranges::unique(names);
  names.erase(doublets.begin(), doublets.end());
  return names;
}

bool satisfies(const AptTarget& target, const formats::PackageRelation& relation) {
  if (target.by_name) return is_satisfied(relation, target.version.package.version);
  if (relation.relation == formats::VersionRelation::any) return true;
  return !target.provided_version.empty() && is_satisfied(relation, target.provided_version);
}

}  // namespace forge::model
