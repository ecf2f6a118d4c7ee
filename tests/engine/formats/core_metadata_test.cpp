#include "engine/formats/core_metadata.hpp"

#include <doctest/doctest.h>

#include "engine/formats/sdist_archive.hpp"

using namespace forge::formats;
using Strings = std::vector<std::string>;

TEST_CASE("core metadata: headers up to the first empty line, folded ones too") {
  const auto metadata = parse_core_metadata(
      "Metadata-Version: 2.2\r\nName: Alpha\nVersion: 1.0\nProvides-Extra: LDAP.x\nRequires-Dist: "
      "beta>=1\nRequires-Dist: "
      "gamma\n  ; extra == 'ldap-x'\nDynamic: License\nno header\n\nRequires-Dist: words\n");
  CHECK(metadata.name == "Alpha");
  CHECK(metadata.provides_extras == Strings{"ldap-x"});
  CHECK(metadata.requires_dist == Strings{"beta>=1", "gamma ; extra == 'ldap-x'"});
  CHECK(metadata.requirements_are_static());
  CHECK(parse_core_metadata(metadata.str()).str() == metadata.str());
}

TEST_CASE("core metadata: a folded line adds its words, and an empty one nothing") {
  const auto metadata = parse_core_metadata("Requires-Dist: alpha\n \t\nRequires-Dist:\n beta\n  >=1\nName: x\n\t\r\n");
  CHECK(metadata.requires_dist == Strings{"alpha", "beta >=1"});
  CHECK(metadata.name == "x");
}

TEST_CASE("core metadata: when an sdist settles its requirements") {
  CHECK_FALSE(parse_core_metadata("Metadata-Version: 2.1\n").requirements_are_static());
  CHECK(parse_core_metadata("Metadata-Version: 2.10\n").requirements_are_static());
  CHECK_FALSE(parse_core_metadata("Metadata-Version: 2.2\nDynamic: Requires-Dist\n").requirements_are_static());
  CHECK_FALSE(parse_core_metadata("").requirements_are_static());
}

TEST_CASE("core metadata: a licence is an expression, or what a classifier names") {
  const auto metadata = parse_core_metadata(
      "Metadata-Version: 2.4\nName: a\nVersion: 1\nLicense-Expression: MIT AND (Apache-2.0 WITH LLVM-exception)\n"
      "License: see LICENSE\nClassifier: Programming Language :: Python\nClassifier: License :: OSI Approved\n"
      "Classifier: License :: OSI Approved :: MIT License\nClassifier: License :: Public Domain\n");
  CHECK(metadata.license_expression == "MIT AND (Apache-2.0 WITH LLVM-exception)");
  CHECK(metadata.licenses == Strings{"MIT License", "Public Domain"});
  CHECK(parse_core_metadata(metadata.str()).license_expression == metadata.license_expression);
  CHECK(parse_core_metadata(metadata.str()).licenses == metadata.licenses);
  CHECK(parse_core_metadata("License-Expression: \"yes\"; no\n").license_expression.empty());
}

TEST_CASE("core metadata: slips that were published are read as they were meant") {
  const auto meant = [](const char* text) {
    const auto requirement = parse_published_requirement(text);
    return requirement ? requirement->specifiers.str() : std::string("no");
  };
  CHECK(meant("a>=1.9.*") == ">=1.9");
  CHECK(meant("a>=1.0<2") == "<2,>=1.0");
  CHECK(meant("a!=3.0*") == "!=3.0.*");
  CHECK(meant("a>=2.7'") == ">=2.7");
  CHECK(meant("a>=1,; python_version>'3'") == ">=1");
  CHECK(meant("a >") == "no");
}

TEST_CASE("sdist: sections of requires.txt are markers") {
  CHECK(requires_dist_of("a>=1\n\n[ldap]\nb\n\n[:python_version<'3']\nc\n\n[x:os_name=='nt']\nd\n") ==
        Strings{"a>=1", "b; extra == 'ldap'", "c; python_version<'3'", "d; (os_name=='nt') and extra == 'x'"});
  CHECK_FALSE(read_sdist("no archive", 1000).has_value());
}
