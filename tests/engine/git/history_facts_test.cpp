#include "engine/git/history_facts.hpp"

#include <filesystem>
#include <ostream>

#include <doctest/doctest.h>

#include "engine/git/libgit2_repository.hpp"
#include "tests/support/git_fixture.hpp"

using forge::Result;
using forge::git::ObjectId;
using forge::git::open_repository;
using forge::git::RepositoryOptions;
using forge::support::GitFixture;
using forge::support::GitStream;

TEST_CASE("history facts: what one process found out another need not look for") {
  GitStream stream;
  const int first = stream.commit({});
  stream.commit({});
  stream.commit({});
  stream.branch("side", first);
  stream.commit({.branch = "side"});
  const GitFixture fixture(stream);
  const RepositoryOptions options{.cache_folder = fixture.beside("cache")};
  const ObjectId base = fixture.id("master~2");
  const ObjectId tip = fixture.id("master");
  const ObjectId side = fixture.id("side");
  const auto ask = [&](const char* what) {
    CAPTURE(what);
    const auto repository = open_repository(fixture.path(), options);
    REQUIRE(repository);
    CHECK((*repository)->count_between(base, tip).value_or(99) == 2);
    CHECK((*repository)->count_between(tip, base).value_or(99) == 0);
    CHECK((*repository)->is_ancestor(base, tip).value_or(false));
    CHECK_FALSE((*repository)->is_ancestor(tip, base).value_or(true));
    CHECK_FALSE((*repository)->is_ancestor(side, tip).value_or(true));
  };
  ask("anew");
  // Without its objects the repository could not tell.
  std::filesystem::rename(fixture.path() + "/objects", fixture.beside("objects"));
  std::filesystem::create_directories(fixture.path() + "/objects");
  ask("from the folder");
  const auto repository = open_repository(fixture.path(), options);
  REQUIRE(repository);
  CHECK_FALSE((*repository)->is_ancestor(side, base));
}

TEST_CASE("history facts: a history that was cut off tells nothing to the whole one") {
  GitStream stream;
  const int first = stream.commit({});
  stream.commit({});
  stream.commit({});
  stream.branch("old", first);
  const GitFixture fixture(stream);
  const std::string clone = fixture.beside("clone");
  const RepositoryOptions options{.cache_folder = fixture.beside("cache")};
  const auto is_ancestor = [&] {
    const auto repository = open_repository(clone, options);
    REQUIRE(repository);
    return (*repository)->is_ancestor(fixture.id("old"), fixture.id("master")).value_or(false);
  };
  fixture.git("clone --quiet --bare --no-single-branch --depth 2 file://" + fixture.path() + " '" + clone + "'");
  CHECK_FALSE(is_ancestor());
  forge::support::run_git(clone, "fetch --quiet --unshallow");
  CHECK(is_ancestor());
}
