#include "engine/model/linked_trees.hpp"

#include <doctest/doctest.h>

#include "engine/workspace/workspace.hpp"
#include "tests/support/memory_repository.hpp"

using namespace forge;
using namespace forge::model;
using support::MemoryRepository;

namespace {

/// `outer` links a commit of `inner`, and has patches for that copy.
struct Fixture {
  std::shared_ptr<MemoryRepository> outer = std::make_shared<MemoryRepository>();
  std::shared_ptr<MemoryRepository> inner = std::make_shared<MemoryRepository>();
  git::ObjectId linked = inner->add_commit({{"lib/a.c", "one\n"}});

  workspace::SnapshotPtr load(const std::string& gitmodules = "[submodule \"x\"]\n\tpath = sub/inner\n") {
    inner->tag("v1", inner->add_commit({{"lib/a.c", "one\ntwo\n"}}, "next", {linked}));
    outer->tag("v2", outer->add_commit({{".gitmodules", gitmodules}, {"sub/inner", {linked.hex(), 0160000}}}));
    auto upstreams = std::make_shared<support::MemoryUpstreams>();
    upstreams->add("outer", outer);
    upstreams->add("inner", inner);
    workspace::Workspace workspace([=](const formats::ForgeConfig&) { return upstreams; });
    return *workspace.load(workspace::memory_files({{"releases/2025.2/source-refs.yaml", "outer: v2\ninner: v1\n"}}),
                           TaskPool(0));
  }
};

}  // namespace

TEST_CASE("linked trees: .gitmodules says where they are, the tree at which commit") {
  Fixture fixture;
  const auto snapshot = fixture.load();
  const auto& trees = linked_trees(*snapshot, "outer", "2025.2");
  REQUIRE(trees.has_value());
  REQUIRE(trees->size() == 1);
  CHECK(trees->front().path == "sub/inner");
  CHECK(trees->front().component == "inner");
  CHECK(trees->front().commit == fixture.linked);
  CHECK(linked_trees(*snapshot, "inner", "2025.2")->empty());
}

TEST_CASE("linked trees: what .gitmodules names and the tree has no link for is none") {
  Fixture fixture;
  const auto snapshot = fixture.load("path = /sub/inner\npath = other\npath =\nnonsense\npath = .gitmodules\n");
  CHECK(linked_trees(*snapshot, "outer", "2025.2")->empty());
  CHECK(lacks_linked(*snapshot, {"outer", "inner"}, "2025.2"));
}

TEST_CASE("linked trees: a series named after two components is for the linked copy") {
  Fixture fixture;
  const auto snapshot = fixture.load();
  const auto base = series_base(*snapshot, "outer-inner", "2025.2");
  REQUIRE(base.has_value());
  CHECK(base->component == "inner");
  CHECK(base->commit == fixture.linked);
  CHECK(series_upstream(*snapshot, "outer-inner") == "inner");
  CHECK(patched_component(*snapshot, "outer-inner") == "outer");
  CHECK_FALSE(linked_name(*snapshot, "inner-nothing"));
  CHECK_FALSE(linked_name(*snapshot, "inner"));
  CHECK(series_base(*snapshot, "inner-outer", "2025.2").error().kind == Failure::Kind::not_found);
}

TEST_CASE("linked trees: a mirror without the commit fails with the way out") {
  Fixture fixture;
  const auto snapshot = fixture.load();
  const LinkedTree other{"sub/inner", "inner", *git::ObjectId::from_hex(std::string(40, '1'))};
  const auto opened = open_linked(*snapshot, "outer", other);
  REQUIRE_FALSE(opened);
  CHECK(opened.error().kind == Failure::Kind::unavailable);
  CHECK(opened.error().message.find(other.commit.hex()) != std::string::npos);
  CHECK(opened.error().hints.front().find("mirror sync") != std::string::npos);
}
