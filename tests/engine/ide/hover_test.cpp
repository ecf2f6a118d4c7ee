#include "engine/ide/hover.hpp"

#include <algorithm>
#include <memory>
#include <ostream>
#include <string>

#include <doctest/doctest.h>

#include "tests/support/memory_repository.hpp"
#include "tests/support/small_forge.hpp"

using forge::ide::Hover;
using forge::ide::HoverPiece;
using forge::support::MemoryRepository;
using forge::support::MemoryUpstreams;
using forge::support::snapshot_of;

namespace {

constexpr const char* path = "releases/2025.2/source-refs.yaml";

forge::workspace::SnapshotPtr forge_with(const std::string& refs, const std::shared_ptr<MemoryUpstreams>& upstreams) {
  return snapshot_of({{path, refs},
                      {"patches/keystone/2025.2/0001-a.patch", "--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@\n-one\n+deux\n"},
                      {"patches/keystone/2025.2/0002-b.patch", "--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@\n-six\n+sept\n"}},
                     upstreams);
}

std::shared_ptr<MemoryUpstreams> keystone() {
  auto repository = std::make_shared<MemoryRepository>();
  const auto first = repository->add_commit({{"a.txt", "one\n"}}, "A *first* commit\n\nbody");
  const auto second = repository->add_commit({{"a.txt", "two\n"}}, "second", {first});
  repository->tag("28.0.0", first);
  repository->tag("28.0.1", second);
  repository->branch("stable/2025.2", second);
  repository->branch("master", second);
  auto upstreams = std::make_shared<MemoryUpstreams>();
  upstreams->add("keystone", repository);
  return upstreams;
}

std::string plain_at(const forge::workspace::Snapshot& snapshot, std::uint32_t offset) {
  const auto hover = forge::ide::hover(snapshot, path, offset);
  return hover ? forge::ide::to_plain_text(*hover) : std::string();
}

}  // namespace

TEST_CASE("hover: a ref's value tells kind, commit, series, newer tags and how the patches do") {
  const auto snapshot = forge_with("keystone: \"28.0.0\"\n", keystone());
  const std::string text = plain_at(*snapshot, 12);
  CHECK(text.find("keystone 28.0.0: tag\ncommit ") == 0);
  CHECK(text.find("\"A *first* commit\"\n") != std::string::npos);
  CHECK(text.find("on 2025.2, 1 commit behind its head\n") != std::string::npos);
  CHECK(text.find("newer in this series: 28.0.1 (") != std::string::npos);
  CHECK(text.find("2 patches:\n0001-a.patch applies\n0002-b.patch does not apply") != std::string::npos);
}

TEST_CASE("hover: the range is the value with its quotes, and elsewhere there is nothing") {
  const auto snapshot = forge_with("keystone: \"28.0.0\" # why\n", keystone());
  const auto hover = forge::ide::hover(*snapshot, path, 18);
  REQUIRE(hover);
  CHECK(hover->span == forge::TextSpan{10, 18});
  CHECK(plain_at(*snapshot, 21).empty());
  CHECK(plain_at(*snapshot, 2).empty());
  CHECK(!forge::ide::hover(*snapshot, "patches/keystone/2025.2/0001-a.patch", 3));
  CHECK(!forge::ide::hover(*snapshot, "releases/2020.1/source-refs.yaml", 3));
}

TEST_CASE("hover: a missing upstream is said, and what is known of the files stays") {
  const auto snapshot = forge_with("keystone: \"28.0.0\"\n", std::make_shared<MemoryUpstreams>());
  const std::string text = plain_at(*snapshot, 12);
  CHECK(text.find("keystone 28.0.0\n") == 0);
  CHECK(text.find("2 patches:\n0001-a.patch\n0002-b.patch") != std::string::npos);
}

TEST_CASE("hover: text of others can't become markup") {
  const Hover hover{.span = {},
                    .lines = {{{HoverPiece::Style::plain, "[a](b) *c* <d>\nnew"},
                               {HoverPiece::Style::code, "x``y"},
                               {HoverPiece::Style::strong, "\xFF_e_"}}}};
  CHECK(forge::ide::to_markdown(hover) == "\\[a\\]\\(b\\) \\*c\\* \\<d\\> new``` x``y ```**\xEF\xBF\xBD\\_e\\_**");
}

TEST_CASE("hover: never longer than 25 lines") {
  Hover hover;
  for (int i = 0; i < 40; ++i) hover.lines.push_back({{HoverPiece::Style::plain, std::to_string(i)}});
  const std::string text = forge::ide::to_plain_text(hover);
  CHECK(std::count(text.begin(), text.end(), '\n') == 24);
  CHECK(text.ends_with("23\n… and 16 more lines"));
}
