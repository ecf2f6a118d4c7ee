#include "engine/git/change_history.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>

#include "engine/git/libgit2_repository.hpp"
#include "tests/support/git_fixture.hpp"

namespace {

namespace fs = std::filesystem;
using namespace forge;
using git::ChangeHistory;
using support::GitFixture;
using support::GitStream;

GitStream small_history() {
  GitStream stream;
  stream.commit({.message = "First\n", .files = {{"a/b/c.py", "1\n"}, {"top", "1\n"}}});
  stream.commit({.message = "Second\n\nChange-Id: I0123456789abcdef0123456789abcdef01234567\n",
                 .files = {{"a/b/c.py", "2\n"}},
                 .parents = {1}});
  stream.commit({.message = "Third\n", .files = {{"top", "2\n"}, {"a/new", "x\n"}}, .parents = {2}});
  return stream;
}

std::shared_ptr<const ChangeHistory> changes(const GitFixture& fixture) {
  const auto repository = git::open_repository(fixture.path(), {.cache_folder = fixture.beside("cache")});
  REQUIRE(repository);
  const auto history = (*repository)->changes();
  REQUIRE(history);
  return *history;
}

fs::path cache_file(const GitFixture& fixture) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(fixture.beside("cache"))) files.push_back(entry.path());
  REQUIRE(files.size() == 1);
  return files.front();
}

std::string bytes_of(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

void write(const fs::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

std::size_t touching(const ChangeHistory& history, std::string_view path) {
  return history.touching(path).size();
}

void check_small(const ChangeHistory& history) {
  CHECK(history.size() == 3);
  CHECK(touching(history, "a/b/c.py") == 2);
  CHECK(touching(history, "top") == 2);
  CHECK(touching(history, "a") == 0);
  CHECK(history.with_change_id("I0123456789abcdef0123456789abcdef01234567").size() == 1);
  CHECK(history.changing_exactly(std::vector<std::string>{"a/new", "top"}).size() == 1);
  CHECK(history.changing_exactly(std::vector<std::string>{"top"}).empty());
}

}  // namespace

TEST_CASE("change history: the walk finds what each commit changed; parents come first") {
  const GitFixture fixture(small_history());
  const auto history = changes(fixture);
  check_small(*history);
  CHECK(history->find(fixture.id("master")) == 2U);
  CHECK(history->reach(1).contains(0));
  CHECK_FALSE(history->reach(1).contains(2));
}

TEST_CASE("change history: a second process reads what the first one left, and not the commits") {
  const GitFixture fixture(small_history());
  (void)changes(fixture);
  const fs::path file = cache_file(fixture);
  const std::string bytes = bytes_of(file);
  // Without the folders a walk would fail.
  fs::remove_all(fixture.path() + "/objects/pack");
  for (const auto& entry : fs::directory_iterator(fixture.path() + "/objects"))
    if (entry.path().filename().string().size() == 2) fs::remove_all(entry.path());
  const auto history = ChangeHistory::decoded([&] {
    auto copy = ChangeHistory::Bytes::of_size(bytes.size());
    std::ranges::copy(bytes, copy.data());
    return copy;
  }());
  REQUIRE(history);
  check_small(*history);
  CHECK(bytes_of(file) == bytes);
}

TEST_CASE("change history: the file stays as it is while no ref moves") {
  const GitFixture fixture(small_history());
  (void)changes(fixture);
  const fs::path file = cache_file(fixture);
  // A write replaces the file; a second name keeps the old one alive, so that the new one can't be mistaken for it.
  fs::create_hard_link(file, fixture.beside("kept"));
  (void)changes(fixture);
  CHECK(fs::equivalent(file, fixture.beside("kept")));
  fixture.git("update-ref refs/heads/other master~1");
  (void)changes(fixture);
  CHECK(fs::equivalent(file, fixture.beside("kept")));
}

TEST_CASE("change history: new commits are added, lost ones dropped") {
  const GitFixture fixture(small_history());
  (void)changes(fixture);
  const std::string tree = fixture.git("rev-parse 'master^{tree}'");
  const std::string made = fixture.git("commit-tree -p master~1 -m Fourth " + tree);
  fixture.git("update-ref refs/heads/master " + made);
  const auto history = changes(fixture);
  CHECK(history->size() == 3);
  CHECK(history->find(fixture.id("master")) == 2U);
  CHECK(touching(*history, "a/new") == 1);
}

TEST_CASE("change history: a damaged file is as good as none") {
  const GitFixture fixture(small_history());
  (void)changes(fixture);
  const fs::path file = cache_file(fixture);
  const std::string good = bytes_of(file);
  for (std::size_t at = 0; at < good.size(); at += 5) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x41);
    write(file, bad);
    check_small(*changes(fixture));
    CHECK(bytes_of(file) == good);
  }
  for (const std::size_t size : {std::size_t{0}, std::size_t{7}, std::size_t{24}, good.size() / 2, good.size() - 1}) {
    write(file, std::string_view(good).substr(0, size));
    check_small(*changes(fixture));
  }
}

TEST_CASE("change history: a cache folder that can't be made costs nothing but time") {
  const GitFixture fixture(small_history());
  write(fixture.beside("file"), "");
  const auto repository = git::open_repository(fixture.path(), {.cache_folder = fixture.beside("file") + "/below"});
  REQUIRE(repository);
  const auto history = (*repository)->changes();
  REQUIRE(history);
  check_small(**history);
}
