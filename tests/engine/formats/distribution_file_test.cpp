#include "engine/formats/distribution_file.hpp"

#include <doctest/doctest.h>

#include "engine/formats/url.hpp"

using namespace forge;
using namespace forge::formats;

namespace {

PackageName name(const char* text) {
  return *PackageName::parse(text);
}

std::optional<unsigned> rank(const std::string& tags, const WheelTarget& target) {
  const auto file = parse_file_name("x-1.0-" + tags + ".whl", name("x"));
  REQUIRE(file.has_value());
  return wheel_rank(file->tags, target);
}

}  // namespace

TEST_CASE("file names: wheels, sdists, and what is neither") {
  const auto wheel = parse_file_name("oslo_config-9.7.0-1-py3-none-any.whl", name("oslo.config"));
  REQUIRE(wheel.has_value());
  CHECK(wheel->version.str() == "9.7.0");
  // An old sdist: the name has a dash, the version is not normalised.
  const auto sdist = parse_file_name("python-ldap-3.4.0-rc1.tar.gz", name("python-ldap"));
  REQUIRE(sdist.has_value());
  CHECK(sdist->kind == FileKind::sdist);
  CHECK(sdist->version.str() == "3.4.0rc1");
  CHECK(parse_file_name("a-b-1.0.zip", name("a-b")).has_value());
  for (const char* other : {"alpha-1.0.egg", "alpha-1.0.exe", "alpha-1.0-py3-none.whl", "alpha-x-py3-none-any.whl",
                            "beta-1.0.tar.gz", "beta-1.0-py3-none-any.whl", "alpha.tar.gz", "alpha-1.0.tar.gz.asc", ""})
    CHECK_FALSE(parse_file_name(other, name("alpha")).has_value());
}

TEST_CASE("wheel tags: what fits CPython 3.12 on Ubuntu noble") {
  const WheelTarget target = wheel_target("3.12", "linux/amd64", "ubuntu:noble");
  CHECK(target.machine == "x86_64");
  CHECK(target.libc_minor == 39);
  for (const char* fits :
       {"py3-none-any", "py2.py3-none-any", "py312-none-any", "cp312-cp312-manylinux_2_39_x86_64",
        "cp312-cp312-manylinux1_x86_64", "cp38-abi3-manylinux2014_x86_64", "cp312-cp312-linux_x86_64",
        "cp311.cp312-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64", "cp312-none-any"}) {
    CAPTURE(fits);
    CHECK(rank(fits, target).has_value());
  }
  for (const char* no :
       {"py2-none-any", "cp311-cp311-manylinux_2_17_x86_64", "cp313-abi3-manylinux_2_17_x86_64",
        "cp312-cp312-manylinux_2_40_x86_64", "cp312-cp312-manylinux_2_17_aarch64", "cp312-cp312-musllinux_1_2_x86_64",
        "cp312-cp312-win_amd64", "cp312-cp312t-manylinux_2_17_x86_64", "pp310-pypy310_pp73-manylinux_2_17_x86_64",
        "py313-none-any", "cp312-cp312-macosx_11_0_arm64"}) {
    CAPTURE(no);
    CHECK_FALSE(rank(no, target).has_value());
  }
  CHECK(*rank("cp312-cp312-manylinux_2_17_x86_64", target) < *rank("cp38-abi3-manylinux_2_17_x86_64", target));
  CHECK(*rank("cp312-cp312-manylinux_2_28_x86_64", target) < *rank("cp312-cp312-manylinux_2_17_x86_64", target));
  CHECK(*rank("cp38-abi3-manylinux_2_17_x86_64", target) < *rank("py3-none-any", target));
  const WheelTarget alpine = wheel_target("3.12", "linux/arm64", "alpine:3.22");
  CHECK(rank("cp312-cp312-musllinux_1_2_aarch64", alpine).has_value());
  CHECK_FALSE(rank("cp312-cp312-manylinux_2_17_aarch64", alpine).has_value());
}

TEST_CASE("urls: references of a page") {
  const std::string base = "https://user:pw@host.example/simple/alpha/";
  CHECK(resolve_url(base, "../../files/a.whl#sha256=1") == "https://user:pw@host.example/files/a.whl");
  CHECK(resolve_url(base, "/x/./y") == "https://user:pw@host.example/x/y");
  CHECK(resolve_url(base, "//other.example/z") == "https://other.example/z");
  CHECK(resolve_url(base, "http://a.example/b?c") == "http://a.example/b?c");
  CHECK(resolve_url(base, "a%20b.whl") == "https://user:pw@host.example/simple/alpha/a%20b.whl");
  CHECK(resolve_url(base, "../../../../etc") == "https://user:pw@host.example/etc");
  CHECK(url_file_name("https://h/p/a%2Bb-1.whl?x#y") == "a+b-1.whl");
  CHECK(without_credentials(base) == "https://host.example/simple/alpha/");
  CHECK(without_credentials("https://host/@x") == "https://host/@x");
}
