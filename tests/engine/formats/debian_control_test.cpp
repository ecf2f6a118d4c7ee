#include "engine/formats/debian_control.hpp"

#include <doctest/doctest.h>

using namespace forge::formats;

namespace {

/// Names of the packages, and what their `Description` says, for every size of the pieces that come in.
std::vector<std::string> read_in_pieces(std::string_view text, std::size_t size, std::size_t largest,
                                        std::size_t* skipped = nullptr) {
  std::vector<std::string> seen;
  ControlReader reader(
      [&](const ControlParagraph& paragraph) {
        seen.push_back(std::string(paragraph.field("package")) + "|" + std::string(paragraph.field("Description")));
      },
      largest);
  for (std::size_t at = 0; at < text.size(); at += size) reader.feed(text.substr(at, size));
  reader.finish();
  if (skipped != nullptr) *skipped = reader.skipped();
  return seen;
}

}  // namespace

TEST_CASE("debian control: paragraphs, folds and blank lines are the same in pieces of every size") {
  constexpr std::string_view text =
      "\n\nPackage: alpha\nDescription: first\n line two\n .\n\nPackage: beta\nno field\nDescription:\n more\n \t\n\n"
      "PACKAGE: gamma\nDescription: last";
  const std::vector<std::string> wanted = {"alpha|first\n line two\n .", "beta|more", "gamma|last"};
  for (std::size_t size = 1; size <= text.size(); ++size) {
    CAPTURE(size);
    std::size_t skipped = 0;
    CHECK(read_in_pieces(text, size, 1 << 20, &skipped) == wanted);
    CHECK(skipped == 1);
  }
}

TEST_CASE("debian control: a paragraph that is too large is left out, what follows is not") {
  const std::string text =
      "Package: alpha\n\nPackage: beta\nDescription: " + std::string(500, 'x') + "\n" + " y\n\nPackage: gamma\n\n";
  for (const std::size_t size : {1U, 2U, 7U, 64U, 1000U}) {
    CAPTURE(size);
    std::size_t skipped = 0;
    CHECK(read_in_pieces(text, size, 100, &skipped) == std::vector<std::string>{"alpha|", "gamma|"});
    CHECK(skipped == 1);
  }
}

TEST_CASE("debian control: relations between packages") {
  const auto groups = parse_relations(
      "libc6 (>= 2.36), default-mta | mail-transport-agent,\n python3:any (<< 3.13) "
      "[amd64] <!nocheck>, , broken (>= , also (?? 1), x(=1:2-3)");
  REQUIRE(groups.size() == 4);
  CHECK(groups[0][0].name == "libc6");
  CHECK(groups[0][0].relation == VersionRelation::later_equal);
  CHECK(groups[0][0].version == "2.36");
  REQUIRE(groups[1].size() == 2);
  CHECK(groups[1][1].name == "mail-transport-agent");
  CHECK(groups[2][0].qualifier == "any");
  CHECK(groups[2][0].relation == VersionRelation::earlier);
  CHECK(groups[3][0].name == "x");
  CHECK(groups[3][0].version == "1:2-3");
}

TEST_CASE("debian control: a relation is satisfied in dpkg's order") {
  const auto satisfied = [](std::string_view field, std::string_view version) {
    return is_satisfied(parse_relations(field).at(0).at(0), version);
  };
  CHECK(satisfied("a (>= 1.0~rc1)", "1.0"));
  CHECK_FALSE(satisfied("a (>= 1.0)", "1.0~rc1"));
  CHECK(satisfied("a (<< 2)", "1:0") == false);
  CHECK(satisfied("a (= 1-0)", "1"));
  CHECK(satisfied("a", "anything"));
  CHECK(satisfied("a (<= v1)", "a2"));  // versions that start with a letter, as dpkg takes them
}
