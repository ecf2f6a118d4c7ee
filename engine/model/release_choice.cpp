#include "engine/model/release_choice.hpp"

#include <algorithm>
#include <ranges>

#include <fmt/format.h>

#include "engine/base/text.hpp"

namespace forge::model {

namespace {

using formats::FileKind;
using formats::IndexFile;
using formats::Specifier;
using formats::SpecifierOperator;
using formats::SpecifierSet;
using formats::Version;

/// uv's reading of one clause of Requires-Python.
bool admits_from_below(const Specifier& clause, const Version& python) {
  switch (clause.op) {
    case SpecifierOperator::greater:
      return clause.contains(python);
    case SpecifierOperator::greater_equal:
    case SpecifierOperator::equal:
    case SpecifierOperator::compatible:
    case SpecifierOperator::identical:
      return !clause.version || python >= *clause.version;
    default:
      return true;
  }
}

}  // namespace

const formats::Pin* pinned_to(const std::vector<const EffectivePin*>& pins) {
  const auto found = std::ranges::find_if(pins, [](const EffectivePin* pin) { return pin->pin->exact(); });
  return found == pins.end() ? nullptr : (*found)->pin;
}

SpecifierSet specifiers_of(const formats::Pin& pin) {
  SpecifierSet set;
  if (auto first = formats::parse_specifier(std::string(to_string(pin.op)) + pin.version.value))
    set.clauses.push_back(*std::move(first));
  set.clauses.insert(set.clauses.end(), pin.rest.begin(), pin.rest.end());
  return set;
}

bool names_prerelease(const SpecifierSet& specifiers) {
  return std::ranges::any_of(specifiers.clauses, [](const Specifier& clause) {
    return clause.op != SpecifierOperator::not_equal && clause.version && clause.version->is_prerelease();
  });
}

bool admits_python(std::string_view requires_python, const Version& python, Installer installer) {
  const auto specifiers = formats::parse_published_specifiers(requires_python);
  if (!specifiers) return true;
  if (installer == Installer::pip) return specifiers->contains(python);
  return std::ranges::all_of(specifiers->clauses,
                             [&](const Specifier& clause) { return admits_from_below(clause, python); });
}

ReleaseChoice::ReleaseChoice(const formats::WheelTarget& target, const formats::MarkerEnvironment& environment,
                             Installer installer)
    : target_(target),
      python_(Version::parse(environment[formats::MarkerVariable::python_full_version])),
      installer_(installer) {}

bool ReleaseChoice::admits(const SpecifierSet& specifiers, const Version& version) const {
  return std::ranges::all_of(specifiers.clauses, [&](const Specifier& clause) {
    const bool as_version =
        installer_ == Installer::uv && clause.op == SpecifierOperator::identical && clause.version.has_value();
    return as_version ? version == *clause.version : clause.contains(version);
  });
}

Release ReleaseChoice::release_of(const Version& version, std::vector<IndexFile> files, bool with_yanked) const {
  Release release{.version = version};
  std::optional<unsigned> best;
  IndexFile* sdist = nullptr;
  IndexFile* wheel = nullptr;
  IndexFile* any_wheel = nullptr;
  for (IndexFile& file : files) {
    const bool is_wheel = file.distribution.kind == FileKind::wheel;
    if (is_wheel && any_wheel == nullptr) any_wheel = &file;
    if (file.yanked && !with_yanked) continue;
    const auto rank = is_wheel ? formats::wheel_rank(file.distribution.tags, target_) : std::optional<unsigned>(0);
    if (!rank) continue;
    if (python_ && !admits_python(file.requires_python, *python_, installer_)) {
      release.python_excluded = true;
      release.requires_python = file.requires_python;
      continue;
    }
    if (!is_wheel) {
      if (sdist == nullptr) sdist = &file;
    } else if (!best || *rank < *best) {
      best = rank;
      wheel = &file;
    }
  }
  const auto shared = [](IndexFile& file) { return std::make_shared<const IndexFile>(std::move(file)); };
  if (IndexFile* taken = wheel != nullptr ? wheel : sdist) release.usable = shared(*taken);
  release.metadata_source = wheel == nullptr && any_wheel != nullptr ? shared(*any_wheel) : release.usable;
  return release;
}

std::optional<Release> ReleaseChoice::pinned(const index::ProjectPage& page, const Version& version) const {
  std::vector<IndexFile> files = page.files(version);
  if (files.empty()) return std::nullopt;
  const Version published = files.front().distribution.version;
  return release_of(published, std::move(files), true);
}

std::optional<Release> ReleaseChoice::newest(const index::ProjectPage& page, const Wanted& wanted) const {
  const std::vector<Version> versions = page.versions();
  const bool only_prereleases = std::ranges::all_of(versions, &Version::is_prerelease);
  const auto look = [&](bool prereleases) -> std::optional<Release> {
    for (const Version& version : std::views::reverse(versions)) {
      if ((version.is_prerelease() && !prereleases) || wanted.banned.contains(version.str())) continue;
      if (!std::ranges::all_of(wanted.specifiers, [&](const SpecifierSet& set) { return admits(set, version); }))
        continue;
      Release release = release_of(version, page.files(version), false);
      if (release.usable) return release;
    }
    return std::nullopt;
  };
  const bool allowed = wanted.names_prerelease || only_prereleases;
  if (auto found = look(allowed); found || allowed || installer_ == Installer::uv) return found;
  return look(true);  // pip: where no final release fits
}

std::vector<std::string> ReleaseChoice::neighbours(const index::ProjectPage& page, const Version& version) {
  const std::vector<Version> versions = page.versions();
  const auto after = std::ranges::lower_bound(versions, version);
  std::vector<std::string> near;
  if (after != versions.begin()) near.push_back(std::prev(after)->str());
  if (after != versions.end()) near.push_back(after->str());
  return near;
}

}  // namespace forge::model
