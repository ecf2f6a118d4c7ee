#include "engine/rules/run_rules.hpp"

#include <ostream>
#include <stop_token>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "engine/base/cancellation.hpp"
#include "tests/support/memory_repository.hpp"
#include "tests/support/small_forge.hpp"

using forge::CancellationScope;
using forge::Cancelled;
using forge::Finding;
using forge::TaskPool;

namespace {

std::vector<std::string> words(const std::vector<Finding>& findings) {
  std::vector<std::string> all;
  for (const Finding& finding : findings) all.push_back(finding.rule + ": " + finding.message);
  return all;
}

}  // namespace

TEST_CASE("run_rules: a run that was cut throws, and leaves no half answers to the next one") {
  const auto files = forge::support::small_forge();
  const auto upstreams = forge::support::small_upstreams();
  const std::vector<std::string> whole =
      words(forge::rules::run_rules(*forge::support::snapshot_of(files, upstreams), {}, TaskPool(1)));
  CHECK(!whole.empty());
  for (const std::size_t jobs : {1U, 4U}) {
    const auto snapshot = forge::support::snapshot_of(files, upstreams);
    std::stop_source stop;
    {
      const CancellationScope scope({.obsolete = stop.get_token()});
      forge::rules::RunOptions options;
      options.progress = [&](std::size_t, std::size_t, std::string_view) { stop.request_stop(); };
      CHECK_THROWS_AS((void)forge::rules::run_rules(*snapshot, options, TaskPool(jobs)), Cancelled);
    }
    CHECK(words(forge::rules::run_rules(*snapshot, {}, TaskPool(jobs))) == whole);
  }
}
