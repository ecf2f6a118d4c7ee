#include "engine/sbom/purl.hpp"

#include <doctest/doctest.h>

using namespace forge::sbom;

TEST_CASE("purl: parts are escaped, empty ones left out, qualifiers sorted") {
  CHECK(purl("deb", "ubuntu", "libstdc++6", "1:14-4ubuntu2~24.04", {{"distro", "noble"}, {"arch", "amd64"}}) ==
        "pkg:deb/ubuntu/libstdc%2B%2B6@1:14-4ubuntu2~24.04?arch=amd64&distro=noble");
  CHECK(purl("deb", "ubuntu", "netbase", "", {{"arch", ""}}) == "pkg:deb/ubuntu/netbase");
  CHECK(purl("generic", "a/b c", "x/y", "1+2") == "pkg:generic/a/b%20c/x%2Fy@1%2B2");
}

TEST_CASE("purl: names on a Python index have no case and no underscore") {
  CHECK(pypi_purl("Oslo_Messaging", "16.1.0") == "pkg:pypi/oslo-messaging@16.1.0");
  CHECK(pypi_purl("oslo.messaging", "16.1.0.post1+local") == "pkg:pypi/oslo.messaging@16.1.0.post1%2Blocal");
}

TEST_CASE("purl: a commit is called by the place that has its repository") {
  CHECK(source_purl("https://github.com/OVN-org/ovn.git", "0123abcd", "ovn", "25.3.1") ==
        "pkg:github/ovn-org/ovn@0123abcd");
  CHECK(source_purl("git@github.com:ovn-org/ovn", "0123abcd", "ovn", "25.3.1") == "pkg:github/ovn-org/ovn@0123abcd");
  CHECK(source_purl("https://opendev.org/openstack/nova", "0123abcd", "nova", "32.0.0") ==
        "pkg:generic/nova@32.0.0?vcs_url=git%2Bhttps://opendev.org/openstack/nova%400123abcd");
  CHECK(source_purl("", "0123abcd", "nova", "32.0.0") == "pkg:generic/nova@32.0.0");
}

TEST_CASE("purl: an image is called by its digest, its repository and its tag") {
  CHECK(oci_purl("ghcr.io", "c5c3/Nova", "32.0.0-p1", "") ==
        "pkg:oci/nova?repository_url=ghcr.io/c5c3/Nova&tag=32.0.0-p1");
  CHECK(oci_purl("docker.io", "library/ubuntu", "noble", "sha256:00") ==
        "pkg:oci/ubuntu@sha256:00?repository_url=docker.io/library/ubuntu&tag=noble");
}
