#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "engine/base/names.hpp"
#include "engine/base/text.hpp"
#include "engine/formats/platform.hpp"
#include "engine/model/build_only_packages.hpp"
#include "engine/model/package_set.hpp"
#include "engine/rules/catalog.hpp"
#include "engine/rules/image_rules.hpp"

namespace forge::rules {

namespace {

using namespace std::string_view_literals;
using formats::Bindep;
using formats::BindepAtom;
using formats::BindepGroup;
using formats::BindepItem;
using formats::BindepRule;
using workspace::Document;
using workspace::Snapshot;

constexpr std::string_view build_profile = "build";
// What bindep.txt files call a step of the work rather than a part of the product.
constexpr std::array phases{build_profile, "compile"sv, "ci"sv,           "cover"sv,   "coverage"sv, "debug"sv,
                            "dev"sv,       "devel"sv,   "develop"sv,      "doc"sv,     "docs"sv,     "functional"sv,
                            "install"sv,   "lint"sv,    "linters"sv,      "pep8"sv,    "release"sv,  "requirements"sv,
                            "runtime"sv,   "test"sv,    "test-runtime"sv, "testing"sv, "tests"sv,    "unit"sv};

// Components of other forges: a list that came from one of them names these on purpose.
constexpr std::array openstack_services{
    "adjutant"sv,  "aodh"sv,    "barbican"sv, "blazar"sv,   "ceilometer"sv, "cinder"sv,  "cloudkitty"sv, "cyborg"sv,
    "designate"sv, "freezer"sv, "glance"sv,   "gnocchi"sv,  "heat"sv,       "horizon"sv, "ironic"sv,     "keystone"sv,
    "kuryr"sv,     "magnum"sv,  "manila"sv,   "masakari"sv, "mistral"sv,    "monasca"sv, "murano"sv,     "neutron"sv,
    "nova"sv,      "octavia"sv, "ovn"sv,      "ovs"sv,      "placement"sv,  "rally"sv,   "sahara"sv,     "senlin"sv,
    "skyline"sv,   "swift"sv,   "tacker"sv,   "tempest"sv,  "trove"sv,      "vitrage"sv, "watcher"sv,    "zun"sv};

bool is_openstack_service(std::string_view profile) {
  return std::ranges::find(openstack_services, profile) != openstack_services.end();
}

bool is_phase(std::string_view profile) {
  return std::ranges::find(phases, profile) != phases.end();
}

/// The forge's own: the root's and the images'. Those of upstream trees describe test machines and are not judged.
std::vector<const Document<Bindep>*> own_bindeps(const Snapshot& snapshot) {
  std::vector<const Document<Bindep>*> documents = {snapshot.bindep("")};
  for (const std::string& image : snapshot.images()) documents.push_back(snapshot.bindep(image));
  std::erase(documents, nullptr);
  return documents;
}

std::vector<const BindepAtom*> atoms_of(const BindepItem& item) {
  std::vector<const BindepAtom*> atoms;
  if (const auto* group = std::get_if<BindepGroup>(&item)) {
    for (const BindepAtom& atom : group->atoms) atoms.push_back(&atom);
  } else {
    atoms.push_back(&std::get<BindepAtom>(item));
  }
  return atoms;
}

/// The profiles outside groups that make a rule active.
std::vector<const BindepAtom*> bare_profiles(const BindepRule& rule) {
  std::vector<const BindepAtom*> atoms;
  for (const BindepItem& item : rule.selector) {
    const auto* atom = std::get_if<BindepAtom>(&item);
    if (atom != nullptr && !atom->negated && !atom->is_platform()) atoms.push_back(atom);
  }
  return atoms;
}

struct ForgeProfiles {
  std::set<std::string, std::less<>> components;
  std::set<std::string, std::less<>> features;  ///< pip extras that some service is installed with

