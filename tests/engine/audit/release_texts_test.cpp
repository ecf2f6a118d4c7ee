#include "engine/audit/release_texts.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/small_forge.hpp"

namespace {

using namespace forge;
using namespace forge::audit;

std::string texts_of(const std::string& text, std::vector<ProposedRef> refs) {
  const auto snapshot = support::snapshot_of({{"releases/2025.2/source-refs.yaml", text}});
  return refs_text(*snapshot->source_refs("2025.2"), refs, "2025.2", "2026.1");
}

}  // namespace

TEST_CASE("release texts: refs change in their quotes, and comments about old ones go") {
  const std::vector<ProposedRef> refs = {{.component = "nova", .ref = "33.0.0"},
                                         {.component = "glance", .ref = "master"},
                                         {.component = "ovs", .ref = "v3.7.0"}};
  CHECK(texts_of("# Services: see patches/nova/2025.2\nnova: \"32.0.0\"  # past stable/2025.2\nglance: stable/2025.2\n"
                 "\nother: 'x' # stays\novs: 'v3.6.0'",
                 refs) ==
        "# Services: see patches/nova/2026.1\nnova: \"33.0.0\"\nglance: master\n\nother: 'x' # stays\novs: 'v3.7.0'");
}

TEST_CASE("release texts: a ref that stays keeps its comment, an empty one gets its value") {
  CHECK(texts_of("nova: \"32.0.0\" # why\nglance:\n",
                 {{.component = "nova", .ref = "32.0.0"}, {.component = "glance", .ref = "31.0.0"}}) ==
        "nova: \"32.0.0\" # why\nglance: \"31.0.0\"\n");
}

TEST_CASE("release texts: the release is renamed in comments, where it is a part of a path") {
  CHECK(renamed_in_comments("# a/2025.2/b, c/2025.21, since 2025.2, stable/2025.2.\nx: /2025.2 # /2025.2\n", "2025.2",
                            "2026.1") ==
        "# a/2026.1/b, c/2025.21, since 2025.2, stable/2026.1.\nx: /2025.2 # /2026.1\n");
  CHECK(renamed_in_comments("", "2025.2", "2026.1").empty());
}

TEST_CASE("release texts: files that name the old release and not the new one") {
  const auto snapshot = support::snapshot_of({{"releases/2025.2/source-refs.yaml", ""},
                                              {".github/workflows/a.yaml", "on: push\n# 2025.2 2025.2\nx: [2025.2]\n"},
                                              {".github/workflows/b.yaml", "x: [2025.2, 2026.1]\n"},
                                              {"scripts/c", "v2025.21\n"}});
  const std::vector<Mention> mentions = mentions_of(*snapshot, "2025.2", "2026.1");
  REQUIRE(mentions.size() == 1);
  CHECK(mentions.front().path == ".github/workflows/a.yaml");
  CHECK(mentions.front().lines == std::vector<std::string>{"2", "3"});
}
