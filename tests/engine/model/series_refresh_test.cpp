#include "engine/model/series_refresh.hpp"

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "engine/git/object_hash.hpp"
#include "engine/git/text_merge.hpp"
#include "engine/model/diffstat.hpp"
#include "tests/support/git_fixture.hpp"
#include "tests/support/git_judge.hpp"
#include "tests/support/memory_repository.hpp"

using forge::model::PatchRefresh;
using forge::model::PatchText;
using forge::model::RefreshAction;
using forge::model::SeriesRefresh;
using forge::support::GitFixture;
using forge::support::GitJudge;
using forge::support::GitStream;
using forge::support::GitVerdict;
using forge::support::MemoryRepository;
using Files = MemoryRepository::Files;

namespace {

constexpr RefreshAction unchanged = RefreshAction::unchanged;
constexpr RefreshAction rewritten = RefreshAction::rewritten;
constexpr RefreshAction dropped = RefreshAction::dropped;
constexpr RefreshAction kept = RefreshAction::kept;

SeriesRefresh refresh(const forge::git::Repository& repository, const forge::git::ObjectId& commit,
                      const std::vector<std::string>& patches) {
  std::vector<PatchText> texts;
  for (const std::string& patch : patches) {
    texts.push_back(
        {patch, std::make_shared<const forge::Parsed<forge::formats::Patch>>(forge::formats::parse_patch(patch))});
  }
  return forge::model::refresh_series(repository, commit, texts).value();
}

/// `1\n2\n…`
std::string lines(int from, int to) {
  std::string out;
  for (int i = from; i <= to; ++i) out += fmt::format("{}\n", i);
  return out;
}

std::string blob_id(const std::string& text) {
  return forge::git::hash_object("blob", text).hex();
}

/// A change of one file as `git diff` writes it, between mail header and signature.
std::string mail(const std::string& path, const std::string& before, const std::string& after,
                 const std::string& subject = "Change") {
  return fmt::format(
      "From 0123456789abcdef0123456789abcdef01234567 Mon Sep 17 00:00:00 2001\nFrom: Ann <ann@example.org>\nSubject: "
      "[PATCH] {0}\n\nWhy.\n\nChange-Id: I0123\n---\ndiff --git a/{1} b/{1}\nindex {2}..{3} 100644\n--- a/{1}\n+++ "
      "b/{1}\n{4}-- \n2.39.5\n\n",
      subject, path, blob_id(before).substr(0, 10), blob_id(after).substr(0, 10),
      forge::git::diff_texts(before, after, 3));
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

/// What is to be applied after a refresh.
std::vector<std::string> outcome(const std::vector<std::string>& patches, const SeriesRefresh& refresh) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < patches.size(); ++i) {
    if (refresh.patches[i].action == rewritten)
      out.push_back(refresh.patches[i].text);
    else if (refresh.patches[i].action == unchanged)
      out.push_back(patches[i]);
  }
  return out;
}

/// Git takes the outcome without an offset, it makes `tree`, and a second refresh has nothing to do.
void check_outcome(const MemoryRepository& repository, const forge::git::ObjectId& commit, const Files& files,
                   const std::vector<std::string>& patches, const SeriesRefresh& series) {
  const std::vector<std::string> after = outcome(patches, series);
  if (after.empty()) return;
  for (const PatchRefresh& patch : refresh(repository, commit, after).patches) CHECK(patch.action == unchanged);
  if (!GitJudge::is_there()) return;
  static const GitJudge judge;
  const GitVerdict verdict = judge.apply(files, after);
  CHECK_MESSAGE(verdict.status == 0, verdict.words);
  CHECK(verdict.words.find("offset") == std::string::npos);
  if (series.tree) CHECK(verdict.tree == series.tree->hex());
}

