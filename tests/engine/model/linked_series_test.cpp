#include "engine/model/linked_series.hpp"

#include <doctest/doctest.h>

#include "tests/support/memory_repository.hpp"

using namespace forge;
using namespace forge::model;

TEST_CASE("linked series: a commit belongs to the first version that has it") {
  auto repository = std::make_shared<support::MemoryRepository>();
  const auto old = repository->add_commit({{"a", "1"}}, "old");
  repository->tag("v3.4.0", old);
  const auto fork = repository->add_commit({{"a", "2"}}, "fork", {old});
  const auto release = repository->add_commit({{"a", "3"}}, "release", {fork});
  repository->tag("v3.5.0", release);
  const auto main = repository->add_commit({{"a", "4"}}, "main", {fork});
  repository->tag("v3.6.0-rc1", main);
  const auto point = repository->add_commit({{"a", "5"}}, "point", {release});
  repository->tag("v3.5.1", point);
  const auto upstream = read_upstream_refs(repository);
  REQUIRE(upstream.has_value());
  CHECK((*series_of_commit(*upstream, old))->str() == "3.4");
  CHECK((*series_of_commit(*upstream, fork))->str() == "3.5");
  CHECK((*series_of_commit(*upstream, point))->str() == "3.5");
  CHECK_FALSE(series_of_commit(*upstream, main)->has_value());
  REQUIRE(newest_of_series(*upstream, {3, 5}) != nullptr);
  CHECK(newest_of_series(*upstream, {3, 5})->name == "v3.5.1");
  CHECK(newest_of_series(*upstream, {3, 6}) == nullptr);
}
