#include "engine/model/effective_pins.hpp"

#include <algorithm>
#include <fstream>
#include <ostream>
#include <set>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "engine/base/text.hpp"
#include "engine/rules/run_rules.hpp"
#include "engine/workspace/workspace.hpp"
#include "tests/support/memory_repository.hpp"
#include "tests/support/shared_data.hpp"

namespace {

using namespace forge;
using Files = std::map<std::string, std::string, std::less<>>;

workspace::SnapshotPtr snapshot_of(const Files& files) {
  workspace::Workspace workspace(
      [](const formats::ForgeConfig&) { return std::make_shared<support::MemoryUpstreams>(); });
  auto snapshot = workspace.load(workspace::memory_files(files), TaskPool(0));
  REQUIRE(snapshot.has_value());
  return *snapshot;
}

workspace::SnapshotPtr snapshot_of(const std::string& constraints, const std::string& overrides) {
  return snapshot_of(Files{{"releases/2025.2/source-refs.yaml", ""},
                           {"releases/2025.2/upper-constraints.txt", constraints},
                           {"overrides/2025.2/constraints.txt", overrides}});
}

std::string merged(const std::string& constraints, const std::string& overrides) {
  return model::render_constraints(model::effective_pins(*snapshot_of(constraints, overrides), "2025.2"));
}

std::vector<std::string> sorted_lines(const std::string& text) {
  std::vector<std::string> lines;
  for (const std::string_view line : split(text, '\n')) {
    if (!line.empty()) lines.emplace_back(line);
  }
  std::ranges::sort(lines);
  return lines;
}

}  // namespace

TEST_CASE("effective pins: remaining lines keep their order, replaced and added ones follow") {
  CHECK(merged("b===1\n# c\na===1\nd===1\n", "a===2\n-d\ne===5\n") == "b===1\na===2\ne===5\n");
  CHECK(merged("a===1", "") == "a===1\n");
  CHECK(merged("", "") == "");
}

TEST_CASE("effective pins: the last entry for a name wins, however spelled") {
  CHECK(merged("a.b===1\n", "A_b===2\n-a-b\n") == "");
  CHECK(merged("a.b===1\n", "-a-b\nA_b===2\nb===1\na.b===3\n") == "b===1\na.b===3\n");
  CHECK(merged("a===1\n", "a===2\na===3\n") == "a===3\n");
}

TEST_CASE("effective pins: a replacement takes all lines of the name; disjoint ones stand together") {
  const std::string split_pins = "a===1;python_version=='3.9'\na===2;python_version>='3.10'\n";
  CHECK(merged(split_pins, "a===3\n") == "a===3\n");
  CHECK(merged(split_pins, "a===1.1;python_version<'3.10'\na===3;python_version>='3.10'\n") ==
        "a===1.1;python_version<'3.10'\na===3;python_version>='3.10'\n");
  CHECK(merged(split_pins, "a===1.1;python_version<='3.10'\na===3;python_version>='3.10'\n") ==
        "a===3;python_version>='3.10'\n");
}

TEST_CASE("effective pins: applying the overrides to the result changes nothing") {
  const std::string overrides = "a===2\n-d\ne===5\n";
  const std::string once = merged("b===1\na===1\nd===1\n", overrides);
  CHECK(merged(once, overrides) == once);
}

