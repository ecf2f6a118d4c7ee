#include "engine/model/apt_cache.hpp"

#include <algorithm>
#include <functional>
#include <mutex>
#include <unordered_map>
#include <utility>

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

/// Sorts, and drops doublets.
std::vector<std::string_view> each_once(std::vector<std::string_view> names) {
  std::ranges::sort(names);
  const auto doublets = std::ranges::unique(names);
  names.erase(doublets.begin(), doublets.end());
  return names;
}

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};

/// Answers by the name that was asked for. From any thread; what was given stays where it is.
template <class Answer>
class Asked {
 public:
  template <class Compute>
  const Answer& get(std::string_view name, const Compute& compute) {
    {
      const std::scoped_lock lock(mutex_);
      if (const auto found = answers_.find(name); found != answers_.end()) return found->second;
    }
    Answer made = compute();
    const std::scoped_lock lock(mutex_);
    return answers_.try_emplace(std::string(name), std::move(made)).first->second;
  }

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, Answer, TextHash, std::equal_to<>> answers_;
};

}  // namespace

struct AptCache::Known {
  Asked<std::optional<AptVersion>> candidates;
  Asked<std::vector<AptTarget>> targets;
};

AptCache::AptCache(std::vector<index::PackageListPtr> lists, index::PackageListPtr installed)
    : lists_(std::move(lists)), installed_(std::move(installed)), known_(std::make_shared<Known>()) {}

const std::optional<AptVersion>& AptCache::candidate(std::string_view name) const {
  return known_->candidates.get(name, [&] { return best_of(name); });
}

const std::vector<AptTarget>& AptCache::candidates_for(std::string_view name) const {
  return known_->targets.get(name, [&] { return targets_for(name); });
}

std::optional<AptVersion> AptCache::best_of(std::string_view name) const {
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

std::vector<AptTarget> AptCache::targets_for(std::string_view name) const {
  std::vector<AptTarget> targets;
  if (const auto own = candidate(name)) targets.push_back({*own, true, {}});
  const auto is_candidate = [&](const index::ListedPackage& package) {
    const std::optional<AptVersion>& best = candidate(package.name);
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
  return each_once(std::move(names));
}

std::vector<std::string_view> AptCache::required() const {
  std::vector<std::string_view> names;
  for (const auto& list : lists_)
    for (std::uint32_t i = 0; i < list->size(); ++i)
      if (list->is_required(i)) names.push_back(list->name(i));
  names = each_once(std::move(names));
  std::erase_if(names, [&](std::string_view name) {
    const index::ListedPackage& package = candidate(name)->package;
    return !package.essential && package.priority != index::required_priority;
  });
  return names;
}

bool satisfies(const AptTarget& target, const formats::PackageRelation& relation) {
  if (target.by_name) return is_satisfied(relation, target.version.package.version);
  if (relation.relation == formats::VersionRelation::any) return true;
  return !target.provided_version.empty() && is_satisfied(relation, target.provided_version);
}

}  // namespace forge::model
