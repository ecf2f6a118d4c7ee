#include "engine/audit/proposed_refs.hpp"

#include <memory>
#include <string>

#include <doctest/doctest.h>

#include "tests/support/small_forge.hpp"

namespace {

using namespace forge;
using audit::ProposedRef;
using audit::RefChoice;
using support::MemoryRepository;

/// master: a - b(9.0.0.0rc1) - c - d; stable/2025.2: b - 9.0.0 - 9.0.1. What comes behind is up to the test.
struct History {
  std::shared_ptr<MemoryRepository> repository = std::make_shared<MemoryRepository>();
  git::ObjectId d;

  History() {
    const git::ObjectId a = commit("a", {});
    const git::ObjectId b = commit("b", {a});
    const git::ObjectId release = commit("9.0.0", {b});
    const git::ObjectId fix = commit("9.0.1", {release});
    d = commit("d", {commit("c", {b})});
    repository->tag("2015.1.0", a);
    repository->tag("9.0.0.0rc1", b);
    repository->tag("9.0.0", release);
    repository->tag("9.0.1", fix);
    repository->branch("stable/2025.2", fix);
  }

  git::ObjectId commit(const std::string& message, std::vector<git::ObjectId> parents) const {
    return repository->add_commit({{"a.txt", message.c_str()}}, message, std::move(parents));
  }
  /// One more commit behind `parent` with that tag.
  [[nodiscard]] git::ObjectId tagged(const std::string& tag, const git::ObjectId& parent) const {
    const git::ObjectId id = commit(tag, {parent});
    repository->tag(tag, id);
    return id;
  }
};

ProposedRef proposed(const std::shared_ptr<MemoryRepository>& repository, const std::string& release,
                     const std::string& ref = "9.0.0", bool service = true) {
  support::ForgeFiles files = {{"releases/2025.2/source-refs.yaml", "thing: \"" + ref + "\"\n"}};
  if (service) files["images/thing/Dockerfile"] = "FROM scratch\n";
  const auto upstreams = std::make_shared<support::MemoryUpstreams>();
  if (repository) upstreams->add("thing", repository);
  return audit::propose_ref(*support::snapshot_of(files, upstreams), "2025.2", release, "thing");
}

}  // namespace

TEST_CASE("proposed refs: the newest version of the series, however far its branch went on") {
  History history;
  const git::ObjectId release = history.tagged("10.0.0", history.d);
  const git::ObjectId fix = history.tagged("10.0.1", release);
  history.repository->branch("stable/2026.1", history.commit("head", {fix}));
  history.repository->branch("master", history.tagged("11.0.0", history.d));
  const ProposedRef ref = proposed(history.repository, "2026.1");
  CHECK(ref.ref == "10.0.1");
  CHECK(ref.choice == RefChoice::newest);
  CHECK(ref.before == "9.0.0");
}

TEST_CASE("proposed refs: of a release that nobody has named yet what the main branch leads to") {
  History untagged;
  untagged.repository->branch("master", untagged.d);
  CHECK(proposed(untagged.repository, "2031.2").ref == "master");
  History betas;
  betas.repository->branch("master", betas.tagged("10.0.0.0b2", betas.tagged("10.0.0.0b1", betas.d)));
  const ProposedRef pre = proposed(betas.repository, "2031.2");
  CHECK(pre.ref == "10.0.0.0b2");
  CHECK(pre.choice == RefChoice::pre_release);
  History released;
  released.repository->branch("master", released.tagged("10.0.0", released.tagged("10.0.0.0b1", released.d)));
  CHECK(proposed(released.repository, "2031.2").ref == "10.0.0");
}

TEST_CASE("proposed refs: a series without a version is its branch for a service, the version before for a library") {
  History history;
  history.repository->branch("stable/2026.1", history.d);
  const ProposedRef service = proposed(history.repository, "2026.1");
  CHECK(service.ref == "stable/2026.1");
  CHECK(service.choice == RefChoice::branch);
  const ProposedRef library = proposed(history.repository, "2026.1", "9.0.0", false);
  CHECK(library.ref == "9.0.1");
  CHECK(library.choice == RefChoice::earlier);
}

TEST_CASE("proposed refs: a version that an earlier series has is none of the new one") {
  History history;
  const git::ObjectId later = history.tagged("10.0.0", history.d);
  history.repository->branch("stable/2026.1", later);
  history.repository->branch("stable/2026.2", history.commit("on", {later}));
  const ProposedRef ref = proposed(history.repository, "2026.2");
  CHECK(ref.ref == "stable/2026.2");
}

TEST_CASE("proposed refs: a series that is past and gone keeps the ref") {
  const ProposedRef ref = proposed(History().repository, "2024.1");
  CHECK(ref.ref == "9.0.1");
  CHECK(ref.choice == RefChoice::kept);
}

TEST_CASE("proposed refs: without any series the newest version, but none that counts in years") {
  auto repository = std::make_shared<MemoryRepository>();
  git::ObjectId last = repository->add_commit({{"a", "0"}}, "start", {});
  for (const char* tag : {"v3.5.1", "v3.6.0", "v3.7.0", "v3.8.0rc1", "2015.1.1"}) {
    last = repository->add_commit({{"a", tag}}, tag, {last});
    repository->tag(tag, last);
  }
  repository->branch("main", last);
  const ProposedRef ref = proposed(repository, "2026.1", "v3.6.0");
  CHECK(ref.ref == "v3.7.0");
  CHECK(ref.choice == RefChoice::newest);
}

TEST_CASE("proposed refs: what can't be looked at keeps its ref, and says so") {
  const ProposedRef ref = proposed(nullptr, "2026.1");
  CHECK(ref.ref == "9.0.0");
  CHECK(ref.choice == RefChoice::kept);
  CHECK(ref.reason.find("was not examined") != std::string::npos);
}
