#include "engine/formats/ini_tree.hpp"

#include <string>

#include <doctest/doctest.h>

using namespace forge;
using formats::IniOption;
using formats::parse_ini;

TEST_CASE("ini: values go on in deeper lines, comments between are passed over, blank lines stay") {
  const std::string text =
      "[metadata]\n"
      "name = nova\n"
      "Python-Requires: >=3.10\n"
      "[extras]\n"
      "ldap =\n"
      "  python-ldap>=3.0.0 # PSF\n"
      "# a comment of its own\n"
      "\n"
      "  ldappool>=2.3.1\n"
      "empty =\n";
  const auto parsed = parse_ini(text);
  CHECK(parsed.problems.empty());
  REQUIRE(parsed.value.find("metadata", "python_requires") != nullptr);
  CHECK(parsed.value.find("metadata", "python_requires")->value() == ">=3.10");
  const IniOption* ldap = parsed.value.find("extras", "ldap");
  REQUIRE(ldap != nullptr);
  CHECK(ldap->value() == "python-ldap>=3.0.0 # PSF\nldappool>=2.3.1");
  CHECK(text.substr(ldap->lines.at(1).span.begin, ldap->lines.at(1).span.size()) == "python-ldap>=3.0.0 # PSF");
  CHECK(text.substr(ldap->span().begin, ldap->span().size()).starts_with("ldap ="));
  CHECK(text.substr(ldap->span().begin, ldap->span().size()).ends_with("ldappool>=2.3.1"));
  REQUIRE(parsed.value.find("extras", "empty") != nullptr);
  CHECK(parsed.value.find("extras", "empty")->value().empty());
  CHECK(parsed.value.find("extras", "none") == nullptr);
  CHECK(parsed.value.find("none", "name") == nullptr);
}

TEST_CASE("ini: CRLF and a last line without an end") {
  const auto parsed = parse_ini("[a]\r\nx = 1\r\n  2\r\n[b]\r\ny=3");
  CHECK(parsed.problems.empty());
  CHECK(parsed.value.find("a", "x")->value() == "1\n2");
  CHECK(parsed.value.find("b", "y")->value() == "3");
}

TEST_CASE("ini: what Python refuses is a problem, and the rest stands") {
  const auto parsed = parse_ini("early = 1\n[a]\nx = 1\nno separator\nX = 2\n[a]\ny = 3\n[b\nz = 4\n");
  CHECK(parsed.problems.size() == 5);
  CHECK(parsed.value.find("a", "x")->value() == "1");
  for (const auto& problem : parsed.problems) CHECK(problem.rule == "requirements-unreadable");
  CHECK(parse_ini("\xEF\xBB\xBF[a]\nx = 1\n").problems.size() == 1);
}
