#include "engine/model/apt_closure.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <unordered_map>

#include <fmt/format.h>

#include "engine/base/text.hpp"

namespace forge::model {

namespace {

using formats::PackageRelation;
using formats::RelationGroup;

constexpr unsigned deepest = 3000;  // apt's own bound

std::string text_of(const PackageRelation& relation) {
  constexpr std::array<std::string_view, 6> signs = {"", "<<", "<=", "=", ">=", ">>"};
  std::string text(relation.name);
  if (!relation.qualifier.empty()) text += fmt::format(":{}", relation.qualifier);
  if (relation.relation != formats::VersionRelation::any)
    text += fmt::format(" ({} {})", signs.at(static_cast<std::size_t>(relation.relation)), relation.version);
  return text;
}

std::string text_of(const RelationGroup& group) {
  std::vector<std::string> pieces;
  for (const PackageRelation& relation : group) pieces.push_back(text_of(relation));
  return join(pieces, " | ");
}

/// What is decided about one name.
struct State {
  std::optional<AptVersion> candidate;  ///< nothing: there is none, or it was given up
  std::optional<AptVersion> installed;
  bool is_marked = false;  ///< its candidate is to be installed
  bool is_protected = false;
  bool asked = false;
  bool is_expanded = false;  ///< its relations were followed
  std::string_view required_by;
};

class Marking {
 public:
  explicit Marking(const AptCache& cache) : cache_(cache) {}

  AptClosure run(const std::vector<std::string>& asked) {
    AptClosure closure;
    std::vector<std::string_view> names;
    for (const std::string& name : asked) {
      const std::string_view bare = std::string_view(name).substr(0, name.find(':'));
      const std::string_view meant = name_to_install(bare);
      if (meant.empty())
        closure.unknown.push_back(name);
      else if (std::ranges::count(names, meant) == 0)
        names.push_back(meant);
    }
    for (const std::string_view name : names) {
      State& package = state(name);
      package.asked = true;
      package.is_protected = true;
      if (!is_current(package)) package.is_marked = true;
    }
    for (const std::string_view name : names) mark(name, {}, 0);
    collect(closure);
    return closure;
  }

 private:
  static std::pair<std::size_t, std::uint32_t> order_of(const AptVersion& version) {
    return {version.list, version.package.rank};
  }

  /// The candidate is what is installed.
  static bool is_current(const State& package) {
    return package.installed && package.candidate && *package.installed == *package.candidate;
  }

  State& state(std::string_view name) {
    const auto known = states_.find(std::string(name));
    if (known != states_.end()) return known->second;
    State made;
    made.candidate = cache_.candidate(name);
    made.installed = cache_.installed(name);
    return states_.emplace(name, made).first->second;
  }

  /// A virtual name stands for its only provider.
  std::string_view name_to_install(std::string_view name) {
    const std::vector<AptTarget>& targets = cache_.candidates_for(name);
    if (targets.empty()) return {};
    if (targets.front().by_name) return targets.front().version.package.name;
    const std::string_view first = targets.front().version.package.name;
    const bool one = std::ranges::all_of(targets, [&](const AptTarget& t) { return t.version.package.name == first; });
    return one ? first : std::string_view();
  }

  /// The version that will be there in the end, as far as it is decided.
  const AptVersion* chosen(std::string_view name) {
    const State& package = state(name);
    if (package.is_marked) return &*package.candidate;
    return package.installed ? &*package.installed : nullptr;
  }

  bool is_chosen(const AptTarget& target) {
    const AptVersion* there = chosen(target.version.package.name);
    return there != nullptr && *there == target.version;
  }

  template <class Visit>
  bool any_target(const PackageRelation& relation, const Visit& visit) {
    for (const AptTarget& target : cache_.candidates_for(relation.name))
      if (takes(target, relation) && visit(target)) return true;
    return false;
  }

  static bool takes(const AptTarget& target, const PackageRelation& relation) {
    // `python3:any` wants a package that says it may serve other architectures.
    if (relation.qualifier == "any" && !target.version.package.multi_arch_allowed) return false;
    const bool names_port =
        !relation.qualifier.empty() && relation.qualifier != "any" && relation.qualifier != "native";
    if (names_port && relation.qualifier != target.version.package.architecture) return false;
    return satisfies(target, relation);
  }

