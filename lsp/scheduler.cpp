#include "lsp/scheduler.hpp"

#include <algorithm>
#include <utility>

#include <sys/resource.h>
#include <unistd.h>

namespace forge::lsp {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds longest_pause{300};
constexpr int background_niceness = 10;

}  // namespace

Scheduler::Scheduler(std::size_t foreground) {
  for (std::size_t i = 0; i < foreground; ++i) threads_.emplace_back([this] { serve(Lane::typing, Lane::request); });
  if (foreground > 0) threads_.emplace_back([this] { serve(Lane::background, Lane::background); });
  if (foreground > 0) threads_.emplace_back([this] { serve(Lane::network, Lane::network); });
}

Scheduler::~Scheduler() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Scheduler::run(Lane lane, std::function<void()> work) {
  if (threads_.empty()) return work();
  {
    const std::scoped_lock lock(mutex_);
    if (stopping_) return;
    lanes_.at(static_cast<std::size_t>(lane)).push_back(std::move(work));
  }
  changed_.notify_all();
}

Scheduler::Load Scheduler::load() const {
  const std::scoped_lock lock(mutex_);
  Load load{.running = busy_};
  for (std::size_t i = 0; i < lanes_.size(); ++i) load.waiting.at(i) = lanes_.at(i).size();
  return load;
}

bool Scheduler::stop(milliseconds patience) {
  std::unique_lock lock(mutex_);
  stopping_ = true;
  for (auto& lane : lanes_) lane.clear();
  changed_.notify_all();
  return changed_.wait_for(lock, patience, [this] { return busy_ == 0; });
}

void Scheduler::serve(Lane first, Lane last) {
  // On Linux it is a thread that is nice, and the threads that it starts are, too: what a person waits for goes first.
  if (first >= Lane::background) (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), background_niceness);
  while (const std::function<void()> work = next(first, last)) {
    work();
    const std::scoped_lock lock(mutex_);
    --busy_;
    changed_.notify_all();
  }
}

/// Empty when the scheduler stops.
std::function<void()> Scheduler::next(Lane first, Lane last) {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (stopping_) return {};
    for (auto lane = static_cast<std::size_t>(first); lane <= static_cast<std::size_t>(last); ++lane) {
      if (lanes_.at(lane).empty()) continue;
      std::function<void()> work = std::move(lanes_.at(lane).front());
      lanes_.at(lane).pop_front();
      ++busy_;
      return work;
    }
    changed_.wait(lock);
  }
}

void NewestOnly::request() {
  waiting_ = true;
  if (!running_ && !pause_) begin();
}

void NewestOnly::begin() {
  waiting_ = false;
  running_ = true;
  began_ = std::chrono::steady_clock::now();
  start_();
}

void NewestOnly::finished() {
  running_ = false;
  const auto cost = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - began_);
  pause_ = loop_.after(std::min(cost, longest_pause), [this] {
    pause_.reset();
    if (waiting_) begin();
  });
}

}  // namespace forge::lsp
