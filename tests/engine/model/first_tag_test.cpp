#include "engine/model/first_tag.hpp"

#include <memory>

#include <doctest/doctest.h>

#include "tests/support/memory_repository.hpp"

using forge::git::ObjectId;
using forge::model::FirstTags;
using forge::support::MemoryRepository;

namespace {

/// A main branch with a series that leaves it:
///
///     root ── early ── fork ── late (2.0.0.0rc1) ── master
///             0.9.0      └── backport (1.0.0) ── fix ── stable/2025.1
struct Fixture {
  std::shared_ptr<MemoryRepository> repository = std::make_shared<MemoryRepository>();
  ObjectId root = repository->add_commit({{"f", "0"}}, "root");
  ObjectId early = repository->add_commit({{"f", "1"}}, "early", {root});
  ObjectId fork = repository->add_commit({{"f", "2"}}, "fork", {early});
  ObjectId backport = repository->add_commit({{"f", "b"}}, "backport", {fork});
  ObjectId late = repository->add_commit({{"f", "3"}}, "late", {fork});
  ObjectId fix = repository->add_commit({{"f", "c"}}, "fix", {backport});
  ObjectId head = repository->add_commit({{"f", "4"}}, "head", {late});
  forge::model::UpstreamRefs upstream;
  forge::git::ChangeHistoryPtr history;

  Fixture() {
    repository->tag("0.9.0", early);
    repository->tag("1.0.0", backport);
    repository->tag("2.0.0.0rc1", late);
    repository->tag("kilo-eol", root);
    repository->branch("stable/2025.1", fix);
    repository->branch("master", head);
    upstream = forge::model::read_upstream_refs(repository).value();
    history = repository->changes().value();
  }
  [[nodiscard]] std::string_view first(const FirstTags& tags, const ObjectId& commit) const {
    return tags.of(history->find(commit).value());
  }
};

}  // namespace

TEST_CASE("first tag: the oldest version that reaches the commit; other tags do not count") {
  const Fixture f;
  const FirstTags tags = FirstTags::make(*f.history, f.upstream.versions);
  CHECK(f.first(tags, f.root) == "0.9.0");
  CHECK(f.first(tags, f.early) == "0.9.0");
  CHECK(f.first(tags, f.fork) == "1.0.0");
  CHECK(f.first(tags, f.late) == "2.0.0.0rc1");
  CHECK(f.first(tags, f.fix).empty());
  CHECK(f.first(tags, f.head).empty());
}

TEST_CASE("first tag: on a line only the tags that it reaches count") {
  const Fixture f;
  const FirstTags master = FirstTags::make(*f.history, f.upstream.versions, std::vector{f.head});
  CHECK(f.first(master, f.fork) == "2.0.0.0rc1");
  CHECK(f.first(master, f.backport).empty());
  const FirstTags stable = FirstTags::make(*f.history, f.upstream.versions, std::vector{f.fix});
  CHECK(f.first(stable, f.fork) == "1.0.0");
  CHECK(f.first(stable, f.late).empty());
}

TEST_CASE("first tag: a ref's line is its own history and that of its series") {
  const Fixture f;
  CHECK(forge::model::series_head(f.upstream, *f.history, f.backport)->name == "stable/2025.1");
  CHECK(forge::model::series_head(f.upstream, *f.history, f.late)->name == "master");
  CHECK(forge::model::line_of(f.upstream, *f.history, f.backport) == std::vector{f.backport, f.fix});
  CHECK(forge::model::line_of(f.upstream, *f.history, f.late) == std::vector{f.late, f.head});
}

TEST_CASE("first tag: of several versions at one commit the lowest") {
  Fixture f;
  f.repository->tag("0.10.0", f.early);
  const auto upstream = forge::model::read_upstream_refs(f.repository).value();
  CHECK(f.first(FirstTags::make(*f.history, upstream.versions), f.early) == "0.9.0");
}
