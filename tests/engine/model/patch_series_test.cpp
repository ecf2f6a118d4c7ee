#include "engine/model/patch_series.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "engine/git/object_hash.hpp"
#include "tests/support/git_judge.hpp"
#include "tests/support/memory_repository.hpp"

using forge::model::Direction;
using forge::model::PatchText;
using forge::model::PatchVerdict;
using forge::model::SeriesPlacement;
using forge::support::GitJudge;
using forge::support::GitVerdict;
using forge::support::MemoryRepository;
using Files = MemoryRepository::Files;
using File = MemoryRepository::File;

namespace {

constexpr PatchVerdict applies = PatchVerdict::applies;
constexpr PatchVerdict already = PatchVerdict::already_applied;
constexpr PatchVerdict conflict = PatchVerdict::conflict;
constexpr PatchVerdict malformed = PatchVerdict::malformed;

SeriesPlacement place(const Files& files, const std::vector<std::string>& patches) {
  MemoryRepository repository;
  const forge::git::ObjectId commit = repository.add_commit(files);
  std::vector<PatchText> texts;
  for (const std::string& patch : patches) {
    texts.push_back(
        {patch, std::make_shared<const forge::Parsed<forge::formats::Patch>>(forge::formats::parse_patch(patch))});
  }
  return forge::model::place_series(repository, commit, texts).value();
}

std::string tree_of(const Files& files) {
  MemoryRepository repository;
  return repository.tree_of(repository.add_commit(files)).hex();
}

/// `1\n2\n…`
std::string lines(int from, int to) {
  std::string out;
  for (int i = from; i <= to; ++i) out += fmt::format("{}\n", i);
  return out;
}

std::string crlf(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '\n' ? std::string("\r\n") : std::string(1, c);
  return out;
}

std::string header(const std::string& path) {
  return fmt::format("diff --git a/{0} b/{0}\nindex 1111111..2222222 100644\n--- a/{0}\n+++ b/{0}\n", path);
}
/// A change of the file `f`.
std::string change(const std::string& hunks) {
  return header("f") + hunks;
}
std::string creation(const std::string& path, const std::string& line, const std::string& mode = "100644") {
  return fmt::format(
      "diff --git a/{0} b/{0}\nnew file mode {2}\nindex 0000000..2222222\n--- /dev/null\n+++ b/{0}\n@@ -0,0 +1 "
      "@@\n+{1}\n",
      path, line, mode);
}
/// Without a line end, as links are.
std::string link(const std::string& path, const std::string& target) {
  return creation(path, target, "120000") + "\\ No newline at end of file\n";
}
std::string unlink(const std::string& path, const std::string& target) {
  return fmt::format(
      "diff --git a/{0} b/{0}\ndeleted file mode 120000\nindex 2222222..0000000\n--- a/{0}\n+++ /dev/null\n@@ -1 +0,0 "
      "@@\n-{1}\n\\ No newline at end of file\n",
      path, target);
}
std::string deletion(const std::string& path, const std::string& line) {
  return fmt::format(
      "diff --git a/{0} b/{0}\ndeleted file mode 100644\nindex 2222222..0000000\n--- a/{0}\n+++ /dev/null\n@@ -1 +0,0 "
      "@@\n-{1}\n",
      path, line);
}
std::string renaming(const std::string& from, const std::string& to) {
  return fmt::format("diff --git a/{0} b/{1}\nsimilarity index 100%\nrename from {0}\nrename to {1}\n", from, to);
}

const std::string insertion = "@@ -2,2 +2,3 @@\n 2\n+new\n 3\n";
const std::string signature = "-- \n2.39.5\n";
const std::string inserted = "1\n2\nnew\n" + lines(3, 6);

std::string id(const std::string& text) {
  return forge::git::hash_object("blob", text).hex();
}

struct Row {
  std::string name;  ///< its number in the table of tricky cases, and what it is
  Files files;
  std::vector<std::string> patches;
  std::vector<PatchVerdict> verdicts;
  Files result{};  ///< where all apply
};

std::vector<Row> text_rows() {
  const Files f{{"f", lines(1, 6)}};
  const std::string gap = "s\nA\nB\nr\nt\nA\nB\nu\n";
  return {
      {"1: found further down",
       {{"f", lines(100, 106) + lines(1, 20)}},
       {change("@@ -10,3 +10,4 @@\n 10\n+new\n 11\n 12\n")},
       {applies},
       {{"f", lines(100, 106) + lines(1, 10) + "new\n" + lines(11, 20)}}},
      {"2: of two equal places the one below",
       {{"f", gap}},
       {change("@@ -4,2 +4,3 @@\n A\n+N\n B\n")},
       {applies},
       {{"f", "s\nA\nB\nr\nt\nA\nN\nB\nu\n"}}},
      {"3: old start 1 binds to the beginning",
       {{"f", "top\n" + lines(1, 6)}},
       {change("@@ -1,3 +1,4 @@\n 1\n+new\n 2\n 3\n")},
       {conflict}},
      {"4: old start 2 does not",
       {{"f", "top\n" + lines(1, 6)}},
       {change("@@ -2,3 +2,4 @@\n 2\n+new\n 3\n 4\n")},
       {applies},
       {{"f", "top\n" + inserted}}},
      {"5: no trailing context binds to the end", f, {change("@@ -4,2 +4,3 @@\n 4\n 5\n+new\n")}, {conflict}},
      {"6: bound to the end, the search starts there",
       {{"f", lines(1, 9)}},
       {change("@@ -3,2 +3,3 @@\n 8\n 9\n+new\n")},
       {applies},
       {{"f", lines(1, 9) + "new\n"}}},
      {"7: change without context in the middle", f, {change("@@ -3 +3 @@\n-3\n+new\n")}, {conflict}},
      {"8: insertion without context goes to the end",
       f,
       {change("@@ -3,0 +4 @@\n+new\n")},
       {applies},
       {{"f", lines(1, 6) + "new\n"}}},
      {"9: hunks in the wrong order",
       {{"f", lines(1, 20)}},
       {change("@@ -15,2 +15,3 @@\n 15\n+late\n 16\n@@ -3,2 +3,3 @@\n 3\n+early\n 4\n")},
       {applies},
       {{"f", lines(1, 3) + "early\n" + lines(4, 15) + "late\n" + lines(16, 20)}}},
      {"10: hunks that share a context line",
       {{"f", lines(1, 9)}},
       {change("@@ -2,3 +2,4 @@\n 2\n 3\n+x\n 4\n@@ -4,2 +5,3 @@\n 4\n+y\n 5\n")},
       {conflict}},
      {"11: the same hunk twice",
       {{"f", gap}},
       {change("@@ -2,2 +2,3 @@\n A\n+N\n B\n@@ -2,2 +2,3 @@\n A\n+N\n B\n")},
       {applies},
       {{"f", "s\nA\nN\nB\nr\nt\nA\nN\nB\nu\n"}}},
      {"12: context without LF joins lines",
       {{"f", lines(1, 4)}},
       {change("@@ -1,3 +1,4 @@\n 1\n+x\n 2\n 3\n\\ No newline at end of file\n")},
       {applies},
       {{"f", "1\nx\n2\n34\n"}}},
      {"13: removed last line has LF in the file",
       {{"f", lines(1, 3)}},
       {change("@@ -1,3 +1,3 @@\n 1\n 2\n-3\n\\ No newline at end of file\n+x\n")},
       {conflict}},
      {"14: context with LF, last line without",
       {{"f", "1\n2\n3"}},
       {change("@@ -1,3 +1,4 @@\n 1\n+x\n 2\n 3\n")},
       {conflict}},
      {"15: LF patch, CRLF file", {{"f", crlf(lines(1, 6))}}, {change(insertion)}, {conflict}},
      {"15: CRLF patch, LF file", f, {crlf(change(insertion))}, {conflict}},
      {"16: CRLF patch, CRLF file",
       {{"f", crlf(lines(1, 6))}},
       {crlf(change(insertion))},
       {applies},
       {{"f", crlf(inserted)}}},
      {"17: CRLF patch with an empty context line",
       {{"f", crlf("1\n\n3\n")}},
       {crlf(change("@@ -1,3 +1,4 @@\n 1\n+x\n\n 3\n"))},
       {malformed}},
      {"18: CRLF patch, new empty file",
       f,
       {crlf("diff --git a/n b/n\nnew file mode 100644\nindex 0000000..e69de29\n")},
       {malformed}},
      {"19: CRLF patch, new file", f, {crlf(creation("n", "x"))}, {applies}, {{"f", lines(1, 6)}, {"n", "x\r\n"}}},
      {"20: counts one too small, the last line is ignored",
       f,
       {change("@@ -1,3 +1,4 @@\n 1\n+x\n 2\n 3\n 4\n")},
       {applies},
       {{"f", "1\nx\n" + lines(2, 6)}}},
      {"21: counts too small, no context left", f, {change("@@ -2,2 +2,3 @@\n 2\n 3\n+x\n 4\n")}, {conflict}},
      {"22: old count too big swallows the signature",
       f,
       {change("@@ -1,4 +1,4 @@\n 1\n+x\n 2\n 3\n") + signature},
       {conflict}},
      {"23: new count too big", f, {change("@@ -1,3 +1,5 @@\n 1\n+x\n 2\n 3\n") + signature}, {malformed}},
      {"24: cut after a git line", f, {change(insertion) + "diff --git a/g b/g\n"}, {applies}, {{"f", inserted}}},
      {"25: cut after an index line",
       f,
       {change(insertion) + "diff --git a/g b/g\nindex 1111111..2222222 100644\n"},
       {malformed}},
      {"25: cut after an old name", f, {change(insertion) + "diff --git a/g b/g\n--- a/g\n"}, {malformed}},
      {"26: cut within a body", f, {change("@@ -2,2 +2,3 @@\n 2\n+new\n")}, {malformed}},
      {"26: last LF missing", f, {change("@@ -2,2 +2,3 @@\n 2\n+new\n 3")}, {malformed}},
      {"27: blank line between hunks", f, {change(insertion + "\n@@ -5,1 +6,2 @@\n 5\n+x\n")}, {malformed}},
      {"28: blank line before the first hunk", f, {change("\n" + insertion)}, {malformed}},
      {"29: empty context line without its blank",
       {{"f", "1\n\n3\n"}},
       {change("@@ -1,3 +1,4 @@\n 1\n+x\n\n 3\n")},
       {applies},
       {{"f", "1\nx\n\n3\n"}}},
      {"30: trailing blanks stripped from context",
       {{"f", "1\n2  \n3\n"}},
       {change("@@ -1,3 +1,4 @@\n 1\n+x\n 2\n 3\n")},
       {conflict}},
      {"31: hunk header in the message", f, {"Subject: x\n\n@@ -1,3 +1,4 @@\n\n" + change(insertion)}, {malformed}},
      {"32: a diff in the message is applied too",
       {{"f", lines(1, 6)}, {"g", lines(1, 6)}},
       {"Subject: x\n\n--- a/g\n+++ b/g\n" + insertion + "---\n" + change(insertion)},
       {applies},
       {{"f", inserted}, {"g", inserted}}},
      {"33: git line as prose", f, {"diff --git is nice\n\n" + change(insertion)}, {malformed}},
      {"34: cover letter", f, {"Subject: [PATCH 0/2] x\n\nwords and words\n"}, {malformed}},
      {"34: empty file", f, {""}, {malformed}},
      {"35: made without prefixes",
       {{"nova/x.py", lines(1, 6)}},
       {"diff --git nova/x.py nova/x.py\n--- nova/x.py\n+++ nova/x.py\n" + insertion},
       {conflict}},
      {"36: made without prefixes, at the top",
       {{"x.py", lines(1, 6)}},
       {"diff --git x.py x.py\n--- x.py\n+++ x.py\n" + insertion},
       {malformed}},
      {"37: the strip guess lasts",
       {{"f", lines(1, 6)}, {"g", lines(1, 6)}},
       {"--- f\n+++ f\n" + insertion, header("g") + insertion},
       {applies, conflict}},
  };
}

std::vector<Row> file_rows() {
  const Files f{{"f", lines(1, 6)}};
  const std::string old_blob("a\0b", 3);
  const std::string new_blob("a\0c", 3);
  const auto binary_header = [](const std::string& from, const std::string& to) {
    return fmt::format("diff --git a/b b/b\nindex {}..{} 100644\n", from, to);
  };
  const std::string stub = "Binary files a/b and b/b differ\n";
  const std::string of_x = "diff --git a/f b/x\nrename from f\nrename to x\n";
  return {
      {"38: broken binary block",
       {{"f", lines(1, 6)}, {"b", old_blob}},
       {change(insertion) + binary_header(id(old_blob), id("new")) + "GIT binary patch\nliteral 3\nKcmZ!\n\n"},
       {applies},
       {{"f", inserted}, {"b", old_blob}}},
      {"39: binary with short ids", {{"b", old_blob}}, {binary_header("1111111", "2222222") + stub}, {conflict}},
      {"40: binary stub, blob known",
       {{"b", old_blob}, {"other", new_blob}},
       {binary_header(id(old_blob), id(new_blob)) + stub},
       {applies},
       {{"b", new_blob}, {"other", new_blob}}},
      {"40: binary stub, blob unknown",
       {{"b", old_blob}},
       {binary_header(id(old_blob), id("never made")) + stub},
       {conflict}},
      {"41: creation of an existing file", {{"n", "x\n"}}, {creation("n", "x")}, {already}},
      {"41: with other content", {{"n", "y\n"}}, {creation("n", "x")}, {conflict}},
      {"42: other new name without rename lines",
       {{"f", lines(1, 6)}, {"other", "old\n"}},
       {"diff --git a/f b/other\n--- a/f\n+++ b/other\n" + insertion},
       {applies},
       {{"other", inserted}}},
      {"43: rename, target exists", {{"f", lines(1, 6)}, {"x", "1\n"}}, {renaming("f", "x")}, {conflict}},
      {"43: rename, source missing", {{"g", "1\n"}}, {renaming("f", "x")}, {conflict}},
      {"44: rename, then change under the old name", f, {renaming("f", "x") + change(insertion)}, {conflict}},
      {"45: rename, then change under the new name",
       f,
       {renaming("f", "x") + header("x") + insertion},
       {applies},
       {{"x", inserted}}},
      {"46: change, then rename, in one file",
       f,
       {change(insertion) + of_x},
       {applies},
       {{"f", inserted}, {"x", lines(1, 6)}}},
      {"46: in two", f, {change(insertion), of_x}, {applies, applies}, {{"x", inserted}}},
      {"47: create, then delete, in one file",
       f,
       {creation("n", "x") + deletion("n", "x")},
       {applies},
       {{"f", lines(1, 6)}, {"n", "x\n"}}},
      {"47: in two", f, {creation("n", "x"), deletion("n", "x")}, {applies, applies}, f},
      {"48: swapped",
       {{"a", "1\n"}, {"b", "2\n"}},
       {renaming("a", "b") + renaming("b", "a")},
       {applies},
       {{"a", "2\n"}, {"b", "1\n"}}},
      {"49: mode is there already",
       {{"f", File("1\n", 0100755)}},
       {"diff --git a/f b/f\nold mode 100644\nnew mode 100755\n"},
       {applies},
       {{"f", File("1\n", 0100755)}}},
      {"50: index line says 100644",
       {{"f", File(lines(1, 6), 0100755)}},
       {change(insertion)},
       {applies},
       {{"f", File(inserted, 0100755)}}},
      {"51: link where the patch has a file", {{"f", File("1\n2\n3\n", 0120000)}}, {change(insertion)}, {conflict}},
      {"52: new file below a link", {{"d", File("e", 0120000)}}, {creation("d/n", "x")}, {conflict}},
      {"52: below a link of the same patch", f, {link("d", "e") + creation("d/n", "x")}, {conflict}},
      {"53: link replaced by a folder",
       {{"d", File("e", 0120000)}},
       {unlink("d", "e") + creation("d/n", "x")},
       {applies},
       {{"d/n", "x\n"}}},
      {"54: the link was made earlier in the run",
       f,
       {link("d", "e"), unlink("d", "e") + creation("d/n", "x")},
       {applies, conflict}},
      {"55: a file among the parents", {{"a", "1\n"}}, {creation("a/b", "x")}, {conflict}},
      {"55: a folder in place of the file", {{"a/b", "1\n"}}, {creation("a", "x")}, {conflict}},
      {"56: what is in the way goes",
       {{"a", "1\n"}},
       {creation("a/b", "x") + deletion("a", "1")},
       {applies},
       {{"a/b", "x\n"}}},
      {"57: out of the tree", f, {creation("../x", "x")}, {malformed}},
      {"57: absolute", f, {creation("/x", "x")}, {malformed}},
      {"57: git's folder", f, {creation(".GIT/x", "x")}, {malformed}},
      {"57: git's folder by its short name", f, {creation("git~1/x", "x")}, {malformed}},
      {"58: change outside of the tree", f, {header("../x") + insertion}, {conflict}},
      {"59: deletion, another line", {{"f", "2\n"}}, {deletion("f", "1")}, {conflict}},
      {"60: deletion without hunk",
       f,
       {"diff --git a/f b/f\ndeleted file mode 100644\nindex 1111111..0000000\n"},
       {conflict}},
      {"61: traditional removal of every line",
       {{"f", "1\n"}},
       {"--- a/f\n+++ b/f\n@@ -1 +0,0 @@\n-1\n"},
       {applies},
       {{"f", ""}}},
      {"62: traditional insertion, file missing",
       f,
       {"--- a/n\n+++ b/n\n@@ -0,0 +1 @@\n+x\n"},
       {applies},
       {{"f", lines(1, 6)}, {"n", "x\n"}}},
      {"63: git header, insertion, file missing", f, {header("n") + "@@ -0,0 +1 @@\n+x\n"}, {conflict}},
      {"64: the shorter name", f, {"--- a/f.orig\n+++ a/f\n" + insertion}, {applies}, {{"f", inserted}}},
  };
}

std::vector<Row> more_rows() {
  const Files f{{"f", lines(1, 6)}};
  return {
      {"epoch makes a deletion",
       {{"f", "1\n"}, {"g", ""}},
       {"--- a/f\t2024-01-01 10:00:00 +0000\n+++ b/f\t1970-01-01 01:00:00 +0100\n@@ -1 +0,0 @@\n-1\n"},
       {applies},
       {{"g", ""}}},
      {"stamp after a blank is no part of the name",
       f,
       {"--- a/f 2024-01-01\n+++ b/f 2024-01-01 10:00:00.5 -0130\n" + insertion},
       {applies},
       {{"f", inserted}}},
      {"quoted name",
       {{"a b\ttab", lines(1, 6)}},
       {"diff --git \"a/a b\\ttab\" \"b/a b\\ttab\"\n--- \"a/a b\\ttab\"\n+++ \"b/a b\\ttab\"\n" + insertion},
       {applies},
       {{"a b\ttab", inserted}}},
      {"name with blanks on the git line",
       {{"a b", File("1\n", 0100644)}},
       {"diff --git a/a b b/a b\nold mode 100644\nnew mode 100755\n"},
       {applies},
       {{"a b", File("1\n", 0100755)}}},
      {"copy reads the tree before the patch",
       f,
       {change(insertion) + "diff --git a/f b/x\ncopy from f\ncopy to x\n"},
       {applies},
       {{"f", inserted}, {"x", lines(1, 6)}}},
      {"submodule",
       {{"m", File(std::string(40, 'a'), 0160000)}},
       {"diff --git a/m b/m\nindex aaaaaaa..bbbbbbb 160000\n--- a/m\n+++ b/m\n@@ -1 +1 @@\n-Subproject commit " +
        std::string(40, 'a') + "\n+Subproject commit " + std::string(40, 'b') + "\n"},
       {applies},
       {{"m", File(std::string(40, 'b'), 0160000)}}},
      {"marker within the added lines joins two",
       f,
       {change("@@ -1,2 +1,4 @@\n 1\n+x\n\\ No newline at end of file\n+y\n 2\n")},
       {applies},
       {{"f", "1\nxy\n" + lines(2, 6)}}},
      {"skipped git line rules the creation out",
       f,
       {"diff --git a/n b/n\n\n--- a/n\n+++ b/n\n@@ -0,0 +1 @@\n+x\n"},
       {conflict}},
      {"new start beyond 32 bits",
       f,
       {change("@@ -2,2 +99999999999,3 @@\n 2\n+new\n 3\n")},
       {applies},
       {{"f", inserted}}},
      {"hunk beyond the end, near it",
       f,
       {change("@@ -900,2 +900,3 @@\n 2\n+new\n 3\n")},
       {applies},
       {{"f", inserted}}},
      {"two kinds in one header",
       f,
       {"diff --git a/f b/f\nnew file mode 100644\ndeleted file mode 100644\n"},
       {malformed}},
      {"mode that is none", f, {"diff --git a/f b/f\nold mode 10x644\nnew mode 100755\n"}, {malformed}},
      {"hunk without a change", f, {change("@@ -1,2 +1,2 @@\n 1\n 2\n")}, {malformed}},
      {"new file with old lines",
       f,
       {"diff --git a/n b/n\nnew file mode 100644\n--- /dev/null\n+++ b/n\n@@ -1 +1 @@\n-1\n+2\n"},
       {malformed}},
      {"type change in one step", {{"f", "1"}}, {"diff --git a/f b/f\nold mode 100644\nnew mode 120000\n"}, {conflict}},
      {"collision undoes the whole patch",
       {{"a/b", "1\n"}, {"f", lines(1, 6)}},
       {change(insertion) + creation("a", "x")},
       {conflict}},
      {"last file of a folder goes",
       {{"d/e/n", "x\n"}, {"f", "1\n"}},
       {deletion("d/e/n", "x")},
       {applies},
       {{"f", "1\n"}}},
      {"applied already", {{"f", inserted}}, {change(insertion)}, {already}},
      {"chain that is applied already",
       {{"f", "1\n2\nnewer\n" + lines(3, 6)}},
       {change(insertion), change("@@ -2,3 +2,3 @@\n 2\n-new\n+newer\n 3\n")},
       {already, already}},
      {"deleted already", f, {deletion("gone", "x")}, {already}},
      {"renamed already", {{"x", lines(1, 6)}}, {renaming("f", "x")}, {already}},
      {"later patch is still looked at",
       {{"f", lines(1, 6)}, {"n", "x\n"}},
       {change("@@ -2,2 +2,3 @@\n 2\n+new\n 4\n"), creation("n", "x"), creation("o", "x")},
       {conflict, already, applies}},
  };
}

std::string repeated(std::string_view piece, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += piece;
  return out;
}

/// What headers, names and binary blocks may look like.
std::vector<Row> format_rows() {
  const Files f{{"f", lines(1, 6)}};
  const std::string from = "From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001\nSubject: x\n\n";
  const std::string git_line = "diff --git a/f b/f\n";
  const std::string names = "--- a/f\n+++ b/f\n";
  return {
      {"mbox with two commits that change one file",
       f,
       {from + "one\n---\n" + change(insertion) + signature + "\n" + from + "two\n---\n" +
        change("@@ -2,3 +2,3 @@\n 2\n-new\n+newer\n 3\n") + signature},
       {applies},
       {{"f", "1\n2\nnewer\n" + lines(3, 6)}}},
      {"quoted name in octal, the old one plain, words after the quote",
       {{"\xc3\xbc", lines(1, 6)}},
       {"diff --git \"a/\\303\\274\" \"b/\\303\\274\"\n--- a/\xc3\xbc\n+++ \"b/\\303\\274\" words\n" + insertion},
       {applies},
       {{"\xc3\xbc", inserted}}},
      {"only the second half of the git line is quoted",
       {{"f", File("1\n", 0100644)}},
       {"diff --git a/f \"b/f\"\nold mode 100644\nnew mode 100755\n"},
       {applies},
       {{"f", File("1\n", 0100755)}}},
      {"only the first half is quoted", f, {"diff --git \"a/f\" b/f\nold mode 100644\nnew mode 100755\n"}, {malformed}},
      {"broken quoting is a raw name", f, {"--- \"a/f\\x\"\n+++ \"a/f\\x\"\n" + insertion}, {conflict}},
      {"repeated slashes become one",
       {{"d/f", lines(1, 6)}},
       {"diff --git a/d/f b/d/f\n--- a//d///f\n+++ b/d//f\n" + insertion},
       {conflict}},
      {"repeated slashes within",
       {{"d/f", lines(1, 6)}},
       {"--- a/d///f\n+++ b/d//f\n" + insertion},
       {applies},
       {{"d/f", inserted}}},
      {"a dot among the folders", {{"d/f", lines(1, 6)}}, {"--- a/d/./f\n+++ b/d/./f\n" + insertion}, {conflict}},
      {"tab and words after a name",
       f,
       {"--- a/f\twords\n+++ b/f\tThu Jan 1 00:00:00 2024\n" + insertion},
       {applies},
       {{"f", inserted}}},
      {"/dev/null without a new file line is a file",
       f,
       {git_line + "--- /dev/null\n+++ b/f\n@@ -0,0 +1 @@\n+x\n"},
       {conflict}},
      {"/dev/null without a new file line, the file is there",
       {{"dev/null", "1\n"}},
       {"diff --git a/n b/n\n--- /dev/null\n+++ b/n\n@@ -1 +1,2 @@\n 1\n+x\n"},
       {applies},
       {{"n", "1\nx\n"}}},
      {"new file line and a name",
       f,
       {"diff --git a/n b/n\nnew file mode 100644\n--- a/n\n+++ b/n\n@@ -0,0 +1 @@\n+x\n"},
       {malformed}},
      {"names that contradict each other", f, {git_line + "--- a/g\n--- a/f\n+++ b/f\n" + insertion}, {malformed}},
      {"ids longer than git reads, no mode from there",
       {{"f", File(lines(1, 6), 0120000)}},
       {git_line + "index " + std::string(41, '1') + "..2 100644\n" + names + insertion},
       {applies},
       {{"f", File(inserted, 0120000)}}},
      {"index line with the mode of a link", f, {git_line + "index 1..2 120000\n" + names + insertion}, {conflict}},
      {"index line of words", f, {git_line + "index of words\n" + names + insertion}, {applies}, {{"f", inserted}}},
      {"similarity and dissimilarity say nothing",
       f,
       {git_line + "similarity index 1%\ndissimilarity index 99%\n" + names + insertion},
       {applies},
       {{"f", inserted}}},
      {"omitted counts", {{"f", "1\n"}}, {change("@@ -1 +1 @@\n-1\n+x\n")}, {applies}, {{"f", "x\n"}}},
      {"text right behind the hunk's marks",
       f,
       {change("@@ -2,2 +2,3 @@def f():\n 2\n+new\n 3\n")},
       {applies},
       {{"f", inserted}}},
      {"a mark missing", f, {change("@@ -2,2 +2,3 @\n 2\n+new\n 3\n")}, {malformed}},
      {"old count far too big", f, {change("@@ -2,99999999999999999999 +2,3 @@\n 2\n+new\n 3\n")}, {malformed}},
      {"short marker", f, {change("@@ -2,2 +2,3 @@\n 2\n+new\n\\ No\n 3\n")}, {malformed}},
      {"marker in another language",
       {{"f", "1\n2"}},
       {change("@@ -1,2 +1,2 @@\n 1\n-2\n\\ Kein Zeilenumbruch\n+x\n\\ Kein Zeilenumbruch\n")},
       {applies},
       {{"f", "1\nx"}}},
      {"two kinds of words before a section",
       f,
       {"Only in a: x\nIndex: f\n======\n" + change(insertion)},
       {applies},
       {{"f", inserted}}},
      {"text of NULs",
       {{"f", std::string("\0a\n\0b\n", 6)}},
       {change(std::string("@@ -1,2 +1,3 @@\n \0a\n+\0\n \0b\n", 27))},
       {applies},
       {{"f", std::string("\0a\n\0\n\0b\n", 8)}}},
      {"rename old and new", f, {"diff --git a/f b/g\nrename old f\nrename new g\n"}, {applies}, {{"g", lines(1, 6)}}},
      {"rename with a change",
       f,
       {"diff --git a/f b/d/g\nsimilarity index 80%\nrename from f\nrename to d/g\n--- a/f\n+++ b/d/g\n" + insertion},
       {applies},
       {{"d/g", inserted}}},
      {"rename makes an executable of it",
       f,
       {"diff --git a/f b/g\nold mode 100644\nnew mode 100755\nrename from f\nrename to g\n"},
       {applies},
       {{"g", File(lines(1, 6), 0100755)}}},
      {"copy onto what is there",
       {{"f", "1\n"}, {"g", "2\n"}},
       {"diff --git a/f b/g\ncopy from f\ncopy to g\n"},
       {conflict}},
      {"copy of what is missing", f, {"diff --git a/x b/g\ncopy from x\ncopy to g\n"}, {conflict}},
      {"rename to itself", f, {"diff --git a/f b/f\nrename from f\nrename to f\n"}, {applies}, f},
      {"new executable",
       f,
       {creation("n", "x", "100755")},
       {applies},
       {{"f", lines(1, 6)}, {"n", File("x\n", 0100755)}}},
      {"new file of mode 0", f, {creation("n", "x", "0")}, {applies}, {{"f", lines(1, 6)}, {"n", "x\n"}}},
      {"new file with the mode of a folder, which is not kept",
       f,
       {creation("d/n", "x", "040000"), creation("d/n/m", "x"), creation("n", "x", "040000"),
        creation("n", "x", "040000")},
       {applies, applies, applies, applies},
       {{"f", lines(1, 6)}, {"d/n/m", "x\n"}}},
      {"new file with the mode of a folder, which stands in the way in its own patch",
       f,
       {creation("n", "x", "040000") + creation("n/m", "x")},
       {conflict}},
      {"new file with the mode of a folder, changed by a later patch",
       f,
       {creation("n", "x", "040000"), "--- a/n\n+++ b/n\n@@ -1 +1 @@\n-x\n+y\n"},
       {applies, conflict}},
      {"new file with the mode of a folder, deleted in its own patch",
       f,
       {creation("n", "x", "040000") +
        "diff --git a/n b/n\ndeleted file mode 040000\n--- a/n\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n"},
       {applies},
       f},
      {"new empty file",
       f,
       {"diff --git a/n b/n\nnew file mode 100644\nindex 0000000..e69de29\n"},
       {applies},
       {{"f", lines(1, 6)}, {"n", ""}}},
      {"new link", f, {link("l", "f")}, {applies}, {{"f", lines(1, 6)}, {"l", File("f", 0120000)}}},
      {"link that points elsewhere",
       {{"l", File("f", 0120000)}},
       {"diff --git a/l b/l\nindex 1111111..2222222 120000\n--- a/l\n+++ b/l\n@@ -1 +1 @@\n-f\n\\ No newline at end of "
        "file\n+g\n\\ No newline at end of file\n"},
       {applies},
       {{"l", File("g", 0120000)}}},
      {"link deleted and a file made",
       {{"l", File("f", 0120000)}},
       {unlink("l", "f") + creation("l", "x")},
       {applies},
       {{"l", "x\n"}}},
      {"link to git's modules file", f, {link(".gitmodules", "f")}, {malformed}},
      {"new submodule",
       f,
       {creation("m", "Subproject commit " + std::string(40, 'c'), "160000")},
       {applies},
       {{"f", lines(1, 6)}, {"m", File(std::string(40, 'c'), 0160000)}}},
      {"new submodule without a commit", f, {creation("m", "words", "160000")}, {conflict}},
      {"submodule with one more line, which is not kept",
       {{"m", File(std::string(40, 'a'), 0160000)}},
       {"--- a/m\n+++ b/m\n@@ -1 +1,2 @@\n Subproject commit " + std::string(40, 'a') + "\n+x\n",
        "--- a/m\n+++ b/m\n@@ -1 +1 @@\n-Subproject commit " + std::string(40, 'a') + "\n+Subproject commit " +
            std::string(40, 'c') + "\n"},
       {applies, applies},
       {{"m", File(std::string(40, 'c'), 0160000)}}},
      {"submodule deleted",
       {{"f", "1\n"}, {"m", File(std::string(40, 'a'), 0160000)}},
       {"diff --git a/m b/m\ndeleted file mode 160000\nindex aaaaaaa..0000000\n--- a/m\n+++ /dev/null\n@@ -1 +0,0 "
        "@@\n-Subproject commit " +
        std::string(40, 'a') + "\n"},
       {applies},
       {{"f", "1\n"}}},
      {"submodule at another commit",
       {{"m", File(std::string(40, 'b'), 0160000)}},
       {"diff --git a/m b/m\nindex aaaaaaa..ccccccc 160000\n--- a/m\n+++ b/m\n@@ -1 +1 @@\n-Subproject commit " +
        std::string(40, 'a') + "\n+Subproject commit " + std::string(40, 'c') + "\n"},
       {conflict}},
      {"deletion with the mode of an executable",
       {{"f", "1\n"}, {"g", File("x\n", 0100644)}},
       {"diff --git a/g b/g\ndeleted file mode 100755\n--- a/g\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n"},
       {applies},
       {{"f", "1\n"}}},
      {"epoch makes a creation",
       f,
       {"--- a/n\t1970-01-01 00:00:00 +0000\n+++ b/n\t2024-01-01 10:00:00 +0000\n@@ -0,0 +1 @@\n+x\n"},
       {applies},
       {{"f", lines(1, 6)}, {"n", "x\n"}}},
      {"epoch with seconds makes none",
       {{"f", "1\n"}},
       {"--- a/f\t2024-01-01 10:00:00 +0000\n+++ b/f\t1970-01-01 00:00:01 +0000\n@@ -1 +0,0 @@\n-1\n"},
       {applies},
       {{"f", ""}}},
      {"traditional deletion",
       {{"f", "1\n"}, {"g", "x\n"}},
       {"--- a/g\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n"},
       {applies},
       {{"f", "1\n"}}},
      {"traditional deletion of a name without a folder",
       f,
       {"--- f\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n"},
       {malformed}},
      {"37: the strip guess within one file",
       {{"f", lines(1, 6)}, {"g", lines(1, 6)}},
       {"--- f\n+++ f\n" + insertion + header("g") + insertion},
       {conflict}},
  };
}

std::vector<Row> binary_rows() {
  const Files f{{"f", lines(1, 6)}};
  const std::string small = repeated(std::string_view("a\0b\n", 4), 50);
  const std::string large = small + "more\n";
  const std::string literal = "literal 205\nTcmYdfNa9Ky1~@mrD3uEUm(D53\n\n";  // of `large`
  const std::string shrinking = "delta 6\nNcmX@hc!F`l2>=P?0`LF;\n\n";         // from `large` to `small`
  const auto binary = [](const std::string& old_id, const std::string& new_id, const std::string& blocks) {
    return fmt::format("diff --git a/b b/b\nindex {}..{} 100644\nGIT binary patch\n{}", old_id, new_id, blocks);
  };
  const std::string nothing(40, '0');
  return {
      {"literal with a delta back",
       {{"b", small}},
       {binary(id(small), id(large), literal + shrinking)},
       {applies},
       {{"b", large}}},
      {"literal alone", {{"b", small}}, {binary(id(small), id(large), literal)}, {applies}, {{"b", large}}},
      {"delta", {{"b", large}}, {binary(id(large), id(small), shrinking)}, {applies}, {{"b", small}}},
      {"delta for another source", {{"b", small}}, {binary(id(small), id("never made"), shrinking)}, {conflict}},
      {"delta, the file has changed", {{"b", small + "x"}}, {binary(id(large), id(small), shrinking)}, {conflict}},
      {"binary change that is there", {{"b", large}}, {binary(id(small), id(large), literal + shrinking)}, {already}},
      {"data of another content than the id",
       {{"b", small}},
       {binary(id(small), id("never made"), literal)},
       {conflict}},
      {"old id in capitals", {{"b", small}}, {binary(std::string(40, 'A'), id(large), literal)}, {conflict}},
      {"new binary file",
       f,
       {"diff --git a/b b/b\nnew file mode 100644\nindex " + nothing + ".." + id(large) + "\nGIT binary patch\n" +
        literal + "literal 0\nHcmV?d00001\n\n"},
       {applies},
       {{"f", lines(1, 6)}, {"b", large}}},
      {"binary file deleted",
       {{"f", "1\n"}, {"b", large}},
       {"diff --git a/b b/b\ndeleted file mode 100644\nindex " + id(large) + ".." + nothing +
        "\nGIT binary patch\nliteral 0\nHcmV?d00001\n\n" + literal},
       {applies},
       {{"f", "1\n"}}},
      {"broken second block, nothing before",
       {{"b", small}},
       {binary(id(small), id(large), literal + "literal 5\nTcmY\n\n")},
       {malformed}},
      {"broken first block, nothing before",
       {{"b", small}},
       {binary(id(small), id(large), "literal 204\nTcmYdfNa9Ky1~@mrD3uEUm(D53\n\n")},
       {malformed}},
      {"stub with Files",
       {{"b", small}, {"other", large}},
       {"diff --git a/b b/b\nindex " + id(small) + ".." + id(large) + "\nFiles a/b and b/b differ\n"},
       {applies},
       {{"b", large}, {"other", large}}},
      {"text hunk on binary content",
       {{"b", "a\n" + large}},
       {header("b") + std::string("@@ -1,2 +1,3 @@\n a\n+new\n a\0b\n", 29)},
       {applies},
       {{"b", "a\nnew\n" + large}}},
  };
}

std::vector<Row> all_rows() {
  std::vector<Row> rows = text_rows();
  for (auto more : {file_rows(), more_rows(), format_rows(), binary_rows()})
    rows.insert(rows.end(), more.begin(), more.end());
  return rows;
}

/// Small files of few different lines, and patches that nearly fit: equal places, wrong counts, missing line ends.
class Generator {
 public:
  explicit Generator(std::uint32_t seed) : random_(seed) {}

