#include "engine/ide/hunk_comparison.hpp"

#include <memory>
#include <ostream>
#include <string>

#include <doctest/doctest.h>

#include "tests/support/memory_repository.hpp"
#include "tests/support/small_forge.hpp"

using forge::ide::compare_hunk;
using forge::support::MemoryRepository;
using forge::support::MemoryUpstreams;
using forge::support::snapshot_of;

namespace {

constexpr const char* first_path = "patches/keystone/2025.2/0001-a.patch";
constexpr const char* second_path = "patches/keystone/2025.2/0002-b.patch";

/// `line 1` ... `line 60`, with another text in some of them.
std::string lines(int changed = 0, const std::string& text = {}) {
  std::string out;
  for (int i = 1; i <= 60; ++i) out += i == changed ? text + "\n" : "line " + std::to_string(i) + "\n";
  return out;
}

std::string hunk_at(int line, const std::string& removed, const std::string& added) {
  const auto text = [](int i) { return " line " + std::to_string(i) + "\n"; };
  const std::string start = std::to_string(line - 1);
  return "--- a/a.txt\n+++ b/a.txt\n@@ -" + start + ",3 +" + start + ",3 @@\n" + text(line - 1) + "-" + removed +
         "\n+" + added + "\n" + text(line + 1);
}

forge::workspace::SnapshotPtr forge_with(const std::string& first, const std::string& second) {
  auto repository = std::make_shared<MemoryRepository>();
  const auto old = repository->add_commit({{"a.txt", lines()}}, "old");
  const auto changed = repository->add_commit({{"a.txt", lines(40, "forty")}}, "Say forty in words", {old});
  repository->tag("28.0.0", changed);
  repository->branch("stable/2025.2", changed);
  auto upstreams = std::make_shared<MemoryUpstreams>();
  upstreams->add("keystone", repository);
  return snapshot_of(
      {{"releases/2025.2/source-refs.yaml", "keystone: \"28.0.0\"\n"}, {first_path, first}, {second_path, second}},
      upstreams);
}

bool has(const std::string& text, const std::string& piece) {
  return text.find(piece) != std::string::npos;
}

}  // namespace

TEST_CASE("compare_hunk: what does not fit stands beside what is there, with the commit that changed it") {
  const auto snapshot = forge_with(hunk_at(20, "line 20", "twenty"), hunk_at(40, "line 40", "FORTY"));
  const auto found = compare_hunk(*snapshot, second_path, 0);
  REQUIRE(found);
  CHECK(found->component == "keystone");
  CHECK(found->ref == "28.0.0");
  CHECK(found->path == "a.txt");
  CHECK_FALSE(found->applies);
  CHECK_FALSE(found->reason.empty());
  CHECK(found->expected.line == found->found.line);
  CHECK(has(found->expected.text, "line 39\nline 40\nline 41\n"));
  CHECK(has(found->found.text, "line 39\nforty\nline 41\n"));
  CHECK_FALSE(has(found->found.text, "line 20\n"));  // a window, not the whole file
  REQUIRE(found->upstream);
  CHECK(found->upstream->subject == "Say forty in words");
}

TEST_CASE("compare_hunk: the file is as the earlier patches of the series leave it") {
  const auto snapshot = forge_with(hunk_at(20, "line 20", "twenty"), hunk_at(21, "line 21", "x"));
  const auto found = compare_hunk(*snapshot, second_path, 0);
  REQUIRE(found);
  CHECK(has(found->found.text, "twenty\nline 21\nline 22\n"));
  CHECK(has(found->expected.text, "line 20\nline 21\nline 22\n"));
  const auto first = compare_hunk(*snapshot, first_path, 40);
  REQUIRE(first);
  CHECK(first->applies);
  CHECK(first->expected.text == first->found.text);
}

TEST_CASE("compare_hunk: a file that is not there, and what is no patch") {
  const auto snapshot = forge_with("--- a/b.txt\n+++ b/b.txt\n@@ -1 +1 @@\n-one\n+two\n", "no patch at all\n");
  const auto found = compare_hunk(*snapshot, first_path, 0);
  REQUIRE(found);
  CHECK(found->expected.text == "one\n");
  CHECK(found->found.text.empty());
  CHECK_FALSE(compare_hunk(*snapshot, second_path, 0));
  CHECK_FALSE(compare_hunk(*snapshot, "releases/2025.2/source-refs.yaml", 0));
  CHECK_FALSE(compare_hunk(*snapshot, "patches/keystone/2025.2/none.patch", 1'000'000));
}
