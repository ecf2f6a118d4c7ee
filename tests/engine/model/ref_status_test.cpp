#include "engine/model/ref_status.hpp"

#include <map>
#include <ostream>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "engine/git/locations.hpp"
#include "engine/workspace/workspace.hpp"
#include "tests/support/git_fixture.hpp"

namespace {

using namespace forge;
using support::GitFixture;
using support::GitStream;

/// As OpenStack's projects look: series branches leave the main branch at their candidate, versions are on them.
///   master: a - b(27.0.0.0rc1) - c - d(28.0.0.0rc1) - e
///   stable/2025.1: b - 27.0.0 - 27.0.1       stable/2025.2: d - 28.0.0 - 28.0.1 - head
GitStream series_history() {
  GitStream stream;
  const int a = stream.commit({.message = "a"});
  const int b = stream.commit({.message = "b", .parents = {a}});
  const int old_release = stream.commit({.branch = "stable/2025.1", .message = "27.0.0", .parents = {b}});
  const int c = stream.commit({.message = "c", .parents = {b}});
  const int d = stream.commit({.message = "d", .parents = {c}});
  const int release = stream.commit({.branch = "stable/2025.2", .message = "28.0.0", .parents = {d}});
  const int old_fix = stream.commit({.branch = "stable/2025.1", .message = "27.0.1", .parents = {old_release}});
  const int fix = stream.commit({.branch = "stable/2025.2", .message = "28.0.1", .parents = {release}});
  stream.commit({.branch = "stable/2025.2", .message = "head", .parents = {fix}});
  stream.commit({.message = "e", .parents = {d}});
  stream.annotated_tag("27.0.0.0rc1", b).annotated_tag("27.0.0", old_release).annotated_tag("27.0.1", old_fix);
  stream.annotated_tag("28.0.0.0rc1", d).annotated_tag("28.0.0", release).annotated_tag("28.0.1", fix);
  stream.tag("2015.1.0", a);
  return stream;
}

class RefStatusFixture {
 public:
  RefStatusFixture() : repository_(series_history()) {}

  const model::RefStatus& status(const std::string& ref, const std::string& release = "2025.2") {
    formats::ForgeConfig config;
    config.upstreams["keystone"] = repository_.path();
    workspace::Workspace workspace([config](const formats::ForgeConfig&) {
      return git::located_upstreams(config, {.root = "/", .mirror_folder = "/nowhere"});
    });
    const auto files = workspace::memory_files(
        {{fmt::format("releases/{}/source-refs.yaml", release), fmt::format("keystone: \"{}\"\n", ref)}});
    snapshot_ = *workspace.load(files, TaskPool(0));
    return model::ref_status(*snapshot_, release, "keystone");
  }
  std::vector<std::string> near(const std::string& ref) {
    const model::RefStatus& of = status(ref);
    return model::near_refs(*model::upstream_refs(*snapshot_, "keystone"), of, ref);
  }
  git::ObjectId id(const std::string& revision) const { return repository_.id(revision); }

 private:
  GitFixture repository_;
  workspace::SnapshotPtr snapshot_;
};

}  // namespace

TEST_CASE_FIXTURE(RefStatusFixture, "ref status: a version of the series, its newest and the way to the head") {
  const model::RefStatus& of = status("28.0.0");
  CHECK(of.resolved->kind == git::RefKind::tag);
  CHECK(of.commit->subject() == "28.0.0");
  CHECK(of.series == "2025.2");
  CHECK(of.newest->name == "28.0.1");
  CHECK(of.behind == 2);
  CHECK(of.has_newer);
  CHECK_FALSE(status("28.0.1").has_newer);
  CHECK(status("stable/2025.2").behind == 0);
  CHECK_FALSE(status("stable/2025.2").has_newer);
  CHECK(status("28.0.0.0rc1").has_newer);
}

TEST_CASE_FIXTURE(RefStatusFixture, "ref status: the series is that of the oldest branch that holds the commit") {
  CHECK(status("27.0.1").series == "2025.1");
  CHECK(status("27.0.1").newest->name == "28.0.1");
  CHECK_FALSE(status("27.0.1").behind);
  CHECK(status("27.0.0.0rc1").series == "2025.1");
  CHECK(status("28.0.0.0rc1").series == "2025.2");
  CHECK(status(id("master~1").hex()).series == "2025.2");
  CHECK(status(id("master").hex()).series == "master");
  CHECK(status("master").series == "master");
}

TEST_CASE_FIXTURE(RefStatusFixture, "ref status: a release without a series is measured by the ref's own") {
  CHECK(status("master", "2026.2").behind == 0);
  CHECK(status("27.0.0", "2026.2").newest->name == "27.0.1");
  CHECK(status("27.0.0", "2026.2").behind == 1);
}

TEST_CASE_FIXTURE(RefStatusFixture, "ref status: what is not there says so, and the series is still known") {
  const model::RefStatus& of = status("28.0.7");
  REQUIRE(of.failure);
  CHECK(of.failure->kind == Failure::Kind::not_found);
  CHECK_FALSE(of.resolved);
  CHECK(of.newest->name == "28.0.1");
}

TEST_CASE_FIXTURE(RefStatusFixture, "near refs: by version first, else by spelling") {
  using Names = std::vector<std::string>;
  CHECK(near("28.0.7") == Names{"28.0.1", "28.0.0", "28.0.0.0rc1"});
  CHECK(near("v28.0.1") == Names{"28.0.1"});
  CHECK(near("28.0") == Names{"28.0.0"});
  CHECK(near("82.0.1").front() == "28.0.1");
  CHECK(near("stabel/2025.2").front() == "stable/2025.2");
  CHECK(near("unmaintained/2025.1").front() == "stable/2025.1");
  CHECK(near("nothing-like-it").empty());
  CHECK(near(std::string(10'000, '8')).empty());
}
