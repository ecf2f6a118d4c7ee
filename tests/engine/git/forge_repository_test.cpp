#include "engine/git/forge_repository.hpp"

#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "engine/workspace/file_store.hpp"
#include "tests/support/git_fixture.hpp"

namespace {

using namespace forge;
using Names = std::vector<std::string>;

/// A work tree with two commits; the forge is in `sub/` where one is given.
class Clone {
 public:
  explicit Clone(std::string sub = "") : sub_(std::move(sub)) {
    support::run_git(folder_.path(), "init -q -b main");
    commit("one", "keystone: 27.0.0\n");
    commit("two", "keystone: 28.0.0\n");
  }

  void commit(const std::string& message, const std::string& refs) {
    folder_.write(sub_ + "releases/2025.2/source-refs.yaml", refs);
    folder_.write(sub_ + "README.md", message);
    support::run_git(folder_.path(), "add -A");
    support::run_git(folder_.path(), "-c user.name=a -c user.email=a@b commit -q -m " + message);
  }

  [[nodiscard]] git::ForgeRepositoryPtr open() const {
    Result<git::ForgeRepositoryPtr> found = git::open_forge_repository(root());
    REQUIRE(found.has_value());
    return *found;
  }
  [[nodiscard]] std::string root() const { return folder_.path() + (sub_.empty() ? "" : "/" + sub_); }
  std::string git(const std::string& arguments) const { return support::run_git(folder_.path(), arguments); }
  [[nodiscard]] const support::TempFolder& folder() const { return folder_; }

 private:
  support::TempFolder folder_;
  std::string sub_;
};

Names files_at(const git::ForgeRepositoryPtr& repository, std::string_view revision) {
  const auto files = workspace::commit_files(repository, *repository->find_commit(revision));
  REQUIRE(files.has_value());
  return *(*files)->list();
}

}  // namespace

TEST_CASE("the forge's repository: revisions as git reads them, merge bases, the branch") {
  const Clone clone;
  const auto repository = clone.open();
  CHECK(repository->prefix().empty());
  CHECK(repository->find_commit("HEAD~1")->hex() == clone.git("rev-parse HEAD~1"));
  CHECK(repository->find_commit("main")->hex() == clone.git("rev-parse HEAD"));
  CHECK_FALSE(repository->find_commit("no-such-branch").has_value());
  CHECK_FALSE(repository->find_commit(std::string(40, '0')).has_value());
  CHECK(repository->current_branch() == "main");
  CHECK(repository->merge_base(*repository->find_commit("HEAD"), *repository->find_commit("HEAD~1"))->hex() ==
        clone.git("rev-parse HEAD~1"));
  clone.git("checkout -q --orphan alone");
  clone.git("-c user.name=a -c user.email=a@b commit -q -m alone");
  CHECK_FALSE(repository->merge_base(*repository->find_commit("HEAD"), *repository->find_commit("main")).has_value());
  clone.git("checkout -q --detach");
  CHECK_FALSE(clone.open()->current_branch().has_value());
}

TEST_CASE("the forge's repository: a commit's files are read without a checkout, in a folder of it too") {
  for (const char* sub : {"", "deploy/forge/"}) {
    CAPTURE(sub);
    const Clone clone(sub);
    const auto repository = clone.open();
    CHECK(repository->prefix() == sub);
    CHECK(files_at(repository, "HEAD") == Names{"releases/2025.2/source-refs.yaml"});
    const auto before = workspace::commit_files(repository, *repository->find_commit("HEAD~1"));
    CHECK(*(*before)->read("releases/2025.2/source-refs.yaml") == "keystone: 27.0.0\n");
    CHECK((*before)->identity("releases/2025.2/source-refs.yaml") !=
          (*workspace::commit_files(repository, *repository->find_commit("HEAD")))
              ->identity("releases/2025.2/source-refs.yaml"));
    CHECK_FALSE((*before)->read("releases/none").has_value());
  }
}

TEST_CASE("the forge's repository: modes and links are as git has them") {
  Clone clone;
  namespace fs = std::filesystem;
  clone.folder().write("images/web/run.sh", "#!/bin/sh\n");
  fs::permissions(clone.root() + "/images/web/run.sh", fs::perms::owner_exec, fs::perm_options::add);
  fs::create_symlink("run.sh", clone.root() + "/images/web/link.sh");
  fs::create_symlink("../../../outside", clone.root() + "/images/web/out");
  fs::create_symlink("loop", clone.root() + "/images/web/loop");
  clone.commit("three", "{}\n");
  const auto repository = clone.open();
  const auto files = *workspace::commit_files(repository, *repository->find_commit("HEAD"));
  CHECK(*files->list() == Names{"images/web/link.sh", "images/web/run.sh", "releases/2025.2/source-refs.yaml"});
  CHECK(files->mode("images/web/run.sh") == 0100755);
  CHECK(files->mode("images/web/link.sh") == 0120000);
  CHECK(*files->read("images/web/link.sh") == "#!/bin/sh\n");
  const auto disk = workspace::disk_files(clone.root());
  CHECK(*disk->list() == *files->list());
  CHECK(disk->mode("images/web/run.sh") == 0100755);
  CHECK(disk->mode("images/web/link.sh") == 0120000);
}

TEST_CASE("the forge's repository: changed and untracked files of the forge are told, ignored ones are not") {
  const Clone clone("forge/");
  const auto repository = clone.open();
  CHECK(repository->changed_files(workspace::forge_paths(), 9)->empty());
  clone.folder().write("forge/releases/2025.2/source-refs.yaml", "{}\n");
  clone.folder().write("forge/images/web/Dockerfile", "FROM x\n");
  clone.folder().write("forge/build/x", "x\n");
  clone.folder().write("forge/images/.gitignore", "*.log\n");
  clone.folder().write("forge/images/x.log", "x\n");
  CHECK(*repository->changed_files(workspace::forge_paths(), 9) ==
        Names{"images/.gitignore", "images/web/Dockerfile", "releases/2025.2/source-refs.yaml"});
  CHECK(repository->changed_files(workspace::forge_paths(), 1)->size() == 1);
}

TEST_CASE("the forge's repository: a folder outside of any is in none") {
  const support::TempFolder folder;
  CHECK_FALSE(git::open_forge_repository(folder.path()).has_value());
}
