/// What images install: extras, packages of base images, trees whose names are pinned or unpinned.
#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "engine/base/text.hpp"
#include "engine/model/image_graph.hpp"
#include "engine/model/image_requirements.hpp"
#include "engine/rules/catalog.hpp"
#include "engine/rules/index_rules.hpp"
#include "engine/rules/override_fixes.hpp"
#include "engine/rules/selected.hpp"

namespace forge::rules {

namespace {

using formats::Version;
using model::AskedExtra;
using model::ComponentRequirements;
using model::EffectivePin;
using model::ImageRequirement;
using model::ImageRequirements;
using model::InstalledPackage;
using model::InstalledTree;
using model::PinOrigin;
using workspace::Snapshot;

using Entries = std::vector<Spanned<std::string>>;

// Lists of extra-packages.yaml, in either style of YAML.

/// What stands before an entry on its line.
std::string_view before_entry(const SourceFilePtr& file, TextSpan entry) {
  const TextSpan line = file->line_at(entry.begin);
  return file->text({line.begin, entry.begin});
}

bool is_block_entry(const SourceFilePtr& file, TextSpan entry) {
  return trim(before_entry(file, entry)) == "-";
}

/// Takes one entry out of its list.
TextEdit remove_entry(const SourceFilePtr& file, const Entries& list, TextSpan entry) {
  if (is_block_entry(file, entry)) return {{file, file->full_line_at(entry.begin)}, ""};
  const auto at = std::ranges::find(list, entry, &Spanned<std::string>::span);
  TextSpan span = entry;
  if (at + 1 != list.end())
    span.end = (at + 1)->span.begin;
  else if (at != list.begin())
    span.begin = (at - 1)->span.end;
  return {{file, span}, ""};
}

/// Adds one entry behind the last, written as that one is.
TextEdit append_entry(const SourceFilePtr& file, const Entries& list, const std::string& value) {
  const TextSpan last = list.back().span;
  const std::string_view written = file->text(last);
  const bool quoted = written.starts_with('"') || written.starts_with('\'');
  const std::string entry = quoted ? fmt::format("{0}{1}{0}", written.front(), value) : value;
  if (!is_block_entry(file, last)) return {{file, {last.end, last.end}}, ", " + entry};
  const std::uint32_t end = file->line_at(last.begin).end;  // behind a comment
  return {{file, {end, end}}, fmt::format("\n{}{}", before_entry(file, last), entry)};
}

const formats::ServiceExtras* listed(const Snapshot& snapshot, const std::string& release, std::string_view service) {
  const auto* extras = snapshot.extra_packages(release);
  return extras == nullptr ? nullptr : (*extras)->find(service);
}

// extra-unknown

std::vector<std::string> names_of_extras(const ComponentRequirements& tree) {
  std::vector<std::string> names;
  for (const formats::DeclaredExtra& extra : tree.declared.extras) names.push_back(extra.spelling);
  return names;
}

/// Where other releases of the forge have it: `; 28.0.2 (2025.2) still declares it`.
std::string declared_elsewhere(const Snapshot& snapshot, const ComponentRequirements& tree, const std::string& name) {
  std::vector<std::string> others;
  for (const std::string& release : model::releases_with(snapshot, tree.component)) {
    if (release == tree.release) continue;
    const auto& other = model::declared_requirements(snapshot, release, tree.component);
    if (other && other->declared.find_extra(name) != nullptr)
      others.push_back(fmt::format("{} ({})", other->ref, release));
  }
  return others.empty() ? std::string() : fmt::format(" It is declared at {}.", join(others, " and at "));
}

std::string what_is_declared(const ComponentRequirements& tree) {
  std::vector<std::string> names;
  for (const std::string& name : names_of_extras(tree)) names.push_back(fmt::format("`{}`", name));
  return names.empty() ? std::string("it declares none") : "it declares " + join(names, ", ");
}

/// An extra that somebody asks a tree for.
struct Asked {
  const ComponentRequirements& tree;
  std::string name;
  Place place;
};

Added add_unknown_extra(const Snapshot& snapshot, const Asked& asked, Report& report) {
  const auto near = nearest(asked.name, names_of_extras(asked.tree));
  Added added = report.add(asked.place.file, asked.place.span,
                           "`{}` {} has no extra `{}`, so nothing is installed for it and no build fails; {}{}{}",
                           asked.tree.component, asked.tree.ref, asked.name, what_is_declared(asked.tree),
                           near ? fmt::format("; did you mean `{}`?", *near) : std::string("."),
                           declared_elsewhere(snapshot, asked.tree, asked.name));
  added.about(asked.tree.release, asked.tree.component);
  return added;
}

void check_asked_extra(const Snapshot& snapshot, const ComponentRequirements& tree, const AskedExtra& extra,
                       const std::string& image, Report& report) {
  Added added = add_unknown_extra(snapshot, {tree, extra.name, extra.place}, report);
  const formats::ServiceExtras* extras = listed(snapshot, tree.release, image);
  if (!extra.in_list || extras == nullptr) return;
  if (const auto near = nearest(extra.name, names_of_extras(tree))) {
    const std::string_view written = extra.place.file->text(extra.place.span);
    const bool quoted = written.starts_with('"') || written.starts_with('\'');
    added.fix(fmt::format("Write `{}`", *near), extra.place.span,
              quoted ? fmt::format("{0}{1}{0}", written.front(), *near) : *near);
  }
  added.fix({"Remove the entry", {remove_entry(extra.place.file, extras->pip_extras, extra.place.span)}, {}, false});
}

/// `pip_packages: ["keystone[ldap]"]` where keystone is a tree of the same image.
void check_package_extras(const Snapshot& snapshot, const std::string& release, const ImageRequirement& one,
                          Report& report) {
  const auto& tree = model::declared_requirements(snapshot, release, one.sibling);
  if (!tree || !tree->declared.extras_known) return;
  for (const Spanned<std::string>& extra : one.requirement().extras)
    if (tree->declared.find_extra(extra.value) == nullptr)
      (void)add_unknown_extra(snapshot, {*tree, extra.value, one.package->place}, report);
}

void check_extra_unknown(const RuleContext& context, Report& report) {
  check_dependency_extras(context, report);
  const Snapshot& snapshot = context.snapshot;
  for (const std::string& release : snapshot.releases()) {
    std::set<std::pair<std::string, TextSpan>> seen;  // a word of a Dockerfile stands in several images' sums only once
    for (const ImageRequirements* image : selected_requirements(context, release)) {
      for (const InstalledTree& installed : model::image_installs(snapshot, release, image->image).trees) {
        const auto& tree = model::declared_requirements(snapshot, release, installed.component);
        if (!tree || !tree->declared.extras_known) continue;
        for (const AskedExtra& extra : installed.extras) {
          // What is no name at all is for `extra-packages-schema` to say.
          const bool known = !PackageName::parse(extra.name) || tree->declared.find_extra(extra.name) != nullptr;
          if (!known && seen.emplace(extra.place.file->path(), extra.place.span).second)
            check_asked_extra(snapshot, *tree, extra, image->image, report);
        }
      }
      for (const ImageRequirement& one : image->requirements)
        if (one.package != nullptr && !one.sibling.empty()) check_package_extras(snapshot, release, one, report);
    }
  }
}

// base-pin-differs

/// The one version that a package is installed in, where it says so.
std::optional<Version> exact_version(const InstalledPackage& package) {
  const auto& clauses = package.requirement.specifiers.clauses;
  if (clauses.size() != 1 || clauses.front().wildcard) return std::nullopt;
  const bool exact = clauses.front().op == formats::SpecifierOperator::equal ||
                     clauses.front().op == formats::SpecifierOperator::identical;
  return exact ? clauses.front().version : std::nullopt;
}

/// One package of a base image, with the releases whose pin differs and the images in which it stays as it is.
struct BaseDifference {
  const InstalledPackage* package = nullptr;
  std::map<std::string, const EffectivePin*> pins;           // by release
  std::map<std::string, std::vector<std::string>> images{};  // by release
};

void find_differences(const Snapshot& snapshot, const ImageRequirements& image,
                      std::map<std::pair<std::string, TextSpan>, BaseDifference>& found) {
  const model::EffectivePins& pins = model::effective_pins(snapshot, image.release);
  const auto environments = model::target_environments(snapshot);
  for (const InstalledPackage& package : model::inherited_installs(snapshot, image.image)) {
    const auto version = exact_version(package);
    if (!version || !image.complete || image.names(package.requirement.name)) continue;
    const EffectivePin* pin = model::check_requirement(package.requirement, pins, environments).pin;
    if (pin == nullptr || !pin->pin->exact() || *pin->pin->parsed == *version) continue;
    BaseDifference& difference = found[{package.place.file->path(), package.place.span}];
    difference.package = &package;
    difference.pins[image.release] = pin;
    difference.images[image.release].push_back(image.image);
  }
}

std::optional<Fix> add_to_pip_packages(const Snapshot& snapshot, const BaseDifference& difference) {
  const std::string& name = difference.package->requirement.spelling.value;
  Fix fix{fmt::format("Add `{}` to `pip_packages`, so that the pin counts", name), {}, {}, false};
  for (const auto& [release, images] : difference.images) {
    for (const std::string& image : images) {
      const formats::ServiceExtras* extras = listed(snapshot, release, image);
      if (extras == nullptr || extras->pip_packages.empty()) return std::nullopt;
      fix.edits.push_back(append_entry(snapshot.extra_packages(release)->file, extras->pip_packages, name));
    }
  }
  return fix;
}

void add_difference(const Snapshot& snapshot, const BaseDifference& difference, Report& report) {
  const InstalledPackage& package = *difference.package;
  std::vector<std::string> pinned;
  std::set<std::string> images;
  for (const auto& [release, pin] : difference.pins)
    pinned.push_back(fmt::format("to `{}` in {}", pin->pin->version.value, release));
  for (const auto& [release, of_release] : difference.images)
    for (const std::string& image : of_release) images.insert(fmt::format("`{}`", image));
  Added added =
      report.add(package.place.file, package.place.span,
                 "What stands on this image has `{}`, but `{}` is pinned {}. In {} nobody asks for it, and what "
                 "nobody asks for stays as it is: only a requirement of a requirement would bring the pinned "
                 "version.",
                 package.text, package.requirement.spelling.value, join(pinned, " and "), join(images, ", "));
  for (const auto& [release, pin] : difference.pins)
    added.related(pin->file, pin->pin->span, fmt::format("the pin of {}", release));
  const bool is_line = package.place.file->path().ends_with(".txt");
  if (is_line) added.fix("Drop it from the base image", package.place.file->full_line_at(package.place.span.begin), "");
  if (auto fix = add_to_pip_packages(snapshot, difference)) added.fix(std::move(*fix));
}

void check_base_pin_differs(const RuleContext& context, Report& report) {
  std::map<std::pair<std::string, TextSpan>, BaseDifference> found;
  for (const std::string& release : context.snapshot.releases())
    for (const ImageRequirements* image : selected_requirements(context, release))
      find_differences(context.snapshot, *image, found);
  for (const auto& [place, difference] : found) add_difference(context.snapshot, difference, report);
}

// pin-built-from-source

/// Takes the pin away: by an entry of the override file, or by that entry's own words.
Fix remove_pin(const Snapshot& snapshot, const std::string& release, const EffectivePin& pin) {
  const std::string entry = "-" + pin.pin->spelling.value;
  if (pin.origin == PinOrigin::upper_constraints) return add_override(snapshot, release, entry);
  const bool alone = pin.replaces.empty();
  const TextSpan span = alone ? pin.file->full_line_at(pin.pin->span.begin) : pin.pin->span;
  return {alone ? std::string("Delete the entry") : fmt::format("Write `{}`", entry),
          {{{pin.file, span}, alone ? "" : entry}},
          {},
          false};
}

/// `patch-pin-not-removed` speaks of these.
bool is_patched_library(const Snapshot& snapshot, const ComponentRequirements& tree) {
  const workspace::PatchSeries* series = snapshot.patch_series(tree.component, tree.release);
  return series != nullptr && !series->patches.empty() && !snapshot.is_service(tree.component);
}

void check_pin_of_tree(const Snapshot& snapshot, const ComponentRequirements& tree, Report& report) {
  if (!tree.declared.name || is_patched_library(snapshot, tree)) return;
  formats::Requirement anything;
  anything.name = *tree.declared.name;
  const EffectivePin* pin = model::check_requirement(anything, model::effective_pins(snapshot, tree.release),
                                                     model::target_environments(snapshot))
                                .pin;
  if (pin == nullptr || !pin->pin->exact()) return;
  const auto& built = model::source_version(snapshot, tree.release, tree.component);
  const auto version = built ? Version::parse(*built) : std::nullopt;
  if (!version) return;
  const bool equal = *version == *pin->pin->parsed;
  Added added =
      equal
          ? report.add(pin->file, pin->pin->span,
                       "`{}` is built from source and happens to be the pinned `{}`: the next commit, bump of the ref "
                       "or update of the pins makes the two contradict each other.",
                       pin->pin->spelling.value, pin->pin->version.value)
          : report.add(pin->file, pin->pin->span,
                       "`{}` is built from source as `{}`, but pinned to `{}`: its image can't be installed.",
                       pin->pin->spelling.value, *built, pin->pin->version.value);
  const auto* refs = snapshot.source_refs(tree.release);
  added.about(tree.release, tree.component)
      .level(equal ? Severity::hint : Severity::error)
      .related(refs->file, (*refs)->find(tree.component)->value_span,
               fmt::format("the ref that is built as `{}`", *built))
      .fix(remove_pin(snapshot, tree.release, *pin));
}

void check_pin_built_from_source(const RuleContext& context, Report& report) {
  const Snapshot& snapshot = context.snapshot;
  for (const std::string& release : snapshot.releases()) {
    std::map<std::string, const ComponentRequirements*> trees;
    for (const ImageRequirements* image : selected_requirements(context, release))
      for (const ComponentRequirements* tree : image->trees) trees.emplace(tree->component, tree);
    for (const auto& [component, tree] : trees) check_pin_of_tree(snapshot, *tree, report);
  }
}

// override-unpins-installed

void add_unpinned_installed(const Snapshot& snapshot, const std::string& release, const model::RemovedPin& removed,
                            const std::vector<const ImageRequirement*>& users, Report& report) {
  const formats::Pin& pin = *removed.pins.front();
  const ImageRequirement& first = *users.front();
  const std::string who = first.tree != nullptr
                              ? fmt::format("`{}` requires it (`{}`)", first.tree->component, first.text())
                              : fmt::format("`{}` is to be installed", first.text());
  Added added =
      report.add(removed.file, removed.entry->span,
                 "Without its pin `{}` floats: {}{}, and the newest version of the index will come.",
                 pin.spelling.value, who, users.size() > 1 ? fmt::format(", and so do {} more", users.size() - 1) : "");
  added.about(release);
  for (const ImageRequirement* one : users) {
    const Place where = one->place();
    added.related(where.file, where.span, "required here");
  }
  added.related(snapshot.upper_constraints(release)->file, pin.span, "upstream's pin")
      .fix(fmt::format("Delete the entry: `{}` counts again", pin.line()),
           removed.file->full_line_at(removed.entry->span.begin), "");
}

void check_override_unpins_installed(const RuleContext& context, Report& report) {
  const Snapshot& snapshot = context.snapshot;
  for (const std::string& release : snapshot.releases()) {
    for (const model::RemovedPin& removed : model::effective_pins(snapshot, release).removed) {
      if (removed.pins.empty()) continue;
      std::vector<const ImageRequirement*> users;
      std::set<const void*> seen;
      for (const ImageRequirements* image : selected_requirements(context, release)) {
        for (const ImageRequirement& one : image->requirements) {
          const bool uses = one.applies() && one.sibling.empty() && !one.requirement().url &&
                            one.requirement().name == removed.entry->name;
          const bool itself = one.tree != nullptr && one.tree->declared.name == removed.entry->name;
          const void* source = one.declared != nullptr ? static_cast<const void*>(one.declared) : one.package;
          if (uses && !itself && seen.insert(source).second) users.push_back(&one);
        }
      }
      if (!users.empty()) add_unpinned_installed(snapshot, release, removed, users, report);
    }
  }
}

constexpr Rule rules[] = {
    {.name = "extra-unknown",
     .needs = Needs::upstream,
     .summary = "extra that the source tree does not declare at its ref",
     .doc =
         "`pip_extras` (or a Dockerfile) asks for an extra that the component does not declare at this ref. pip and "
         "uv only warn of it, so the build succeeds and what the extra stands for is missing from the image. Extras "
         "come and go between releases; pbr adds an extra `test` where setup.cfg has a section [extras] without one.",
     .bad = "# releases/2025.2/extra-packages.yaml\nkeystone:\n  pip_extras: [ldpa]\n",
     .good = "# releases/2025.2/extra-packages.yaml\nkeystone:\n  pip_extras: [ldap]\n",
     .check = check_extra_unknown},
    {.name = "base-pin-differs",
     .severity = Severity::warning,
     .needs = Needs::upstream,
     .summary = "package of a base image in another version than a release pins",
     .doc =
         "A base image installs a package in a version of its own. `pip install` and `uv pip install` touch only what "
         "their request needs: where neither the source tree nor `pip_packages` asks for the package, it stays as "
         "the base has it, whatever the release pins. Drop it from the base image, or add it to `pip_packages`.",
     .bad = "# images/venv-builder/requirements.txt, with pymysql===1.1.1 in upper-constraints.txt\npymysql==1.2.0\n",
     .good = "# releases/2025.2/extra-packages.yaml\nkeystone:\n  pip_packages: [pymysql]\n",
     .check = check_base_pin_differs},
    {.name = "pin-built-from-source",
     .needs = Needs::upstream,
     .summary = "package that is built from source and pinned to another version",
     .doc =
         "A constraint binds what is installed from a source tree too. Pinned to another version than the tree calls "
         "itself (pbr counts it from the last tag), its image can't be installed; the name is that of the "
         "distribution, as the tree declares it. Equal versions are a hint only: any change of either side breaks "
         "it. Remove the pin with `-name` in the release's override file.",
     .bad = "# releases/2025.2/upper-constraints.txt, with horizon 25.5.2 in source-refs.yaml\nhorizon===25.5.1\n",
     .good = "# overrides/2025.2/constraints.txt\n-horizon\n",
     .check = check_pin_built_from_source},
    {.name = "override-unpins-installed",
     .severity = Severity::warning,
     .needs = Needs::upstream,
     .summary = "removed pin of a package that is still installed from the index",
     .doc = "An override removes the pin of a package that an image still takes from the index, because a source tree "
            "or `pip_packages` requires it: the newest version comes, another one every time. Removing a pin is right "
            "for what is built from source in every image that needs it. Delete the entry, or pin another version.",
     .bad = "# overrides/2025.2/constraints.txt, where keystone requires it\n-oslo.config\n",
     .good = "# overrides/2025.2/constraints.txt\noslo.config===10.0.1\n",
     .check = check_override_unpins_installed},
};

}  // namespace

std::span<const Rule> install_rules() {
  return rules;
}

}  // namespace forge::rules
