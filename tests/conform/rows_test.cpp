#include <fstream>
#include <ostream>
#include <string>

#include <doctest/doctest.h>

#include "tests/conform/answers.hpp"
#include "tests/support/shared_data.hpp"

using forge::conform::Json;

namespace {

/// What the row says is right: where implementations differ, uv's answer if there is one.
Json expected_answer(const Json& row) {
  Json expected = row;
  if (!row.contains("contested") || !row.at("contested").contains("uv")) return expected;
  const Json& answer = row.at("contested").at("uv");
  if (answer == "rejected") return {{"valid", false}};
  expected["verdict"] = answer;
  return expected;
}

/// Only what both have: a row has input fields too, and some answers more than the row.
void check_row(std::string_view kind, const Json& row, const Json& environments) {
  const Json expected = expected_answer(row);
  const Json actual = forge::conform::answer(kind, row, environments).value();
  CAPTURE(row.dump());
  CAPTURE(actual.dump());
  std::size_t compared = 0;
  for (const auto& [key, value] : actual.items()) {
    if (!expected.contains(key)) continue;
    CHECK(value == expected.at(key));
    ++compared;
  }
  CHECK(compared > 0);
}

}  // namespace

TEST_CASE("conformance: every golden row of names, versions, specifiers, markers and requirements") {
  const auto folder = forge::support::shared_data("pep");
  if (!folder) {
    MESSAGE("no golden rows of PEP 440 and 508 here; skipped");
    return;
  }
  std::ifstream environments_file(*folder / "environments.json");
  const Json environments = Json::parse(environments_file);
  for (const auto* kind : {"versions", "compare", "specifiers", "contains", "markers", "names", "requirements"}) {
    CAPTURE(kind);
    std::ifstream rows(*folder / (std::string(kind) + ".jsonl"));
    std::string line;
    std::size_t count = 0;
    for (; std::getline(rows, line); ++count) check_row(kind, Json::parse(line), environments);
    CHECK(count > 0);
  }
}
