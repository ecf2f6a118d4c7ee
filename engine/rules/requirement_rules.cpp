/// What source trees require, against the pins of their release and against each other.
#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "engine/base/text.hpp"
#include "engine/model/image_graph.hpp"
#include "engine/model/image_requirements.hpp"
#include "engine/model/unpinned_on_purpose.hpp"
#include "engine/rules/catalog.hpp"
#include "engine/rules/index_rules.hpp"
#include "engine/rules/override_fixes.hpp"
#include "engine/rules/selected.hpp"

namespace forge::rules {

namespace {

using formats::Specifier;
using formats::SpecifierOperator;
using formats::Version;
using model::ComponentRequirements;
using model::EffectivePin;
using model::ImageRequirement;
using model::ImageRequirements;
using model::PinOrigin;
using model::RequirementVerdict;
using workspace::Snapshot;

constexpr std::size_t most_named = 3;

/// Where the forge says which tree it is.
Place ref_place(const Snapshot& snapshot, const ComponentRequirements& tree) {
  const auto* refs = snapshot.source_refs(tree.release);
  return {refs->file, (*refs)->find(tree.component)->value_span};
}

std::string tree_name(const ComponentRequirements& tree) {
  return fmt::format("`{}` {}", tree.component, tree.ref);
}

std::string rest_of_list(std::size_t count) {
  return count > most_named ? fmt::format(" and {} more", count - most_named) : std::string();
}

/// What is told in one finding. Never empty.
struct Group {
  std::string component;  ///< whose tree requires it, or beside whose tree it is installed
  std::vector<const ImageRequirement*> requirements;
};

/// The requirements of a release that `select` wants, those of one tree together, each place once; packages that are
/// installed beside trees each on their own.
template <class Select>
std::vector<Group> by_tree(const RuleContext& context, const std::string& release, const Select& select) {
  std::map<std::string, std::vector<const ImageRequirement*>> trees;
  std::vector<Group> groups;
  std::set<const formats::DeclaredRequirement*> seen;
  std::set<std::pair<std::string, TextSpan>> places;
  for (const ImageRequirements* image : selected_requirements(context, release)) {
    for (const ImageRequirement& one : image->requirements) {
      if (!select(one)) continue;
      if (one.tree != nullptr && seen.insert(one.declared).second)
        trees[one.tree->component].push_back(&one);
      else if (one.tree == nullptr && places.emplace(one.package->place.file->path(), one.package->place.span).second)
        groups.push_back({image->image, {&one}});
    }
  }
  for (auto& [component, requirements] : trees) groups.push_back({component, std::move(requirements)});
  return groups;
}

std::string required_by(const ImageRequirement& one) {
  if (one.tree == nullptr) return "required here";
  return one.extra == nullptr ? "required here" : fmt::format("required here, by the extra `{}`", one.extra->name);
}

// requirement-unsatisfied

/// Every requirement of one name in a release, for a version that all of them admit.
struct NameRequirements {
  std::vector<const ImageRequirement*> all;

