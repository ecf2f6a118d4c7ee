#include "engine/formats/specifier.hpp"

#include <ostream>

#include <doctest/doctest.h>

using forge::TextSpan;
using forge::formats::parse_specifier;
using forge::formats::parse_specifier_set;
using forge::formats::Version;

namespace {

bool admits(std::string_view specifiers, std::string_view version) {
  const auto set = parse_specifier_set(specifiers);
  REQUIRE(set);
  return set->contains(Version::parse(version).value());
}

}  // namespace

TEST_CASE("specifier: pre-releases and post-releases at the bounds") {
  CHECK_FALSE(admits(">=15.0.0", "15.0.0.0rc1"));
  CHECK(admits(">=13.0.0.0b1", "13.0.0.0rc1"));
  CHECK_FALSE(admits(">1.0", "1.0.post1"));
  CHECK(admits(">=1.0", "1.0.post1"));
  CHECK(admits(">1.0.post1", "1.0.post2"));
  CHECK_FALSE(admits(">1.0.post1", "1.0.post1+local"));
  CHECK(admits(">1.0.dev1", "1.0.post1"));
  CHECK_FALSE(admits("<2", "2.0.dev1"));
  CHECK_FALSE(admits("<2", "2.0rc1"));
  CHECK(admits("<2rc1", "2.0b1"));
  CHECK(admits("<1.0.post1", "1.0rc1"));
  CHECK_FALSE(admits("<1.0.post1", "1.0.post1.dev0"));
}

TEST_CASE("specifier: equality pads with zeros and passes over local labels unless it names one") {
  CHECK_FALSE(admits("!=2.1.0,>=2.0.0", "2.1"));
  CHECK(admits("==25.5.1", "25.5.1+sap.1"));
  CHECK_FALSE(admits("===25.5.1", "25.5.1+sap.1"));
  CHECK_FALSE(admits("==25.5.1+sap.2", "25.5.1+sap.1"));
  CHECK_FALSE(admits("===1.0", "1.0.0"));
  CHECK(admits("===1.0RC1", "1.0rc1"));
  CHECK(admits("<=1.0", "1.0+local"));
}

TEST_CASE("specifier: prefixes") {
  CHECK(admits("==1.*", "1.0rc1"));
  CHECK_FALSE(admits("==1.*", "10.0"));
  CHECK(admits("==1.0.*", "1"));
  CHECK_FALSE(admits("==1.*", "1!1.0"));
  CHECK(admits("!=1.5.*", "1.6"));
  CHECK(admits("~=1.4.2", "1.4.10"));
  CHECK_FALSE(admits("~=1.4.2", "1.5"));
  CHECK(admits("~=1.4.2rc1", "1.4.2rc2"));
}

TEST_CASE("specifier: what an operator does not take is refused, with the clause's span") {
  for (const auto* text : {"1.0", "<>1.0", "=1.0", ">=1.*", "~=1", ">=1.0+local", "==1.0rc1.*", ">=1 .0", "== 1.0 x",
                           ">=", "===1 2", "!==1.0", ">=1.0;", "==1.0+a.*"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_specifier(text));
  }
  const auto set = parse_specifier_set(">=1.0, <x ,");
  REQUIRE_FALSE(set);
  CHECK(set.error().span == TextSpan{7, 9});
}

TEST_CASE("specifier: empty clauses are passed over, printing sorts and drops doublets") {
  const auto set = parse_specifier_set(", >= 1.0 ,,<2,>=1.0");
  REQUIRE(set);
  CHECK(set->str() == "<2,>=1.0");
  CHECK(set->clauses.size() == 3);
  CHECK(set->clauses[0].span == TextSpan{2, 8});
  CHECK(parse_specifier_set("")->clauses.empty());
}
