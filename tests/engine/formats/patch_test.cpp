#include "engine/formats/patch.hpp"

#include <string>

#include <doctest/doctest.h>

using namespace forge::formats;
using forge::TextSpan;

namespace {

std::string_view at(std::string_view text, TextSpan span) {
  return text.substr(span.begin, span.size());
}

const std::string mail =
    "From 0123456789abcdef0123456789abcdef01234567 Mon Sep 17 00:00:00 2001\n"
    "From: A U Thor <a@example.org>\n"
    "Date: Mon, 1 Sep 2025 10:00:00 +0000\n"
    "Subject: [PATCH 1/2] Keep the lock while\n"
    " the instance moves\n"
    "\n"
    "Words.\n"
    "\n"
    "Closes-Bug: #123\n"
    "Change-Id: I0123\n"
    "(cherry picked from commit 89ab)\n"
    "---\n"
    " nova/x.py | 2 +-\n"
    "\n"
    "diff --git a/nova/x.py b/nova/x.py\n"
    "index 1111111..2222222 100644\n"
    "--- a/nova/x.py\n"
    "+++ b/nova/x.py\n"
    "@@ -1,3 +1,3 @@ def f\n"
    " a\n"
    "-b\n"
    "+c\n"
    " d\n"
    "-- \n"
    "2.39.5\n";

/// The problem that makes git refuse the text; its span's text and its message.
std::pair<std::string, std::string> refusal(const std::string& text) {
  const forge::Parsed<Patch> parsed = parse_patch(text);
  CHECK(parsed.value.refused);
  for (const forge::Problem& problem : parsed.problems) {
    if (problem.rule == "patch-malformed") return {std::string(at(text, problem.span)), problem.message};
  }
  return {};
}

const std::string head = "--- a/f\n+++ b/f\n";

}  // namespace

TEST_CASE("patch: mail header with folded subject, message and trailers") {
  const forge::Parsed<Patch> parsed = parse_patch(mail);
  CHECK(parsed.problems.empty());
  REQUIRE(parsed.value.mails.size() == 1);
  const Mail& found = parsed.value.mails.front();
  CHECK(at(mail, found.commit) == "0123456789abcdef0123456789abcdef01234567");
  CHECK(at(mail, found.from) == "A U Thor <a@example.org>");
  CHECK(at(mail, found.date) == "Mon, 1 Sep 2025 10:00:00 +0000");
  CHECK(subject_text(mail, found) == "Keep the lock while the instance moves");
  CHECK(at(mail, found.message).starts_with("Words."));
  REQUIRE(found.trailers.size() == 3);
  CHECK(at(mail, found.trailers[1].key) == "Change-Id");
  CHECK(at(mail, found.trailers[1].value) == "I0123");
  CHECK(at(mail, found.trailers[2].key) == "cherry picked from commit");
  CHECK(at(mail, found.trailers[2].value) == "89ab");
}

TEST_CASE("patch: sections, hunks and lines know where they stand") {
  const Patch patch = parse_patch(mail).value;
  REQUIRE(patch.sections.size() == 1);
  const Section& section = patch.sections.front();
  CHECK(section.path().value == "nova/x.py");
  CHECK(at(mail, section.path().span) == "b/nova/x.py");
  CHECK(at(mail, section.header).starts_with("diff --git"));
  CHECK(at(mail, section.header).ends_with("+++ b/nova/x.py"));
  CHECK(at(mail, section.old_id) == "1111111");
  CHECK(section.old_mode == 0100644);
  REQUIRE(patch.hunks_of(section).size() == 1);
  const Hunk& hunk = patch.hunks_of(section).front();
  CHECK(at(mail, hunk.header) == "@@ -1,3 +1,3 @@ def f");
  CHECK(at(mail, hunk.body) == " a\n-b\n+c\n d\n");
  REQUIRE(patch.lines_of(hunk).size() == 4);
  CHECK(patch.lines_of(hunk)[1].kind == LineKind::removed);
  CHECK(at(mail, patch.lines_of(hunk)[1].text) == "b\n");
  CHECK(hunk.leading == 1);
  CHECK(hunk.trailing == 1);
}

TEST_CASE("patch: several mails in one file") {
  const std::string second = [] {
    std::string text = mail;
    text.replace(text.find("Keep the lock"), 13, "Drop the lock");
    return text;
  }();
  const std::string both = mail + "\n" + second;
  const Patch patch = parse_patch(both).value;
  CHECK(patch.sections.size() == 2);
  REQUIRE(patch.mails.size() == 2);
  CHECK(subject_text(both, patch.mails[1]) == "Drop the lock while the instance moves");
}

TEST_CASE("patch: a marker takes the line end off the line before it") {
  const std::string text = head + "@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+c\n";
  const Patch patch = parse_patch(text).value;
  CHECK_FALSE(patch.refused);
  const auto lines = patch.lines_of(patch.hunks.front());
  REQUIRE(lines.size() == 4);
  CHECK(at(text, lines[1].text) == "b");
  CHECK(lines[2].kind == LineKind::none);
  CHECK(at(text, lines[3].text) == "c\n");
}

TEST_CASE("patch: the strip guess is carried from file to file") {
  const std::string bare = "--- f\n+++ f\n@@ -1 +1 @@\n-a\n+b\n";
  const Patch first = parse_patch(bare).value;
  CHECK(first.sections.front().path().value == "f");
  CHECK(first.guess_after.nothing_stripped);
  const std::string git = "diff --git a/f b/f\n--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+b\n";
  CHECK(parse_patch(git).value.sections.front().path().value == "f");
  CHECK(parse_patch(git, first.guess_after).value.sections.front().path().value == "b/f");
}

