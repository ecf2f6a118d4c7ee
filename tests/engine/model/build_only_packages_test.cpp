#include "engine/model/build_only_packages.hpp"

#include <doctest/doctest.h>

using forge::model::build_only_kind;

TEST_CASE("build-only packages: headers, compilers, build tools and git") {
  for (const char* package : {"libssl-dev", "openssl-devel", "libmariadb-dev-compat", "postgresql-server-dev-all",
                              "postgresql-server-dev-16", "linux-headers-generic"})
    CHECK_MESSAGE(build_only_kind(package) == "a package of headers", package);
  CHECK(build_only_kind("gcc") == "a compiler");
  CHECK(build_only_kind("g++-13") == "a compiler");
  CHECK(build_only_kind("make") == "a build tool");
  CHECK(build_only_kind("git") == "a tool to fetch sources");
}

TEST_CASE("build-only packages: runtime packages with similar names are none") {
  for (const char* package : {"gcc-13-base", "libgcc-s1", "libssl3t64", "python3", "ceph-common", "git-", "-dev-x"})
    CHECK_MESSAGE(build_only_kind(package).empty(), package);
}
