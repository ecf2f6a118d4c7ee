#include "engine/formats/version.hpp"

#include <algorithm>
#include <ostream>

#include <doctest/doctest.h>

using forge::formats::PreKind;
using forge::formats::Version;
using forge::formats::VersionNumber;

namespace {

std::string normal(std::string_view text) {
  const auto version = Version::parse(text);
  return version ? version->str() : "invalid";
}

Version version(std::string_view text) {
  return Version::parse(text).value();
}

}  // namespace

TEST_CASE("version: every spelling of PEP 440 has one normal form") {
  CHECK(normal(" V1.0-ALPHA_01 \n") == "1.0a1");
  CHECK(normal("1.0beta") == "1.0b0");
  CHECK(normal("1.0preview2") == "1.0rc2");
  CHECK(normal("1.0.c.3") == "1.0rc3");
  CHECK(normal("1.0-5") == "1.0.post5");
  CHECK(normal("1.0rev4.dev") == "1.0.post4.dev0");
  CHECK(normal("0!1.0+ABC-007_x") == "1.0+abc.7.x");
  CHECK(normal("007!1.00.0") == "7!1.0.0");
  CHECK(normal("1.0a-1-1") == "1.0a1.post1");
  CHECK(normal("28.0.0.0rc1") == "28.0.0.0rc1");
}

TEST_CASE("version: what is none is refused") {
  for (const auto* text : {"", "v", "1.", ".1", "1..2", "1.0x", "1.0+", "1.0+a..b", "1!", "1.0 .dev1", "1.0-", "1:2",
                           "1.0post--1", "yoga-eol", "1.0+\xc5\xbf", "\xd9\xa1"}) {
    CAPTURE(text);
    CHECK_FALSE(Version::parse(text));
  }
}

TEST_CASE("version: parts are told apart") {
  const Version v = version("2!1.2.0rc3.post4.dev5+local.6");
  CHECK(v.epoch().str() == "2");
  CHECK(v.release().size() == 3);
  CHECK(v.pre()->kind == PreKind::candidate);
  CHECK(v.pre()->number.value() == 3);
  CHECK(v.post()->str() == "4");
  CHECK(v.dev()->str() == "5");
  CHECK(v.local() == "local.6");
  CHECK(v.public_str() == "2!1.2.0rc3.post4.dev5");
  CHECK(v.base_str() == "2!1.2.0");
  CHECK(v.without_local().str() == v.public_str());
  CHECK(v.base().str() == v.base_str());
  CHECK(version("1.dev1").is_prerelease());
  CHECK_FALSE(version("1.post1").is_prerelease());
}

TEST_CASE("version: order is dev, alpha, beta, candidate, final, local, post, next epoch") {
  const char* const sorted[] = {
      "1.0.dev1", "1.0.dev2",       "1.0a1.dev1", "1.0a1",   "1.0a1.post1", "1.0a2",       "1.0b1",  "1.0rc1.dev9",
      "1.0rc1",   "1.0rc10",        "1.0",        "1.0+abc", "1.0+abc.1",   "1.0+abd",     "1.0+1",  "1.0+2",
      "1.0+10",   "1.0.post1.dev1", "1.0.post1",  "1.0.1",   "28.0.0.0b2",  "28.0.0.0rc1", "28.0.0", "1!0.1"};
  for (const auto* a : sorted) {
    for (const auto* b : sorted) {
      CAPTURE(a);
      CAPTURE(b);
      const auto expected = std::ranges::find(sorted, a) <=> std::ranges::find(sorted, b);
      CHECK((version(a) <=> version(b)) == expected);
    }
  }
}

TEST_CASE("version: trailing zeros of the release print but do not count") {
  CHECK(version("1.0") == version("1"));
  CHECK(version("1.0").str() != version("1").str());
  CHECK(version("1.0.0rc1") == version("1rc1"));
}

TEST_CASE("version: numbers have no largest value") {
  CHECK(version("99999999999999999999999999.1") > version("99999999999999999999999998.2"));
  CHECK(normal("000018446744073709551616") == "18446744073709551616");
  CHECK_FALSE(version("18446744073709551616").release().front().value());
  CHECK(VersionNumber(18446744073709551615U).next().str() == "18446744073709551616");
  CHECK(VersionNumber(99).next().str() == "100");
  CHECK(VersionNumber(199).next().str() == "200");
  CHECK(VersionNumber(0).next().str() == "1");
}