  [[nodiscard]] bool selects(std::string_view profile) const {
    return components.contains(profile) || features.contains(profile);
  }
};

ForgeProfiles forge_profiles(const Snapshot& snapshot) {
  ForgeProfiles known;
  known.components.insert(snapshot.images().begin(), snapshot.images().end());
  for (const std::string& release : snapshot.releases()) {
    if (const auto* refs = snapshot.source_refs(release))
      for (const formats::SourceRef& ref : (*refs)->entries) known.components.insert(ref.component.value);
    if (const auto* extras = snapshot.extra_packages(release)) {
      for (const formats::ServiceExtras& service : (*extras)->services)
        for (const auto& extra : service.pip_extras)
          if (const auto name = PackageName::parse(extra.value)) known.features.insert(name->str());
    }
  }
  return known;
}

std::vector<std::string> to_vector(const std::set<std::string, std::less<>>& names) {
  return {names.begin(), names.end()};
}

/// Every rule of a file, until it has had more findings than anyone reads.
template <class Check>
void for_each_rule(const Document<Bindep>& document, Report& report, const Check& check) {
  constexpr std::size_t most_findings = 500;
  const std::size_t before = report.size();
  for (const BindepRule& rule : document->rules) {
    if (report.size() - before >= most_findings) {
      report.add(document.file, rule.name.span, "There are more such findings from here on; they are left out.");
      return;
    }
    check(rule);
  }
}

// bindep-syntax

void report_grouped_platforms(const Document<Bindep>& document, Report& report) {
  for (const BindepRule& rule : document->rules) {
    for (const BindepItem& item : rule.selector) {
      if (!std::holds_alternative<BindepGroup>(item)) continue;
      for (const BindepAtom* atom : atoms_of(item)) {
        if (!atom->is_platform()) continue;
        report
            .add(document.file, atom->span,
                 "`{}` stands in a group, where it counts as one of the profiles: bindep's manual does not allow it, "
                 "and a platform outside the group still has to match as well.",
                 atom->name)
            .about({}, document.component)
            .level(Severity::warning);
      }
    }
  }
}

void check_bindep_syntax(const RuleContext& context, Report& report) {
  for (const auto* document : own_bindeps(context.snapshot)) {
    report.add_problems(document);
    report_grouped_platforms(*document, report);
  }
}

// bindep-any-of-profiles

/// The profiles of one selector by what they are; a person who puts two kinds side by side means both at once.
struct Kinds {
  std::vector<std::string> components;
  std::vector<std::string> features;
  std::vector<std::string> phases;