  Files files() {
    Files out;
    for (const char* path : {"f", "g"}) out.insert_or_assign(path, File(text(pick(9))));
    return out;
  }

  std::vector<std::string> patches(const Files& files) {
    std::vector<std::string> out;
    for (std::uint32_t i = 0, count = 1 + pick(2); i < count; ++i) {
      std::string patch = chance(20) ? "Subject: x\n\n" : "";
      for (std::uint32_t j = 0, sections = 1 + pick(2); j < sections; ++j) patch += section(files);
      out.push_back(damaged(std::move(patch)));
    }
    return out;
  }

 private:
  std::uint32_t pick(std::uint32_t below) { return static_cast<std::uint32_t>(random_() % below); }
  bool chance(std::uint32_t percent) { return pick(100) < percent; }
  std::string word() {
    static const std::vector<std::string> words = {"a", "b", "c", "", "a ", "d e"};
    return words[pick(static_cast<std::uint32_t>(words.size()))];
  }
  std::string text(std::uint32_t count) {
    std::string out;
    for (std::uint32_t i = 0; i < count; ++i) out += word() + "\n";
    if (!out.empty() && chance(15)) out.pop_back();
    return out;
  }

  std::string section(const Files& files) {
    const std::string path = chance(70) ? "f" : "g";
    std::string out;
    switch (pick(8)) {
      case 0:
        out = fmt::format("--- a/{0}\n+++ b/{0}\n", path);
        break;
      case 1:
        out = fmt::format("--- {0}\n+++ {0}\n", path);
        break;
      case 2:
        return renaming(path, chance(50) ? "g" : "h");
      case 3:
        return chance(50) ? creation("n", word()) : deletion(path, word());
      default:
        out = header(path);
    }
    const forge::model::Lines content = forge::model::split_lines(files.at(path).text);
    for (std::uint32_t i = 0, hunks = 1 + pick(2); i < hunks; ++i) out += hunk(content);
    return out;
  }