  bool is_met(const RelationGroup& group) {
    return std::ranges::any_of(group, [&](const PackageRelation& relation) {
      if (any_target(relation, [&](const AptTarget& target) { return is_chosen(target); })) return true;
      return std::ranges::any_of(cache_.installed_for(relation.name),
                                 [&](const AptTarget& target) { return takes(target, relation) && is_chosen(target); });
    });
  }

  /// What could meet the group, in apt's order of preference: installed packages first, then as the alternatives stand;
  /// among providers of one name the essential and important ones, those of higher priority, those it met last.
  std::vector<AptVersion> solutions(const RelationGroup& group) {
    std::vector<AptVersion> upgrades;
    std::vector<AptVersion> news;
    for (const PackageRelation& relation : group) {
      std::vector<AptVersion> found;
      any_target(relation, [&](const AptTarget& target) {
        if (std::ranges::count(found, target.version) == 0) found.push_back(target.version);
        return false;
      });
      std::ranges::stable_sort(
          found, [&](const AptVersion& a, const AptVersion& b) { return is_preferred(a, b, relation.name); });
      for (const AptVersion& one : found) (state(one.package.name).installed ? upgrades : news).push_back(one);
    }
    upgrades.insert(upgrades.end(), news.begin(), news.end());
    std::vector<AptVersion> out;
    for (const AptVersion& one : upgrades) {
      const State& package = state(one.package.name);
      const bool is_forbidden = package.is_protected && !package.is_marked && !package.installed;
      if (!is_forbidden && std::ranges::count(out, one) == 0) out.push_back(one);
    }
    return out;
  }

  bool is_preferred(const AptVersion& a, const AptVersion& b, std::string_view wanted) {
    const State& first = state(a.package.name);
    const State& second = state(b.package.name);
    if (first.is_protected != second.is_protected) return first.is_protected;
    const bool first_there = first.installed.has_value();
    const bool second_there = second.installed.has_value();
    if (first_there != second_there) return first_there;
    if (a.package.name != b.package.name) {
      if (a.package.name == wanted) return true;
      if (b.package.name == wanted) return false;
    }
    if (a.package.essential != b.package.essential) return a.package.essential;
    if (a.package.important != b.package.important) return a.package.important;
    if (a.package.priority != b.package.priority) return a.package.priority < b.package.priority;
    return order_of(a) > order_of(b);
  }

  /// Takes the candidate and all that it needs; false where that can't be, and then it is not taken.
  bool mark(std::string_view name, std::string_view by, unsigned depth) {
    if (depth > deepest) return false;
    State& package = state(name);
    if (package.is_protected && !package.is_marked && !is_current(package)) return false;
    if (!package.candidate) return false;
    if (!package.is_protected && is_current(package)) return true;
    if (std::exchange(package.is_expanded, true)) return true;
    const AptVersion version = *package.candidate;
    const bool was_protected = package.is_protected;
    const bool may_fail = !was_protected;  // what the user asked for stays, broken or not
    std::vector<std::string_view> upgrades;
    if (!leave_out_conflicting(version, was_protected, upgrades) && may_fail) return give_up(package);
    if (package.installed && !is_current(package)) add_dependants(*package.installed, version, upgrades);
    if (!is_current(package) && !package.is_marked) {
      package.is_marked = true;
      package.required_by = by;
    }
    package.is_protected = true;  // while what it needs is looked for
    upgrade_siblings(version, depth);
    for (const std::string_view other : upgrades)
      if (!state(other).is_marked) (void)mark(other, name, depth + 1);
    const bool done = take_needed(version, was_protected, depth);
    package.is_protected = was_protected;
    if (!done && may_fail) return give_up(package);
    return done;
  }

  static bool give_up(State& package) {
    package.is_marked = false;
    package.is_expanded = false;
    package.candidate.reset();
    return false;
  }

