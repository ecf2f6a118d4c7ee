#include "engine/model/conflict_cause.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "engine/git/libgit2_repository.hpp"
#include "engine/model/retarget_patch.hpp"
#include "engine/model/series_outlook.hpp"
#include "tests/support/git_fixture.hpp"
#include "tests/support/memory_repository.hpp"

using forge::git::ObjectId;
using forge::git::RepositoryPtr;
using forge::model::FileFate;
using forge::model::LineCause;
using forge::model::LineDifference;
using forge::model::Mismatch;
using forge::model::PatchText;
using forge::model::PatchVerdict;
using forge::model::SectionCause;
using forge::model::SeriesClash;
using forge::model::SeriesPlacement;
using forge::support::GitFixture;
using forge::support::GitStream;
using forge::support::MemoryRepository;

namespace {

/// `line 1\nline 2\n…`, those in `changed` with another text.
std::string text(int from, int to, const std::map<int, std::string>& changed = {}) {
  std::string out;
  for (int i = from; i <= to; ++i) {
    const auto other = changed.find(i);
    out += other == changed.end() ? fmt::format("line {}\n", i) : other->second;
  }
  return out;
}

/// Changes line `at` of `path`, with three lines of context as they were.
std::string patch_at(int at, const std::string& path = "f", const std::string& new_text = "own") {
  std::string out = fmt::format("diff --git a/{0} b/{0}\n--- a/{0}\n+++ b/{0}\n@@ -{1},7 +{1},7 @@\n", path, at - 3);
  for (int i = at - 3; i < at; ++i) out += fmt::format(" line {}\n", i);
  out += fmt::format("-line {}\n+{}\n", at, new_text);
  for (int i = at + 1; i <= at + 3; ++i) out += fmt::format(" line {}\n", i);
  return out;
}

std::vector<PatchText> parsed(const std::vector<std::string>& patches) {
  std::vector<PatchText> out;
  for (const std::string& patch : patches)
    out.push_back(
        {patch, std::make_shared<const forge::Parsed<forge::formats::Patch>>(forge::formats::parse_patch(patch))});
  return out;
}

SeriesPlacement place(const forge::git::Repository& repository, const ObjectId& commit,
                      const std::vector<std::string>& patches) {
  return forge::model::place_series(repository, commit, parsed(patches)).value();
}

/// The only mismatch of a patch on a file `f`.
Mismatch mismatch(const std::string& file, const std::string& patch) {
  MemoryRepository repository;
  const ObjectId commit = repository.add_commit({{"f", file}});
  const SeriesPlacement placed = place(repository, commit, {patch});
  for (const auto& hunk : placed.patches.front().sections.front().hunks) {
    if (const auto* found = std::get_if<Mismatch>(&hunk)) return *found;
  }
  FAIL("the patch applies");
  return {};
}

SectionCause cause(const RepositoryPtr& repository, const ObjectId& commit, const std::string& patch) {
  const auto upstream = forge::model::read_upstream_refs(repository).value();
  const auto past = forge::model::UpstreamPast::read(upstream, commit).value();
  const SeriesPlacement placed = place(*repository, commit, {patch});
  REQUIRE(placed.patches.front().verdict == PatchVerdict::conflict);
  forge::model::PastBudget budget;
  return forge::model::conflict_causes(past, patch, placed.patches.front(), forge::model::CauseDepth::sections, budget)
      .front();
}

}  // namespace

TEST_CASE("mismatch: the nearest place, the share that matches, and each line that differs there") {
  const std::string file = text(100, 140) + text(1, 9, {{5, "line five\n"}}) + text(150, 190);
  const Mismatch found = mismatch(file, patch_at(4));
  CHECK(found.nearest_at == 42);
  CHECK(found.matching == 6);
  CHECK(found.size == 7);
  REQUIRE(found.differences.size() == 1);
  CHECK(found.differences.front().kind == LineDifference::Kind::word);
  CHECK(found.differences.front().expected == "line 5");
  CHECK(found.differences.front().found == "line five");
  CHECK(found.differences.front().at == 46);
  CHECK(found.expected == "line 5");
  CHECK(found.found_at == 46);
}