  [[nodiscard]] int count() const { return int{!components.empty()} + int{!features.empty()} + int{!phases.empty()}; }
};

/// The kinds of profiles that stand outside groups. A word that nobody knows counts as a feature.
Kinds kinds_of(const std::vector<const BindepAtom*>& atoms, const ForgeProfiles& known) {
  Kinds kinds;
  for (const BindepAtom* atom : atoms) {
    const std::string& name = atom->name;
    const bool component = known.components.contains(name) || is_openstack_service(name);
    (is_phase(name) ? kinds.phases : component ? kinds.components : kinds.features).push_back(name);
  }
  return kinds;
}

/// A slip of the pen in a component's name makes no feature.
void move_misspelt_components(Kinds& kinds, const ForgeProfiles& known) {
  const std::vector<std::string> components = to_vector(known.components);
  const auto misspelt = [&](const std::string& name) {
    return !known.features.contains(name) && nearest(name, components).has_value();
  };
  std::ranges::copy_if(kinds.features, std::back_inserter(kinds.components), misspelt);
  std::erase_if(kinds.features, misspelt);
}

/// Each combination of one of every kind, as groups: `(glance build) (nova build)`.
std::vector<std::string> groups_of(const Kinds& kinds) {
  std::vector<std::string> rows = {""};
  for (const auto* names : {&kinds.components, &kinds.features, &kinds.phases}) {
    if (names->empty()) continue;
    std::vector<std::string> longer;
    for (const std::string& row : rows)
      for (const std::string& name : *names) longer.push_back(fmt::format("{}{}{}", row, row.empty() ? "" : " ", name));
    rows = std::move(longer);
  }
  for (std::string& row : rows) row = fmt::format("({})", row);
  return rows;
}

/// `span` and the blanks before it.
TextSpan with_blanks_before(const SourceFile& file, TextSpan span) {
  while (span.begin > 0 && file.text()[span.begin - 1] == ' ') --span.begin;
  return span;
}

/// The first of the atoms becomes all of `groups`; the others go.
Fix group_fix(const SourceFilePtr& file, const std::vector<const BindepAtom*>& atoms, const std::string& groups) {
  Fix fix{fmt::format("Write `{}`: all of them", groups)};
  fix.edits.push_back({{file, atoms.front()->span}, groups});
  for (std::size_t i = 1; i < atoms.size(); ++i)
    fix.edits.push_back({{file, with_blanks_before(*file, atoms[i]->span)}, ""});
  return fix;
}

std::vector<std::string> quoted_names(const std::vector<const BindepAtom*>& atoms) {
  std::vector<std::string> names;
  names.reserve(atoms.size());
  for (const BindepAtom* atom : atoms) names.push_back(fmt::format("`{}`", atom->name));
  return names;
}

void check_any_of(const Document<Bindep>& document, const BindepRule& rule, const ForgeProfiles& known,
                  Report& report) {
  constexpr std::size_t most_groups = 12;
  const std::vector<const BindepAtom*> atoms = bare_profiles(rule);
  Kinds kinds = kinds_of(atoms, known);
  if (kinds.count() < 2) return;
  move_misspelt_components(kinds, known);
  if (kinds.count() < 2) return;
  const bool has_phase = !kinds.phases.empty();
  const bool few = std::max(kinds.components.size(), std::size_t{1}) * std::max(kinds.features.size(), std::size_t{1}) *
                       std::max(kinds.phases.size(), std::size_t{1}) <=
                   most_groups;
  Added added = report.add(document.file, {atoms.front()->span.begin, atoms.back()->span.end},
                           "`{}` is selected by any of {}; profiles side by side are alternatives, and all at once is "
                           "a group in `( )`.",
                           rule.name.value, join(quoted_names(atoms), ", "));
  added.about({}, document.component);
  if (!has_phase) added.level(Severity::info);
  if (few) added.fix(group_fix(document.file, atoms, join(groups_of(kinds), " ")));
}

void check_bindep_any_of_profiles(const RuleContext& context, Report& report) {
  const ForgeProfiles known = forge_profiles(context.snapshot);
  for (const auto* document : own_bindeps(context.snapshot))
    for_each_rule(*document, report, [&](const BindepRule& rule) { check_any_of(*document, rule, known, report); });
}

// bindep-profile-unknown

/// One look at an atom: where it stands and what the forge knows.
struct AtomCheck {
  const Document<Bindep>& document;
  const BindepAtom& atom;
  const BindepAtom* next;  ///< the one behind it, for `platform: dpkg`
  Report& report;

  [[nodiscard]] TextSpan name_span() const { return {atom.span.begin + (atom.negated ? 1U : 0U), atom.span.end}; }