TEST_CASE("effective pins: where each pin comes from") {
  const auto snapshot = snapshot_of("a===1\nb===1\nc===1\n", "# why\nb===2\n-c\n-d\n");
  const model::EffectivePins& pins = model::effective_pins(*snapshot, "2025.2");
  REQUIRE(pins.pins.size() == 2);
  CHECK(pins.pins[0].origin == model::PinOrigin::upper_constraints);
  CHECK(pins.pins[0].place().file->path() == "releases/2025.2/upper-constraints.txt");
  CHECK(pins.pins[0].replaces.empty());
  CHECK(pins.pins[1].origin == model::PinOrigin::override_file);
  CHECK(pins.pins[1].place().file->path() == "overrides/2025.2/constraints.txt");
  CHECK(pins.pins[1].place().span == TextSpan{6, 11});
  CHECK(pins.pins[1].replaces.at(0)->version.value == "1");
  CHECK(pins.pins[1].entry->reason == "why");
  REQUIRE(pins.removed.size() == 2);
  CHECK(pins.removed[0].pins.size() == 1);
  CHECK(pins.removed[1].pins.empty());
  CHECK(&model::effective_pins(*snapshot, "2025.2") == &pins);
  CHECK(model::effective_pins(*snapshot, "2099.1").pins.empty());
}

TEST_CASE("effective pins: looked up by name, and by environment") {
  const auto snapshot = snapshot_of("a_b===1;python_version=='3.9'\nA-B===2;python_version>='3.10'\n", "");
  const model::EffectivePins& pins = model::effective_pins(*snapshot, "2025.2");
  const auto name = PackageName::parse("a.b").value();
  CHECK(pins.find(name).size() == 2);
  CHECK(pins.find(PackageName::parse("x").value()).empty());
  const auto on = [](const char* python) { return formats::MarkerEnvironment::linux_cpython(python, "x86_64"); };
  CHECK(pins.active(name, on("3.12"))->pin->version.value == "2");
  CHECK(pins.active(name, on("3.9"))->pin->version.value == "1");
  CHECK(pins.active(name, on("3.8")) == nullptr);
}

TEST_CASE("effective pins: lines without sense are left out and told") {
  const auto snapshot = snapshot_of("a===x\nb===1\n", "b>=2\n");
  const model::EffectivePins& pins = model::effective_pins(*snapshot, "2025.2");
  CHECK(model::render_constraints(pins) == "b===1\n");
  REQUIRE(pins.left_out.size() == 2);
  CHECK(pins.left_out[0].file->text(pins.left_out[0].span) == "a===x");
  CHECK(pins.left_out[1].file->text(pins.left_out[1].span) == "b>=2");
}

TEST_CASE("effective pins: many entries of one name cost no more than many of many") {
  std::string overrides;
  for (int i = 0; i < 20000; ++i) overrides += "a===1;python_version=='3." + std::to_string(i) + "'\n";
  CHECK(merged("a===0\n", overrides) == "a===1;python_version=='3.19999'\n");
}

TEST_CASE("effective pins: every golden override case ends in an admissible set, with the findings expected") {
  const auto folder = support::shared_data("constraints");
  if (!folder) {
    MESSAGE("no golden override cases here; skipped");
    return;
  }
  std::ifstream rows(*folder / "overrides.jsonl");
  std::string line;
  std::size_t count = 0;
  for (; std::getline(rows, line); ++count) {
    const auto row = nlohmann::json::parse(line);
    CAPTURE(row.at("name").get<std::string>());
    std::string base = join(row.at("base_lines").get<std::vector<std::string>>(), "\n");
    if (row.at("base_ends_with_newline").get<bool>()) base += "\n";
    const auto snapshot = snapshot_of(base, row.at("override").get<std::string>());
    const auto got = sorted_lines(model::render_constraints(model::effective_pins(*snapshot, "2025.2")));
    CAPTURE(join(got, "\n"));
    const auto is_got = [&](const nlohmann::json& accepted) {
      auto expected = accepted.get<std::vector<std::string>>();
      std::ranges::sort(expected);
      return expected == got;
    };
    CHECK(std::ranges::any_of(row.at("accept"), is_got));
    std::set<std::string> found;
    for (const Finding& finding : rules::run_rules(*snapshot, {}, TaskPool(0))) {
      if (finding.rule.starts_with("override-") || finding.rule.starts_with("pin-") ||
          finding.rule.starts_with("constraints-"))
        found.insert(finding.rule);
    }
    CHECK(found == row.at("rules").get<std::set<std::string>>());
  }
  CHECK(count > 0);
}
