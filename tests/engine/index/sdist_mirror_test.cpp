#include "engine/index/sdist_mirror.hpp"

#include <ostream>

#include <doctest/doctest.h>

#include "engine/git/libgit2_repository.hpp"
#include "tests/support/archive.hpp"
#include "tests/support/git_fixture.hpp"
#include "tests/support/memory_index.hpp"

namespace {

using namespace forge;
using support::MemoryIndex;

std::string sdist(const std::string& version, const std::string& requirements) {
  const std::string top = "openstack_placement-" + version;
  return support::archive_of(
      {{top + "/PKG-INFO", "Metadata-Version: 2.1\nName: openstack-placement\nVersion: " + version},
       {top + "/requirements.txt", requirements}});
}

MemoryIndex index_with(const std::vector<std::string>& versions) {
  MemoryIndex index;
  for (const std::string& version : versions)
    index.add("openstack-placement", version,
              {.files = {"tar.gz", "py3-none-any.whl"}, .content = sdist(version, "pbr>=" + version + "\n")});
  return index;
}

struct Mirror {
  support::TempFolder folder;
  git::Location location{.component = "placement",
                         .url = "sdist:openstack-placement",
                         .path = folder.path() + "/sdist/openstack-placement.git",
                         .is_mirror = true,
                         .sdist = "openstack-placement"};

  Result<git::SyncOutcome> sync(const std::vector<std::string>& refs, const index::PackageIndex& index) const {
    return index::sync_sdists(location, refs, index);
  }
  [[nodiscard]] std::string requirements(const std::string& ref) const {
    const git::RepositoryPtr repository = *git::open_repository(location.path);
    const auto resolved = repository->resolve(ref);
    if (!resolved) return "no ref";
    const auto entry = *repository->entry(repository->commit(resolved->commit)->tree, "requirements.txt");
    return **repository->blob(entry->id);
  }
};

}  // namespace

TEST_CASE("sdist mirror: the releases that refs name become tags") {
  const Mirror mirror;
  const MemoryIndex index = index_with({"13.0.0", "14.0.0", "14.0.1"});
  CHECK(mirror.sync({"13.0.0", "14.0.0"}, index) == git::SyncOutcome::cloned);
  CHECK(mirror.requirements("13.0.0") == "pbr>=13.0.0\n");
  CHECK(mirror.requirements("14.0.0") == "pbr>=14.0.0\n");
  CHECK(mirror.requirements("14.0.1") == "no ref");
  const git::RepositoryPtr repository = *git::open_repository(mirror.location.path);
  CHECK(repository->commit(repository->resolve("14.0.0")->commit)->commit_time.seconds == 1'700'000'000);
  CHECK(git::mirror_status(mirror.location).fetched.has_value());
}

TEST_CASE("sdist mirror: what is there is not asked for again, and stays when the index fails") {
  const Mirror mirror;
  MemoryIndex index = index_with({"14.0.0", "14.0.1"});
  REQUIRE(mirror.sync({"14.0.0"}, index));
  index.break_down({Failure::Kind::unavailable, "The index is away."});
  CHECK(mirror.sync({"14.0.0"}, index) == git::SyncOutcome::fetched);
  const auto failed = mirror.sync({"14.0.0", "14.0.1"}, index);
  REQUIRE_FALSE(failed);
  CHECK(failed.error().message == "The index is away.");
  CHECK(mirror.requirements("14.0.0") == "pbr>=14.0.0\n");
}

TEST_CASE("sdist mirror: a branch and a version that was never released are failures with a way out") {
  const Mirror mirror;
  const MemoryIndex index = index_with({"14.0.0"});
  const auto branch = mirror.sync({"stable/2025.2"}, index);
  REQUIRE_FALSE(branch);
  CHECK(branch.error().kind == Failure::Kind::not_found);
  const auto unreleased = mirror.sync({"15.0.0"}, index);
  REQUIRE_FALSE(unreleased);
  CHECK(unreleased.error().hints == std::vector<std::string>{"the newest releases: `14.0.0`"});
  MemoryIndex broken;
  broken.add("openstack-placement", "14.0.0", {.files = {"tar.gz"}, .content = "no archive"});
  CHECK_FALSE(mirror.sync({"14.0.0"}, broken));
}