  std::string hunk(const forge::model::Lines& content) {
    const std::uint32_t start = content.empty() ? 0 : pick(static_cast<std::uint32_t>(content.size()));
    const std::uint32_t stop = std::min<std::uint32_t>(static_cast<std::uint32_t>(content.size()), start + pick(5));
    std::string body;
    int before = 0;
    int after = 0;
    const auto add = [&](char kind, std::string_view line) {
      body += (kind == ' ' && line == "\n" && chance(50)) ? "" : std::string(1, kind);
      body += line;
      if (!line.ends_with('\n')) body += "\n\\ No newline at end of file\n";
      if (chance(3)) body += "\\ No newline at end of file\n";
      before += kind == '+' ? 0 : 1;
      after += kind == '-' ? 0 : 1;
    };
    for (std::uint32_t i = start; i < stop; ++i) {
      add(chance(25) ? '-' : ' ', chance(4) ? "z\n" : content[i]);
      if (chance(25)) add('+', word() + "\n");
    }
    if (before == after || chance(10)) add('+', word() + "\n");
    if (chance(5)) before += static_cast<int>(pick(3)) - 1;
    const std::uint32_t shift = chance(30) ? pick(4) : 0;
    return fmt::format("@@ -{},{} +{},{} @@\n", start + 1 + shift, before, start + 1 + (chance(30) ? pick(6) : shift),
                       after) +
           body;
  }

