/// Small indexes with what pip and uv install from them, recorded outside of the repository.
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "engine/model/closure.hpp"
#include "tests/support/memory_index.hpp"
#include "tests/support/shared_data.hpp"
#include "tests/support/small_forge.hpp"

namespace {

using namespace forge;
using model::ConflictKind;
using Json = nlohmann::json;

support::MemoryIndex index_of(const Json& scenario) {
  support::MemoryIndex index;
  for (const auto& [project, releases] : scenario.at("index").items()) {
    for (const auto& [version, release] : releases.items()) {
      support::MemoryIndex::Release one;
      for (const Json& extra : release.value("extras", Json::array()))
        one.metadata += "Provides-Extra: " + extra.get<std::string>() + "\n";
      for (const Json& text : release.value("requires", Json::array()))
        one.metadata += "Requires-Dist: " + text.get<std::string>() + "\n";
      one.requires_python = release.value("python", "");
      one.yanked = release.contains("yanked");
      one.yanked_reason = release.value("yanked", "");
      index.add(project, version, one);
    }
  }
  return index;
}

model::WrittenRequirement written(const std::string& text) {
  return {.requirement = formats::parse_requirement(text).value(), .text = text};
}

model::ClosureRequest request_of(const Json& scenario, model::Installer installer) {
  model::ClosureRequest request{.sources = {},
                                .roots = {},
                                .environment = formats::MarkerEnvironment::linux_cpython("3.12.1", "x86_64"),
                                .target = formats::wheel_target("3.12", "linux/amd64", "ubuntu:noble"),
                                .installer = installer};
  for (const Json& component : scenario.at("components_from_source")) {
    model::SourceComponent source{.name = *PackageName::parse(component.at("name").get<std::string>()),
                                  .version = formats::Version::parse(component.at("version").get<std::string>()),
                                  .requirements = {},
                                  .extras = {}};
    for (const Json& text : component.at("requires")) source.requirements.push_back(written(text));
    for (const Json& extra : component.value("extras", Json::array()))
      source.extras.push_back(PackageName::parse(extra.get<std::string>())->str());
    request.sources.push_back(std::move(source));
  }
  for (const Json& what : scenario.at("install")) request.roots.push_back(written(what.get<std::string>().substr(2)));
  return request;
}

workspace::SnapshotPtr forge_of(const Json& scenario) {
  std::string constraints;
  for (const Json& line : scenario.at("constraints")) constraints += line.get<std::string>() + "\n";
  return support::snapshot_of({{"releases/2025.2/upper-constraints.txt", constraints}});
}

/// What the catalogue calls it.
std::string rule_of(const model::ClosureConflict& conflict) {
  switch (conflict.kind) {
    case ConflictKind::pins_differ:
      return "pin-duplicate";
    case ConflictKind::requirement_excludes:
      return conflict.requirer->from_source ? "requirement-unsatisfied" : "requirement-transitive-conflict";
    case ConflictKind::pin_excludes_source:
      return "pin-built-from-source";
    case ConflictKind::not_published:
    case ConflictKind::spelled_otherwise:
    case ConflictKind::no_usable_file:
      return "pin-unavailable";
    case ConflictKind::requires_python:
      return "requires-python-mismatch";
    case ConflictKind::nothing_fits:
      break;
  }
  return "requirement-unpinned";
}

/// Rules that both installers' closures give reason for.
std::set<std::string> rules_of(const model::Closure& closure) {
  std::set<std::string> rules;
  for (const auto& conflict : closure.conflicts) rules.insert(rule_of(conflict));
  for (const auto& package : closure.packages) {
    if (package.floats()) rules.insert("requirement-unpinned");
    if (package.file && package.file->yanked && package.pin != nullptr) rules.insert("pin-unavailable");
  }
  if (!closure.unknown_extras.empty()) rules.insert("extra-unknown");
  return rules;
}

void check_installer(const Json& scenario, model::Installer installer, const Json& expected,
                     std::set<std::string>& rules) {
  const support::MemoryIndex index = index_of(scenario);
  const workspace::SnapshotPtr forge = forge_of(scenario);
  const model::EffectivePins& pins = model::effective_pins(*forge, "2025.2");
  const bool refused = !forge->upper_constraints("2025.2")->parsed.problems.empty();
  if (expected.value("error", "") == "invalid-constraint") {
    CHECK(refused);  // pip reads no such file at all
    return;
  }
  const model::Closure closure = model::closure(request_of(scenario, installer), pins, index);
  rules.merge(rules_of(closure));
  CHECK(closure.succeeds() == expected.at("ok").get<bool>());
  if (!expected.at("ok").get<bool>()) return;
  std::map<std::string, std::string> packages;
  for (const auto& package : closure.packages) packages[package.name.str()] = package.version;
  CHECK(Json(packages) == expected.at("install"));
}

}  // namespace

TEST_CASE("closure: installs what pip and uv install") {
  const auto folder = support::shared_data("constraints/scenarios");
  if (!folder) {
    MESSAGE("skipped: the golden scenarios are not there");
    return;
  }
  std::size_t seen = 0;
  for (const auto& entry : std::filesystem::directory_iterator(*folder)) {
    std::ifstream stream(entry.path());
    const Json scenario = Json::parse(stream);
    CAPTURE(entry.path().filename().string());
    std::set<std::string> rules;
    check_installer(scenario, model::Installer::pip, scenario.at("expected").at("pip"), rules);
    check_installer(scenario, model::Installer::uv, scenario.at("expected").at("uv"), rules);
    if (!forge_of(scenario)->upper_constraints("2025.2")->parsed.problems.empty()) rules.insert("pin-syntax");
    for (const Json& diagnostic : scenario.at("diagnostics")) {
      const std::string rule = diagnostic.at("rule");
      CAPTURE(rule);
      // `1.0` for a version published as `1.0.0` is a matter of the index; pin-unavailable says it.
      const bool other_name = rule == "pin-syntax" && rules.contains("pin-unavailable");
      // A pin that equals the version that is built is no conflict; the rule looks at the pins itself.
      const bool note_only = diagnostic.at("about").get<std::string>().find("note only") != std::string::npos;
      CHECK((rules.contains(rule) || other_name || note_only));
    }
    ++seen;
  }
  CHECK(seen >= 20);
}
