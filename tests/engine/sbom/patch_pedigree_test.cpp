#include "engine/sbom/patch_pedigree.hpp"

#include <string>

#include <doctest/doctest.h>

#include "engine/formats/patch.hpp"

using namespace forge;

namespace {

std::string ids_in(const std::string& words) {
  const std::string text =
      "From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001\nFrom: A <a@b.example>\n"
      "Date: Mon, 1 Dec 2025 09:30:00 +0100\nSubject: [PATCH] x\n\n" +
      words + "---\n a | 2 +-\n\ndiff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1 +1 @@\n-Closes-Bug: #1\n+CVE-1999-0001\n";
  std::string ids;
  for (const sbom::Issue& issue : sbom::resolved_issues(text, formats::parse_patch(text).value)) {
    ids += ids.empty() ? "" : " ";
    ids += (issue.kind == sbom::Issue::Kind::security ? "!" : "") + issue.source + "/" + issue.id;
  }
  return ids;
}

}  // namespace

TEST_CASE("pedigree: bugs in every spelling that OpenStack has") {
  CHECK(ids_in("Closes-Bug: #2044\n") == "Launchpad/2044");
  CHECK(ids_in("closes-bug: lp:2044, LP #2045\n") == "Launchpad/2044 Launchpad/2045");
  CHECK(ids_in("Closes-Bug: https://bugs.launchpad.net/nova/+bug/2044\n") == "Launchpad/2044");
  CHECK(ids_in("Story: 2001234\nTask: 99\n") == "StoryBoard/2001234");
  CHECK(ids_in("Bug: https://github.com/a/b/issues/17\n") == "github.com/17");
  CHECK(ids_in("Closes-Rhbz: #1999\n") == "Red Hat Bugzilla/1999");
}

TEST_CASE("pedigree: what is only related, and what the diff says, resolves nothing") {
  CHECK(ids_in("Related-Bug: #2044\nPartial-Bug: #2045\n").empty());
  CHECK(ids_in("Closes-Bug:\n").empty());
  CHECK(ids_in("Nothing.\n").empty());
}

TEST_CASE("pedigree: advisories in the words around the diff, each once") {
  CHECK(ids_in("Fixes CVE-2024-1234, see OSSA-2024-001.\n\nCloses-Bug: #1\nCVE-2024-1234\n") ==
        "Launchpad/1 !NVD/CVE-2024-1234 !OpenStack Security Advisories/OSSA-2024-001");
}
