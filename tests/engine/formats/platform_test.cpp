#include "engine/formats/platform.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

using forge::formats::doubt_platform_atom;
using forge::formats::os_facts;
using forge::formats::platform_atoms;
using forge::formats::target_atoms;

namespace {

using Atoms = std::vector<std::string>;

std::string nearest(std::string_view atom) {
  const auto doubt = doubt_platform_atom(atom);
  REQUIRE_MESSAGE(doubt.has_value(), atom);
  return doubt->nearest.value_or("");
}

}  // namespace

TEST_CASE("platform: a distribution by codename or number") {
  const Atoms noble = {"base-py3", "dpkg", "ubuntu", "ubuntu-24", "ubuntu-24.04", "ubuntu-noble"};
  CHECK(target_atoms("ubuntu:noble").value() == noble);
  CHECK(target_atoms("ubuntu:24.04").value() == noble);
  CHECK(target_atoms("debian:bookworm").value() == Atoms{"base-py3", "debian", "debian-12", "debian-bookworm", "dpkg"});
  CHECK(target_atoms("rocky:9.3").value() ==
        Atoms{"base-py3", "redhat", "rocky", "rocky-9", "rocky-9.3", "rocky-blue", "rocky-blue-onyx", "rpm"});
  CHECK(target_atoms("centos:stream9").value() == Atoms{"base-py3", "centos", "centos-9", "redhat", "rpm"});
  CHECK(target_atoms("arch:rolling").value() == Atoms{"arch", "arch-", "pacman"});
  CHECK(target_atoms("opensuse-leap:15.2").value() == Atoms{"opensuse", "opensuse-15", "opensuse-15.2",
                                                            "opensuseproject", "opensuseproject-15",
                                                            "opensuseproject-15.2", "rpm", "suse"});
}

TEST_CASE("platform: a list of atoms is taken as it is") {
  CHECK(target_atoms("dpkg,ubuntu, ubuntu-noble").value() == Atoms{"dpkg", "ubuntu", "ubuntu-noble"});
  CHECK(target_atoms("platform:rpm").value() == Atoms{"rpm"});
  CHECK(target_atoms("dpkg").value() == Atoms{"dpkg"});
}

TEST_CASE("platform: an unknown target says what would do") {
  const auto typo = target_atoms("ubuntu:nobel");
  REQUIRE_FALSE(typo.has_value());
  CHECK(typo.error().hints.at(0) == "Did you mean `ubuntu:noble`?");
  for (const char* bad : {"", ":", "ubuntu:", "nosuch:1", "a,,b", "A", "rocky:x", "dpkg ubuntu"})
    CHECK_MESSAGE(!target_atoms(bad).has_value(), bad);
}

TEST_CASE("platform: os-release") {
  const auto facts =
      os_facts("NAME='Rocky Linux'\nID=\"rocky\"\nVERSION=\"9.3 (Blue Onyx)\"\nVERSION_ID=9.3\nbroken\n");
  CHECK(facts.id == "rocky");
  CHECK(facts.name == "Rocky Linux");
  CHECK(facts.codename == "blue onyx");
  CHECK(os_facts("ID=ol\nVERSION=\"9, Some Name\"\n").codename == "some name");
  CHECK(os_facts("ID=ol\n").id == "oracle");
  CHECK(os_facts("VERSION=\"42 (Forty Two)\"\nVERSION_CODENAME=\"\"\n").codename.empty());
  CHECK(os_facts("").id.empty());
  CHECK(platform_atoms(os_facts("ID=linuxmint\nVERSION_ID=22\nUBUNTU_CODENAME=noble")) ==
        Atoms{"linuxmint", "linuxmint-22", "linuxmint-noble"});
  CHECK(platform_atoms(os_facts("ID=rhel\nVERSION_ID=7\nNAME=\"Red Hat Enterprise Linux Server\"")) ==
        Atoms{"base-py2", "redhat", "redhatenterpriseserver", "redhatenterpriseserver-7", "rhel", "rhel-7", "rpm"});
}

TEST_CASE("platform: atoms that no platform has") {
  CHECK(nearest("dkpg") == "dpkg");
  CHECK(nearest("ubuntu-nobel") == "ubuntu-noble");
  CHECK(nearest("ubuntu-2404") == "ubuntu-24.04");
  CHECK(nearest("redhat-7") == "rhel-7");
  CHECK(nearest("opensuse423") == "opensuse");
  CHECK(nearest("").empty());
  for (const char* atom : {"dpkg", "rpm", "base-py3", "ubuntu", "ubuntu-trusty", "ubuntu-24.04", "ubuntu-28",
                           "debian-14", "debian-forky", "rhel-8", "fedora-42", "centos-7", "rocky-blue-onyx",
                           "linuxmint", "opensuse-tumbleweed", "opensuse-tumbleweed-20240101", "arch-", "ol-8"})
    CHECK_MESSAGE(!doubt_platform_atom(atom).has_value(), atom);
}
