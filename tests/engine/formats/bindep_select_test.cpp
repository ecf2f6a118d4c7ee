#include "engine/formats/bindep_select.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "engine/formats/debian_version.hpp"

using forge::formats::active_profiles;
using forge::formats::active_rules;
using forge::formats::parse_bindep;

namespace {

using Profiles = std::vector<std::string>;

const std::vector<std::string> noble = {"dpkg", "ubuntu", "ubuntu-24", "ubuntu-24.04", "ubuntu-noble"};

bool is_active(const std::string& selector, const Profiles& profiles) {
  const auto parsed = parse_bindep("x1 " + selector + "\n");
  REQUIRE_MESSAGE(parsed.problems.empty(), selector);
  return !active_rules(parsed.value, active_profiles(noble, profiles)).empty();
}

std::optional<bool> is_satisfied(const std::string& constraint, std::string_view installed) {
  const auto parsed = parse_bindep("x1 " + constraint + "\n");
  REQUIRE_MESSAGE(parsed.problems.empty(), constraint);
  return forge::formats::is_satisfied(parsed.value.rules.front().constraints.front(), installed);
}

}  // namespace

TEST_CASE("bindep: profiles are alternatives, a negated one vetoes") {
  CHECK(is_active("[a b]", {"a"}));
  CHECK_FALSE(is_active("[a b]", {"c"}));
  CHECK_FALSE(is_active("[a !b]", {"a", "b"}));
  CHECK_FALSE(is_active("[a !a]", {}));
  CHECK(is_active("[!a]", {}));
  CHECK_FALSE(is_active("[!a b]", {}));
}

TEST_CASE("bindep: platform and profiles vote apart") {
  CHECK(is_active("[platform:dpkg nova build]", {"nova"}));
  CHECK(is_active("[platform:dpkg nova build]", {"keystone", "build"}));
  CHECK_FALSE(is_active("[platform:rpm a]", {"a"}));
  CHECK_FALSE(is_active("[platform:dpkg !platform:ubuntu-noble]", {}));
  CHECK(is_active("[platform:rpm platform:dpkg]", {}));
  CHECK(is_active("[!platform:rpm]", {}));
  CHECK_FALSE(is_active("[platform:dpkg !test]", {"test"}));
  CHECK(is_active("[platform:rpm]", {"platform:rpm"}));
  CHECK_FALSE(is_active("[plathform:dpkg]", {}));
}

TEST_CASE("bindep: a group is all of its profiles") {
  CHECK(is_active("[(a b) c]", {"c"}));
  CHECK_FALSE(is_active("[(a b) c]", {"a"}));
  CHECK(is_active("[(a b) c]", {"a", "b"}));
  CHECK_FALSE(is_active("[!c (a b)]", {}));
  CHECK(is_active("[(!a)]", {}));
  CHECK(is_active("[!a (!b)]", {}));
  CHECK_FALSE(is_active("[(a !a)]", {"a"}));
  CHECK(is_active("[()]", {}));
  CHECK_FALSE(is_active("[!a ()]", {"a"}));
  CHECK(is_active("[a ()]", {}));
  CHECK(is_active("[(platform:dpkg a)]", {"a"}));
  CHECK_FALSE(is_active("[platform:suse (platform:redhat a)]", {"a"}));
}

TEST_CASE("bindep: naming a profile switches default off") {
  CHECK(is_active("[default]", {}));
  CHECK_FALSE(is_active("[default]", {"x"}));
  CHECK(is_active("[default]", {"default", "x"}));
  CHECK_FALSE(is_active("[!default]", {}));
  CHECK(is_active("[(!default nova)]", {"nova"}));
}

TEST_CASE("bindep: duplicates are kept in file order") {
  const auto parsed = parse_bindep("bb\naa [x]\nbb >=2\n");
  CHECK(active_rules(parsed.value, active_profiles(noble, Profiles{})).size() == 2);
}

TEST_CASE("bindep: equality is of the text, order is dpkg's") {
  CHECK(is_satisfied("==1.0", "0:1.0") == false);
  CHECK(is_satisfied("!=1.0", "1.00") == true);
  CHECK(is_satisfied(">=1.0", "0:1.00") == true);
  CHECK(is_satisfied("<1.0", "1.0~rc1") == true);
  CHECK(is_satisfied(">1.0", "1.0-1") == true);
  CHECK(is_satisfied(">1.0", "1.0-0") == false);
  CHECK(is_satisfied("<9", "1:0") == false);
  CHECK(is_satisfied("<=1.9", "1.10") == false);
  CHECK(is_satisfied("<1.0+", "1.0a") == true);
  CHECK(is_satisfied(">=1", "v1") == std::nullopt);
  CHECK(is_satisfied("!=1", "v1") == true);
  CHECK(is_satisfied(">=99999999999999999999999999", "1:0") == true);
  CHECK(is_satisfied(">=99999999999999999999999999", "099999999999999999999999999") == true);
}

TEST_CASE("Debian version: hyphens and epochs") {
  using forge::formats::debian_version_length;
  CHECK(debian_version_length("1:2-3-4 x") == 7);
  CHECK(debian_version_length("1--2") == 4);
  CHECK(debian_version_length("1-2--3") == 3);
  CHECK(debian_version_length("1:a") == 0);
  CHECK(debian_version_length("1-") == 1);
  CHECK(debian_version_length("") == 0);
  CHECK(debian_version_length("1-a:b") == 3);
}
