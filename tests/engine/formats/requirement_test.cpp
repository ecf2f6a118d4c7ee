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

TEST_CASE("requirement: Unicode white space counts inside a version's text and nowhere else") {
  for (const char* space : {"\xC2\xA0", "\xE2\x80\x83", "\xE3\x80\x80", "\x0b", "\x1c"}) {
    CAPTURE(space);
    const std::string s = space;
    CHECK(parse_requirement("alpha>=" + s + "1.0"));  // as in packaging's grammar
    CHECK_FALSE(parse_requirement(s + "alpha>=1.0"));
    CHECK_FALSE(parse_requirement("alpha" + s + ">=1.0"));
    CHECK_FALSE(parse_requirement("alpha>=1.0" + s + ";os_name=='nt'"));
    CHECK_FALSE(parse_requirement("al" + s + "pha"));
    CHECK_FALSE(parse_requirement("alpha[" + s + "x]"));
  }
  // None of these is white space, though none is seen.
  for (const char* none : {"\xE2\x80\x8B", "\xEF\xBB\xBF", "\xE2\x81\xA0", "\xC2\xAD"}) {
    CAPTURE(none);
    CHECK_FALSE(parse_requirement("alpha>=" + std::string(none) + "1.0"));
  }
}

TEST_CASE("requirement: a letter that only looks like one is refused where it stands") {
  // Cyrillic a, Greek omicron, full-width a, long s, Kelvin sign, dotless i, hyphen, Arabic one.
  for (const char* letter :
       {"\xD0\xB0", "\xCE\xBF", "\xEF\xBD\x81", "\xC5\xBF", "\xE2\x84\xAA", "\xC4\xB1", "\xE2\x80\x90", "\xD9\xA1"}) {
    CAPTURE(letter);
    const std::string l = letter;
    CHECK_FALSE(forge::PackageName::parse("ceph" + l + "dm"));
    CHECK_FALSE(parse_requirement("ceph" + l + "dm>=1"));
    CHECK_FALSE(parse_requirement(l + "ceph>=1"));
    CHECK_FALSE(parse_requirement("ceph[" + l + "]>=1"));
    CHECK_FALSE(parse_requirement("ceph>=1." + l));
    CHECK_FALSE(parse_requirement("ceph>=1;" + l + "s_name=='nt'"));
  }
}

TEST_CASE("requirement: 64 KiB are a line, one byte more is none") {
  const std::string head = "alpha==1;os_name=='";
  const std::string fits = head + std::string(65'536 - head.size() - 1, 'x') + "'";
  CHECK(parse_requirement(fits));
  const auto longer = parse_requirement(fits + " ");
  REQUIRE_FALSE(longer);
  CHECK(longer.error().message.find("64 KiB") != std::string::npos);
}
