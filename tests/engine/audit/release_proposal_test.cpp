#include "engine/audit/release_proposal.hpp"

#include <algorithm>
#include <memory>
#include <string>

#include <doctest/doctest.h>

#include "tests/support/small_forge.hpp"

namespace {

using namespace forge;
using namespace forge::audit;

/// nova at 1.0.0 (2025.2) and 2.0.0 (2026.1), which has merged one of its three patches and moved what the second
/// changes.
std::shared_ptr<support::MemoryUpstreams> upstreams() {
  const auto repository = std::make_shared<support::MemoryRepository>();
  const git::ObjectId old =
      repository->add_commit({{"a", "one\n"}, {"b", "1\n2\n3\n4\n5\n"}, {"c", "old\n"}}, "old", {});
  const git::ObjectId now =
      repository->add_commit({{"a", "uno\n"}, {"b", "0\n0\n1\n2\n3\n4\n5\n"}, {"c", "other\n"}}, "new", {old});
  repository->tag("1.0.0", old);
  repository->tag("2.0.0", now);
  repository->branch("stable/2025.2", old);
  repository->branch("stable/2026.1", now);
  const auto requirements = std::make_shared<support::MemoryRepository>();
  const git::ObjectId before = requirements->add_commit({{"upper-constraints.txt", "x===1\n"}}, "a", {});
  requirements->branch("stable/2025.2", before);
  requirements->branch("master", requirements->add_commit({{"upper-constraints.txt", "x===2\n"}}, "b", {before}));
  auto all = std::make_shared<support::MemoryUpstreams>();
  all->add("nova", repository);
  all->add("requirements", requirements);
  return all;
}

support::ForgeFiles files() {
  return {{"releases/2025.2/source-refs.yaml", "nova: \"1.0.0\"\n"},
          {"releases/2025.2/upper-constraints.txt", "x===1\n"},
          {"releases/2025.2/extra-packages.yaml", "nova: {}\n"},
          {"releases/2025.2/test-refs.yaml", "tempest: \"1\"\n"},
          {"overrides/2025.2/constraints.txt", "x===2\n"},
          {"images/nova/Dockerfile", "FROM scratch\n"},
          {"patches/nova/2025.2/0001-a.patch", "--- a/a\n+++ b/a\n@@ -1 +1 @@\n-one\n+uno\n"},
          {"patches/nova/2025.2/0002-b.patch", "--- a/b\n+++ b/b\n@@ -1,5 +1,5 @@\n 1\n 2\n-3\n+drei\n 4\n 5\n"},
          {"patches/nova/2025.2/0003-c.patch", "--- a/c\n+++ b/c\n@@ -1 +1 @@\n-old\n+mine\n"}};
}

Result<ReleaseProposal> propose(const support::ForgeFiles& of, const ProposalRequest& request,
                                const std::shared_ptr<support::MemoryUpstreams>& sources = upstreams()) {
  const Load load = [&](const workspace::FileStorePtr& store) -> Result<workspace::SnapshotPtr> {
    support::ForgeFiles all;
    const auto paths = store->list();
    for (const std::string& path : *paths) all[path] = *store->read(path);
    return support::snapshot_of(all, sources);
  };
  return propose_release(*support::snapshot_of(of, sources), workspace::memory_files(of), load, request, TaskPool(1));
}

std::string file(const ReleaseProposal& proposal, const std::string& path) {
  const auto found = proposal.files.find(path);
  return found == proposal.files.end() ? "(none)" : found->second;
}

bool remarks(const ReleaseProposal& proposal, State state, const std::string& text) {
  return std::ranges::any_of(proposal.remarks, [&](const Remark& remark) {
    return remark.state == state && remark.text.find(text) != std::string::npos;
  });
}

}  // namespace

