#include "engine/model/upstream_refs.hpp"

#include <ostream>

#include <doctest/doctest.h>

#include "engine/git/locations.hpp"
#include "engine/workspace/workspace.hpp"
#include "tests/support/git_fixture.hpp"

namespace {

using namespace forge;
using support::GitFixture;
using support::GitStream;

workspace::SnapshotPtr snapshot_over(const std::string& upstream) {
  formats::ForgeConfig config;
  config.upstreams["keystone"] = upstream;
  workspace::Workspace workspace([config](const formats::ForgeConfig&) {
    return git::located_upstreams(config, {.root = "/", .mirror_folder = "/nowhere"});
  });
  auto snapshot = workspace.load(workspace::memory_files({}), TaskPool(0));
  REQUIRE(snapshot);
  return *snapshot;
}

std::string version_of(const std::string& repository, const git::ObjectId& commit) {
  const auto snapshot = snapshot_over(repository);
  const auto& upstream = model::upstream_refs(*snapshot, "keystone");
  REQUIRE(upstream);
  const auto version = model::built_version(*upstream, commit);
  return version ? *version : version.error().message;
}

/// What a tip one commit after a tag is, that works towards `least`.
std::string version_towards(std::string_view tag, std::string_view message, std::string_view least) {
  GitStream stream;
  const int first = stream.commit({});
  stream.tag(tag, first);
  stream.commit({.message = std::string(message)});
  const GitFixture fixture(stream);
  const auto snapshot = snapshot_over(fixture.path());
  const auto& upstream = model::upstream_refs(*snapshot, "keystone");
  REQUIRE(upstream);
  const auto version = model::built_version(*upstream, fixture.id("master"), least);
  return version ? *version : version.error().message;
}

/// The version of the tip after `messages`, the first of which is tagged.
std::string version_after(std::string_view tag, const std::vector<std::string>& messages) {
  GitStream stream;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const int commit = stream.commit({.message = messages[i]});
    if (i == 0 && !tag.empty()) stream.tag(tag, commit);
  }
  const GitFixture fixture(stream);
  return version_of(fixture.path(), fixture.id("master"));
}

}  // namespace

TEST_CASE("built version: a tagged commit is its tag, the highest of several, annotated or not") {
  GitStream stream;
  const int commit = stream.commit({});
  stream.annotated_tag("28.0.0.0rc1", commit).tag("28.0.0", commit).tag("zed-eom", commit);
  const GitFixture fixture(stream);
  CHECK(version_of(fixture.path(), fixture.id("master")) == "28.0.0");
}

TEST_CASE("built version: commits are counted from the last version, and footers say which number rises") {
  CHECK(version_after("28.0.1", {"a", "b"}) == "28.0.2.dev1");
  CHECK(version_after("28.0.1", {"a", "b\n\nSem-Ver: bugfix", "c"}) == "28.0.2.dev2");
  CHECK(version_after("28.0.1", {"a", "b\n\n sem-ver: Feature , x", "c"}) == "28.1.0.dev2");
  CHECK(version_after("28.0.1", {"a", "b\n\nSem-Ver: deprecation,api-break", "c"}) == "29.0.0.dev2");
  CHECK(version_after("28.0.1", {"Sem-Ver: feature", "b"}) == "28.0.2.dev1");
  CHECK(version_after("29.0.0.0b1", {"a", "b"}) == "29.0.0.0b2.dev1");
}

TEST_CASE("built version: without any version it starts at nothing") {
  CHECK(version_after("", {"a"}) == "0.0.0");
  CHECK(version_after("", {"a", "b"}) == "0.0.1.dev1");
  CHECK(version_after("zed-eom", {"a", "b", "c"}) == "0.0.1.dev2");
}

TEST_CASE("built version: a version in setup.cfg is the least it can be, and pbr refuses one that is too low") {
  CHECK(version_towards("1.0.0", "a", "") == "1.0.1.dev1");
  CHECK(version_towards("1.0.0", "a", "2.0.0") == "2.0.0.dev1");
  CHECK(version_towards("1.0.0", "a", "1.0.1") == "1.0.1.dev1");
  CHECK(version_towards("1.0.0", "a\n\nSem-Ver: feature", "1.0.1").find("pbr refuses") != std::string::npos);
  CHECK(version_towards("1.0.0", "a", "attr: x.y") == "1.0.1.dev1");
}

TEST_CASE("built version: footers since a tag with a dash are not read, as pbr asks for a tag that is not there") {
  CHECK(version_after("1.0.0", {"a", "b\n\nSem-Ver: api-break"}) == "2.0.0.dev1");
  CHECK(version_after("1.0.0-rc1", {"a", "b\n\nSem-Ver: api-break"}) == "1.0.0.0rc2.dev1");
}

TEST_CASE("built version: the walk is that of git log, not of git describe") {
  // Two lines since the tag, the older one tagged later in name but met after the newer line.
  GitStream stream;
  const int base = stream.commit({.seconds = 1'700'000'000});
  const int side = stream.commit({.branch = "side", .parents = {base}, .seconds = 1'700'001'000});
  const int main1 = stream.commit({.parents = {base}, .seconds = 1'700'002'000});
  const int main2 = stream.commit({.parents = {main1}, .seconds = 1'700'003'000});
  stream.commit({.parents = {main2, side}, .seconds = 1'700'004'000});
  stream.tag("1.0.0", base).tag("1.1.0", side);
  const GitFixture fixture(stream);
  CHECK(version_of(fixture.path(), fixture.id("master")) == "1.1.1.dev3");
}

TEST_CASE("built version: a history that is cut off before a version has none") {
  GitStream stream;
  stream.tag("1.0.0", stream.commit({}));
  stream.commit({});
  stream.commit({});
  const GitFixture fixture(stream);
  const std::string shallow = fixture.beside("shallow");
  fixture.git("clone --quiet --bare --depth 2 file://" + fixture.path() + " '" + shallow + "'");
  CHECK(version_of(shallow, fixture.id("master")).find("is unknown") != std::string::npos);
}

TEST_CASE("upstream refs: series are where they are now, oldest first") {
  GitStream stream;
  const int commit = stream.commit({});
  for (const char* branch :
       {"stable/2025.2", "stable/2025.1", "unmaintained/zed", "unmaintained/2025.1", "feature/x", "stable/Zed"})
    stream.branch(branch, commit);
  for (const char* tag : {"zed-eom", "yoga-eom", "yoga-eol", "2023.2-eol", "28.0.0", "pike-last", "wallaby-rc"})
    stream.tag(tag, commit);
  const GitFixture fixture(stream);
  const auto snapshot = snapshot_over(fixture.path());
  const auto& upstream = model::upstream_refs(*snapshot, "keystone");
  REQUIRE(upstream);
  std::vector<std::string> refs;
  for (const model::Series& series : upstream->series) refs.push_back(series.ref);
  CHECK(refs == std::vector<std::string>{"pike-last", "yoga-eol", "unmaintained/zed", "2023.2-eol", "stable/2025.1",
                                         "stable/2025.2"});
  CHECK(upstream->main_branch->name == "master");
  CHECK(upstream->versions.size() == 1);
  CHECK(model::series_names("2022.2") == std::vector<std::string>{"2022.2", "zed"});
}