  Added add(const std::string& message) const {
    return report.add_message(document.file, atom.span, message).about({}, document.component);
  }
  void add_with_meant(const std::string& message, const std::optional<std::string>& meant) const {
    Added added = add(message + (meant ? fmt::format("; did you mean `{}`?", *meant) : "."));
    if (meant) added.fix(fmt::format("Write `{}`", *meant), name_span(), *meant);
  }
};

/// `platform: dpkg` is two atoms.
bool is_split_platform(const BindepAtom* atom, const BindepAtom* next) {
  return atom != nullptr && next != nullptr && atom->name == "platform:" && !next->negated &&
         !formats::doubt_platform_atom(next->name);
}

void check_platform_atom(const AtomCheck& check) {
  const std::string_view platform = std::string_view(check.atom.name).substr("platform:"sv.size());
  const auto doubt = formats::doubt_platform_atom(platform);
  if (!doubt) return;
  if (!is_split_platform(&check.atom, check.next)) {
    const auto meant = doubt->nearest ? std::optional("platform:" + *doubt->nearest) : std::nullopt;
    check.add_with_meant(fmt::format("`{}` matches no platform: {}", check.atom.name, doubt->reason), meant);
    return;
  }
  check.add(fmt::format("`platform:` alone matches no platform; did you mean `platform:{}`?", check.next->name))
      .fix("Remove the blank", {check.atom.span.end, check.next->span.begin}, "");
}

/// `plathform:dpkg`, `platform-dpkg`, and plain `dpkg`.
std::optional<std::string> meant_platform(std::string_view profile) {
  constexpr std::string_view prefix = "platform";
  if (!formats::doubt_platform_atom(profile)) return fmt::format("platform:{}", profile);
  const std::size_t separator = profile.find_first_of(":-.");
  if (separator == std::string_view::npos || edit_distance(profile.substr(0, separator), prefix, 3) > 3) return {};
  const std::string_view atom = profile.substr(separator + 1);
  const auto doubt = formats::doubt_platform_atom(atom);
  if (doubt && !doubt->nearest) return {};
  return fmt::format("platform:{}", doubt ? *doubt->nearest : std::string(atom));
}

void check_profile(const AtomCheck& check, const ForgeProfiles& known) {
  const std::string& profile = check.atom.name;
  if (is_phase(profile) || known.selects(profile)) return;
  if (profile == "default") {
    if (check.atom.negated) return;
    check.add(
        "`default` is never selected here: it is off as soon as a profile is named, and a forge always names the "
        "component. Remove it so that the package is always installed, or name a profile.");
    return;
  }
  if (is_openstack_service(profile)) {
    check.add(fmt::format("`{}` is no component of this forge, so nothing ever selects this profile.", profile))
        .level(Severity::info);
    return;
  }
  auto meant = meant_platform(profile);
  if (!meant) {
    std::vector<std::string> names = to_vector(known.components);
    names.insert(names.end(), known.features.begin(), known.features.end());
    names.insert(names.end(), phases.begin(), phases.end());
    meant = nearest(profile, names);
  }
  check.add_with_meant(
      fmt::format("Nothing ever selects the profile `{}`: it is no component, no pip extra in use and no phase of this "
                  "forge",
                  profile),
      meant);
}

void check_atoms(const Document<Bindep>& document, const BindepRule& rule, const ForgeProfiles& known, Report& report) {
  std::vector<const BindepAtom*> atoms;
  for (const BindepItem& item : rule.selector) std::ranges::copy(atoms_of(item), std::back_inserter(atoms));
  const BindepAtom* before = nullptr;
  for (std::size_t i = 0; i < atoms.size(); before = atoms[i++]) {
    const AtomCheck check{document, *atoms[i], i + 1 < atoms.size() ? atoms[i + 1] : nullptr, report};
    if (atoms[i]->is_platform())
      check_platform_atom(check);
    else if (!is_split_platform(before, atoms[i]))
      check_profile(check, known);
  }
}

void check_bindep_profile_unknown(const RuleContext& context, Report& report) {
  const ForgeProfiles known = forge_profiles(context.snapshot);
  for (const auto* document : own_bindeps(context.snapshot))
    for_each_rule(*document, report, [&](const BindepRule& rule) { check_atoms(*document, rule, known, report); });
}

// runtime-build-tools

/// A build-only package of the forge's own lists and the images that get it.
struct BuildTool {
  model::SystemPackage package;
  std::string_view kind;
  std::string release;  ///< of an extra-packages.yaml
  std::vector<std::string> components;
};

/// `libpq-dev` of `libpq-dev:arm64=16.1`, which apt takes.
std::string_view bare_name(std::string_view package) {
  return package.substr(0, package.find_first_of(":=/"));
}

/// A component with an image. A forge without any Dockerfile yet counts all.
bool has_image(const Snapshot& snapshot, std::string_view component) {
  return snapshot.is_service(component) || snapshot.bindep(component) != nullptr || snapshot.images().empty();
}

std::vector<BuildTool> runtime_build_tools(const Snapshot& snapshot) {
  std::map<std::pair<std::string, TextSpan>, BuildTool> found;
  for (const std::string& release : snapshot.releases()) {
    const auto* refs = snapshot.source_refs(release);
    if (refs == nullptr) continue;
    for (const formats::SourceRef& ref : (*refs)->entries) {
      const std::string& component = ref.component.value;
      if (!has_image(snapshot, component)) continue;
      for (model::SystemPackage& package :
           model::forge_packages(snapshot, release, component, model::PackagePhase::runtime)) {
        const std::string_view kind = model::build_only_kind(bare_name(package.name));
        if (kind.empty()) continue;
        BuildTool& tool = found[{package.file->path(), package.span}];
        const bool of_release = package.origin == model::PackageOrigin::extra_packages;
        tool.package = std::move(package);
        tool.kind = kind;
        tool.release = of_release ? release : "";
        if (std::ranges::find(tool.components, component) == tool.components.end())
          tool.components.push_back(component);
      }
    }
  }
  std::vector<BuildTool> tools;
  tools.reserve(found.size());
  for (auto& [place, tool] : found) tools.push_back(std::move(tool));
  return tools;
}

const BindepRule* rule_at(const Snapshot& snapshot, const model::SystemPackage& package) {
  for (const auto* document : own_bindeps(snapshot)) {
    if (document->file != package.file) continue;
    const auto& rules = (*document)->rules;
    const auto found = std::ranges::find_if(rules, [&](const BindepRule& r) { return r.name.span == package.span; });
    if (found != rules.end()) return &*found;
  }
  return nullptr;
}

/// Every profile and group that selects the package also asks for `build`.
Fix limit_to_build(const SourceFilePtr& file, const BindepRule& rule) {
  Fix fix{"Limit it to the profile `build`"};
  const auto edit = [&](TextSpan span, std::string text) { fix.edits.push_back({{file, span}, std::move(text)}); };
  bool limited = false;
  for (const BindepItem& item : rule.selector) {
    if (const auto* group = std::get_if<BindepGroup>(&item)) {
      edit({group->span.end - 1, group->span.end - 1}, group->atoms.empty() ? "build" : " build");
      limited = true;
      continue;
    }
    const auto& atom = std::get<BindepAtom>(item);
    if (atom.negated || atom.is_platform()) continue;
    if (atom.name == build_profile)
      edit(with_blanks_before(*file, atom.span), "");
    else if (!is_phase(atom.name))
      edit(atom.span, fmt::format("({} build)", atom.name));
    limited = true;
  }
  if (limited) return fix;
  if (rule.selector.empty())
    edit(rule.selector_span, rule.selector_span.empty() ? " [build]" : "[build]");
  else
    edit({rule.selector_span.end - 1, rule.selector_span.end - 1}, " build");
  return fix;
}

std::string names_of(const std::vector<std::string>& components) {
  constexpr std::size_t named = 3;
  std::vector<std::string> names;
  names.reserve(components.size());
  for (const std::string& component : components) names.push_back(fmt::format("`{}`", component));
  if (names.size() <= named) return join(names, ", ");
  const std::size_t rest = names.size() - named;
  names.resize(named);
  return fmt::format("{} and {} more", join(names, ", "), rest);
}

void check_runtime_build_tools(const RuleContext& context, Report& report) {
  for (const BuildTool& tool : runtime_build_tools(context.snapshot)) {
    const BindepRule* rule = rule_at(context.snapshot, tool.package);
    Added added =
        report.add(tool.package.file, tool.package.span, "`{}` is {}, but it goes into the runtime image of {}; {}.",
                   tool.package.name, tool.kind, names_of(tool.components),
                   rule != nullptr ? "limit it to the profile `build`" : "install it where the image is built");
    added.about(tool.release, tool.components.size() == 1 ? tool.components.front() : "");
    if (rule != nullptr) added.fix(limit_to_build(tool.package.file, *rule));
  }
  check_build_tools_in_images(context, report);
}

constexpr Rule rules[] = {
    {.name = "bindep-syntax",
     .severity = Severity::error,
     .summary = "line of a bindep.txt that bindep refuses",
     .doc =
         R"md(bindep refuses a whole file for one bad line, and says neither which line nor why. The usual causes: a blank at
the end of a line, a tab, a missing final newline, a blank inside version constraints, an upper-case profile, a comma
between profiles, a name of one letter.

A `platform:` selector inside a group is reported too, as a warning: there it votes with the profiles, which bindep's own
manual does not describe.)md",
     .bad = "# bindep.txt\nlibpq5 [platform:dpkg, nova] >= 9\n",
     .good = "# bindep.txt\nlibpq5 [platform:dpkg nova] >=9\n",
     .check = check_bindep_syntax},
    {.name = "bindep-any-of-profiles",
     .severity = Severity::warning,
     .summary = "profiles side by side where all of them at once seem meant",
     .doc =
         R"md(In bindep, profiles side by side are alternatives: `[platform:dpkg nova build]` is active for dpkg and (nova **or**
build), so the package goes into every build and into nova's runtime image. All at once is a group:
`[platform:dpkg (nova build)]`.

Reported where profiles of different kinds stand side by side: components, phases such as `build` or `test`, and features
(as information where no phase is among them).)md",
     .bad = "# bindep.txt\nlibvirt-dev [platform:dpkg nova build]\n",
     .good = "# bindep.txt\nlibvirt-dev [platform:dpkg (nova build)]\n",
     .check = check_bindep_any_of_profiles},
    {.name = "bindep-profile-unknown",
     .severity = Severity::warning,
     .summary = "profile or platform that nothing ever selects",
     .doc =
         R"md(The forge selects a component's packages with its name and the pip extras it is installed with as profiles, and with
`build` for the build. Any other profile is never active, so its package is never installed; most often it is a slip of
the pen, such as `plathform:dpkg`. The same goes for a platform that no distribution has (`platform:dkpg`,
`platform:redhat-7`), and for `default`, which is off as soon as a profile is named.)md",
     .bad = "# bindep.txt\nlibpq5 [platform:dkpg]\n",
     .good = "# bindep.txt\nlibpq5 [platform:dpkg]\n",
     .check = check_bindep_profile_unknown},
    {.name = "runtime-build-tools",
     .severity = Severity::warning,
     .summary = "build-only package in a runtime image",
     .doc =
         R"md(Headers (`-dev`), compilers, build tools and git make an image larger and easier to attack, and nothing runs them there.
In bindep.txt the profile `build` keeps a package in the build, and a group limits it to one component's:
`libvirt-dev [platform:dpkg (nova build)]`. The lists of upstream trees describe test machines and are not judged.
In a Dockerfile it belongs into the build stage.)md",
     .bad = "# bindep.txt\nlibpq-dev [platform:dpkg]\n",
     .good = "# bindep.txt\nlibpq-dev [platform:dpkg build]\nlibpq5 [platform:dpkg]\n",
     .check = check_runtime_build_tools},
};

}  // namespace

std::span<const Rule> bindep_rules() {
  return rules;
}

}  // namespace forge::rules
