#include "engine/formats/requirement.hpp"

#include <ostream>

#include <doctest/doctest.h>

using forge::TextSpan;
using forge::formats::parse_requirement;

TEST_CASE("requirement: all of its parts, with their places") {
  const auto requirement = parse_requirement("Oslo_DB [MySQL, b_c] >=1.0,<2 ; python_version<'4' ");
  REQUIRE(requirement);
  CHECK(requirement->name.str() == "oslo-db");
  CHECK(requirement->spelling.value == "Oslo_DB");
  CHECK(requirement->sorted_extras() == std::vector<std::string>{"b-c", "mysql"});
  CHECK(requirement->extras[1].span == TextSpan{16, 19});
  CHECK(requirement->specifiers.str() == "<2,>=1.0");
  CHECK(requirement->specifiers_span == TextSpan{21, 29});
  CHECK(requirement->specifiers.clauses[1].span == TextSpan{27, 29});
  CHECK(requirement->marker->str() == R"(python_version < "4")");
  CHECK(requirement->marker_span == TextSpan{32, 50});
}

TEST_CASE("requirement: parentheses, a comma at the end, a name alone, a URL") {
  CHECK(parse_requirement("a (>=1.0)")->specifiers.str() == ">=1.0");
  CHECK(parse_requirement("a>=1.0,")->specifiers.str() == ">=1.0");
  CHECK(parse_requirement("a")->specifiers.clauses.empty());
  const auto url = parse_requirement("a[x] @ https://example.org/a.whl ; os_name=='nt'");
  REQUIRE(url);
  CHECK(url->url->value == "https://example.org/a.whl");
  CHECK(url->marker.has_value());
  CHECK(parse_requirement("a @ https://example.org/a;b")->url->value == "https://example.org/a;b");
}

TEST_CASE("requirement: what is none is refused where it goes wrong") {
  struct Case {
    std::string_view text;
    std::uint32_t begin;
  };
  for (const Case& one : {Case{"", 0},
                          {"-e .", 0},
                          {"name-", 0},
                          {"a b", 2},
                          {"a[x", 1},
                          {"a[x,]", 4},
                          {"a[x y]", 4},
                          {"a>=1,,<2", 5},
                          {"a,>=1", 1},
                          {"a (>=1", 2},
                          {"a>=x", 1},
                          {"a @", 3},
                          {"a;", 2},
                          {"a>=1 # c", 5},
                          {"a @ u;os_name=='x' b", 19}}) {
    CAPTURE(one.text);
    const auto requirement = parse_requirement(one.text);
    REQUIRE_FALSE(requirement);
    CHECK(requirement.error().span.begin == one.begin);
  }
}