  std::string damaged(std::string patch) {
    if (!chance(10)) return patch;
    if (chance(50)) return patch.substr(0, pick(static_cast<std::uint32_t>(patch.size())));
    return patch.insert(pick(static_cast<std::uint32_t>(patch.size())), chance(50) ? "\n" : "x");
  }

  std::minstd_rand random_;
};

}  // namespace

TEST_CASE("patch series: tricky cases have git's verdict and result") {
  for (const Row& row : all_rows()) {
    CAPTURE(row.name);
    const SeriesPlacement placement = place(row.files, row.patches);
    std::vector<PatchVerdict> verdicts;
    for (const auto& patch : placement.patches) verdicts.push_back(patch.verdict);
    CHECK(verdicts == row.verdicts);
    const bool all = std::ranges::all_of(row.verdicts, [](PatchVerdict v) { return v == applies; });
    REQUIRE(placement.tree.has_value() == all);
    if (all) CHECK(placement.tree->hex() == tree_of(row.result));
  }
}

TEST_CASE("patch series: git itself says the same of the tricky cases") {
  if (!GitJudge::is_there()) {
    MESSAGE("skipped: there is no git 2.39 here");
    return;
  }
  const GitJudge judge;
  for (const Row& row : all_rows()) {
    CAPTURE(row.name);
    const GitVerdict git = judge.apply(row.files, row.patches);
    CAPTURE(git.words);
    const bool all = std::ranges::all_of(row.verdicts, [](PatchVerdict v) { return v == applies; });
    CHECK((git.status == 0) == all);
    if (git.status == 0 && all) CHECK(git.tree == tree_of(row.result));
    const auto first = std::ranges::find_if(row.verdicts, [](PatchVerdict v) { return v != applies; });
    const bool refused = first != row.verdicts.end() && *first == malformed;
    const bool collides = git.words.find("unable to add cache entry") != std::string::npos ||
                          git.words.find("corrupt patch for submodule") != std::string::npos;
    CHECK((git.status == 128) == (refused || collides));
  }
}