/// One file `f`: a patch made between `before` and `after`, refreshed where the file is `now`. All of `history` is
/// committed before.
struct OneFile {
  PatchRefresh patch;
  std::string tree_text;
};
SeriesRefresh refresh_one(const std::string& now, const std::string& patch, const std::vector<std::string>& history) {
  MemoryRepository repository;
  std::vector<forge::git::ObjectId> parents;
  for (const std::string& text : history) parents = {repository.add_commit({{"f", text}}, "before", parents)};
  const Files files = {{"f", now}};
  const forge::git::ObjectId commit = repository.add_commit(files, "now", parents);
  repository.tag("1.0.0", commit);
  SeriesRefresh series = refresh(repository, commit, {patch});
  check_outcome(repository, commit, files, {patch}, series);
  return series;
}

std::string tree_of(const Files& files) {
  MemoryRepository repository;
  return repository.tree_of(repository.add_commit(files)).hex();
}

}  // namespace

TEST_CASE("refresh: a patch that applies exactly keeps its bytes") {
  const std::string before = lines(1, 30);
  const std::string after = replaced(before, "\n15\n", "\nfifteen\n");
  const SeriesRefresh series = refresh_one(before, mail("f", before, after), {});
  CHECK(series.patches[0].action == unchanged);
  CHECK(series.tree->hex() == tree_of({{"f", after}}));
}

TEST_CASE("refresh: a moved hunk gets the line it applies at, and nothing but the diff changes") {
  const std::string before = lines(1, 30);
  const std::string patch = mail("f", before, replaced(before, "\n15\n", "\nfifteen\n"));
  const std::string now = "new\n" + before;
  const SeriesRefresh series = refresh_one(now, patch, {});
  REQUIRE(series.patches[0].action == rewritten);
  CHECK(series.patches[0].notes == std::vector<std::string>{"`f`: moved by 1 line down"});
  const std::string expected = mail("f", now, replaced(now, "\n15\n", "\nfifteen\n"));
  const std::size_t hunk = expected.find("@@ -13");
  REQUIRE(hunk != std::string::npos);
  CHECK(series.patches[0].text.ends_with(expected.substr(hunk)));
  CHECK(series.patches[0].text.starts_with(patch.substr(0, patch.find("index "))));
  CHECK(series.patches[0].text.find(fmt::format("index {}..", blob_id(now))) != std::string::npos);
}

TEST_CASE("refresh: changed context is merged from the blob that the index line names") {
  const std::string before = lines(1, 30);
  const std::string patch = mail("f", before, replaced(before, "\n15\n", "\nfifteen\n"));
  const std::string now = replaced(before, "\n13\n", "\nthirteen\n");
  const SeriesRefresh series = refresh_one(now, patch, {before});
  REQUIRE(series.patches[0].action == rewritten);
  CHECK(series.tree->hex() == tree_of({{"f", replaced(now, "\n15\n", "\nfifteen\n")}}));
}

TEST_CASE("refresh: without an index line the nearest state in history is the base") {
  const std::string before = lines(1, 30);
  std::string patch = mail("f", before, replaced(before, "\n15\n", "\nfifteen\n"));
  const std::size_t at = patch.find("index ");
  patch.erase(at, patch.find('\n', at) + 1 - at);
  const std::string now = replaced(before, "\n13\n", "\nthirteen\n");
  const SeriesRefresh series = refresh_one(now, patch, {before, "other\n" + before});
  REQUIRE(series.patches[0].action == rewritten);
  CHECK(series.patches[0].text.find("index ") == std::string::npos);
  CHECK(series.patches[0].notes[0].find("the file's state at commit") != std::string::npos);
  CHECK(refresh_one(now, patch, {}).patches[0].action == kept);
}

TEST_CASE("refresh: a collision is left as it was and named") {
  const std::string before = lines(1, 30);
  const std::string patch = mail("f", before, replaced(before, "\n15\n", "\nfifteen\n"));
  const std::string now = replaced(before, "\n15\n", "\nxv\n");
  const SeriesRefresh series = refresh_one(now, patch, {before});
  REQUIRE(series.patches[0].action == kept);
  CHECK(series.patches[0].notes ==
        std::vector<std::string>{"`f`: this hunk collides with line 15 of the file as it is now"});
  CHECK(patch.substr(series.patches[0].culprit.begin).starts_with("@@ -12"));
  CHECK_FALSE(series.tree.has_value());
}

