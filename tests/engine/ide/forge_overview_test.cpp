#include "engine/ide/forge_overview.hpp"

#include <memory>
#include <ostream>
#include <string>

#include <doctest/doctest.h>

#include "engine/rules/run_rules.hpp"
#include "tests/support/memory_repository.hpp"
#include "tests/support/small_forge.hpp"

using forge::Severity;
using forge::ide::forge_overview;
using forge::support::MemoryRepository;
using forge::support::MemoryUpstreams;
using forge::support::snapshot_of;

TEST_CASE("forge_overview: releases, refs and patches with their states") {
  auto repository = std::make_shared<MemoryRepository>();
  const auto first = repository->add_commit({{"a.txt", "zero\none\n"}}, "first");
  const auto second = repository->add_commit({{"a.txt", "two\n"}}, "second", {first});
  repository->tag("28.0.0", first);
  repository->tag("28.0.1", second);
  repository->branch("stable/2025.2", second);
  auto upstreams = std::make_shared<MemoryUpstreams>();
  upstreams->add("keystone", repository);
  const auto snapshot =
      snapshot_of({{"releases/2025.2/source-refs.yaml", "keystone: \"28.0.0\"\nnova: \"32.0.0\"\n"},
                   {"releases/2026.1/extra-packages.yaml", "keystone: {}\n"},
                   {"images/keystone/Dockerfile", "FROM scratch\n"},
                   {"patches/keystone/2025.2/0001-a.patch", "--- a/a.txt\n+++ b/a.txt\n@@ -1,1 +1,1 @@\n-one\n+deux\n"},
                   {"patches/keystone/2025.2/0002-b.patch", "--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@\n-six\n+sept\n"}},
                  upstreams);
  const auto findings = forge::rules::run_rules(*snapshot, {}, forge::TaskPool(1));

  const auto facts = forge::ide::collect_facts(*snapshot);
  const auto overview = forge_overview(*snapshot, findings, &facts);
  REQUIRE(overview.releases.size() == 2);
  CHECK(overview.releases[1].file == nullptr);
  REQUIRE(overview.releases[0].components.size() == 2);
  const auto& keystone = overview.releases[0].components[0];
  CHECK(keystone.name == "keystone");
  CHECK(keystone.service);
  REQUIRE(keystone.fact != nullptr);
  CHECK(keystone.fact->kind == forge::git::RefKind::tag);
  CHECK(keystone.fact->newest == "28.0.1");
  CHECK(keystone.fact->behind == 1U);
  CHECK(keystone.examined);
  CHECK(keystone.worst == Severity::error);
  REQUIRE(keystone.patches.size() == 2);
  REQUIRE(keystone.patches[1].fact != nullptr);
  CHECK(keystone.patches[1].fact->verdict == forge::model::PatchVerdict::conflict);
  CHECK(overview.unavailable == std::vector<std::string>{"nova"});

  const auto quick = forge_overview(*snapshot, {}, nullptr);
  CHECK(quick.releases[0].components[0].fact == nullptr);
  CHECK(quick.releases[0].components[0].patches[0].fact == nullptr);
  CHECK(quick.unavailable.empty());
}
