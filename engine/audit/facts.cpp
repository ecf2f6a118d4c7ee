#include "engine/audit/facts.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "engine/audit/patch_facts.hpp"
#include "engine/base/text.hpp"
#include "engine/model/component_closure.hpp"
#include "engine/model/declared_requirements.hpp"
#include "engine/model/distribution_packages.hpp"
#include "engine/model/effective_pins.hpp"
#include "engine/model/image_graph.hpp"
#include "engine/model/image_requirements.hpp"
#include "engine/model/package_set.hpp"
#include "engine/model/ref_status.hpp"

namespace forge::audit {

namespace {

using workspace::Snapshot;

constexpr std::string_view shared_name = "(release)";

std::string counted(std::size_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

void set_cell(Row& row, Check check, State state, std::string word) {
  row.cell(check).state = state;
  row.cell(check).word = std::move(word);
}

void not_examined(Row& row, Check check, std::string why) {
  set_cell(row, check, State::not_examined, "not examined");
  row.reasons.push_back({State::not_examined, check, std::move(why)});
}

std::string blocked_words(const plan::PlanTarget& target) {
  if (target.findings.empty()) return fmt::format("`{}` is built from a target that is blocked.", target.id);
  std::set<std::string> rules;
  for (const Finding& finding : target.findings) rules.insert("`" + finding.rule + "`");
  return fmt::format("`{}` can't be built: {} {} in the way.", target.id, join(rules, ", "),
                     rules.size() == 1 ? "is" : "are");
}

// Rows

void add_bases_of(const model::ImageGraph& graph, std::string_view image, std::set<std::string>& bases) {
  const model::ImageNode* node = graph.find(image);
  if (node == nullptr) return;
  for (const std::string& parent : node->parents)
    if (bases.insert(parent).second) add_bases_of(graph, parent, bases);
}

RowKind kind_of(const Snapshot& snapshot, const std::string& release, const std::string& component) {
  if (!snapshot.is_service(component)) return RowKind::library;
  return model::is_native(snapshot, release, component) ? RowKind::native : RowKind::service;
}

// Refs

std::string built_version_of(const Snapshot& snapshot, const Row& row, const model::RefStatus& status) {
  const auto& upstream = model::upstream_refs(snapshot, row.component);
  if (!upstream || !status.commit) return {};
  const auto version = row.kind == RowKind::native
                           ? native_version(*upstream, status.entry->ref->value, status.commit->id)
                           : built_version(*upstream, status.commit->id);
  return version ? *version : std::string();
}

std::string word_of(const RefFacts& facts, bool has_newer) {
  if (has_newer) {
    const std::size_t count = model::released_advisories(facts.advisories).size();
    return fmt::format("behind {}{}", facts.newest, count == 0 ? "" : ", " + counted(count, "advisory", "advisories"));
  }
  if (!facts.newest.empty() && facts.newest == facts.ref) return "newest";
  return facts.kind;
}

void add_ref_facts(const Snapshot& snapshot, const std::string& release, Row& row) {
  const model::RefStatus& status = model::ref_status(snapshot, release, row.component);
  RefFacts& facts = row.ref.emplace();
  if (status.entry != nullptr && status.entry->ref) facts.ref = status.entry->ref->value;
  if (status.resolved) facts.kind = to_string(status.resolved->kind);
  if (status.commit) {
    facts.commit = status.commit->id;
    facts.date = status.commit->commit_time;
    facts.version = built_version_of(snapshot, row, status);
  }
  if (status.newest) facts.newest = status.newest->name;
  facts.behind = status.behind;
  facts.advisories = model::advisories_ahead(snapshot, release, row.component);
  const bool is_readable = model::upstream_refs(snapshot, row.component).has_value();
  if (status.failure && !(is_readable && status.failure->kind == Failure::Kind::not_found))
    return not_examined(row, Check::refs, status.failure->message);
  set_cell(row, Check::refs, State::ok, word_of(facts, status.has_newer));
  std::vector<std::string> ahead;
  for (const model::Advisory& one : facts.advisories)
    if (!one.released) ahead.push_back(one.name);
  if (ahead.empty()) return;
  set_cell(row, Check::refs, State::risk, counted(ahead.size(), "advisory ahead", "advisories ahead"));
  row.reasons.push_back({State::risk, Check::refs,
                         fmt::format("Commits of the series after its newest version name {}; no version has them yet.",
                                     join(ahead, ", "))});
}

// Requirements, closure, Python

/// What images of the release ask of packages in the name of this row's component.
RequirementFacts requirement_facts(const Snapshot& snapshot, const std::string& release, const Row& row) {
  using model::RequirementVerdict;
  RequirementFacts facts;
  std::set<const void*> seen;
  for (const model::ImageRequirements* image : model::release_requirements(snapshot, release)) {
    for (const model::ImageRequirement& one : image->requirements) {
      const bool is_own = one.tree != nullptr ? one.tree->component == row.component : image->image == row.component;
      const void* identity = one.declared != nullptr ? static_cast<const void*>(one.declared) : one.package;
      if (!is_own || !one.applies() || !seen.insert(identity).second) continue;
      ++facts.declared;
      const RequirementVerdict verdict = one.answer.verdict;
      const bool is_unpinned =
          verdict == RequirementVerdict::unconstrained || verdict == RequirementVerdict::unconstrained_in_env;
      if (verdict == RequirementVerdict::satisfied || !one.sibling.empty())
        ++facts.satisfied;
      else if (verdict == RequirementVerdict::unsatisfied || verdict == RequirementVerdict::conflicting_pins)
        ++facts.unsatisfied;
      else if (is_unpinned)
        ++facts.unpinned;
    }
  }
  return facts;
}

void add_requirement_facts(const Snapshot& snapshot, const std::string& release, Row& row) {
  const auto& declared = model::declared_requirements(snapshot, release, row.component);
  if (!declared) return not_examined(row, Check::requirements, declared.error().message);
  row.requires_python = declared->declared.requires_python_text;
  const RequirementFacts& facts = row.requirements.emplace(requirement_facts(snapshot, release, row));
  if (snapshot.upper_constraints(release) == nullptr)
    return not_examined(row, Check::requirements, "The release has no constraints to hold its requirements against.");
  set_cell(row, Check::requirements, State::ok, fmt::format("{} of {}", facts.satisfied, facts.declared));
}

ClosureFacts closure_facts(const Snapshot& snapshot, const std::string& release, const std::string& component,
                           const std::string& platform) {
  ClosureFacts facts{.platform = platform};
  const auto& answer = model::component_closure(snapshot, release, component, platform);
  if (!answer) {
    facts.problem = answer.error().message;
    return facts;
  }
  facts.packages = answer->closure.packages.size();
  for (const model::ClosurePackage& package : answer->closure.packages) {
    if (package.floats()) ++facts.floating;
    if (!package.failure) continue;
    ++facts.unexamined;
    if (facts.problem.empty()) facts.problem = package.failure->message;
  }
  facts.conflicts = static_cast<std::size_t>(
      std::ranges::count_if(answer->closure.conflicts, [](const auto& conflict) { return conflict.stops; }));
  return facts;
}

void add_closure_facts(const Snapshot& snapshot, const std::string& release, Row& row) {
  if (snapshot.index() == nullptr) return not_examined(row, Check::closure, "There is no package index to ask.");
  for (const std::string& platform : snapshot.config().platforms)
    if (!formats::machine_of_platform(platform).empty())
      row.closures.push_back(closure_facts(snapshot, release, row.component, platform));
  if (row.closures.empty()) return not_examined(row, Check::closure, "No platform of the target has Python packages.");
  const auto unexamined = std::ranges::find_if(row.closures, [](const auto& one) { return !one.problem.empty(); });
  if (unexamined != row.closures.end()) {
    const std::string count =
        unexamined->unexamined == 0
            ? std::string()
            : fmt::format("{} of {} packages could not be looked at: ", unexamined->unexamined, unexamined->packages);
    return not_examined(row, Check::closure, count + unexamined->problem);
  }
  const auto most = std::ranges::max_element(row.closures, {}, &ClosureFacts::packages);
  set_cell(row, Check::closure, State::ok, counted(most->packages, "package", "packages"));
}

void add_python_facts(const Snapshot& snapshot, Row& row) {
  const bool tree_is_known = row.cell(Check::requirements).state != State::not_examined || row.requirements;
  const bool pins_are_known = row.cell(Check::closure).state != State::not_examined;
  if (!tree_is_known) return not_examined(row, Check::python, "Its source tree could not be looked at.");
  if (!pins_are_known)
    return not_examined(row, Check::python, "What Pythons its packages ask for is known to the package index alone.");
  set_cell(row, Check::python, State::ok, row.requires_python.empty() ? snapshot.config().python : row.requires_python);
}

// Packages, images

std::vector<std::string> names_of(const std::vector<model::SystemPackage>& packages) {
  std::vector<std::string> names;
  for (const model::SystemPackage& package : packages) names.push_back(package.name);
  std::ranges::sort(names);
  names.erase(std::ranges::unique(names).begin(), names.end());
  return names;
}

void add_package_facts(const Snapshot& snapshot, const std::string& release, Row& row) {
  const model::PackageSets& sets = model::package_sets(snapshot, release, row.component);
  row.packages = PackageFacts{names_of(sets.build), names_of(sets.runtime)};
  if (sets.failure && row.kind != RowKind::base) return not_examined(row, Check::packages, sets.failure->message);
  const std::size_t count = row.packages->build.size() + row.packages->runtime.size();
  for (const std::string& platform : snapshot.config().platforms) {
    const auto* known = model::distribution_packages(snapshot, platform);
    if (count == 0 || (known != nullptr && *known)) continue;
    return not_examined(row, Check::packages,
                        known == nullptr ? std::string("There are no package lists of the distribution to ask.")
                                         : known->error().message);
  }
  set_cell(
      row, Check::packages, State::ok,
      count == 0 ? "none" : fmt::format("{} build, {} run", row.packages->build.size(), row.packages->runtime.size()));
}

void add_image_facts(const Snapshot& snapshot, Row& row) {
  const model::ImageNode* node = model::image_graph(snapshot).find(row.component);
  if (node == nullptr) return;
  set_cell(row, Check::images, State::ok, "ok");
}

}  // namespace

std::vector<Row> rows_of(const Snapshot& snapshot, const std::string& release) {
  std::vector<Row> rows;
  std::set<std::string> bases;
  std::set<std::string> components;
  if (const auto* refs = snapshot.source_refs(release))
    for (const formats::SourceRef& entry : (*refs)->entries) components.insert(entry.component.value);
  for (const std::string& component : components) {
    rows.push_back({.component = component, .kind = kind_of(snapshot, release, component)});
    add_bases_of(model::image_graph(snapshot), component, bases);
  }
  std::ranges::stable_sort(rows, {}, [](const Row& row) { return row.kind == RowKind::library; });
  for (const std::string& base : bases)
    if (!components.contains(base)) rows.push_back({.component = base, .kind = RowKind::base});
  rows.push_back({.component = std::string(shared_name), .kind = RowKind::shared});
  return rows;
}

void add_facts(const Snapshot& snapshot, const std::string& release, Row& row) {
  if (row.kind == RowKind::shared) {
    const auto* constraints = snapshot.upper_constraints(release);
    if (constraints != nullptr)
      set_cell(row, Check::requirements, State::ok,
               counted(model::effective_pins(snapshot, release).pins.size(), "pin", "pins"));
    return;
  }
  if (row.kind != RowKind::base) {
    add_ref_facts(snapshot, release, row);
    add_patch_facts(snapshot, release, row);
  }
  if (row.kind == RowKind::service || row.kind == RowKind::library) {
    add_requirement_facts(snapshot, release, row);
    // A library is installed by images, whose closures have what it brings.
    if (row.kind == RowKind::service) add_closure_facts(snapshot, release, row);
    add_python_facts(snapshot, row);
  }
  if (row.kind == RowKind::library) return;
  add_package_facts(snapshot, release, row);
  add_image_facts(snapshot, row);
}

void add_plan_facts(const plan::BuildPlan& plan, const std::string& release, Row& row) {
  const std::string& of = row.kind == RowKind::base ? std::string() : release;
  for (const plan::PlanTarget& target : plan.targets) {
    if (target.image != row.component || target.release != of) continue;
    const bool blocked = target.state == plan::PlanTarget::State::blocked;
    row.plan = PlanFacts{target.id, blocked, target.needs};
    if (!blocked) return set_cell(row, Check::plan, State::ok, "planned");
    if (!target.findings.empty() && std::ranges::all_of(target.findings, is_unexamined))
      return not_examined(row, Check::plan, blocked_words(target));
    set_cell(row, Check::plan, State::fail, "blocked");
    row.reasons.push_back({State::fail, Check::plan, blocked_words(target)});
    return;
  }
}

PinFacts pin_facts(const Snapshot& snapshot, const std::string& release) {
  const model::EffectivePins& pins = model::effective_pins(snapshot, release);
  PinFacts facts{.pins = pins.pins.size()};
  for (const model::EffectivePin& pin : pins.pins) {
    if (pin.entry == nullptr) continue;
    facts.overrides.push_back({pin.pin->spelling.value,
                               pin.pin->version.value,
                               pin.replaces.empty() ? std::string() : pin.replaces.front()->version.value,
                               pin.entry->reason,
                               {pin.file, pin.entry->span}});
  }
  for (const model::RemovedPin& removed : pins.removed)
    facts.overrides.push_back({removed.entry->spelling.value,
                               {},
                               removed.pins.empty() ? std::string() : removed.pins.front()->version.value,
                               removed.entry->reason,
                               {removed.file, removed.entry->span}});
  std::ranges::stable_sort(facts.overrides, {}, [](const OverrideFacts& one) { return one.place.span.begin; });
  return facts;
}

}  // namespace forge::audit
