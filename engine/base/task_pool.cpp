#include "engine/base/task_pool.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "engine/base/cancellation.hpp"

namespace forge {

void TaskPool::for_each(std::size_t count, const std::function<void(std::size_t)>& work) const {
  const std::size_t threads = std::min(jobs_, count);
  if (threads <= 1) {
    for (std::size_t i = 0; i < count; ++i) {
      throw_if_cancelled();
      work(i);
    }
    return;
  }
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::exception_ptr first_error;
  const auto run = [&] {
    for (std::size_t i = next++; i < count; i = next++) {
      try {
        throw_if_cancelled();
        work(i);
      } catch (...) {
        const std::scoped_lock lock(mutex);
        if (!first_error) first_error = std::current_exception();
      }
    }
  };
  {
    std::vector<std::jthread> helpers;
    const Cancellation own = current_cancellation();
    for (std::size_t i = 1; i < threads; ++i)
      helpers.emplace_back([&] {
        const CancellationScope scope(own);
        run();
      });
    run();
  }
  if (first_error) std::rethrow_exception(first_error);
}

}  // namespace forge
