#include "engine/model/package_set.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "engine/base/names.hpp"
#include "engine/formats/bindep_select.hpp"
#include "engine/formats/platform.hpp"
#include "engine/model/source_tree.hpp"
#include "engine/model/stage_packages.hpp"

namespace forge::model {

namespace {

using formats::ActiveProfiles;
using formats::Bindep;
using workspace::Snapshot;

/// A bindep.txt of a source tree; no file where the tree has none.
struct UpstreamBindep {
  SourceFilePtr file;
  Parsed<Bindep> parsed;
  std::string ref;
};

/// At its ref, with its patches.
Result<UpstreamBindep> read_upstream_bindep(const Snapshot& snapshot, const std::string& release,
                                            const std::string& component) {
  FORGE_TRY_ASSIGN(SourceTree tree, SourceTree::open(snapshot, release, component));
  for (const std::string_view path : {"bindep.txt", "other-requirements.txt"}) {
    if (const SourceFilePtr file = tree.read(path))
      return UpstreamBindep{file, formats::parse_bindep(file->text()), tree.ref()};
    if (tree.failure()) return tl::unexpected<Failure>(*tree.failure());
  }
  return UpstreamBindep{nullptr, {}, tree.ref()};
}

std::vector<std::string> target(const Snapshot& snapshot) {
  return formats::target_atoms(snapshot.config().distro).value_or(std::vector<std::string>{});
}

ActiveProfiles active(const Snapshot& snapshot, std::string_view release, std::string_view component,
                      PackagePhase phase) {
  return formats::active_profiles(target(snapshot), package_profiles(snapshot, release, component, phase));
}

void add_active(const Bindep& bindep, const SourceFilePtr& file, const ActiveProfiles& profiles, PackageOrigin origin,
                std::vector<SystemPackage>& packages) {
  for (const formats::BindepRule* rule : active_rules(bindep, profiles))
    packages.push_back({rule->name.value, constraint_text(*rule), origin, file, rule->name.span});
}

const formats::ServiceExtras* extras_of(const Snapshot& snapshot, std::string_view release,
                                        std::string_view component) {
  const auto* extras = snapshot.extra_packages(release);
  return extras == nullptr ? nullptr : (*extras)->find(component);
}

bool has_own_bindep(const Snapshot& snapshot, std::string_view component) {
  return snapshot.bindep(component) != nullptr || snapshot.bindep("") != nullptr;
}

void keep_first_of_duplicates(std::vector<SystemPackage>& packages) {
  std::set<std::string> seen;
  std::erase_if(packages, [&](const SystemPackage& package) { return !seen.insert(package.name).second; });
}

/// Rules that only `default` would have activated, which naming the component switches off.
std::size_t count_only_default(const Bindep& bindep, ActiveProfiles profiles) {
  const std::size_t without = active_rules(bindep, profiles).size();
  profiles.insert("default");
  const std::size_t with = active_rules(bindep, profiles).size();
  return with > without ? with - without : 0;
}

/// Why one of the files gives less than it seems to hold.
void add_notes(const Parsed<Bindep>& parsed, const SourceFilePtr& file, const ActiveProfiles& profiles,
               PackageSets& sets) {
  if (const std::size_t count = count_only_default(parsed.value, profiles); count > 0)
    sets.notes.push_back(
        fmt::format("{} of the packages in `{}` need the profile `default`, which is off because the "
                    "component is named.",
                    count, file->path()));
  if (const std::size_t bad = parsed.problems.size(); bad > 0)
    sets.notes.push_back(fmt::format("bindep refuses `{}` for what is wrong in {}; what it can't read is left out.",
                                     file->path(), bad == 1 ? "one place" : fmt::format("{} places", bad)));
}

void add_upstream(const Snapshot& snapshot, const std::string& release, const std::string& component,
                  PackageSets& sets) {
  const auto upstream = read_upstream_bindep(snapshot, release, component);
  if (!upstream) {
    sets.failure = upstream.error();
    return;
  }
  if (upstream->file == nullptr) {
    sets.notes.push_back(
        fmt::format("`{}` has no bindep.txt at `{}`, and the forge has none for it.", component, upstream->ref));
    return;
  }
  const Bindep& bindep = upstream->parsed.value;
  const ActiveProfiles runtime = active(snapshot, release, component, PackagePhase::runtime);
  add_active(bindep, upstream->file, active(snapshot, release, component, PackagePhase::build),
             PackageOrigin::upstream_bindep, sets.build);
  add_active(bindep, upstream->file, runtime, PackageOrigin::upstream_bindep, sets.runtime);
  add_notes(upstream->parsed, upstream->file, runtime, sets);
}

template <class Packages>
void append(std::vector<SystemPackage>& to, const Packages& more) {
  to.insert(to.end(), more.begin(), more.end());
}

/// What the apt-get lines of the image's stages install, with those of the images below.
void add_dockerfiles(const Snapshot& snapshot, const std::string& component, PackageSets& sets) {
  const StageInstalls installs = stage_installs(snapshot, component);
  const auto add = [](const std::vector<StageInstall>& from, std::vector<SystemPackage>& to) {
    for (const StageInstall& one : from)
      to.push_back({one.name, {}, PackageOrigin::dockerfile, one.place.file, one.place.span});
  };
  add(installs.build, sets.build);
  add(installs.runtime, sets.runtime);
}

PackageSets compute(const Snapshot& snapshot, const std::string& release, const std::string& component) {
  PackageSets sets;
  if (!has_own_bindep(snapshot, component)) add_upstream(snapshot, release, component, sets);
  add_dockerfiles(snapshot, component, sets);
  append(sets.build, forge_packages(snapshot, release, component, PackagePhase::build));
  append(sets.runtime, forge_packages(snapshot, release, component, PackagePhase::runtime));
  for (const auto* own : {snapshot.bindep(component), snapshot.bindep("")}) {
    if (own != nullptr)
      add_notes(own->parsed, own->file, active(snapshot, release, component, PackagePhase::runtime), sets);
  }
  keep_first_of_duplicates(sets.build);
  keep_first_of_duplicates(sets.runtime);
  return sets;
}

}  // namespace

std::string_view to_string(PackagePhase phase) {
  return phase == PackagePhase::build ? "build" : "runtime";
}

std::vector<std::string> package_profiles(const Snapshot& snapshot, std::string_view release,
                                          std::string_view component, PackagePhase phase) {
  const formats::ForgeConfig& config = snapshot.config();
  std::vector<std::string> profiles;
  for (const std::string& profile : phase == PackagePhase::build ? config.build_profiles : config.runtime_profiles) {
    if (profile == "{component}") {
      profiles.emplace_back(component);
    } else if (profile != "{extras}") {
      profiles.push_back(profile);
    } else if (const formats::ServiceExtras* extras = extras_of(snapshot, release, component)) {
      for (const auto& extra : extras->pip_extras)
        if (const auto name = PackageName::parse(extra.value)) profiles.push_back(name->str());
    }
  }
  return profiles;
}

std::vector<SystemPackage> forge_packages(const Snapshot& snapshot, std::string_view release,
                                          std::string_view component, PackagePhase phase) {
  std::vector<SystemPackage> packages;
  const ActiveProfiles profiles = active(snapshot, release, component, phase);
  for (const auto* own : {snapshot.bindep(component), snapshot.bindep("")})
    if (own != nullptr) add_active(**own, own->file, profiles, PackageOrigin::forge_bindep, packages);
  const formats::ServiceExtras* extras = extras_of(snapshot, release, component);
  if (extras == nullptr || phase != PackagePhase::runtime) return packages;
  for (const Spanned<std::string>& package : extras->apt_packages)
    packages.push_back(
        {package.value, {}, PackageOrigin::extra_packages, snapshot.extra_packages(release)->file, package.span});
  return packages;
}

const PackageSets& package_sets(const Snapshot& snapshot, const std::string& release, const std::string& component) {
  return snapshot.once<PackageSets>(release + "/" + component, [&] { return compute(snapshot, release, component); });
}

}  // namespace forge::model