TEST_CASE("refresh: what upstream has taken goes: a whole patch, or the part that is in") {
  const std::string before = lines(1, 60);
  const std::string half = replaced(before, "\n15\n", "\nfifteen\n");
  const std::string after = replaced(half, "\n45\n", "\nforty-five\n");
  const std::string patch = mail("f", before, after);
  CHECK(refresh_one(replaced(after, "\n2\n", "\ntwo\n"), patch, {before}).patches[0].action == dropped);
  CHECK(refresh_one(after, patch, {}).patches[0].action == dropped);  // its base is not known: it applies in reverse
  const SeriesRefresh part = refresh_one(half, patch, {before});
  REQUIRE(part.patches[0].action == rewritten);
  CHECK(part.patches[0].text.find("+fifteen") == std::string::npos);
  CHECK(part.tree->hex() == tree_of({{"f", after}}));
}

TEST_CASE("refresh: a change that upstream made at another place is not put in a second time") {
  const std::string before = lines(1, 60);
  const std::string function = "def cancelled(window):\n    return window.cancelled\n";
  const std::string patch = mail("f", before, replaced(before, "\n15\n", "\n15\n" + function));
  const std::string now = replaced(replaced(before, "\n14\n", "\nfourteen\n"), "\n45\n", "\n45\n" + function);
  CHECK(refresh_one(now, patch, {before}).patches[0].action == kept);
}

TEST_CASE("refresh: a later patch's base is what the earlier one made") {
  MemoryRepository repository;
  const std::string first = lines(1, 30);
  const std::string second = replaced(first, "\n10\n", "\nten\n");
  const std::string third = replaced(second, "\n12\n", "\ntwelve\n");
  const std::vector<std::string> patches = {mail("f", first, second, "One"), mail("f", second, third, "Two")};
  const auto base = repository.add_commit({{"f", first}});
  const Files files = {{"f", replaced(replaced(first, "\n8\n", "\neight\n"), "\n14\n", "\nfourteen\n")}};
  const auto commit = repository.add_commit(files, "now", {base});
  repository.tag("1.0.0", commit);
  const SeriesRefresh series = refresh(repository, commit, patches);
  REQUIRE(series.patches[0].action == rewritten);
  REQUIRE(series.patches[1].action == rewritten);
  check_outcome(repository, commit, files, patches, series);
  CHECK(series.tree->hex() ==
        tree_of({{"f", replaced(replaced(files.at("f").text, "\n10\n", "\nten\n"), "\n12\n", "\ntwelve\n")}}));
}

TEST_CASE("refresh: behind a patch that is kept the others are looked at without it, and it is said") {
  MemoryRepository repository;
  const std::string before = lines(1, 30);
  const Files files = {{"f", "new\n" + replaced(before, "\n5\n", "\nv\n")}};
  const auto commit = repository.add_commit(files, "now", {repository.add_commit({{"f", before}})});
  const std::vector<std::string> patches = {mail("f", before, replaced(before, "\n5\n", "\nfive\n")),
                                            mail("f", before, replaced(before, "\n25\n", "\ntwenty-five\n"))};
  const SeriesRefresh series = refresh(repository, commit, patches);
  CHECK(series.patches[0].action == kept);
  CHECK(series.patches[1].action == rewritten);
  CHECK(series.patches[1].without == std::vector<std::size_t>{0});
  check_outcome(repository, commit, files, patches, series);
}

