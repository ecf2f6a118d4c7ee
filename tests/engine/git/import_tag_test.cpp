#include "engine/git/import_tag.hpp"

#include <ostream>

#include <doctest/doctest.h>

#include "engine/git/libgit2_repository.hpp"
#include "tests/support/git_fixture.hpp"

namespace {

using namespace forge;
using forge::git::AddFile;

Result<git::ObjectId> import(const std::string& path, const std::string& tag, const std::string& content) {
  return git::import_tag(path, {.tag = tag, .message = "released\n", .time = 1'700'000'000}, [&](const AddFile& add) {
    return add("pkg/data.txt", 0100644, content)
        .and_then([&] { return add("run", 0100755, "#!/bin/sh\n"); })
        .and_then([&] { return add("pkg/link", 0120000, "data.txt"); });
  });
}

}  // namespace

TEST_CASE("import_tag: the tree is there under the tag, the same each time") {
  const support::TempFolder folder;
  const std::string path = folder.path() + "/deep/pkg.git";
  const auto first = import(path, "1.0.0", "one\n");
  REQUIRE(first);
  CHECK(*import(path, "1.0.0", "one\n") == *first);
  REQUIRE(import(path, "2.0.0", "two\n"));

  const git::RepositoryPtr repository = *git::open_repository(path);
  const auto ref = repository->resolve("1.0.0");
  REQUIRE(ref);
  CHECK(ref->kind == git::RefKind::tag);
  CHECK(ref->commit == *first);
  const git::CommitInfo commit = *repository->commit(ref->commit);
  CHECK(commit.parents.empty());
  CHECK(commit.commit_time.seconds == 1'700'000'000);
  const auto entry = *repository->entry(commit.tree, "pkg/data.txt");
  REQUIRE(entry);
  CHECK(**repository->blob(entry->id) == "one\n");
  CHECK((*repository->entry(commit.tree, "run"))->mode == 0100755);
  CHECK((*repository->entry(commit.tree, "pkg/link"))->mode == 0120000);
}

TEST_CASE("import_tag: a tag is never moved, and no bad name is taken") {
  const support::TempFolder folder;
  const std::string path = folder.path() + "/pkg.git";
  const auto first = import(path, "1.0.0", "one\n");
  REQUIRE(first);
  const auto other = import(path, "1.0.0", "another\n");
  REQUIRE_FALSE(other);
  CHECK(other.error().kind == Failure::Kind::invalid);
  CHECK((*git::open_repository(path))->resolve("1.0.0")->commit == *first);
  CHECK_FALSE(import(path, "../x", "one\n"));
  CHECK_FALSE(import(path, "", "one\n"));
}