TEST_CASE("patch series: git itself says the same of generated cases") {
  if (!GitJudge::is_there()) {
    MESSAGE("skipped: there is no git 2.39 here");
    return;
  }
  const char* more = std::getenv("FORGE_GENERATED_CASES");
  const std::uint32_t count = more == nullptr ? 60 : static_cast<std::uint32_t>(std::stoul(more));
  const GitJudge judge;
  std::uint32_t fitting = 0;
  for (std::uint32_t seed = 1; seed <= count; ++seed) {
    CAPTURE(seed);
    Generator generator(seed);
    const Files files = generator.files();
    const std::vector<std::string> patches = generator.patches(files);
    const GitVerdict git = judge.apply(files, patches);
    const SeriesPlacement ours = place(files, patches);
    CAPTURE(git.words);
    CHECK(ours.tree.has_value() == (git.status == 0));
    if (ours.tree && git.status == 0) CHECK(ours.tree->hex() == git.tree);
    fitting += git.status == 0 ? 1U : 0U;
  }
  CHECK(fitting > count / 10);
}

TEST_CASE("patch series: a mismatch names expected and found line, and where both are") {
  const std::string patch = change("@@ -2,3 +2,4 @@\n 2\n+new\n three\n 4\n");
  const SeriesPlacement placement = place({{"f", "top\n" + lines(1, 6)}}, {patch});
  REQUIRE(placement.patches.front().first_obstacle() == 0);
  const auto& section = placement.patches.front().sections.front();
  CHECK(section.obstacle == forge::model::Obstacle::mismatch);
  REQUIRE(section.hunks.size() == 1);
  const auto& mismatch = std::get<forge::model::Mismatch>(section.hunks.front());
  CHECK(mismatch.expected == "three");
  CHECK(mismatch.found == "3");
  CHECK(mismatch.found_at == 4);
  CHECK(patch.substr(mismatch.culprit.begin, mismatch.culprit.size()) == "three\n");
}