TEST_CASE("refresh: a renamed file is followed, a deleted one is named with its commit") {
  MemoryRepository repository;
  const std::string before = lines(1, 30);
  const auto base = repository.add_commit({{"old/f", before}, {"g", before}});
  const auto moved = repository.add_commit({{"new/f", before}, {"g", before}}, "move", {base});
  const Files files = {{"new/f", replaced(before, "\n13\n", "\nthirteen\n")}};
  const auto commit = repository.add_commit(files, "delete g", {moved});
  repository.tag("1.0.0", commit);
  const std::string after = replaced(before, "\n15\n", "\nfifteen\n");
  const std::vector<std::string> patches = {mail("old/f", before, after), mail("g", before, after)};
  const SeriesRefresh series = refresh(repository, commit, patches);
  REQUIRE(series.patches[0].action == rewritten);
  CHECK(series.patches[0].text.find("diff --git a/new/f b/new/f\n") != std::string::npos);
  CHECK(series.patches[0].text.find("--- a/new/f\n+++ b/new/f\n@@") != std::string::npos);
  CHECK(series.patches[0].notes[0].find("renamed from `old/f` by commit " + moved.abbreviated()) != std::string::npos);
  REQUIRE(series.patches[1].action == kept);
  CHECK(series.patches[1].notes[0] == "`g` was deleted upstream by commit " + commit.abbreviated());
  check_outcome(repository, commit, files, patches, series);
}

TEST_CASE("refresh: files of Windows, files without a last line end, odd names, little context") {
  const auto crlf = [](const std::string& text) {
    std::string out;
    for (const char c : text) out += c == '\n' ? std::string("\r\n") : std::string(1, c);
    return out;
  };
  const std::string before = lines(1, 20);
  const std::string after = replaced(before, "\n15\n", "\nfifteen\n");
  CHECK(refresh_one(crlf("new\n" + before), mail("f", crlf(before), crlf(after)), {}).patches[0].action == rewritten);
  const std::string end = before + "last";
  CHECK(refresh_one("new\n" + end, mail("f", end, before + "end"), {}).patches[0].action == rewritten);
  MemoryRepository repository;
  const Files files = {{"with space", "new\n" + before}};
  const auto commit = repository.add_commit(files);
  const std::vector<std::string> patches = {mail("with space", before, after)};
  check_outcome(repository, commit, files, patches, refresh(repository, commit, patches));
  const std::string narrow = fmt::format("--- a/f\n+++ b/f\n{}", forge::git::diff_texts(before, after, 1));
  const SeriesRefresh series = refresh_one("new\n" + before, narrow, {});
  REQUIRE(series.patches[0].action == rewritten);
  CHECK(series.patches[0].text == "--- a/f\n+++ b/f\n@@ -15,3 +15,3 @@ new\n 14\n-15\n+fifteen\n 16\n");
}

TEST_CASE("refresh: the diffstat follows, in git's words") {
  const std::string before = lines(1, 60);
  const std::string half = replaced(before, "\n15\n", "\nfifteen\n");
  const std::string after = replaced(half, "\n45\n", "\n45\nmore\nand more\n");
  const std::string stat = " f | 4 +++-\n 1 file changed, 3 insertions(+), 1 deletion(-)\n\n";
  const std::string patch = replaced(mail("f", before, after), "---\ndiff", "---\n" + stat + "diff");
  const SeriesRefresh series = refresh_one(half, patch, {before});
  REQUIRE(series.patches[0].action == rewritten);
  CHECK(series.patches[0].text.find("---\n f | 2 ++\n 1 file changed, 2 insertions(+)\n\ndiff") != std::string::npos);
  const std::vector<forge::model::FileStat> files = {
      {std::string(80, 'd') + "/name.py", 300, 20}, {"short.py", 1, 1}, {"none.py", 0, 0}};
  CHECK(forge::model::diffstat_text(files) ==
        " .../name.py                                   | 320 ++++++++++++++++--\n"
        " short.py                                      |   2 +-\n"
        " none.py                                       |   0\n"
        " 3 files changed, 301 insertions(+), 21 deletions(-)\n");
}

TEST_CASE("refresh: several mails in one file keep their own diffs, and none goes silently") {
  const std::string before = lines(1, 60);
  const std::string half = replaced(before, "\n15\n", "\nfifteen\n");
  const std::string after = replaced(half, "\n45\n", "\nforty-five\n");
  const std::string both = mail("f", before, half, "One") + mail("f", half, after, "Two");
  const SeriesRefresh series = refresh_one("new\n" + before, both, {before});
  REQUIRE(series.patches[0].action == rewritten);
  const std::string& text = series.patches[0].text;
  CHECK(text.find("[PATCH] One") < text.find("+fifteen"));
  CHECK(text.find("+fifteen") < text.find("[PATCH] Two"));
  CHECK(text.find("[PATCH] Two") < text.find("+forty-five"));
  CHECK(refresh_one("new\n" + half, both, {before}).patches[0].action == kept);
}