TEST_CASE("patch: renames and copies, modes, creation and deletion") {
  const std::string text =
      "diff --git a/x b/y\nold mode 100644\nnew mode 100755\nsimilarity index 100%\nrename from x\nrename to y\n"
      "diff --git a/n b/n\nnew file mode 100644\nindex 0000000..e69de29\n"
      "diff --git a/d b/d\ndeleted file mode 100644\nindex e69de29..0000000\n";
  const Patch patch = parse_patch(text).value;
  REQUIRE(patch.sections.size() == 3);
  CHECK(patch.sections[0].renames);
  CHECK(patch.sections[0].old_path->value == "x");
  CHECK(patch.sections[0].new_path->value == "y");
  CHECK(patch.sections[0].new_mode == 0100755);
  CHECK(patch.sections[1].creates == Certainty::yes);
  CHECK_FALSE(patch.sections[1].old_path.has_value());
  CHECK(patch.sections[2].deletes == Certainty::yes);
  CHECK_FALSE(patch.sections[2].new_path.has_value());
}

TEST_CASE("patch: what git refuses is named at the culprit") {
  CHECK(refusal(head + "@@ -1,3 +1,3 @@\n a\n-b\n+c\n").first == "@@ -1,3 +1,3 @@");
  CHECK(refusal(head + "@@ -1,2 +1,5 @@\n a\n-b\n+c\n-- \n2.39.5\n").first == "5");
  CHECK(refusal(head + "@@ -1,2 +1,2 @@\n a\n-b\n+c\n\n@@ -9 +9 @@\n-x\n+y\n").first == "@@ -9 +9 @@");
  CHECK(refusal("diff --git a/x b/y\nindex 1..2\n").first == "diff --git a/x b/y");
  CHECK(refusal("diff --git a/x b/x\nnew file mode 10x\n").first == "new file mode 10x");
  CHECK(refusal("diff --git a/x b/y\nrename from x\nrename to y\n+++ b/z\n").first == "+++ b/z");
  CHECK(refusal("").second.find("the file is empty") != std::string::npos);
  CHECK(refusal("<html>\n<body>\n").second.find("web page") != std::string::npos);
}

TEST_CASE("patch: counts that are wrong are named, with the place where git stops, and can be mended") {
  const std::string text = head + "@@ -1,3 +1,3 @@\n a\n-b\n+c\ndiff --git a/g b/g\n";
  const forge::Parsed<Patch> parsed = parse_patch(text);
  REQUIRE_FALSE(parsed.problems.empty());
  const forge::Problem& problem = parsed.problems.front();
  CHECK(at(text, problem.span) == "3 +1,3");
  CHECK(at(text, problem.related) == "diff --git a/g b/g");
  REQUIRE(problem.fixes.size() == 1);
  std::string mended = text;
  mended.replace(problem.fixes.front().span.begin, problem.fixes.front().span.size(), problem.fixes.front().new_text);
  CHECK(mended == head + "@@ -1,2 +1,2 @@\n a\n-b\n+c\ndiff --git a/g b/g\n");
}

TEST_CASE("patch: of a hunk that something else breaks the counts are not to blame") {
  const std::string text = head + "@@ -1,3 +1,3 @@\n a\n-b\n+c\n&gt; d\n";
  const forge::Parsed<Patch> parsed = parse_patch(text);
  REQUIRE_FALSE(parsed.problems.empty());
  CHECK(at(text, parsed.problems.front().span) == "&gt; d");
  CHECK(at(text, parsed.problems.front().related) == "@@ -1,3 +1,3 @@");
  CHECK(parsed.problems.front().fixes.empty());
}

TEST_CASE("patch: a broken binary block ends the file without refusing it") {
  const std::string text = head + "@@ -1 +1 @@\n-a\n+b\n" +
                           "diff --git a/x b/x\nindex 1111111..2222222\nGIT binary patch\nliteral 3\nKcmZ!\n\n";
  const forge::Parsed<Patch> parsed = parse_patch(text);
  CHECK_FALSE(parsed.value.refused);
  CHECK(parsed.value.sections.size() == 1);
  REQUIRE_FALSE(parsed.problems.empty());
  CHECK(parsed.problems.front().rule == "patch-malformed");
}

TEST_CASE("patch: a new file outside of the tree is malformed by the text alone") {
  const std::string text =
      "diff --git a/../x b/../x\nnew file mode 100644\n--- /dev/null\n+++ b/../x\n@@ -0,0 +1 @@\n+x\n";
  const forge::Parsed<Patch> parsed = parse_patch(text);
  REQUIRE_FALSE(parsed.problems.empty());
  CHECK(parsed.problems.front().rule == "patch-malformed");
  CHECK(at(text, parsed.problems.front().span) == "a/../x b/../x");
}

TEST_CASE("patch: a bare diff lacks author, subject and origin") {
  const std::string text = head + "@@ -1 +1 @@\n-a\n+b\n";
  const forge::Parsed<Patch> parsed = parse_patch(text);
  REQUIRE(parsed.problems.size() == 1);
  CHECK(parsed.problems.front().rule == "patch-metadata-missing");
  CHECK(parsed.problems.front().message.find("an author (`From:`), a subject (`Subject:`), an origin") !=
        std::string::npos);
}