TEST_CASE("release proposal: refs, constraints, overrides, patches and the other files") {
  const Result<ReleaseProposal> made = propose(files(), {.release = "2026.1"});
  REQUIRE(made.has_value());
  const ReleaseProposal& proposal = *made;
  CHECK(proposal.from == "2025.2");
  CHECK(file(proposal, "releases/2026.1/source-refs.yaml") == "nova: \"2.0.0\"\n");
  CHECK(file(proposal, "releases/2026.1/upper-constraints.txt") == "x===2\n");
  CHECK(remarks(proposal, State::risk, "no branch of 2026.1 yet: they are those of `master`"));
  CHECK(file(proposal, "overrides/2026.1/constraints.txt") == "(none)");
  CHECK(file(proposal, "releases/2026.1/extra-packages.yaml") == "nova: {}\n");
  CHECK(file(proposal, "releases/2026.1/test-refs.yaml") == "tempest: \"1\"\n");
  CHECK(remarks(proposal, State::risk, "test-refs.yaml has the versions of 2025.2"));
}

TEST_CASE("release proposal: a merged patch is left out, a moved one refreshed, one that conflicts named") {
  const Result<ReleaseProposal> made = propose(files(), {.release = "2026.1"});
  REQUIRE(made.has_value());
  REQUIRE(made->patches.size() == 3);
  CHECK(made->patches[0].carry == PatchCarry::merged);
  CHECK(file(*made, "patches/nova/2026.1/0001-a.patch") == "(none)");
  CHECK(made->patches[1].carry == PatchCarry::refreshed);
  CHECK(file(*made, "patches/nova/2026.1/0002-b.patch").find("@@ -2,6 +2,6 @@\n 0\n 1\n") != std::string::npos);
  CHECK(made->patches[2].carry == PatchCarry::conflicts);
  CHECK(file(*made, "patches/nova/2026.1/0003-c.patch") == files().at("patches/nova/2025.2/0003-c.patch"));
  CHECK(remarks(*made, State::risk, "0003-c.patch can't be refreshed"));
}

TEST_CASE("release proposal: constraints that are handed in, that are named, or that nobody has") {
  const auto given =
      propose(files(), {.release = "2026.1", .constraints_text = "y===1\n", .constraints_name = "a file"});
  CHECK(file(*given, "releases/2026.1/upper-constraints.txt") == "y===1\n");
  CHECK(file(*given, "overrides/2026.1/constraints.txt") == "x===2\n");
  const auto named = propose(files(), {.release = "2026.1", .constraints_ref = "stable/2025.2"});
  CHECK(file(*named, "releases/2026.1/upper-constraints.txt") == "x===1\n");
  const auto wrong = propose(files(), {.release = "2026.1", .constraints_ref = "nowhere"});
  REQUIRE_FALSE(wrong.has_value());
  CHECK(wrong.error().kind == Failure::Kind::not_found);
  const auto sources = std::make_shared<support::MemoryUpstreams>();
  const auto copied = propose(files(), {.release = "2026.1"}, sources);
  REQUIRE(copied.has_value());
  CHECK(file(*copied, "releases/2026.1/upper-constraints.txt") == "x===1\n");
  CHECK(remarks(*copied, State::not_examined, "is a copy of 2025.2's"));
  CHECK(remarks(*copied, State::not_examined, "0001-a.patch was not tried"));
}

TEST_CASE("release proposal: a library without a patch that is left is told") {
  support::ForgeFiles of = files();
  of.erase("images/nova/Dockerfile");
  of.erase("patches/nova/2025.2/0002-b.patch");
  of.erase("patches/nova/2025.2/0003-c.patch");
  const auto made = propose(of, {.release = "2026.1"});
  REQUIRE(made.has_value());
  CHECK(remarks(*made, State::risk, "No patch of `nova` is left"));
}

TEST_CASE("release proposal: requests that make no sense") {
  CHECK(propose(files(), {.release = "2025.2"}).error().message.find("is in this forge") != std::string::npos);
  CHECK(propose(files(), {.release = "../x"}).error().message.find("is no release") != std::string::npos);
  CHECK(propose(files(), {.release = "2026.1", .from = "2024.1"}).error().message.find("no release `2024.1`") !=
        std::string::npos);
  support::ForgeFiles broken = files();
  broken["releases/2025.2/source-refs.yaml"] = "nova: [\n";
  CHECK(propose(broken, {.release = "2026.1"}).error().message.find("does not parse") != std::string::npos);
}
