#include "engine/ide/code_lens.hpp"

#include <memory>
#include <ostream>
#include <string>

#include <doctest/doctest.h>

#include "engine/ide/inlay_hints.hpp"
#include "engine/workspace/workspace.hpp"
#include "tests/support/memory_repository.hpp"
#include "tests/support/small_forge.hpp"

using forge::TaskPool;
using forge::ide::Certainty;
using forge::ide::CodeLens;
using forge::ide::ForgeFacts;
using forge::ide::Recollection;
using forge::support::ForgeFiles;
using forge::support::MemoryRepository;
using forge::support::MemoryUpstreams;
using forge::workspace::SnapshotPtr;
using forge::workspace::Workspace;

namespace {

constexpr const char* refs_path = "releases/2025.2/source-refs.yaml";
constexpr const char* first_path = "patches/keystone/2025.2/0001-a.patch";
constexpr const char* second_path = "patches/keystone/2025.2/0002-b.patch";

std::shared_ptr<MemoryUpstreams> upstreams() {
  auto repository = std::make_shared<MemoryRepository>();
  const auto first = repository->add_commit({{"a.txt", "zero\none\ntwo\n"}, {"b.txt", "x\n"}}, "first");
  const auto second = repository->add_commit({{"a.txt", "zero\nuno\ntwo\n"}, {"b.txt", "x\n"}}, "second", {first});
  repository->tag("28.0.0", first);
  repository->tag("28.0.1", second);
  repository->branch("stable/2025.2", second);
  repository->branch("master", second);
  auto all = std::make_shared<MemoryUpstreams>();
  all->add("keystone", repository);
  return all;
}

ForgeFiles files(const std::string& refs) {
  return {{refs_path, refs},
          {first_path, "--- a/a.txt\n+++ b/a.txt\n@@ -3,2 +3,2 @@\n-one\n+uno\n two\n"},
          {second_path, "--- a/b.txt\n+++ b/b.txt\n@@ -1 +1 @@\n-x\n+y\n@@ -9 +9 @@\n-six\n+sept\n"}};
}

/// One forge through several states, with what is parsed kept between them.
class Forge {
 public:
  SnapshotPtr load(ForgeFiles now) {
    std::map<std::string, std::string, std::less<>> texts(now.begin(), now.end());
    auto snapshot = workspace_.load(forge::workspace::memory_files(std::move(texts)), TaskPool(0));
    REQUIRE(snapshot.has_value());
    return *snapshot;
  }

 private:
  std::shared_ptr<MemoryUpstreams> upstreams_ = upstreams();
  Workspace workspace_{[this](const forge::formats::ForgeConfig&) { return upstreams_; }};
};

std::string titles(const forge::workspace::Snapshot& snapshot, const ForgeFacts* facts, const char* path) {
  std::string out;
  for (const CodeLens& lens : forge::ide::code_lenses(snapshot, Recollection(snapshot, facts), path))
    out += (lens.title.empty() ? "?" : lens.title) + "\n";
  return out;
}

std::string labels(const forge::workspace::Snapshot& snapshot, const ForgeFacts* facts, const char* path,
                   forge::TextSpan span) {
  std::string out;
  const auto found = forge::ide::inlay_hints(snapshot, Recollection(snapshot, facts), path, span);
  for (const auto& hint : found.hints) out += std::to_string(hint.offset) + " " + hint.label + "\n";
  return out;
}

}  // namespace

TEST_CASE("code lens: above the refs file, a component with patches, and each patch") {
  Forge forge;
  const SnapshotPtr snapshot = forge.load(files("keystone: \"28.0.0\"\nnova: \"32.0.0\"\n"));
  const ForgeFacts facts = forge::ide::collect_facts(*snapshot);
  CHECK(titles(*snapshot, &facts, refs_path) == "2 components · 1 outdated\n2 patches: 1 applies, 1 does not apply\n");
  CHECK(titles(*snapshot, &facts, first_path) == "applies to keystone@28.0.0 · 1 hunk · offset -1\n");
  CHECK(titles(*snapshot, &facts, second_path) == "does not apply · hunk 2 of 2\n");
  CHECK(titles(*snapshot, &facts, "overrides/2025.2/constraints.txt").empty());
}

TEST_CASE("code lens: a branch is floating, and a change that upstream has is merged") {
  Forge forge;
  const SnapshotPtr snapshot = forge.load(files("keystone: \"stable/2025.2\"\n"));
  const ForgeFacts facts = forge::ide::collect_facts(*snapshot);
  CHECK(titles(*snapshot, &facts, refs_path) ==
        "1 component · 1 floating\n2 patches: 1 merged upstream, 1 does not apply\n");
  CHECK(titles(*snapshot, &facts, first_path).find("merged upstream as ") == 0);
}

