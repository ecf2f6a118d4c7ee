#include "engine/formats/pbr_version.hpp"

#include <ostream>

#include <doctest/doctest.h>

namespace {

using forge::formats::PbrVersion;

std::string canonical(std::string_view tag) {
  const auto version = PbrVersion::parse_tag(tag);
  return version ? version->str() : "no version";
}

}  // namespace

// The expected values were written down from pbr 7.1.3's SemanticVersion.from_pip_string(tag).release_string().
TEST_CASE("pbr version: a tag in canonical form") {
  CHECK(canonical("28.0.0") == "28.0.0");
  CHECK(canonical("v3.3") == "3.3.0");
  CHECK(canonical("7") == "7.0.0");
  CHECK(canonical("24.03.1") == "24.3.1");
  CHECK(canonical("28.0.0.0rc1") == "28.0.0.0rc1");
  CHECK(canonical("28.0.0-0rc1") == "28.0.0.0rc1");
  CHECK(canonical("12.0.0a0") == "12.0.0.0a0");
  CHECK(canonical("1.2b4") == "1.2.0.0b4");
  CHECK(canonical("1.2.b4") == "1.2.0.0b4");
  CHECK(canonical("2011.3rc2") == "2011.3.0.0rc2");
  CHECK(canonical("0.10.1.3.g83bef74") == "0.10.1.dev3");
  CHECK(canonical("1.4.13.2") == "1.4.13.dev2");
  CHECK(canonical("1.2.3.dev4") == "1.2.3.dev4");
  CHECK(canonical("1.2.3.post4") == "1.2.4.dev4");
}

TEST_CASE("pbr version: what is none") {
  for (const std::string_view tag : {"", "v", "zed-eom", "2023.1-eom", "2013.1.g3", "2011.2gamma1", "1.2.3.0",
                                     "1.2.3c1", "1.2.3.rc", "essex-rc1", "1..2", "99999999999999999999.0.0"})
    CHECK_MESSAGE(canonical(tag) == "no version", tag);
}

TEST_CASE("pbr version: the next one") {
  const auto next = [](std::string_view tag, bool minor, bool major) {
    return PbrVersion::parse_tag(tag)->incremented(minor, major).with_dev(5).str();
  };
  CHECK(next("28.0.1", false, false) == "28.0.2.dev5");
  CHECK(next("28.0.1", true, false) == "28.1.0.dev5");
  CHECK(next("28.0.1", true, true) == "29.0.0.dev5");
  CHECK(next("29.0.0.0b1", false, false) == "29.0.0.0b2.dev5");
  CHECK(next("29.0.0.0b1", true, false) == "29.1.0.dev5");
}

TEST_CASE("pbr version: order") {
  const char* const ascending[] = {"1.0.0.dev3", "1.0.0.0a1", "1.0.0.0b1", "1.0.0.0rc1",
                                   "1.0.0.0rc2", "1.0.0",     "1.0.1"};
  for (std::size_t i = 1; i < std::size(ascending); ++i)
    CHECK_MESSAGE(*PbrVersion::parse_tag(ascending[i - 1]) < *PbrVersion::parse_tag(ascending[i]), ascending[i]);
}
