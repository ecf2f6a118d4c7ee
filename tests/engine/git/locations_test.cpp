#include "engine/git/locations.hpp"

#include <filesystem>
#include <ostream>

#include <doctest/doctest.h>

#include "tests/support/git_fixture.hpp"

namespace {

using forge::Failure;
using forge::Result;
using forge::formats::ForgeConfig;
using forge::git::locate;
using forge::git::located_upstreams;
using forge::git::Location;
using forge::git::LocationOptions;
using forge::support::GitFixture;
using forge::support::GitStream;
using forge::support::TempFolder;

Result<Location> locate_url(std::string url, std::string_view component = "keystone") {
  ForgeConfig config;
  config.upstream = std::move(url);
  return locate(config, {.root = "/forge", .mirror_folder = "/mirrors"}, component);
}

std::string path_of(const std::string& url) {
  const auto location = locate_url(url);
  REQUIRE_MESSAGE(location, url);
  return location->path;
}

}  // namespace

TEST_CASE("locations: a remote URL is read from its mirror, named by host and path") {
  CHECK(path_of("https://opendev.org/openstack/{component}") == "/mirrors/opendev.org/openstack/keystone.git");
  CHECK(path_of("https://me:secret@opendev.org/openstack/{component}.git/") ==
        "/mirrors/opendev.org/openstack/keystone.git");
  CHECK(path_of("git@example.org:openstack/{component}.git") == "/mirrors/example.org/openstack/keystone.git");
  CHECK(path_of("ssh://example.org:29418/openstack/{component}") ==
        "/mirrors/example.org%3A29418/openstack/keystone.git");
  CHECK(path_of("https://example.org/../../{component}") == "/mirrors/example.org/%2E./%2E./keystone.git");
  CHECK(path_of("https://../{component}") == "/mirrors/%2E./keystone.git");
  CHECK(path_of("https://example.org/a b/{component}") == "/mirrors/example.org/a%20b/keystone.git");
  CHECK(locate_url("https://opendev.org/openstack/{component}")->is_mirror);
}

TEST_CASE("locations: a package's released archives are a mirror too") {
  const auto location = locate_url("sdist:openstack-{component}", "placement");
  REQUIRE(location);
  CHECK(location->is_mirror);
  CHECK(location->sdist == "openstack-placement");
  CHECK(location->path == "/mirrors/sdist/openstack-placement.git");
  CHECK(locate_url("https://opendev.org/openstack/{component}")->sdist.empty());
  CHECK_FALSE(locate_url("sdist:a/b"));
  CHECK_FALSE(locate_url("sdist:keystone"));  // a template without a place for the name names a folder
  CHECK_FALSE(locate_url("sdist:../x{component}"));
}

TEST_CASE("locations: a local path or file URL is used in place") {
  CHECK(path_of("/srv/git/{component}.git") == "/srv/git/keystone.git");
  CHECK(path_of("../upstreams/{component}") == "/upstreams/keystone");
  CHECK(path_of("file:///srv/a%20b/{component}") == "/srv/a b/keystone");
  CHECK(path_of("/srv/git") == "/srv/git/keystone");
  CHECK_FALSE(locate_url("/srv/git/{component}")->is_mirror);
}

TEST_CASE("locations: what git could take for an option or a program is refused") {
  for (const std::string url : {"--upload-pack=touch /tmp/x", "ext::sh -c touch% /tmp/x", "foo::bar", "gopher://x/y",
                                "https://x/\ny", "-x:y", ""}) {
    ForgeConfig config;
    config.upstreams["keystone"] = url;
    const auto location = locate(config, {.root = "/forge", .mirror_folder = "/mirrors"}, "keystone");
    REQUIRE_FALSE_MESSAGE(location, url);
    CHECK(location.error().kind == Failure::Kind::invalid);
  }
  for (const std::string_view name : {"../etc", "", "-x", "a/b", ".."}) CHECK_FALSE(locate_url("/srv", name));
}

TEST_CASE("locations: exceptions win over the command line's template, which wins over the configured one") {
  ForgeConfig config;
  config.upstream = "/configured/{component}";
  config.upstreams["ovn"] = "/exception/ovn";
  const LocationOptions options{.root = "/forge", .mirror_folder = "/mirrors", .upstream = "/given/{component}"};
  CHECK(locate(config, options, "nova")->path == "/given/nova");
  CHECK(locate(config, options, "ovn")->path == "/exception/ovn");
}

TEST_CASE("locations: a password is not shown") {
  const auto shown = [](const char* url) { return locate_url(url)->public_url(); };
  CHECK(shown("https://me:secret@example.org/{component}") == "https://me@example.org/keystone");
  CHECK(shown("https://me@example.org/{component}") == "https://me@example.org/keystone");
  CHECK(shown("https://example.org:8080/a@b/{component}") == "https://example.org:8080/a@b/keystone");
  CHECK(shown("git@example.org:{component}") == "git@example.org:keystone");
}

TEST_CASE("locations: upstreams open what is there and say what to do where nothing is") {
  GitStream stream;
  stream.commit({});
  const GitFixture fixture(stream);
  const TempFolder mirrors;
  const LocationOptions options{.root = fixture.beside(""), .mirror_folder = mirrors.path()};
  ForgeConfig config;
  config.upstreams = {{"local", "repo"}, {"lost", "nowhere"}, {"far", "https://example.org/far"}};
  const auto upstreams = located_upstreams(config, options);

  const auto local = upstreams->open("local");
  REQUIRE(local);
  CHECK((*local)->resolve("master"));
  CHECK(upstreams->open("local")->get() == local->get());
  CHECK(upstreams->open("lost").error().kind == Failure::Kind::not_found);
  const auto far = upstreams->open("far");
  REQUIRE_FALSE(far);
  CHECK(far.error().kind == Failure::Kind::unavailable);
  CHECK(far.error().hints.front() == "run `forge-analyze mirror sync`");
  CHECK_FALSE(upstreams->open("../escape"));

  std::filesystem::copy(fixture.path(), mirrors.path() + "/far.git", std::filesystem::copy_options::recursive);
  CHECK(located_upstreams(config, options)->open("far"));
}