TEST_CASE("mismatch: lines that upstream put in or took out do not shift the others") {
  const Mismatch inserted = mismatch(text(1, 4, {{4, "line 4\nsomething else\nand more\n"}}) + text(5, 9), patch_at(4));
  CHECK(inserted.matching == 7);
  REQUIRE(inserted.differences.size() == 2);
  CHECK(inserted.differences[0].kind == LineDifference::Kind::inserted);
  CHECK(inserted.differences[0].found == "something else");
  CHECK(inserted.differences[0].at == 5);
  CHECK(inserted.expected == "line 5");
  CHECK(inserted.found == "something else");
  const Mismatch missing = mismatch(text(1, 9, {{3, ""}}), patch_at(4));
  CHECK(missing.matching == 6);
  REQUIRE(missing.differences.size() == 1);
  CHECK(missing.differences[0].kind == LineDifference::Kind::missing);
  CHECK(missing.differences[0].expected == "line 3");
  CHECK(missing.differences[0].at == 3);
}

TEST_CASE("mismatch: the kinds of difference") {
  const auto kind = [](const std::string& line) {
    const Mismatch found = mismatch(text(1, 9, {{4, line}}), patch_at(4));
    return std::string(to_string(found.differences.at(0).kind));
  };
  CHECK(kind("line 4 \n") == "trailing-blanks");
  CHECK(kind("\tline 4\n") == "indentation");
  CHECK(kind("line 4\r\n") == "line-end");
  CHECK(kind("line  4\n") == "blanks");
  CHECK(kind("line four\n") == "word");
  CHECK(kind("quite another one\n") == "changed");
  CHECK(mismatch(text(1, 7, {{7, "line 7"}}), patch_at(4)).differences.at(0).kind == LineDifference::Kind::file_end);
}

TEST_CASE("mismatch: a file whose indentation changed as a whole is still found") {
  std::string file = text(100, 140);
  for (int i = 1; i <= 9; ++i) file += fmt::format("    line {}\n", i);
  const Mismatch found = mismatch(file, patch_at(4));
  CHECK(found.differences.size() == 7);
  CHECK(found.differences.at(0).at == 42);
  CHECK(found.differences.at(0).kind == LineDifference::Kind::indentation);
}