TEST_CASE("patch series: of a half merged patch each hunk says for itself") {
  const std::string patch = change("@@ -2,2 +2,3 @@\n 2\n+new\n 3\n@@ -12,2 +13,3 @@\n 12\n+more\n 13\n");
  const SeriesPlacement placement = place({{"f", "1\n2\nnew\n" + lines(3, 20)}}, {patch});
  const auto& one = placement.patches.front();
  CHECK(one.verdict == conflict);
  CHECK(one.partly_applied);
  REQUIRE(one.sections.front().hunks.size() == 2);
  CHECK(std::holds_alternative<forge::model::AlreadyApplied>(one.sections.front().hunks[0]));
  CHECK(std::holds_alternative<forge::model::Exact>(one.sections.front().hunks[1]));
}

TEST_CASE("patch series: moved hunks say how far") {
  const SeriesPlacement placement =
      place({{"f", lines(100, 106) + lines(1, 20)}}, {change("@@ -10,3 +10,4 @@\n 10\n+new\n 11\n 12\n")});
  const auto& offset = std::get<forge::model::Offset>(placement.patches.front().sections.front().hunks.front());
  CHECK(offset.at == 17);
  CHECK(offset.lines == 7);
}

TEST_CASE("patch series: of very many hunks that fail only the first are tried") {
  std::string patch = "diff --git a/f b/f\n--- a/f\n+++ b/f\n";
  for (int i = 0; i < 5'000; ++i) patch += fmt::format("@@ -{0},3 +{0},3 @@\n {0}\n-no such\n+x\n {1}\n", i + 2, i + 4);
  const SeriesPlacement series = place({{"f", lines(1, 5'010)}}, {patch});
  CHECK(series.patches.front().verdict == conflict);
  CHECK(series.patches.front().sections.front().hunks.size() == 2'000);
}
