#include "engine/git/libgit2_repository.hpp"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>
#include <set>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "engine/base/task_pool.hpp"
#include "engine/git/fetch_time.hpp"
#include "tests/support/git_fixture.hpp"

namespace {

using forge::Failure;
using forge::git::CommitInfo;
using forge::git::NamedRef;
using forge::git::ObjectId;
using forge::git::open_repository;
using forge::git::PathChange;
using forge::git::RefKind;
using forge::git::RepositoryPtr;
using forge::support::GitFixture;
using forge::support::GitStream;
using forge::support::run_git;
using forge::support::TempFolder;

/// master: first - second - third; stable/1 leaves at second; tags 1.0.0 (annotated), 1.0.1 (lightweight).
GitStream small_history() {
  GitStream stream;
  const int first =
      stream.commit({.message = "First\n\nbody", .files = {{"README", "one\n"}, {"a/b/c.txt", "deep\n"}}});
  const int second = stream.commit({.message = "Second", .files = {{"README", "two\n"}}});
  stream.commit({.message = "Third", .files = {{"README", "three\n"}}});
  const int stable = stream.commit({.branch = "stable/1", .message = "Backport", .parents = {second}});
  stream.annotated_tag("1.0.0", second).tag("1.0.1", stable).tag("0.9.0", first);
  return stream;
}

Failure::Kind kind_of_failure(const RepositoryPtr& repository, std::string_view ref) {
  const auto resolved = repository->resolve(ref);
  REQUIRE_FALSE(resolved);
  return resolved.error().kind;
}

std::vector<std::string> subjects(const RepositoryPtr& repository, const ObjectId& from,
                                  const std::vector<ObjectId>& hidden) {
  std::vector<std::string> found;
  const auto walked = repository->walk(from, hidden, [&](const CommitInfo& commit) {
    found.emplace_back(commit.subject());
    return true;
  });
  CHECK(walked);
  return found;
}

}  // namespace

TEST_CASE("repository: tags, branches and commits are told apart") {
  const GitFixture fixture(small_history());
  const RepositoryPtr repository = fixture.open();

  const auto annotated = repository->resolve("1.0.0");
  REQUIRE(annotated);
  CHECK(annotated->kind == RefKind::tag);
  CHECK(annotated->commit == fixture.id("master~1"));
  CHECK(annotated->full_name == "refs/tags/1.0.0");

  const auto branch = repository->resolve("stable/1");
  REQUIRE(branch);
  CHECK(branch->kind == RefKind::branch);
  CHECK(branch->commit == fixture.id("stable/1"));

  const std::string full = fixture.id("master").hex();
  for (const std::string& text : {full, full.substr(0, 12)}) {
    if (text.size() < 40 && text.find_first_of("0123456789") == std::string::npos) continue;
    const auto commit = repository->resolve(text);
    REQUIRE(commit);
    CHECK(commit->kind == RefKind::commit);
    CHECK(commit->commit.hex() == full);
    CHECK(commit->full_name.empty());
  }
}

TEST_CASE("repository: a tag wins over a branch of the same name, unless it is a tag of something else") {
  GitStream stream = small_history();
  stream.branch("1.0.0", 1).branch("blob-tag", 1);
  const GitFixture fixture(stream);
  fixture.git("tag blob-tag master:README");
  const RepositoryPtr repository = fixture.open();
  CHECK(repository->resolve("1.0.0")->kind == RefKind::tag);
  CHECK(repository->resolve("blob-tag")->kind == RefKind::branch);
}