TEST_CASE("refresh: a patch that git reads in part, or not at all, is left alone") {
  const std::string before = lines(1, 30);
  const std::string good = mail("f", before, replaced(before, "\n15\n", "\nfifteen\n"));
  const SeriesRefresh series = refresh_one(before, replaced(good, "@@ -12,7", "@@ -12,9"), {});
  CHECK(series.patches[0].action == kept);
}

TEST_CASE("refresh: after random edits the outcome applies exactly and is the three-way tree") {
  std::mt19937 random(20260);
  const auto pick = [&](int below) { return static_cast<int>(random() % static_cast<unsigned>(below)); };
  int rewrites = 0;
  for (int round = 0; round < 150; ++round) {
    std::vector<std::string> base;
    for (int i = 0; i < 40; ++i) base.push_back(fmt::format("line {}\n", pick(4) == 0 ? 0 : i));
    const auto edited = [&](std::vector<std::string> text, const char* word, int times) {
      for (int i = 0; i < times; ++i) {
        const auto at = text.begin() + pick(static_cast<int>(text.size()));
        switch (pick(3)) {
          case 0:
            *at = fmt::format("{} {}\n", word, random());
            break;
          case 1:
            text.insert(at, fmt::format("{} {}\n", word, random()));
            break;
          default:
            text.erase(at);
        }
      }
      std::string out;
      for (const std::string& line : text) out += line;
      return out;
    };
    std::string before;
    for (const std::string& line : base) before += line;
    const std::string theirs = edited(base, "theirs", 1 + pick(3));
    const std::string ours = edited(base, "ours", 1 + pick(4));
    const std::string patch = mail("f", before, theirs);
    if (theirs == before) continue;
    const SeriesRefresh series = refresh_one(ours, patch, {before});
    CAPTURE(patch);
    CAPTURE(ours);
    const forge::git::TextMerge merge = forge::git::merge_texts(before, ours, theirs);
    const RefreshAction action = series.patches[0].action;
    if (action == rewritten) ++rewrites;
    if (!merge.conflict && (action == rewritten || action == dropped))
      CHECK(series.tree->hex() == tree_of({{"f", merge.text}}));
    if (!merge.conflict && action == kept) CHECK_MESSAGE(false, series.patches[0].notes[0]);
  }
  CHECK(rewrites > 40);
}

TEST_CASE("refresh: on a real repository, the blob of an abbreviated index line and a rename in a merged branch") {
  GitStream stream;
  const std::string before = lines(1, 30);
  const std::string now = replaced(before, "\n13\n", "\nthirteen\n");
  const int first = stream.commit({.files = {{"old/f", before}, {"other", "x\n"}}});
  const int side =
      stream.commit({.branch = "side", .files = {{"new/f", before}}, .removed = {"old/f"}, .parents = {first}});
  const int main = stream.commit({.files = {{"other", "y\n"}}, .parents = {first}});
  const int merge = stream.commit({.files = {{"new/f", before}}, .removed = {"old/f"}, .parents = {main, side}});
  stream.tag("1.0.0", stream.commit({.files = {{"new/f", now}}, .parents = {merge}}));
  const GitFixture fixture(stream);
  const auto repository = fixture.open();
  const std::string patch = mail("old/f", before, replaced(before, "\n15\n", "\nfifteen\n"));
  const SeriesRefresh series = refresh(*repository, fixture.id("1.0.0"), {patch});
  REQUIRE(series.patches[0].action == rewritten);
  CHECK(series.tree->hex() == tree_of({{"new/f", replaced(now, "\n15\n", "\nfifteen\n")}, {"other", "y\n"}}));
  CHECK(refresh(*repository, fixture.id("1.0.0"), {series.patches[0].text}).patches[0].action == unchanged);
}
