#include "engine/git/mirror.hpp"

#include <filesystem>
#include <ostream>

#include <doctest/doctest.h>

#include "engine/git/child_process.hpp"
#include "engine/git/libgit2_repository.hpp"
#include "tests/support/git_fixture.hpp"

namespace {

namespace fs = std::filesystem;

using forge::Failure;
using forge::git::Location;
using forge::git::mirror_status;
using forge::git::open_repository;
using forge::git::ProgramRun;
using forge::git::run_program;
using forge::git::sync_mirror;
using forge::git::SyncOutcome;
using forge::support::GitFixture;
using forge::support::GitStream;
using forge::support::TempFolder;

/// Like one of a remote URL, but the network is a path.
Location mirror_of(const GitFixture& upstream, const TempFolder& folder) {
  return {"keystone", "file://" + upstream.path(), folder.path() + "/host/keystone.git", true};
}

GitStream one_commit() {
  GitStream stream;
  stream.tag("1.0.0", stream.commit({}));
  return stream;
}

}  // namespace

TEST_CASE("mirror: the first sync makes it, the next brings new refs and drops those gone") {
  const GitFixture upstream(one_commit());
  upstream.git("branch stable/1 && git -C '" + upstream.path() + "' update-ref refs/changes/1 master");
  const TempFolder folder;
  const Location location = mirror_of(upstream, folder);
  CHECK_FALSE(mirror_status(location).exists);

  REQUIRE(sync_mirror(location, {}) == SyncOutcome::cloned);
  CHECK(mirror_status(location).exists);
  CHECK(mirror_status(location).fetched);
  CHECK_FALSE(mirror_status(location).shallow);
  CHECK((*open_repository(location.path))->refs().value()->size() == 3);

  upstream.git("branch -D stable/1");
  upstream.git("tag 1.0.1 master");
  REQUIRE(sync_mirror(location, {}) == SyncOutcome::fetched);
  const auto repository = *open_repository(location.path);
  CHECK(repository->resolve("1.0.1"));
  CHECK_FALSE(repository->resolve("stable/1"));
}

TEST_CASE("mirror: an upstream that can't be reached leaves the old mirror and nothing half made") {
  const TempFolder folder;
  const Location gone{"keystone", "file://" + folder.path() + "/nothing", folder.path() + "/m/keystone.git", true};
  const auto failed = sync_mirror(gone, {});
  REQUIRE_FALSE(failed);
  CHECK(failed.error().kind == Failure::Kind::unavailable);
  CHECK(failed.error().message.starts_with("`keystone` could not be brought here"));
  CHECK_FALSE(fs::exists(gone.path));
  CHECK_FALSE(fs::exists(gone.path + ".partial"));

  const GitFixture upstream(one_commit());
  Location location = mirror_of(upstream, folder);
  REQUIRE(sync_mirror(location, {}));
  const auto fetched = mirror_status(location).fetched;
  location.url = gone.url;
  CHECK_FALSE(sync_mirror(location, {}));
  CHECK(mirror_status(location).fetched == fetched);
  CHECK((*open_repository(location.path))->resolve("1.0.0"));
}

TEST_CASE("mirror: what a killed sync left behind is replaced") {
  const GitFixture upstream(one_commit());
  const TempFolder folder;
  folder.write("host/keystone.git.partial/HEAD", "half");
  CHECK(sync_mirror(mirror_of(upstream, folder), {}) == SyncOutcome::cloned);
  CHECK_FALSE(fs::exists(folder.path() + "/host/keystone.git.partial"));
}

TEST_CASE("mirror: a helper program in a URL is never run") {
  const TempFolder folder;
  const Location location{"keystone", "ext::touch " + folder.path() + "/ran", folder.path() + "/keystone.git", true};
  CHECK_FALSE(sync_mirror(location, {}));
  CHECK_FALSE(fs::exists(folder.path() + "/ran"));
}

TEST_CASE("mirror: a local upstream is used in place") {
  const GitFixture upstream(one_commit());
  CHECK(sync_mirror({"keystone", upstream.path(), upstream.path(), false}, {}) == SyncOutcome::in_place);
}

TEST_CASE("mirror: what is no repository is reported as such") {
  const TempFolder folder;
  CHECK(mirror_status({"keystone", "https://example.org/keystone", folder.path(), true}).problem);
}

TEST_CASE("child process: says why it failed, and ends when it is cancelled") {
  const auto failed = run_program({.arguments = {"sh", "-c", "echo reason >&2; exit 3"}});
  REQUIRE_FALSE(failed);
  CHECK(failed.error().message == "`sh` failed: reason");
  CHECK(run_program({.arguments = {"no-such-program-here"}}).error().hints.front() == "install `no-such-program-here`");
  CHECK(run_program({.arguments = {"sh", "-c", "echo \"$A\" >&2"}, .variables = {"A=1"}}) == "1\n");

  std::stop_source stop;
  stop.request_stop();
  const auto stopped = run_program({.arguments = {"sleep", "60"}, .cancel = stop.get_token()});
  REQUIRE_FALSE(stopped);
  CHECK(stopped.error().message == "`sleep` was stopped.");
}