TEST_CASE("repository: revision expressions and paths are names of nothing") {
  const GitFixture fixture(small_history());
  const RepositoryPtr repository = fixture.open();
  for (const std::string_view ref : {"HEAD",
                                     "@",
                                     "master^",
                                     "master~1",
                                     "stable/1..master",
                                     "1.0.0...master",
                                     "master@{0}",
                                     "@{-1}",
                                     ":/First",
                                     "master:README",
                                     "1.0.0^{commit}",
                                     "../../etc/passwd",
                                     "/etc/passwd",
                                     "refs/heads/master",
                                     "heads/master",
                                     "refs/tags/1.0.0",
                                     "--help",
                                     "",
                                     "master ",
                                     "mas*",
                                     "1.0.0\n",
                                     "packed-refs",
                                     "../config",
                                     "stable"})
    CHECK_MESSAGE(kind_of_failure(repository, ref) == Failure::Kind::not_found, ref);
  CHECK(kind_of_failure(repository, std::string(100'000, 'a')) == Failure::Kind::not_found);
  CHECK(kind_of_failure(repository, std::string_view("master\0x", 8)) == Failure::Kind::not_found);
}

TEST_CASE("repository: a commit must exist and be a commit") {
  const GitFixture fixture(small_history());
  const RepositoryPtr repository = fixture.open();
  CHECK(kind_of_failure(repository, "0123456789012345678901234567890123456789") == Failure::Kind::not_found);
  CHECK(kind_of_failure(repository, fixture.id("master:README").hex()) == Failure::Kind::not_found);
  CHECK(kind_of_failure(repository, fixture.id("master^{tree}").hex()) == Failure::Kind::not_found);
}

TEST_CASE("repository: tags and branches are listed sorted, peeled, packed or loose alike") {
  const GitFixture fixture(small_history());
  fixture.git("tag not-a-commit master:README");
  const auto check_refs = [&] {
    const auto refs = fixture.open()->refs();
    REQUIRE(refs);
    std::vector<std::string> names;
    for (const NamedRef& ref : **refs) names.push_back(ref.name);
    CHECK(names == std::vector<std::string>{"0.9.0", "1.0.0", "1.0.1", "master", "stable/1"});
    CHECK((**refs)[1].kind == RefKind::tag);
    CHECK((**refs)[1].commit == fixture.id("master~1"));
    CHECK((**refs)[4].kind == RefKind::branch);
  };
  check_refs();
  fixture.git("pack-refs --all");
  check_refs();
  CHECK(fixture.open()->resolve("1.0.0")->commit == fixture.id("master~1"));
}

TEST_CASE("repository: in a clone the remote's branches count, also through a worktree's .git file") {
  const GitFixture fixture(small_history());
  const std::string clone = fixture.beside("clone");
  fixture.git("clone --quiet . '" + clone + "'");
  run_git(clone, "worktree add --quiet --detach ../tree");
  for (const std::string& path : {clone, fixture.beside("tree")}) {
    const auto repository = open_repository(path);
    REQUIRE(repository);
    CHECK((*repository)->resolve("stable/1")->full_name == "refs/remotes/origin/stable/1");
    CHECK(kind_of_failure(*repository, "origin/stable/1") == Failure::Kind::not_found);
    std::vector<std::string> names;
    for (const NamedRef& ref : **(*repository)->refs()) names.push_back(ref.name);
    CHECK(names == std::vector<std::string>{"0.9.0", "1.0.0", "1.0.1", "master", "stable/1"});
  }
}

TEST_CASE("repository: commits, trees and blobs are read") {
  const GitFixture fixture(small_history());
  const RepositoryPtr repository = fixture.open();
  const auto commit = repository->commit(fixture.id("master~2"));
  REQUIRE(commit);
  CHECK(commit->subject() == "First");
  CHECK(commit->message == "First\n\nbody");
  CHECK(commit->author == "T <t@example.org>");
  CHECK(commit->parents.empty());
  CHECK(to_rfc3339(commit->commit_time) == "2025-01-01T00:00:00Z");

  const auto entry = repository->entry(commit->tree, "a/b/c.txt");
  REQUIRE(entry);
  REQUIRE(*entry);
  CHECK((*entry)->name == "c.txt");
  CHECK((*entry)->mode == 0100644);
  CHECK(**repository->blob((*entry)->id) == "deep\n");
  CHECK(repository->blob((*entry)->id)->get() == repository->blob((*entry)->id)->get());
  CHECK(repository->find_blob((*entry)->id.hex().substr(0, 7)) == (*entry)->id);
  CHECK_FALSE(repository->find_blob(fixture.id("master").hex().substr(0, 7)));
  CHECK_FALSE(repository->find_blob("zzzzzzz"));
  CHECK_FALSE(repository->find_blob(""));

  const auto root = repository->list(commit->tree);
  REQUIRE(root);
  REQUIRE(root->size() == 2);
  CHECK((*root)[1].name == "a");
  CHECK((*root)[1].mode == 0040000);
  for (const std::string_view absent : {"", "/README", "README/", "a//b", "a/../README", "nothing", "README/x", "a/b/"})
    CHECK_MESSAGE(!*repository->entry(commit->tree, absent), absent);
  const std::string deep(100'000, '/');
  CHECK_FALSE(*repository->entry(commit->tree, "a" + deep + "b"));
  CHECK(repository->blob(commit->tree).error().kind == Failure::Kind::not_found);
}

TEST_CASE("repository: counts and ancestry") {
  const GitFixture fixture(small_history());
  const RepositoryPtr repository = fixture.open();
  const auto count = [&](const char* base, const char* tip) {
    return *repository->count_between(fixture.id(base), fixture.id(tip));
  };
  CHECK(count("1.0.0^{}", "stable/1") == 1);
  CHECK(count("stable/1", "master") == 1);
  CHECK(count("master", "master") == 0);
  CHECK(count("master", "0.9.0") == 0);
  const auto before = [&](const char* a, const char* b) {
    return *repository->is_ancestor(fixture.id(a), fixture.id(b));
  };
  CHECK(before("1.0.0^{}", "stable/1"));
  CHECK(before("master", "master"));
  CHECK_FALSE(before("stable/1", "master"));
  CHECK_FALSE(before("master", "1.0.0^{}"));
}

TEST_CASE("repository: a walk goes newest first, without what is hidden, as long as it is wanted") {
  GitStream stream;
  const int base = stream.commit({.message = "base"});
  const int left = stream.commit({.message = "left", .parents = {base}});
  const int right = stream.commit({.branch = "side", .message = "right", .parents = {base}});
  stream.commit({.message = "merge", .parents = {left, right}});
  const GitFixture fixture(stream);
  const RepositoryPtr repository = fixture.open();
  using Names = std::vector<std::string>;
  CHECK(subjects(repository, fixture.id("master"), {}) == Names{"merge", "right", "left", "base"});
  CHECK(subjects(repository, fixture.id("master"), {fixture.id("side")}) == Names{"merge", "left"});
  CHECK(subjects(repository, fixture.id("side"), {fixture.id("master")}).empty());
  int visits = 0;
  CHECK(repository->walk(fixture.id("master"), {}, [&](const CommitInfo&) { return ++visits < 2; }));
  CHECK(visits == 2);
}

TEST_CASE("repository: clocks that differ by hours change no answer") {
  GitStream stream;
  const int base = stream.commit({.message = "base", .seconds = 1'700'040'000});
  const int child = stream.commit({.message = "child", .parents = {base}, .seconds = 1'700'000'000});
  stream.commit({.branch = "side", .message = "side", .parents = {base}, .seconds = 1'700'020'000});
  stream.branch("child", child);
  const GitFixture fixture(stream);
  const RepositoryPtr repository = fixture.open();
  CHECK(*repository->is_ancestor(fixture.id("child~1"), fixture.id("child")));
  CHECK_FALSE(*repository->is_ancestor(fixture.id("side"), fixture.id("child")));
  CHECK(*repository->count_between(fixture.id("child"), fixture.id("side")) == 1);
}

TEST_CASE("repository: all files of a large folder that moves are renamed, the changed one too") {
  constexpr int count = 1100;  // more than are compared by content
  std::string text;
  for (int line = 1; line <= 20; ++line) text += fmt::format("line {}\n", line);
  GitStream::Commit before{.files = {{"old/edited", text}}};
  GitStream::Commit after{.files = {{"new/edited", text + "more\n"}}, .removed = {"old/edited"}};
  for (int i = 0; i < count; ++i) {
    before.files[fmt::format("old/{}", i)] = fmt::format("{}\n", i);
    after.files[fmt::format("new/{}", i)] = fmt::format("{}\n", i);
    after.removed.push_back(fmt::format("old/{}", i));
  }
  GitStream stream;
  stream.commit(before);
  stream.commit(after);
  const GitFixture fixture(stream);
  const auto changes = fixture.open()->changed_paths(fixture.id("master"));
  REQUIRE(changes);
  CHECK(changes->size() == count + 1);
  for (const PathChange& change : *changes) {
    CHECK(change.kind == PathChange::Kind::rename);
    CHECK("new" + change.old_path.substr(3) == change.new_path);
  }
}

TEST_CASE("repository: a shallow clone opens and ends at its boundary") {
  const GitFixture fixture(small_history());
  const std::string shallow = fixture.beside("shallow");
  fixture.git("clone --quiet --bare --depth 2 file://" + fixture.path() + " '" + shallow + "'");
  const auto repository = open_repository(shallow);
  REQUIRE(repository);
  CHECK((*repository)->is_shallow());
  CHECK(subjects(*repository, fixture.id("master"), {}) == std::vector<std::string>{"Third", "Second"});
  CHECK((*repository)->commit(fixture.id("master~1"))->parents.empty());
  CHECK_FALSE(fixture.open()->is_shallow());
}

TEST_CASE("repository: what is no repository is a failure") {
  const TempFolder folder;
  for (const std::string& path : {folder.path(), folder.path() + "/absent", std::string(), std::string("/dev/null")}) {
    const auto repository = open_repository(path);
    REQUIRE_FALSE(repository);
    CHECK(repository.error().kind == Failure::Kind::unavailable);
  }
  // A folder inside a work tree must not lead to the repository around it.
  run_git(folder.path(), "init --quiet .");
  std::filesystem::create_directory(folder.path() + "/inside");
  CHECK_FALSE(open_repository(folder.path() + "/inside"));
}

TEST_CASE("repository: lost and damaged objects are failures, not answers") {
  const GitFixture fixture(small_history());
  const ObjectId commit = fixture.id("stable/1");
  const TempFolder copy;
  run_git(copy.path(), "clone --quiet --mirror '" + fixture.path() + "' broken.git");
  const std::string broken = copy.path() + "/broken.git";
  run_git(broken, "repack -q -a -d");
  for (const auto& file : std::filesystem::recursive_directory_iterator(broken + "/objects")) {
    if (file.path().extension() == ".pack") {
      std::filesystem::permissions(file.path(), std::filesystem::perms::owner_all);
      std::filesystem::resize_file(file.path(), 40);
    }
  }
  const auto repository = open_repository(broken);
  REQUIRE(repository);
  CHECK((*repository)->resolve("stable/1").error().kind == Failure::Kind::invalid);
  CHECK_FALSE((*repository)->commit(commit));
  CHECK_FALSE((*repository)->count_between(commit, commit));
}

TEST_CASE("repository: one that rested has no pack mapped, and answers as before") {
  const GitFixture fixture(small_history());
  fixture.git("repack -a -d -q");
  const RepositoryPtr repository = fixture.open();
  const auto is_mapped = [&] {
    std::ifstream maps("/proc/self/maps");
    const std::string all(std::istreambuf_iterator<char>(maps), {});
    return all.find(fixture.path() + "/objects/pack") != std::string::npos;
  };
  const auto read = [&] {
    const auto entry = repository->entry(repository->commit(fixture.id("master")).value().tree, "a/b/c.txt");
    return *repository->blob(entry.value().value().id).value();
  };
  CHECK(read() == "deep\n");
  CHECK(is_mapped());
  const auto* on_disk = dynamic_cast<const forge::git::RepositoryOnDisk*>(repository.get());
  REQUIRE(on_disk != nullptr);
  CHECK(on_disk->rest());
  CHECK_FALSE(is_mapped());
  CHECK_FALSE(on_disk->rest());
  CHECK(read() == "deep\n");
  CHECK(is_mapped());
}

TEST_CASE("repository: of many, few stay opened, and all answer") {
  const GitFixture fixture(small_history());
  fixture.git("repack -a -d -q");
  constexpr std::size_t many = 60;
  const TempFolder copies;
  std::vector<RepositoryPtr> repositories;
  for (std::size_t i = 0; i < many; ++i) {
    const std::string path = copies.path() + fmt::format("/{}.git", i);
    std::filesystem::copy(fixture.path(), path, std::filesystem::copy_options::recursive);
    repositories.push_back(open_repository(path).value());
  }
  const auto mapped = [&] {
    std::ifstream maps("/proc/self/maps");
    std::set<std::string> packs;
    for (std::string line; std::getline(maps, line);)
      if (line.find(copies.path()) != std::string::npos) packs.insert(line.substr(line.find(copies.path())));
    return packs.size();
  };
  std::atomic<std::size_t> right = 0;
  for (const std::size_t jobs : {std::size_t{1}, std::size_t{4}}) {
    forge::TaskPool(jobs).for_each(3 * many, [&](std::size_t i) {
      const RepositoryPtr& repository = repositories[i % many];
      const auto commit = repository->commit(fixture.id("master"));
      const auto entry = repository->entry(commit.value().tree, "README");
      if (**repository->blob(entry.value().value().id) == "three\n") ++right;
    });
  }
  CHECK(right == 2 * 3 * many);
  CHECK(mapped() > 0);
  CHECK(mapped() <= many);  // pack and index of half of them
  repositories.clear();
  CHECK(mapped() == 0);
}

TEST_CASE("repository: two threads read at once") {
  const GitFixture fixture(small_history());
  const RepositoryPtr repository = fixture.open();
  const ObjectId master = fixture.id("master");
  std::atomic<int> right = 0;
  forge::TaskPool(4).for_each(64, [&](std::size_t) {
    const auto resolved = repository->resolve("1.0.0");
    const auto tree = repository->commit(master);
    const auto entry = repository->entry(tree->tree, "README");
    if (resolved && **repository->blob((*entry)->id) == "three\n" &&
        *repository->count_between(resolved->commit, master) == 1 && (*repository->refs())->size() == 5)
      ++right;
  });
  CHECK(right == 64);
}

TEST_CASE("diff: is worded as git words it: empty files, renames, modes, no newline at the end") {
  GitStream stream;
  const std::string body = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
  stream.commit({.files = {{"moved", body}, {"gone", ""}, {"tail", "a\nb"}}});
  stream.commit({.files = {{"a/empty", ""}, {"new", "x\n"}, {"there", body}, {"tail", "a\nc"}, {"z", ""}},
                 .removed = {"moved", "gone"}});
  const GitFixture fixture(stream);
  for (const std::string commit : {"master~1", "master"}) {
    const auto diff = fixture.open()->diff(fixture.id(commit));
    REQUIRE(diff);
    CHECK(*diff == fixture.git("diff-tree --root --no-commit-id -r -p -M --full-index " + commit) + "\n");
  }
}