TEST_CASE("code lens: what was said is kept while typing, and marked only where it may be wrong") {
  Forge forge;
  const SnapshotPtr before = forge.load(files("keystone: \"28.0.0\"\n"));
  CHECK(titles(*before, nullptr, refs_path) == "?\n?\n");
  const ForgeFacts facts = forge::ide::collect_facts(*before);

  const SnapshotPtr comment = forge.load(files("# why\nkeystone: \"28.0.0\"\n"));
  CHECK(titles(*comment, &facts, refs_path) == titles(*before, &facts, refs_path));

  const SnapshotPtr raised = forge.load(files("keystone: \"28.0.1\"\n"));
  CHECK(titles(*raised, &facts, refs_path) == "1 component · 1 outdated …\n2 patches: 1 applies, 1 does not apply …\n");
  CHECK(titles(*raised, &facts, first_path) == "applies to keystone@28.0.0 · 1 hunk · offset -1 …\n");

  ForgeFiles edited = files("keystone: \"28.0.0\"\n");
  edited[first_path] += "\n";
  const SnapshotPtr patch = forge.load(edited);
  CHECK(titles(*patch, &facts, first_path) == "applies to keystone@28.0.0 · 1 hunk · offset -1 …\n");
}

TEST_CASE("code lens: without the upstream the components are counted, and the patches are not examined") {
  const auto snapshot =
      forge::support::snapshot_of(files("keystone: \"28.0.0\"\n"), std::make_shared<MemoryUpstreams>());
  const ForgeFacts facts = forge::ide::collect_facts(*snapshot);
  CHECK(titles(*snapshot, &facts, refs_path) == "1 component\n2 patches: not examined\n");
  CHECK(titles(*snapshot, &facts, first_path) == "not examined: the source is not to be had\n");
}

TEST_CASE("inlay hints: what a ref is, or what is newer, in the asked range alone") {
  Forge forge;
  const std::string refs = "keystone: \"28.0.0\" # why\nnova: \"1\"\n";
  const SnapshotPtr snapshot = forge.load(files(refs));
  const ForgeFacts facts = forge::ide::collect_facts(*snapshot);
  CHECK(labels(*snapshot, &facts, refs_path, {0, 100}) == "18 -> 28.0.1\n");
  CHECK(labels(*snapshot, &facts, refs_path, {20, 100}).empty());
  CHECK(labels(*snapshot, nullptr, refs_path, {0, 100}).empty());
  const Recollection known(*snapshot, &facts);
  const auto found = forge::ide::inlay_hints(*snapshot, known, refs_path, {0, 100});
  CHECK(found.sure);
  CHECK(!forge::ide::inlay_hints(*snapshot, Recollection(*snapshot, nullptr), refs_path, {0, 100}).sure);
  const auto& hints = found.hints;
  REQUIRE(hints.size() == 1);
  REQUIRE(hints[0].edits.size() == 1);
  CHECK(hints[0].edits[0].place.span == forge::TextSpan{11, 17});
  CHECK(hints[0].edits[0].new_text == "28.0.1");
  const std::string tooltip = forge::ide::inlay_tooltip(known, refs_path, "keystone");
  CHECK(tooltip.find("keystone 28.0.0: tag\ncommit ") == 0);
  CHECK(tooltip.find("\non 2025.2, 1 commit behind its head\nnewer in this series: 28.0.1 (") != std::string::npos);
  CHECK(forge::ide::inlay_tooltip(known, refs_path, "glance").empty());
}

TEST_CASE("inlay hints: tags with their date, branches with their commit, stale ones marked") {
  Forge forge;
  const SnapshotPtr tag = forge.load(files("keystone: \"28.0.1\"\n"));
  const ForgeFacts facts = forge::ide::collect_facts(*tag);
  const std::string label = labels(*tag, &facts, refs_path, {0, 100});
  CHECK(label.find("18 tag, 20") == 0);
  const SnapshotPtr branch = forge.load(files("keystone: \"stable/2025.2\"\n"));
  CHECK(labels(*branch, &facts, refs_path, {0, 100}).find("25 tag, 20") == 0);
  CHECK(labels(*branch, &facts, refs_path, {0, 100}).ends_with(" …\n"));
  const ForgeFacts newer = forge::ide::collect_facts(*branch);
  CHECK(labels(*branch, &newer, refs_path, {0, 100}).find("25 branch, ") == 0);
}

TEST_CASE("inlay hints: an override tells the pin that it replaces or removes") {
  const char* path = "overrides/2025.2/constraints.txt";
  const auto snapshot = forge::support::snapshot_of(
      {{refs_path, "keystone: \"28.0.0\"\n"},
       {"releases/2025.2/upper-constraints.txt", "cryptography===44.0.0\noslo.config===9.7.0\n"},
       {path, "cryptography===44.0.1\n-oslo.config\nnew===1.0\n-none\n"}});
  CHECK(labels(*snapshot, nullptr, path, {0, 100}) ==
        "21 was 44.0.0\n34 was 9.7.0\n44 not pinned before\n50 nothing to remove\n");
}
