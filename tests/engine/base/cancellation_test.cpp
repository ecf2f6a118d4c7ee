#include "engine/base/cancellation.hpp"

#include <atomic>
#include <ostream>
#include <stop_token>

#include <doctest/doctest.h>

#include "engine/base/on_first_use.hpp"
#include "engine/base/task_pool.hpp"

using forge::Cancellation;
using forge::CancellationScope;
using forge::Cancelled;
using forge::OnFirstUse;
using forge::TaskPool;
using forge::throw_if_cancelled;

TEST_CASE("cancellation: holds in its scope, and the one outside holds again behind it") {
  throw_if_cancelled();
  std::stop_source outer;
  std::stop_source inner;
  outer.request_stop();
  const CancellationScope scope({.obsolete = outer.get_token()});
  CHECK_THROWS_AS(throw_if_cancelled(), Cancelled);
  {
    const CancellationScope other({.ending = inner.get_token()});
    throw_if_cancelled();
    inner.request_stop();
    CHECK_THROWS_AS(throw_if_cancelled(), Cancelled);
  }
  CHECK_THROWS_AS(throw_if_cancelled(), Cancelled);
}

TEST_CASE("cancellation: a pool's threads have it of the one who asks, and begin nothing more") {
  for (const std::size_t jobs : {1U, 4U}) {
    std::stop_source stop;
    const CancellationScope scope({.obsolete = stop.get_token()});
    std::atomic<int> begun = 0;
    CHECK_THROWS_AS(TaskPool(jobs).for_each(1000,
                                            [&](std::size_t) {
                                              ++begun;
                                              stop.request_stop();
                                              throw_if_cancelled();
                                            }),
                    Cancelled);
    CHECK(begun <= static_cast<int>(jobs));
  }
}

TEST_CASE("on first use: an answer that was cut is made by the next one who asks") {
  OnFirstUse<int> answer;
  CHECK_THROWS_AS((void)answer.get([]() -> int { throw Cancelled(); }), Cancelled);
  CHECK(answer.if_ready() == nullptr);
  CHECK(answer.get([] { return 7; }) == 7);
  CHECK(answer.get([] { return 8; }) == 7);
  CHECK(*answer.if_ready() == 7);
}
