#include "engine/formats/patch_id.hpp"

#include <doctest/doctest.h>

#include "engine/formats/commit_message.hpp"

using forge::formats::read_change_origin;
using forge::formats::stable_patch_ids;

namespace {

// The expected ids are those of `git patch-id --stable` of git 2.39.5.
constexpr std::string_view two_files =
    "From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001\n"
    "From: A <a@example.org>\nSubject: [PATCH] x\n\n---\n"
    "diff --git a/f b/f\nindex 1..2 100644\n--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n"
    "diff --git a/g b/g\nindex 1..2 100644\n--- a/g\n+++ b/g\n@@ -1 +1 @@\n-b\n+c\n-- \n2.39.5\n";

}  // namespace

TEST_CASE("patch id: white space, line numbers and the order of files do not matter, lines do") {
  const auto ids = stable_patch_ids(two_files);
  REQUIRE(ids.size() == 1);
  CHECK(ids[0].commit == "0123456789012345678901234567890123456789");
  const auto moved = stable_patch_ids(
      "diff --git a/g b/g\nindex 7..8 100644\n--- a/g\n+++ b/g\n@@ -9 +9 @@ x\n-  b\n+c \n"
      "diff --git a/f b/f\nindex 1..2 100644\n--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n");
  REQUIRE(moved.size() == 1);
  CHECK(moved[0].commit.empty());
  CHECK(moved[0].id == ids[0].id);
  const auto other = stable_patch_ids("diff --git a/f b/f\n--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n a\n-b\n+d\n");
  REQUIRE(other.size() == 1);
  CHECK(other[0].id != ids[0].id);
}

TEST_CASE("patch id: one for each mail; none without a line `diff`") {
  const std::string twice = std::string(two_files) + std::string(two_files);
  CHECK(stable_patch_ids(twice).size() == 2);
  CHECK(stable_patch_ids("--- a/f\n+++ b/f\n@@ -1 +1 @@\n-b\n+c\n").empty());
  CHECK(stable_patch_ids("").empty());
}

TEST_CASE("commit message: Change-Ids of the last paragraph that has any, picks and reverts in every spelling") {
  const auto origin = read_change_origin(
      "Fix\n\nChange-Id: I1111111111111111111111111111111111111111\n\nThis reverts commit\n"
      "abcdef0123456789abcdef0123456789abcdef01.\n\nChange-Id:I2222222222222222222222222222222222222222\n"
      "(cherry picked from commit 0123456789)\n\n(cherry-picked from commit ABCDEF0123)\n");
  CHECK(origin.change_ids == std::vector<std::string>{"I2222222222222222222222222222222222222222"});
  CHECK(origin.picked_from == std::vector<std::string>{"0123456789", "abcdef0123"});
  CHECK(origin.reverts == std::vector<std::string>{"abcdef0123456789abcdef0123456789abcdef01"});
  CHECK(read_change_origin("Change-Id: Inothex\nRelated: Change-Id: I123456789\n").change_ids.empty());
}