  [[nodiscard]] bool admit(const Version& version) const {
    return std::ranges::all_of(
        all, [&](const ImageRequirement* one) { return one->requirement().specifiers.contains(version); });
  }
};

NameRequirements requirements_on(const Snapshot& snapshot, const std::string& release, const PackageName& name) {
  NameRequirements found;
  for (const ImageRequirements* image : model::release_requirements(snapshot, release))
    for (const ImageRequirement& one : image->requirements)
      if (one.applies() && one.requirement().name == name) found.all.push_back(&one);
  return found;
}

void keep_lower(std::optional<Version>& lowest, const std::optional<Version>& candidate, const NameRequirements& all) {
  if (candidate && all.admit(*candidate) && (!lowest || *candidate < *lowest)) lowest = *candidate;
}

/// A version that is known to exist and that all of the release admit: upstream's own where an override replaces it,
/// else the lowest that another release of the forge pins, else the lowest that a requirement names as its floor.
std::optional<Version> fitting_version(const Snapshot& snapshot, const std::string& release, const EffectivePin& now) {
  const PackageName& name = now.pin->name;
  const NameRequirements all = requirements_on(snapshot, release, name);
  std::optional<Version> lowest;
  for (const formats::Pin* replaced : now.replaces)
    if (replaced->exact()) keep_lower(lowest, replaced->parsed, all);
  if (lowest) return lowest;
  for (const std::string& other : snapshot.releases()) {
    if (other == release) continue;
    for (const EffectivePin* pin : model::effective_pins(snapshot, other).find(name))
      if (pin->pin->exact()) keep_lower(lowest, pin->pin->parsed, all);
  }
  if (lowest) return lowest;
  constexpr std::array floors = {SpecifierOperator::greater_equal, SpecifierOperator::compatible,
                                 SpecifierOperator::equal, SpecifierOperator::identical};
  for (const ImageRequirement* one : all.all) {
    for (const Specifier& clause : one->requirement().specifiers.clauses)
      if (!clause.wildcard && std::ranges::find(floors, clause.op) != floors.end())
        keep_lower(lowest, clause.version, all);
  }
  return lowest;
}

/// The lines of a name with the one that counts at another version.
std::vector<std::string> lines_with(const ImageRequirement& one, const Version& version) {
  std::vector<std::string> lines;
  for (const EffectivePin* line : one.answer.lines) {
    formats::Pin pin = *line->pin;
    if (line == one.answer.pin) pin.version.value = version.str();
    lines.push_back(pin.line());
  }
  return lines;
}

/// One fix for all: versions in the override file that satisfy everything in the release that names them.
void fix_pins(const Snapshot& snapshot, const std::string& release, const std::vector<const ImageRequirement*>& broken,
              Added& added) {
  std::vector<std::string> lines;
  std::vector<TextEdit> edits;
  std::vector<std::string> pins;
  std::set<std::string> seen;
  for (const ImageRequirement* one : broken) {
    const PackageName& name = one->requirement().name;
    if (!seen.insert(name.str()).second) continue;
    const EffectivePin& pin = *one->answer.pin;
    const auto version = fitting_version(snapshot, release, pin);
    if (!version) continue;
    pins.push_back(fmt::format("`{}` to `{}`", pin.pin->spelling.value, version->str()));
    const bool upstreams_own = pin.replaces.size() == 1 && pin.replaces.front()->parsed == version;
    if (upstreams_own)
      edits.push_back({{pin.file, pin.file->full_line_at(pin.pin->span.begin)}, ""});
    else if (pin.origin == PinOrigin::override_file)
      edits.push_back({{pin.file, pin.pin->version.span}, version->str()});
    else
      std::ranges::move(lines_with(*one, *version), std::back_inserter(lines));
  }
  if (pins.empty()) return;
  Fix fix{.title = {}};
  if (!lines.empty()) fix = add_override_lines(snapshot, release, {}, lines);
  fix.title = fmt::format("Pin {} in the overrides", join(pins, ", "));
  std::ranges::move(edits, std::back_inserter(fix.edits));
  added.fix(std::move(fix));
}

/// Another release whose pins satisfy all that this tree requires, where this one's do not.
std::optional<std::string> release_that_fits(const Snapshot& snapshot, const ComponentRequirements& tree) {
  const auto environments = model::target_environments(snapshot);
  for (const std::string& other : snapshot.releases()) {
    if (other == tree.release || snapshot.upper_constraints(other) == nullptr) continue;
    const model::EffectivePins& pins = model::effective_pins(snapshot, other);
    const bool fits = std::ranges::all_of(tree.declared.runtime, [&](const formats::DeclaredRequirement& one) {
      const auto verdict = model::check_requirement(one.requirement, pins, environments).verdict;
      return verdict == RequirementVerdict::satisfied || verdict == RequirementVerdict::not_applicable;
    });
    if (fits) return other;
  }
  return std::nullopt;
}

std::string list_of_broken(const std::vector<const ImageRequirement*>& broken) {
  std::vector<std::string> named;
  for (const ImageRequirement* one : broken) {
    if (named.size() == most_named) break;
    named.push_back(fmt::format("`{}` (pinned to `{}`)", one->text(), one->answer.pin->pin->version.value));
  }
  return join(named, ", ") + rest_of_list(broken.size());
}

std::string message_of(const Snapshot& snapshot, const std::vector<const ImageRequirement*>& broken) {
  const ImageRequirement& first = *broken.front();
  const EffectivePin& pin = *first.answer.pin;
  if (first.tree == nullptr)
    return fmt::format("`{}` is to be installed, but `{}` is pinned to `{}`.", first.text(), pin.pin->spelling.value,
                       pin.pin->version.value);
  std::string message = broken.size() == 1
                            ? fmt::format("{} requires `{}`, but `{}` is pinned to `{}`.", tree_name(*first.tree),
                                          first.text(), pin.pin->spelling.value, pin.pin->version.value)
                            : fmt::format("{} requires {} packages in other versions than pinned: {}.",
                                          tree_name(*first.tree), broken.size(), list_of_broken(broken));
  const bool overridden = std::ranges::any_of(
      broken, [](const ImageRequirement* one) { return one->answer.pin->origin == PinOrigin::override_file; });
  const auto other = broken.size() > 1 && !overridden ? release_that_fits(snapshot, *first.tree) : std::nullopt;
  if (other)
    message += fmt::format(" The pins of {} satisfy all that it requires: is it a ref of that series?", *other);
  return message;
}

void add_unsatisfied(const Snapshot& snapshot, const std::string& release, const Group& group, Report& report) {
  const std::vector<const ImageRequirement*>& broken = group.requirements;
  const ImageRequirement& first = *broken.front();
  Place place = broken.size() > 1 ? ref_place(snapshot, *first.tree) : first.answer.pin->place();
  if (first.tree == nullptr) place = first.package->place;
  Added added = report.add_message(place.file, place.span, message_of(snapshot, broken));
  added.about(release, group.component);
  for (const ImageRequirement* one : broken) {
    const Place where = one->place();
    if (one->tree != nullptr) added.related(where.file, where.span, required_by(*one));
    if (broken.size() > 1 || one->tree == nullptr)
      added.related(one->answer.pin->file, one->answer.pin->pin->span,
                    fmt::format("the pin of `{}`", one->answer.pin->pin->spelling.value));
    for (const formats::Pin* replaced : one->answer.pin->replaces)
      added.related(snapshot.upper_constraints(release)->file, replaced->span,
                    "upstream's pin, which the override replaces");
  }
  fix_pins(snapshot, release, broken, added);
}

void check_unsatisfied(const RuleContext& context, Report& report) {
  for (const std::string& release : context.snapshot.releases()) {
    const auto groups = by_tree(context, release, [](const ImageRequirement& one) {
      return one.sibling.empty() && one.answer.verdict == RequirementVerdict::unsatisfied;
    });
    for (const Group& broken : groups) add_unsatisfied(context.snapshot, release, broken, report);
  }
}

// requirement-unpinned

bool is_unpinned(const ImageRequirement& one) {
  return one.answer.verdict == RequirementVerdict::unconstrained ||
         one.answer.verdict == RequirementVerdict::unconstrained_in_env;
}

bool is_removed(const model::EffectivePins& pins, const PackageName& name) {
  return std::ranges::any_of(
      pins.removed, [&](const model::RemovedPin& one) { return !one.pins.empty() && one.entry->name == name; });
}

/// ` (pinned for `python_version=='3.9'` only)` where there are lines that do not count.
std::string where_pinned(const ImageRequirement& one) {
  std::vector<std::string> markers;
  for (const EffectivePin* line : one.answer.lines)
    if (line->pin->marker) markers.push_back(fmt::format("`{}`", line->pin->marker->value));
  return markers.empty() ? std::string() : fmt::format(" (pinned for {} only)", join(markers, " and "));
}

void add_unpinned(const Snapshot& snapshot, const std::string& release, const Group& group, Severity level,
                  Report& report) {
  const std::vector<const ImageRequirement*>& open = group.requirements;
  const ImageRequirement& first = *open.front();
  std::vector<std::string> named;
  for (const ImageRequirement* one : open)
    if (named.size() < most_named) named.push_back(fmt::format("`{}`{}", one->text(), where_pinned(*one)));
  const Place place = first.tree == nullptr ? first.package->place : ref_place(snapshot, *first.tree);
  const std::string list = join(named, ", ") + rest_of_list(open.size());
  const std::string_view end =
      level == Severity::hint ? "upstream leaves it out of the pins on purpose: the newest version of the index will "
                                "come unless it is built beside this from source."
                              : "the newest version will come, another one every time.";
  const std::string message = first.tree == nullptr
                                  ? fmt::format("{} is to be installed and nothing pins it; {}", list, end)
                                  : fmt::format("{} requires {}, and nothing pins {}; {}", tree_name(*first.tree), list,
                                                open.size() == 1 ? "it" : "them", end);
  Added added = report.add_message(place.file, place.span, message);
  added.about(release, group.component).level(level);
  for (const ImageRequirement* one : open) {
    if (one->tree == nullptr) continue;
    const Place where = one->place();
    added.related(where.file, where.span, required_by(*one));
  }
}

void check_unpinned(const RuleContext& context, Report& report) {
  const Snapshot& snapshot = context.snapshot;
  for (const std::string& release : snapshot.releases()) {
    if (snapshot.upper_constraints(release) == nullptr) continue;
    const model::EffectivePins& pins = model::effective_pins(snapshot, release);
    const auto report_group = [&](model::UnpinnedReason reason, Severity level) {
      const auto groups = by_tree(context, release, [&](const ImageRequirement& one) {
        const PackageName& name = one.requirement().name;
        const bool itself = one.tree != nullptr && one.tree->declared.name == name;
        const bool written_here = one.package != nullptr && !one.package->in_list;
        return is_unpinned(one) && one.sibling.empty() && !itself && !written_here &&
               model::unpinned_on_purpose(name) == reason && !is_removed(pins, name);
      });
      for (const Group& open : groups) add_unpinned(snapshot, release, open, level, report);
    };
    report_group(model::UnpinnedReason::none, Severity::warning);
    report_group(model::UnpinnedReason::service, Severity::hint);
  }
}

// requirement-newer-sibling

void add_newer_sibling(const Snapshot& snapshot, const ImageRequirement& one, const ComponentRequirements& built,
                       const std::string& version, Report& report) {
  const Place place = ref_place(snapshot, built);
  const std::string who = one.tree != nullptr ? tree_name(*one.tree) + " requires" : "The same image wants";
  Added added = report.add(place.file, place.span,
                           "{} `{}`, but the tree of `{}` that is built into the same image calls itself `{}`.", who,
                           one.text(), built.component, version);
  const Place where = one.place();
  added.about(built.release, built.component).related(where.file, where.span, required_by(one));
  if (one.tree != nullptr) {
    const Place other = ref_place(snapshot, *one.tree);
    added.related(other.file, other.span, fmt::format("the ref of `{}`", one.tree->component));
  }
}

void check_newer_sibling(const RuleContext& context, Report& report) {
  const Snapshot& snapshot = context.snapshot;
  for (const std::string& release : snapshot.releases()) {
    const auto groups = by_tree(context, release, [](const ImageRequirement& one) {
      return one.applies() && !one.sibling.empty() && (one.tree == nullptr || one.tree->component != one.sibling) &&
             !one.requirement().url;
    });
    for (const Group& group : groups) {
      for (const ImageRequirement* one : group.requirements) {
        const auto& version = model::source_version(snapshot, release, one->sibling);
        const auto parsed = version ? Version::parse(*version) : std::nullopt;
        if (parsed && !one->requirement().specifiers.contains(*parsed))
          add_newer_sibling(snapshot, *one, *model::declared_requirements(snapshot, release, one->sibling), *version,
                            report);
      }
    }
  }
}

// requires-python-mismatch

/// Calls `visit` for every tree that some image of a release installs, once, sorted by release and component.
template <class Visit>
void for_each_tree(const RuleContext& context, const Visit& visit) {
  for (const std::string& release : context.snapshot.releases()) {
    std::map<std::string, const ComponentRequirements*> trees;
    for (const ImageRequirements* image : selected_requirements(context, release))
      for (const ComponentRequirements* tree : image->trees) trees.emplace(tree->component, tree);
    for (const auto& [component, tree] : trees) visit(*tree);
  }
}

/// The Pythons that the target may mean: of `3.12` any patch version.
std::vector<Version> target_pythons(const std::string& python) {
  std::vector<Version> out;
  const auto written = Version::parse(python);
  if (!written) return out;
  out.push_back(*written);
  if (written->release().size() < 3) {
    // No Python has had more than 30.
    for (int patch = 0; patch < 40; ++patch) out.push_back(*Version::parse(fmt::format("{}.{}", python, patch)));
  }
  return out;
}

bool is_upper_bound(const Specifier& clause) {
  return clause.op == SpecifierOperator::less || clause.op == SpecifierOperator::less_equal ||
         clause.op == SpecifierOperator::not_equal;
}

/// Whether a Python of the target fulfils the clauses; of the lower bounds only, as uv reads them, or of all.
bool admits(const formats::SpecifierSet& specifiers, const std::vector<Version>& pythons, bool lower_only) {
  return std::ranges::any_of(pythons, [&](const Version& python) {
    return std::ranges::all_of(specifiers.clauses, [&](const Specifier& clause) {
      return (lower_only && is_upper_bound(clause)) || clause.contains(python);
    });
  });
}

void check_requires_python(const RuleContext& context, Report& report) {
  check_pinned_pythons(context, report);
  const Snapshot& snapshot = context.snapshot;
  const std::string& target = snapshot.config().python;
  const std::vector<Version> pythons = target_pythons(target);
  if (pythons.empty()) return;
  for_each_tree(context, [&](const ComponentRequirements& tree) {
    const formats::DeclaredRequirements& declared = tree.declared;
    if (!declared.requires_python || admits(*declared.requires_python, pythons, false)) return;
    const bool uv_takes_it = admits(*declared.requires_python, pythons, true);
    const Place place = ref_place(snapshot, tree);
    Added added = report.add(place.file, place.span, "{} wants Python `{}`, and the images have {}{}", tree_name(tree),
                             declared.requires_python_text, target,
                             uv_takes_it ? "; pip refuses that, uv looks at lower bounds only and installs it." : ".");
    const Place where = tree.place(declared.requires_python_place);
    added.about(tree.release, tree.component)
        .level(uv_takes_it ? Severity::warning : Severity::error)
        .related(where.file, where.span, "what the tree says");
  });
}

// requirements-unreadable

void check_unreadable(const RuleContext& context, Report& report) {
  const Snapshot& snapshot = context.snapshot;
  for_each_tree(context, [&](const ComponentRequirements& tree) {
    if (tree.declared.unreadable.empty()) return;
    const Place place = ref_place(snapshot, tree);
    const std::size_t count = tree.declared.unreadable.size();
    Added added = report.add(place.file, place.span, "{} says something of its requirements that can't be read{}: {}",
                             tree_name(tree), count == 1 ? "" : fmt::format(" in {} places", count),
                             tree.declared.unreadable.front().message);
    added.about(tree.release, tree.component);
    for (std::size_t i = 0; i < std::min(count, most_named); ++i) {
      const formats::UnreadablePart& part = tree.declared.unreadable[i];
      const Place where = tree.place(part.place);
      added.related(where.file, where.span, part.message);
    }
  });
}

// marker-line-lost-in-wheel

/// setuptools puts the extras of pyproject.toml where pbr has put the requirements with a marker.
bool loses_marker_lines(const formats::DeclaredRequirements& declared) {
  return declared.style == formats::ProjectStyle::pyproject_dynamic && declared.uses_pbr &&
         std::ranges::any_of(declared.extras,
                             [](const auto& extra) { return extra.from.starts_with("pyproject.toml"); });
}

void check_marker_lines(const RuleContext& context, Report& report) {
  const Snapshot& snapshot = context.snapshot;
  for_each_tree(context, [&](const ComponentRequirements& tree) {
    if (!loses_marker_lines(tree.declared)) return;
    std::vector<const formats::DeclaredRequirement*> lost;
    for (const formats::DeclaredRequirement& one : tree.declared.runtime)
      if (one.requirement.marker) lost.push_back(&one);
    if (lost.empty()) return;
    std::vector<std::string> names;
    for (std::size_t i = 0; i < std::min(lost.size(), most_named); ++i)
      names.push_back(fmt::format("`{}`", lost[i]->requirement.spelling.value));
    const std::size_t more = lost.size() - names.size();
    const Place place = ref_place(snapshot, tree);
    Added added = report.add(place.file, place.span,
                             "A wheel of {} does not require {}{}: its metadata loses requirements with a marker. An "
                             "install from the tree has them.",
                             tree_name(tree), join(names, ", "), more == 0 ? "" : fmt::format(" and {} more", more));
    added.about(tree.release, tree.component);
    for (std::size_t i = 0; i < names.size(); ++i) {
      const Place where = tree.place(lost[i]->place);
      added.related(where.file, where.span, fmt::format("`{}`", lost[i]->text));
    }
  });
}

constexpr Rule rules[] = {
    {.name = "requirement-unsatisfied",
     .needs = Needs::upstream,
     .summary = "source tree that requires another version than the pinned one",
     .doc = "A source tree, with its patches, declares a requirement that applies to the target and that the effective "
            "pin does not fulfil; so does an entry of `pip_packages`. The installer stops with a conflict, and often "
            "blames another package. Where the pins of another release satisfy the whole tree, the ref is of that "
            "series. Otherwise override the pin with a version that fits. `forge-analyze requirements` lists all.",
     .bad = "# releases/2025.2/source-refs.yaml, where nova 33.0.0 requires oslo.service>=4.5.0\nnova: \"33.0.0\"\n"
            "# releases/2025.2/upper-constraints.txt\noslo.service===4.3.0\n",
     .good = "# overrides/2025.2/constraints.txt\noslo.service===4.5.0\n",
     .check = check_unsatisfied},
    {.name = "requirement-unpinned",
     .severity = Severity::warning,
     .needs = Needs::upstream,
     .summary = "required package that nothing pins",
     .doc =
         "Nothing pins a package that a source tree (or `pip_packages`) requires, or only for another Python: the "
         "newest version comes, and two builds may differ. What openstack/requirements leaves out on purpose is not "
         "reported (pip, setuptools, certifi, linters), or is a hint only (neutron and its plugins: required from an "
         "index they come in their newest version, which is hardly the one of the release). Add a pin to the "
         "override file.",
     .bad = "# releases/2025.2/extra-packages.yaml\nkeystone:\n  pip_packages: [no-such-pin]\n",
     .good = "# overrides/2025.2/constraints.txt\nno-such-pin===1.0\n",
     .check = check_unpinned},
    {.name = "requirement-newer-sibling",
     .needs = Needs::upstream,
     .summary = "source tree that requires another version of a tree in the same image",
     .doc = "Two trees are installed into one image from source, and one of them requires the other in a version that "
            "this does not have: its ref is too old, or counts its version from a tag that is too old. Move one of the "
            "two refs.",
     .bad = "# releases/2025.2/source-refs.yaml, where nova 32.0.0 requires oslo.messaging>=14.1.0\nnova: \"32.0.0\"\n"
            "oslo.messaging: \"14.0.0\"\n",
     .good = "# releases/2025.2/source-refs.yaml\nnova: \"32.0.0\"\noslo.messaging: \"17.1.0\"\n",
     .check = check_newer_sibling},
    {.name = "requires-python-mismatch",
     .needs = Needs::upstream,
     .summary = "source tree, or pinned version, that does not want the target's Python",
     .doc =
         "The tree's Requires-Python, or that of every file of a pinned version that fits the target, excludes the "
         "Python of the images (`target.python` of forge.yaml). Where only "
         "an upper bound or an exclusion is hit it is a warning: pip refuses to install it, uv looks at lower bounds "
         "only. Build another ref, pin another version, or build for another Python.",
     .bad = "# forge.yaml, with a tree that says `python_requires = >=3.13`\ntarget:\n  python: \"3.12\"\n",
     .good = "# forge.yaml\ntarget:\n  python: \"3.13\"\n",
     .check = check_requires_python},
    {.name = "requirements-unreadable",
     .severity = Severity::warning,
     .needs = Needs::upstream,
     .summary = "source tree whose requirements can't be told without running it",
     .doc = "Requirements are read from requirements.txt, setup.cfg, pyproject.toml and the literals of setup.py, and "
            "nothing is run. Here a line is none of what pbr or setuptools read (a build stops at most of them), or "
            "code computes the list. What could be read is checked; the rest is not.",
     .bad = "# setup.py of a source tree\n"
            "setup(name=\"almanac\", install_requires=open(\"needs.txt\").read().split())\n",
     .good = "# pyproject.toml of a source tree\n"
             "[project]\n"
             "name = \"almanac\"\n"
             "dependencies = [\"oslo.config>=9.0\"]\n",
     .check = check_unreadable},
    {.name = "marker-line-lost-in-wheel",
     .severity = Severity::info,
     .needs = Needs::upstream,
     .summary = "requirement with a marker that is missing from a built wheel's metadata",
     .doc = "The tree takes its requirements from requirements.txt through pbr, and its extras from "
            "[project.optional-dependencies] of pyproject.toml. When a wheel is built, setuptools writes the extras "
            "over the place where pbr has put the requirements with a marker, so the wheel does not require them. "
            "pip and uv resolve an install from the tree with other metadata, which has them; whoever installs the "
            "built wheel from an index, or checks the installed packages, sees them missing.",
     .bad =
         "# requirements.txt of a tree with [project.optional-dependencies]\npyroute2>=0.7.3;sys_platform!='win32'\n",
     .good = "# requirements.txt of a tree with [project.optional-dependencies]\npyroute2>=0.7.3\n",
     .check = check_marker_lines},
};

}  // namespace

std::span<const Rule> requirement_rules() {
  return rules;
}

}  // namespace forge::rules
