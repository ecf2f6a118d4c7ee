/// What the real bindep answered for real files, many platforms and profiles, where those answers are at hand.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "engine/base/line_index.hpp"
#include "engine/formats/bindep.hpp"
#include "engine/formats/bindep_select.hpp"
#include "engine/formats/platform.hpp"

namespace {

using namespace forge;
using namespace forge::formats;
using nlohmann::json;
namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// The folder of the goldens and what is in golden.json.
struct Goldens {
  fs::path folder;
  json data;

  [[nodiscard]] std::string text(const std::string& file) const { return read_file(folder / file); }
  [[nodiscard]] std::vector<std::string> platform(const json& asked) const {
    return data["platforms"][asked["platform"].get<std::string>()]["atoms"];
  }
};

std::optional<Goldens> goldens() {
  const char* shared = std::getenv("FORGE_SHARED");
  const fs::path folder = fs::path(shared != nullptr ? shared : FORGE_SOURCE_DIR "/../shared") / "data/bindep";
  if (!fs::exists(folder / "golden.json")) {
    MESSAGE("skipped: no goldens at ", folder.string());
    return std::nullopt;
  }
  return Goldens{folder, json::parse(read_file(folder / "golden.json"))};
}

std::uint32_t line_of(const std::string& text, std::uint32_t offset) {
  return LineIndex(text).line_of(offset) + 1;
}

json atom_json(const BindepAtom& atom) {
  return (atom.negated ? "!" : "") + atom.name;
}

json item_json(const BindepItem& item) {
  if (const auto* atom = std::get_if<BindepAtom>(&item)) return atom_json(*atom);
  json group = json::array();
  for (const BindepAtom& atom : std::get<BindepGroup>(item).atoms) group.push_back(atom_json(atom));
  return group;
}

json rules_json(const std::string& text, const Bindep& bindep) {
  json rules = json::array();
  for (const BindepRule& rule : bindep.rules) {
    json selector = json::array();
    for (const BindepItem& item : rule.selector) selector.push_back(item_json(item));
    json constraints = json::array();
    for (const BindepConstraint& constraint : rule.constraints)
      constraints.push_back({to_string(constraint.op), constraint.version.value});
    rules.push_back({line_of(text, rule.name.span.begin), rule.name.value, selector, constraints});
  }
  return rules;
}

json bad_lines(const std::string& text, const std::vector<Problem>& problems) {
  std::set<std::uint32_t> lines;
  for (const Problem& problem : problems) lines.insert(line_of(text, problem.span.begin));
  return lines;
}

std::string answer(const BindepRule& rule) {
  const std::string constraints = constraint_text(rule);
  return constraints.empty() ? rule.name.value : rule.name.value + " " + constraints;
}

/// Also of versions that no bindep.txt can hold.
BindepConstraint constraint(const std::string& op, const std::string& version) {
  BindepConstraint one = parse_bindep("xx " + op + "1\n").value.rules.at(0).constraints.at(0);
  one.version.value = version;
  return one;
}

}  // namespace

TEST_CASE("bindep goldens: the rules and the bad lines of every file") {
  const auto golden = goldens();
  if (!golden) return;
  for (const auto& [path, expected] : golden->data["files"].items()) {
    CAPTURE(path);
    const std::string text = golden->text(path);
    const auto parsed = parse_bindep(text);
    CHECK(parsed.problems.empty() != expected.contains("error"));
    if (expected.contains("rules")) CHECK(rules_json(text, parsed.value) == expected["rules"]);
    if (expected.contains("bad_lines")) CHECK(bad_lines(text, parsed.problems) == expected["bad_lines"]);
  }
}

TEST_CASE("bindep goldens: the active rules for every platform and profiles") {
  const auto golden = goldens();
  if (!golden) return;
  for (const json& asked : golden->data["cases"]) {
    CAPTURE(asked.dump());
    if (asked.contains("error")) continue;
    const std::string text = golden->text(asked["file"]);
    const auto parsed = parse_bindep(text);
    json packages = json::array();
    json lines = json::array();
    const std::vector<std::string> profiles = asked["profiles"];
    for (const BindepRule* rule : active_rules(parsed.value, active_profiles(golden->platform(asked), profiles))) {
      packages.push_back(answer(*rule));
      lines.push_back(line_of(text, rule->name.span.begin));
    }
    CHECK(packages == asked["packages"]);
    CHECK(lines == asked["lines"]);
  }
}

TEST_CASE("bindep goldens: installed versions against the constraints") {
  const auto golden = goldens();
  if (!golden) return;
  for (const json& asked : golden->data["checks"]) {
    CAPTURE(asked.dump());
    const auto parsed = parse_bindep(golden->text(asked["file"]));
    std::set<std::string> missing;
    json bad = json::array();
    bool unreadable = false;
    const std::vector<std::string> profiles = asked["profiles"];
    for (const BindepRule* rule : active_rules(parsed.value, active_profiles(golden->platform(asked), profiles))) {
      const auto installed = asked["installed"].find(rule->name.value);
      if (installed == asked["installed"].end()) {
        missing.insert(rule->name.value);
        continue;
      }
      for (const BindepConstraint& one : rule->constraints) {
        const auto satisfied = is_satisfied(one, installed->get<std::string>());
        unreadable = unreadable || !satisfied;
        if (satisfied == false)
          bad.push_back({rule->name.value, std::string(to_string(one.op)) + one.version.value, *installed});
      }
    }
    CHECK(unreadable == asked.contains("error"));
    if (unreadable) continue;
    CHECK(json(missing) == asked["missing"]);
    CHECK(bad == asked["badversion"]);
  }
}

TEST_CASE("bindep goldens: pairs of versions") {
  const auto golden = goldens();
  if (!golden) return;
  for (const json& row : golden->data["versions"]) {
    CAPTURE(row.dump());
    const auto satisfied = is_satisfied(constraint(row[1], row[2]), row[0].get<std::string>());
    CHECK(row[3] == (satisfied ? json(*satisfied) : json("error")));
  }
}

TEST_CASE("bindep goldens: atoms from os-release, and what newer releases add") {
  const auto golden = goldens();
  if (!golden) return;
  for (const json& row : golden->data["detect"]) {
    CAPTURE(row.dump());
    const OsFacts facts = os_facts(golden->text(row["os-release"]));
    std::set<std::string> expected = row["atoms"];
    if (facts.id == "rocky") expected.insert({"rpm", "redhat"});
    std::vector<std::string> atoms = platform_atoms(facts);
    std::erase(atoms, "base-py3");
    CHECK(atoms == std::vector<std::string>(expected.begin(), expected.end()));
  }
}