TEST_CASE("mismatch: a file and a hunk of lines that are all alike have an answer of bounded size") {
  std::string file;
  std::string patch = "diff --git a/f b/f\n--- a/f\n+++ b/f\n@@ -1,5001 +1,5001 @@\n";
  for (int i = 0; i < 20'000; ++i) file += "same\n";
  for (int i = 0; i < 5'000; ++i) patch += i % 50 == 0 ? " other\n" : " same\n";
  const Mismatch found = mismatch(file, patch + "-old\n+new\n");
  CHECK(found.differences.size() <= 40);
  CHECK(found.differences.size() + found.more_differences >= 101);
}

TEST_CASE("line cause: the commit that changed the lines, under the file's former name too, and its first version") {
  GitStream stream;
  const int base = stream.commit({.message = "Begin", .files = {{"old", text(1, 40)}}});
  stream.tag("1.0.0", base);
  stream.commit({.message = "Change line 21", .files = {{"old", text(1, 40, {{21, "line twenty-one\n"}})}}});
  stream.tag("1.0.1", stream.commit({.message = "Something else", .files = {{"README", "x\n"}}}));
  const int last = stream.commit({.message = "Move and change",
                                  .files = {{"f", text(1, 40, {{21, "line twenty-one\n"}, {35, "line x\n"}})}},
                                  .removed = {"old"}});
  stream.tag("1.1.0", last);
  const GitFixture fixture(stream);
  const RepositoryPtr repository = fixture.open();
  const SectionCause at_21 = cause(repository, fixture.id("1.1.0"), patch_at(20));
  REQUIRE(at_21.hunks.at(0).has_value());
  CHECK(at_21.hunks[0]->kind == LineCause::Kind::changed_by);
  CHECK(at_21.hunks[0]->commit->subject == "Change line 21");
  CHECK(at_21.hunks[0]->commit->tag == "1.0.1");
  CHECK(at_21.hunks[0]->path == "old");
  const SectionCause at_35 = cause(repository, fixture.id("1.1.0"), patch_at(36));
  REQUIRE(at_35.hunks.at(0).has_value());
  CHECK(at_35.hunks[0]->commit->subject == "Move and change");
  CHECK(at_35.hunks[0]->commit->tag == "1.1.0");
}

TEST_CASE("line cause: lines that come later, on the series or on the main branch; lines that were never there") {
  auto repository = std::make_shared<MemoryRepository>();
  const ObjectId base = repository->add_commit({{"f", text(1, 40, {{20, "line twenty\n"}})}}, "Begin");
  const ObjectId main = repository->add_commit({{"f", text(1, 40)}}, "On master", {base});
  const ObjectId stable = repository->add_commit({{"f", text(1, 40)}}, "On stable", {base});
  repository->tag("1.0.0", base);
  repository->tag("2.0.0.0rc1", main);
  repository->branch("master", main);
  repository->branch("stable/2025.1", stable);
  const SectionCause found = cause(repository, base, patch_at(20));
  REQUIRE(found.hunks.at(0).has_value());
  CHECK(found.hunks[0]->kind == LineCause::Kind::brought_by);
  CHECK(found.hunks[0]->commit->subject == "On stable");
  CHECK(found.hunks[0]->commit->tag.empty());
  const std::string own = patch_at(20);
  std::string foreign = own;
  foreign.replace(foreign.find("-line 20"), 8, "-nowhere to be found");
  const SectionCause never = cause(repository, stable, foreign);
  REQUIRE(never.hunks.at(0).has_value());
  CHECK(never.hunks[0]->kind == LineCause::Kind::never_there);
}

TEST_CASE("line cause: where the whole hunk never was in one state, the line that differs is looked for") {
  auto repository = std::make_shared<MemoryRepository>();
  const ObjectId base = repository->add_commit({{"f", text(1, 40)}}, "Begin");
  const ObjectId change = repository->add_commit({{"f", text(1, 40, {{20, "line twenty\n"}})}}, "Change it", {base});
  repository->branch("master", change);
  std::string patch = patch_at(20);
  patch.replace(patch.find(" line 23"), 8, " of another patch");
  const SectionCause found = cause(repository, change, patch);
  REQUIRE(found.hunks.at(0).has_value());
  CHECK(found.hunks[0]->kind == LineCause::Kind::changed_by);
  CHECK(found.hunks[0]->commit->subject == "Change it");
}

TEST_CASE("line cause: a history that ends in a shallow boundary blames nobody for what it can't see") {
  GitStream stream;
  stream.commit({.message = "Begin", .files = {{"f", text(1, 40)}, {"g", "g\n"}}});
  const int change =
      stream.commit({.message = "Change", .files = {{"f", text(1, 40, {{20, "line twenty\n"}})}}, .removed = {"g"}});
  const int newer = stream.commit({.message = "Back", .files = {{"f", text(1, 40)}}});
  stream.tag("1.0.0", change).tag("2.0.0", newer);
  const GitFixture fixture(stream);
  fixture.git("clone -q --bare --depth 1 --branch 1.0.0 file://" + fixture.path() + " " + fixture.beside("shallow"));
  const RepositoryPtr repository = forge::git::open_repository(fixture.beside("shallow")).value();
  const SectionCause lines = cause(repository, fixture.id("1.0.0"), patch_at(20));
  REQUIRE(lines.hunks.size() == 1);
  CHECK_FALSE(lines.hunks[0].has_value());
  CHECK_FALSE(cause(repository, fixture.id("1.0.0"), patch_at(20, "g")).fate.has_value());
}

TEST_CASE("file fate: renames with changes are followed, deletions named") {
  GitStream stream;
  stream.commit({.message = "Begin", .files = {{"a.py", text(1, 40)}, {"b.py", text(100, 140)}}});
  stream.commit({.message = "Rename", .files = {{"lib/a.py", text(1, 40, {{3, "x\n"}})}}, .removed = {"a.py"}});
  stream.tag("1.0.0", stream.commit({.message = "Drop", .removed = {"b.py"}}));
  stream.commit({.message = "Again", .files = {{"lib/c.py", text(1, 40, {{3, "x\n"}})}}, .removed = {"lib/a.py"}});
  const GitFixture fixture(stream);
  const RepositoryPtr repository = fixture.open();
  const SectionCause renamed = cause(repository, fixture.id("master"), patch_at(20, "a.py"));
  REQUIRE(renamed.fate.has_value());
  CHECK(renamed.fate->kind == FileFate::Kind::renamed);
  CHECK(renamed.fate->path == "lib/c.py");
  CHECK(renamed.fate->names == std::vector<std::string>{"lib/a.py"});
  CHECK(renamed.fate->commit->subject == "Rename");
  CHECK(renamed.fate->commit->tag == "1.0.0");
  const SectionCause deleted = cause(repository, fixture.id("master"), patch_at(120, "b.py"));
  REQUIRE(deleted.fate.has_value());
  CHECK(deleted.fate->kind == FileFate::Kind::deleted);
  CHECK(deleted.fate->commit->subject == "Drop");
  CHECK(cause(repository, fixture.id("master"), patch_at(20, "never.py")).fate->kind == FileFate::Kind::unknown);
}

TEST_CASE("series clash: which patch of the series is to blame") {
  const std::string file = text(1, 40);
  const auto clash = [&](const std::vector<std::string>& patches, std::size_t at) {
    MemoryRepository repository;
    const ObjectId commit = repository.add_commit({{"f", file}});
    const auto found = place(repository, commit, patches).patches.at(at).clash;
    return found ? fmt::format("{} {}", to_string(found->kind), found->patch) : std::string("none");
  };
  std::string second = patch_at(21);
  CHECK(clash({patch_at(10), patch_at(20), second}, 2) == "broken-by 1");
  second.replace(second.find(" line 24"), 8, " not upstream");
  CHECK(clash({patch_at(20), second}, 1) == "made-by 0");
  std::string on_own = patch_at(20);
  on_own.replace(on_own.find("-line 20\n"), 9, "-own\n");
  on_own.replace(on_own.find("+own"), 4, "+two");
  CHECK(clash({on_own, patch_at(20)}, 0) == "supplied-by 1");
  std::string failing = patch_at(20, "f", "new line");
  failing.replace(failing.find(" line 17"), 8, " not upstream");
  std::string needing = patch_at(20);
  needing.replace(needing.find("-line 20\n"), 9, "-new line\n");
  CHECK(clash({failing, needing}, 1) == "needs 0");
  CHECK(clash({failing, patch_at(30)}, 0) == "none");
}

TEST_CASE("retarget: every header line of the section, and nothing else") {
  const auto after = [](const std::string& patch, const std::string& path, bool new_prefix) {
    const auto read = forge::formats::parse_patch(patch);
    return forge::model::edited(patch, forge::model::retarget(patch, read.value.sections.front(), path, new_prefix));
  };
  CHECK(after("diff --git a/x/f b/x/f\n--- a/x/f\n+++ b/x/f\n@@ -1 +1 @@\n-a/x/f\n+b\n", "y/g", false) ==
        "diff --git a/y/g b/y/g\n--- a/y/g\n+++ b/y/g\n@@ -1 +1 @@\n-a/x/f\n+b\n");
  CHECK(after("diff --git a/f b/lib/f\nsimilarity index 100%\nrename from f\nrename to lib/f\n", "g", false) ==
        "diff --git a/g b/lib/f\nsimilarity index 100%\nrename from g\nrename to lib/f\n");
  CHECK(after("diff --git x/f x/f\n--- x/f\n+++ x/f\n@@ -1 +1 @@\n-a\n+b\n", "x/f", true) ==
        "diff --git a/x/f b/x/f\n--- a/x/f\n+++ b/x/f\n@@ -1 +1 @@\n-a\n+b\n");
}

TEST_CASE("outlook: the newer versions of the series, and the commit in a merge that breaks it") {
  GitStream stream;
  const int base = stream.commit({.message = "Begin", .files = {{"f", text(1, 40)}}});
  const int side = stream.commit(
      {.branch = "side", .message = "Break it", .files = {{"f", text(1, 40, {{21, "line x\n"}})}}, .parents = {base}});
  const int other = stream.commit({.message = "Elsewhere", .files = {{"f", text(1, 40, {{39, "x\n"}})}}});
  const int merge = stream.commit(
      {.message = "Merge", .files = {{"f", text(1, 40, {{21, "line x\n"}, {39, "x\n"}})}}, .parents = {other, side}});
  const int last = stream.commit({.message = "Last", .files = {{"g", "g\n"}}});
  stream.tag("1.0.0", base).tag("1.0.1", other).tag("1.1.0.0rc1", merge).tag("1.1.0", merge);
  stream.branch("stable/2025.1", last);
  const GitFixture fixture(stream);
  const auto upstream = forge::model::read_upstream_refs(fixture.open()).value();
  std::vector<std::string> names;
  const auto newer = forge::model::newer_refs(upstream, fixture.id("1.0.0")).value();
  for (const auto& ref : newer) names.push_back(ref.name);
  CHECK(names == std::vector<std::string>{"1.0.1", "1.1.0", "stable/2025.1"});
  const std::vector<std::string> patches{patch_at(20)};
  const auto breaking =
      forge::model::breaking_commit(upstream, fixture.id("1.0.1"), fixture.id("stable/2025.1"), parsed(patches))
          .value();
  REQUIRE(breaking.has_value());
  CHECK(breaking->subject == "Break it");
}
