/// Hover on Python packages, extras and system packages.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "engine/base/names.hpp"
#include "engine/base/text.hpp"
#include "engine/formats/bindep_select.hpp"
#include "engine/formats/platform.hpp"
#include "engine/ide/hover_lines.hpp"
#include "engine/model/declared_requirements.hpp"
#include "engine/model/effective_pins.hpp"
#include "engine/model/image_graph.hpp"
#include "engine/model/known_answers.hpp"
#include "engine/model/package_set.hpp"

namespace forge::ide {

using workspace::Snapshot;
using Style = HoverPiece::Style;

namespace {

/// The pins of a package in a release's upper-constraints.txt, as written.
std::vector<std::string> pins_of(const Snapshot& snapshot, const std::string& release, const std::string& name) {
  std::vector<std::string> found;
  const auto* document = snapshot.upper_constraints(release);
  if (document == nullptr) return found;
  for (const formats::Pin& pin : (*document)->pins) {
    if (pin.name.str() != name) continue;
    found.push_back(pin.requirement_text() + (pin.marker ? fmt::format(" ; {}", pin.marker->value) : std::string()));
  }
  return found;
}

const formats::Override* override_of(const Snapshot& snapshot, const std::string& release, const std::string& name) {
  const auto* document = snapshot.overrides(release);
  if (document == nullptr) return nullptr;
  const auto& entries = (*document)->entries;
  const auto last = std::find_if(entries.rbegin(), entries.rend(),
                                 [&](const formats::Override& entry) { return entry.name.str() == name; });
  return last == entries.rend() ? nullptr : &*last;
}

void add_release(HoverLines& lines, const Snapshot& snapshot, const std::string& release, const std::string& name,
                 bool is_own) {
  const std::vector<std::string> pins = pins_of(snapshot, release, name);
  const formats::Override* entry = override_of(snapshot, release, name);
  if (pins.empty() && entry == nullptr && !is_own) return;
  std::vector<HoverPiece> line = {{is_own ? Style::strong : Style::plain, release}, {Style::plain, ": "}};
  if (pins.empty())
    line.push_back({Style::plain, "not pinned upstream"});
  else
    line.push_back({Style::code, join(pins, ", ")});
  if (entry != nullptr && entry->pin) {
    line.push_back({Style::plain, ", here "});
    line.push_back({Style::code, entry->pin->requirement_text()});
  } else if (entry != nullptr) {
    line.push_back({Style::plain, ", removed here"});
  }
  lines.push_back(std::move(line));
  if (is_own && entry != nullptr && !entry->reason.empty()) add_plain(lines, "why: " + entry->reason);
}

/// The release's components whose trees ask for the package, as far as they were read already.
void add_requirers(HoverLines& lines, const Snapshot& snapshot, const std::string& release, const std::string& name) {
  const auto* refs = snapshot.source_refs(release);
  if (refs == nullptr) return;
  constexpr std::size_t most = 6;
  std::vector<std::string> found;
  for (const formats::SourceRef& ref : (*refs)->entries) {
    const auto* tree = model::known_requirements(snapshot, release, ref.component.value);
    if (tree == nullptr || !*tree) continue;
    for (const formats::DeclaredRequirement& declared : (*tree)->declared.runtime) {
      if (declared.requirement.name.str() != name) continue;
      found.push_back(fmt::format("{} ({})", ref.component.value, declared.text));
      break;
    }
  }
  if (found.empty()) return;
  const std::size_t more = found.size() > most ? found.size() - most : 0;
  found.resize(found.size() - more);
  add_plain(lines, "required by " + join(found, ", ") + (more > 0 ? fmt::format(" and {} more", more) : std::string()));
}

/// A component of that name is installed from its tree, so the pin is about nothing else.
void add_source(HoverLines& lines, const Snapshot& snapshot, const std::string& release, const std::string& name) {
  const auto* refs = snapshot.source_refs(release);
  if (refs == nullptr) return;
  for (const formats::SourceRef& ref : (*refs)->entries) {
    const auto component = PackageName::parse(ref.component.value);
    if (component && component->str() == name && ref.ref)
      add_code(lines, fmt::format("built from source in {}: ", release), ref.ref->value);
  }
}

}  // namespace

HoverLines package_lines(const HoverContext& context, const std::string& name, const std::string& spelling) {
  const Snapshot& snapshot = context.snapshot;
  HoverLines lines = {{{Style::strong, spelling}}};
  for (const std::string& release : snapshot.releases())
    add_release(lines, snapshot, release, name, release == context.at.release);
  add_source(lines, snapshot, context.at.release, name);
  add_requirers(lines, snapshot, context.at.release, name);
  return lines;
}

HoverLines extra_lines(const HoverContext& context, const std::string& service, const std::string& extra) {
  HoverLines lines = {{{Style::strong, fmt::format("{}[{}]", service, extra)}}};
  const auto& tree = model::declared_requirements(context.snapshot, context.at.release, service);
  if (!tree) {
    add_failure(lines, tree.error());
    return lines;
  }
  if (!tree->declared.extras_known) return lines;
  const formats::DeclaredExtra* declared = tree->declared.find_extra(extra);
  if (declared == nullptr) {
    std::vector<std::string> names;
    for (const formats::DeclaredExtra& other : tree->declared.extras) names.push_back(other.spelling);
    add_plain(lines, fmt::format("{} {} has no such extra", service, tree->ref));
    if (!names.empty()) add_plain(lines, "extras: " + join(names, ", "));
    return lines;
  }
  add_plain(lines, fmt::format("{} of {} {}", declared->from, service, tree->ref));
  for (const formats::DeclaredRequirement& requirement : declared->requirements) add_code(lines, "", requirement.text);
  return lines;
}

namespace {

/// Of a line in a bindep.txt, for which of an image's packages it counts on the forge's target.
std::string active_words(const HoverContext& context, const formats::BindepRule& rule) {
  const Snapshot& snapshot = context.snapshot;
  const auto atoms = formats::target_atoms(snapshot.config().distro);
  if (!atoms) return {};
  std::vector<std::string> images = {context.at.component};
  if (context.at.component.empty()) images = snapshot.images();
  bool build = false;
  bool runtime = false;
  for (const std::string& image : images) {
    std::vector<std::string> releases = model::image_releases(snapshot, image);
    if (releases.empty()) releases.emplace_back();
    for (const std::string& release : releases) {
      const auto is_active = [&](model::PackagePhase phase) {
        return formats::is_active(
            rule, formats::active_profiles(*atoms, model::package_profiles(snapshot, release, image, phase)));
      };
      build = build || is_active(model::PackagePhase::build);
      runtime = runtime || is_active(model::PackagePhase::runtime);
    }
  }
  if (build && runtime) return "for the build and at run time";
  if (build) return "for the build only";
  return runtime ? "at run time only" : "never";
}

const formats::BindepRule* bindep_rule(const HoverContext& context, const Subject& subject) {
  const auto* document = context.snapshot.bindep(context.at.component);
  return document != nullptr && subject.index < (*document)->rules.size() ? &(*document)->rules[subject.index]
                                                                          : nullptr;
}

std::string selector_words(const formats::BindepRule& rule) {
  std::vector<std::string> platforms;
  std::vector<std::string> profiles;
  const auto words = [](const formats::BindepAtom& atom) { return (atom.negated ? "not " : "") + atom.name; };
  for (const formats::BindepItem& item : rule.selector) {
    if (const auto* atom = std::get_if<formats::BindepAtom>(&item))
      (atom->is_platform() ? platforms : profiles).push_back(words(*atom));
    if (const auto* group = std::get_if<formats::BindepGroup>(&item)) {
      std::vector<std::string> all;
      for (const formats::BindepAtom& atom : group->atoms) all.push_back(words(atom));
      profiles.push_back("(" + join(all, " and ") + ")");
    }
  }
  std::string out;
  if (!platforms.empty()) out += "platforms: " + join(platforms, ", ");
  if (!profiles.empty()) out += (out.empty() ? "" : "; ") + ("any of the profiles: " + join(profiles, ", "));
  return out;
}

}  // namespace

HoverLines system_package_lines(const HoverContext& context, const Subject& subject) {
  HoverLines lines = {{{Style::strong, subject.name}, {Style::plain, ": a system package"}}};
  if (context.at.kind == workspace::DocumentKind::extra_packages) {
    lines.front().back().text = ": a system package of the final stage";
    return lines;
  }
  const formats::BindepRule* rule = bindep_rule(context, subject);
  if (rule == nullptr) return {};
  if (const std::string constraint = formats::constraint_text(*rule); !constraint.empty())
    add_code(lines, "version ", constraint);
  if (const std::string selector = selector_words(*rule); !selector.empty()) add_plain(lines, selector);
  if (const std::string when = active_words(context, *rule); !when.empty())
    add_plain(lines, fmt::format("on {}: {}", context.snapshot.config().distro, when));
  return lines;
}

HoverLines atom_lines(const HoverContext& context, const Subject& subject) {
  constexpr std::string_view prefix = "platform:";
  HoverLines lines = {{{Style::code, subject.name}}};
  const std::string& distro = context.snapshot.config().distro;
  if (subject.name.starts_with(prefix)) {
    const auto atoms = formats::target_atoms(distro);
    if (!atoms) return {};
    const bool is_target = std::ranges::find(*atoms, subject.name.substr(prefix.size())) != atoms->end();
    lines.front().push_back(
        {Style::plain, fmt::format(": a platform; the target {} is {}one", distro, is_target ? "" : "not ")});
    return lines;
  }
  lines.front().push_back({Style::plain, ": a profile"});
  for (const std::string& release : context.snapshot.releases()) {
    std::vector<std::string> phases;
    for (const auto phase : {model::PackagePhase::build, model::PackagePhase::runtime}) {
      const auto profiles = model::package_profiles(context.snapshot, release, context.at.component, phase);
      if (std::ranges::find(profiles, subject.name) != profiles.end()) phases.emplace_back(model::to_string(phase));
    }
    if (!phases.empty()) add_plain(lines, fmt::format("active in {}: {}", release, join(phases, ", ")));
  }
  if (lines.size() == 1) lines.front().back().text = ": a profile that no image of this forge asks for here";
  return lines;
}

}  // namespace forge::ide
