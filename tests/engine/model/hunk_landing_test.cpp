#include "engine/model/hunk_landing.hpp"

#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/support/git_judge.hpp"
#include "tests/support/memory_repository.hpp"

using forge::model::OddLanding;
using forge::model::PatchText;
using forge::support::GitJudge;
using forge::support::MemoryRepository;
using Files = MemoryRepository::Files;
using Kind = OddLanding::Kind;

namespace {

struct Landed {
  std::vector<OddLanding> odd;
  std::string tree;  ///< empty where some patch does not apply
};

Landed land(const Files& files, const std::vector<std::string>& patches) {
  MemoryRepository repository;
  const forge::git::ObjectId commit = repository.add_commit(files);
  std::vector<PatchText> texts;
  for (const std::string& patch : patches) {
    texts.push_back(
        {patch, std::make_shared<const forge::Parsed<forge::formats::Patch>>(forge::formats::parse_patch(patch))});
  }
  const auto placement = forge::model::place_series(repository, commit, texts).value();
  Landed out{forge::model::find_odd_landings(repository, placement, texts).value(), {}};
  if (placement.tree) out.tree = placement.tree->hex();
  return out;
}

std::string change(const std::string& path, const std::string& hunks) {
  return fmt::format("diff --git a/{0} b/{0}\n--- a/{0}\n+++ b/{0}\n{1}", path, hunks);
}

std::string method(const std::string& name) {
  return fmt::format("    def {}(self):\n        a = 1\n        b = 2\n        c = 3\n\n", name);
}
/// Of the third line of a method, claimed to begin at `line`.
std::string method_hunk(int line, const std::string& named) {
  return fmt::format("@@ -{0},4 +{0},4 @@ {1}\n         a = 1\n         b = 2\n-        c = 3\n+        c = 4\n \n",
                     line, named);
}

std::vector<Kind> kinds(const Landed& landed) {
  std::vector<Kind> out;
  for (const OddLanding& odd : landed.odd) out.push_back(odd.kind);
  return out;
}

struct Row {
  std::string name;
  Files files;
  std::vector<std::string> patches;
  std::vector<Kind> kinds;
};

/// What git takes with status 0; each is odd in its way.
std::vector<Row> rows() {
  const std::string three = "class A:\n" + method("one") + method("two") + method("three");
  const std::string marker = "\\ No newline at end of file\n";
  return {
      {"several places",
       {{"f.py", "# 1\n# 2\n# 3\n" + three}},
       {change("f.py", method_hunk(8, "class A:"))},
       {Kind::ambiguous}},
      {"not in the class that is named",
       {{"f.py", "#\n#\n#\n#\n#\n#\nclass A:\n" + method("one") + "\nclass B:\n" + method("one")}},
       {change("f.py", method_hunk(10, "class B:"))},
       {Kind::elsewhere}},
      {"no context: the end of the file",
       {{"f", "1\n2\n3\n4\n5\n"}},
       {change("f", "@@ -2,0 +3,1 @@\n+new\n")},
       {Kind::end_of_file}},
      {"the same hunk twice in a patch",
       {{"f", "1\nA\nB\n2\nA\nB\n3\n"}},
       {change("f", "@@ -2,2 +2,3 @@\n A\n+N\n B\n@@ -2,2 +3,3 @@\n A\n+N\n B\n")},
       {Kind::repeated}},
      {"a line without its end in the middle",
       {{"f", "1\n2\n3\n4\n"}},
       {change("f", "@@ -2,2 +2,3 @@\n 2\n+new\n 3\n" + marker)},
       {Kind::joins_lines}},
      {"another name without a rename",
       {{"f", "1\n2\n3\n"}, {"g", "g\n"}},
       {"diff --git a/f b/g\n--- a/f\n+++ b/g\n@@ -1,3 +1,3 @@\n 1\n-2\n+two\n 3\n"},
       {Kind::overwrites}},
      {"nothing is odd", {{"f.py", three}}, {change("f.py", method_hunk(8, "class A:"))}, {}},
  };
}

}  // namespace

TEST_CASE("landing: what git applies all the same is told apart") {
  for (const Row& row : rows()) {
    CAPTURE(row.name);
    const Landed landed = land(row.files, row.patches);
    CHECK_FALSE(landed.tree.empty());
    CHECK(kinds(landed) == row.kinds);
  }
}

TEST_CASE("landing: git makes the tree that is warned of") {
  if (!GitJudge::is_there()) {
    MESSAGE("skipped: there is no git 2.39");
    return;
  }
  const GitJudge judge;
  for (const Row& row : rows()) {
    CAPTURE(row.name);
    const auto verdict = judge.apply(row.files, row.patches);
    CHECK(verdict.status == 0);
    CHECK(verdict.tree == land(row.files, row.patches).tree);
  }
}

TEST_CASE("landing: a later section of a patch sees what an earlier one made") {
  const std::string three = "class A:\n" + method("one") + method("two") + method("three");
  const std::string twice =
      change("f.py", "@@ -1,3 +1,5 @@\n+# 1\n+# 2\n class A:\n     def one(self):\n         a = 1\n") +
      change("f.py", method_hunk(10, "class A:"));
  CHECK(land({{"f.py", three}}, {twice}).odd.empty());
}

TEST_CASE("landing: many places are a table, and nobody learns from their names") {
  std::string table;
  for (int i = 0; i < 200; ++i) table += "a\nb\n\n";
  const Landed landed = land({{"f", table}}, {change("f", "@@ -6,3 +6,3 @@\n \n-a\n+A\n b\n")});
  CHECK(landed.odd.empty());
}

TEST_CASE("landing: ten thousand equal lines and hunks take a bounded time") {
  std::string file = "top\n";
  std::string hunks;
  for (int i = 0; i < 10'000; ++i) file += "same\n";
  for (int i = 0; i < 3'000; ++i) hunks += fmt::format("@@ -{0},3 +{0},3 @@\n same\n-same\n+other\n same\n", 3 * i + 3);
  CHECK_FALSE(land({{"f", file}}, {change("f", hunks)}).tree.empty());
}

TEST_CASE("landing: text behind the counts is dropped, a signature or the next header is not") {
  const auto dropped = [](const std::string& text) {
    return forge::model::dropped_text(text, forge::formats::parse_patch(text).value);
  };
  const std::string hunk = "@@ -1,3 +1,3 @@\n 1\n-2\n+two\n 3\n";
  CHECK(dropped(change("f", hunk)).empty());
  CHECK(dropped(change("f", hunk) + "-- \n2.39.5\n\n").empty());
  CHECK(dropped(change("f", hunk) + "--\n2.39.5\n").empty());
  CHECK(dropped(change("f", hunk) + change("g", hunk)).empty());
  CHECK(dropped("--- a/f\n+++ b/f\n" + hunk + "--- a/g\n+++ b/g\n" + hunk).empty());

  const std::string context = change("f", hunk) + " 4\n" + change("g", hunk);
  REQUIRE(dropped(context).size() == 1);
  CHECK_FALSE(dropped(context).front().changes);
  CHECK(context.substr(dropped(context).front().span.begin, 3) == " 4\n");

  const std::string changes = change("f", hunk) + "-4\n+four\n\n-5\n";
  REQUIRE(dropped(changes).size() == 1);
  CHECK(dropped(changes).front().changes);
  CHECK(dropped(changes).front().span.size() == 9);

  REQUIRE(dropped(change("f", hunk) + "diff --git a/g b/g\n").size() == 1);
  CHECK(dropped(change("f", hunk) + "diff --git a/g b/g\n").front().hunk.empty());
}