  /// Conflicts and Breaks: what else was chosen must go, what was not must stay out. False where something can't go.
  /// Installed ones that a newer version makes harmless are put into `upgrades`.
  bool leave_out_conflicting(const AptVersion& version, bool is_firm, std::vector<std::string_view>& upgrades) {
    for (const std::string_view field : {version.package.conflicts, version.package.breaks}) {
      for (const RelationGroup& group : formats::parse_relations(field)) {
        std::vector<AptVersion> matches;
        any_target(group.front(), [&](const AptTarget& target) {
          if (target.version.package.name != version.package.name) matches.push_back(target.version);
          return false;
        });
        for (const AptVersion& other : matches)
          if (!leave_out(other, is_firm)) return false;
        for (const AptTarget& target : cache_.installed_for(group.front().name)) {
          const State& there = state(target.version.package.name);
          const bool is_other = target.version.package.name != version.package.name && !there.is_marked;
          if (is_other && takes(target, group.front()) && there.candidate && !is_current(there))
            upgrades.push_back(target.version.package.name);
        }
      }
    }
    return true;
  }

  bool leave_out(const AptVersion& other, bool is_firm) {
    State& package = state(other.package.name);
    if (!package.candidate || !(*package.candidate == other) || is_current(package)) return true;
    if (package.is_marked) {
      if (package.is_protected) return false;
      package.is_marked = false;
      package.is_expanded = false;
      return true;
    }
    if (is_firm) {
      package.candidate.reset();
      if (!package.installed) package.is_protected = true;
    }
    return true;
  }

  /// Installed packages that need what `before` was and `after` is no more.
  void add_dependants(const AptVersion& before, const AptVersion& after, std::vector<std::string_view>& upgrades) {
    for (const Dependant& one : dependants_of(before.package.name)) {
      const State& package = state(one.package);
      if (package.is_marked || !is_satisfied(one.relation, before.package.version)) continue;
      const bool is_listed = std::ranges::count(upgrades, one.package) > 0;
      if (!is_listed && !is_satisfied(one.relation, after.package.version)) upgrades.push_back(one.package);
    }
  }

  struct Dependant {
    std::string_view package;
    PackageRelation relation;
  };

  const std::vector<Dependant>& dependants_of(std::string_view name) {
    if (dependants_.empty() && cache_.installed_list() != nullptr) {
      const index::PackageList& list = *cache_.installed_list();
      for (std::uint32_t i = 0; i < list.size(); ++i) {
        const index::ListedPackage package = list.package(i);
        for (const std::string_view field : {package.pre_depends, package.depends})
          for (const RelationGroup& group : formats::parse_relations(field))
            for (const PackageRelation& relation : group)
              dependants_[std::string(relation.name)].push_back({package.name, relation});
      }
    }
    return dependants_[std::string(name)];
  }

  /// Installed packages of the same source follow to its version.
  void upgrade_siblings(const AptVersion& version, unsigned depth) {
    const index::PackageList* list = cache_.installed_list();
    if (list == nullptr) return;
    std::vector<std::string_view> siblings;
    for (std::uint32_t i = 0; i < list->size(); ++i) {
      const index::ListedPackage there = list->package(i);
      if (there.source != version.package.source || there.name == version.package.name) continue;
      const State& package = state(there.name);
      if (!package.candidate || package.is_marked || is_current(package)) continue;
      const index::ListedPackage& next = package.candidate->package;
      if (next.source == version.package.source && next.source_version == version.package.source_version)
        siblings.push_back(there.name);
    }
    for (const std::string_view name : siblings) {
      State& package = state(name);
      package.is_marked = true;
      package.required_by = version.package.name;
    }
    for (const std::string_view name : siblings) (void)mark(name, version.package.name, depth + 1);
  }

  bool take_needed(const AptVersion& version, bool is_firm, unsigned depth) {
    bool all = true;
    for (const std::string_view field : {version.package.pre_depends, version.package.depends}) {
      for (const RelationGroup& group : formats::parse_relations(field)) {
        if (take_one(group, version.package.name, is_firm, depth)) continue;
        if (!is_firm) return false;
        all = false;
      }
    }
    return all;
  }

  bool take_one(const RelationGroup& group, std::string_view by, bool is_firm, unsigned depth) {
    if (is_met(group)) {
      if (!is_firm) return true;
      std::vector<AptVersion> only = solutions(group);
      for (const PackageRelation& relation : group)
        for (const AptTarget& target : cache_.installed_for(relation.name))
          if (takes(target, relation) && std::ranges::count(only, target.version) == 0) only.push_back(target.version);
      if (only.size() != 1 || state(only.front().package.name).is_protected) return true;
      protect(only.front().package.name);
      return mark(only.front().package.name, by, depth + 1);
    }
    const std::vector<AptVersion> possible = solutions(group);
    for (const AptVersion& one : possible) {
      State& package = state(one.package.name);
      if (!package.candidate || !(*package.candidate == one)) continue;
      if (is_firm && possible.size() == 1) {
        if (package.is_protected && !package.is_marked && !is_current(package)) continue;
        if (!is_current(package) && !package.is_marked) {
          package.is_marked = true;
          package.required_by = by;
        }
        protect(one.package.name);
      }
      if (mark(one.package.name, by, depth + 1)) return true;
    }
    return false;
  }

  void protect(std::string_view name) {
    State& package = state(name);
    package.is_protected = true;
    package.is_expanded = false;  // its own needs become firm, too
  }

  /// What was taken for a package that was given up later is not needed: apt takes no such thing either.
  std::set<std::string_view> needed() {
    std::set<std::string_view> seen;
    std::vector<std::string_view> open;
    for (const auto& [name, package] : states_)
      if (package.is_marked && (package.asked || package.installed)) open.push_back(package.candidate->package.name);
    while (!open.empty()) {
      const std::string_view name = open.back();
      open.pop_back();
      if (!seen.insert(name).second) continue;
      const index::ListedPackage package = state(name).candidate->package;
      for (const std::string_view field : {package.pre_depends, package.depends})
        for (const RelationGroup& group : formats::parse_relations(field))
          for (const PackageRelation& relation : group)
            (void)any_target(relation, [&](const AptTarget& target) {
              if (state(target.version.package.name).is_marked) open.push_back(target.version.package.name);
              return false;
            });
    }
    return seen;
  }

  void collect(AptClosure& closure) {
    const std::set<std::string_view> wanted = needed();
    for (auto& [name, package] : states_) {
      if (package.is_marked && !wanted.contains(package.candidate->package.name)) package.is_marked = false;
      if (!package.is_marked) continue;
      const index::ListedPackage& one = package.candidate->package;
      closure.installs.push_back({.version = *package.candidate,
                                  .asked = package.asked,
                                  .upgrades = package.installed.has_value(),
                                  .required_by = package.asked ? std::string() : std::string(package.required_by)});
      closure.installed_kib += one.installed_kib;
      closure.download_bytes += one.download_bytes;
    }
    std::ranges::sort(closure.installs, {}, [](const AptInstall& install) { return install.version.package.name; });
    const std::vector<AptInstall> installs = closure.installs;
    for (const AptInstall& install : installs) add_unmet(install.version.package, closure);
  }

  void add_unmet(const index::ListedPackage& package, AptClosure& closure) {
    for (const std::string_view field : {package.pre_depends, package.depends})
      for (const RelationGroup& group : formats::parse_relations(field))
        if (!is_met(group)) closure.unmet.push_back({std::string(package.name), text_of(group), false});
    for (const std::string_view field : {package.conflicts, package.breaks})
      for (const RelationGroup& group : formats::parse_relations(field)) {
        const bool is_there = any_target(group.front(), [&](const AptTarget& target) {
          return target.version.package.name != package.name && is_chosen(target);
        });
        if (is_there) closure.unmet.push_back({std::string(package.name), text_of(group), true});
      }
  }

  const AptCache& cache_;
  std::unordered_map<std::string, State> states_;
  std::unordered_map<std::string, std::vector<Dependant>> dependants_;
};

}  // namespace

AptClosure apt_closure(const AptCache& cache, const std::vector<std::string>& asked) {
  return Marking(cache).run(asked);
}

}  // namespace forge::model
