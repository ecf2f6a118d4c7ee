/// Which work runs when. The main loop owns all state that changes; workers get immutable states of the forge and
/// post their answers back. Order of the lanes: what a person waits for while typing, then the rules that need only
/// text, then other requests. Work that may ask git for long has a thread of its own, so it delays none of these, and
/// so has work that waits for the network.
#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "lsp/loop.hpp"

namespace forge::lsp {

enum class Lane { typing, files, request, background, network };

class Scheduler {
 public:
  /// `foreground` threads, one for the background and one for the network. 0: all work runs at once on the caller's
  /// thread.
  explicit Scheduler(std::size_t foreground);
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  /// `work` must not throw.
  void run(Lane lane, std::function<void()> work);
  struct Load {
    std::array<std::size_t, 5> waiting{};  ///< by Lane
    std::size_t running = 0;
  };
  [[nodiscard]] Load load() const;
  /// Drops what has not begun and waits for what has, but no longer than `patience`; false where that was too short.
  [[nodiscard]] bool stop(std::chrono::milliseconds patience);

 private:
  void serve(Lane first, Lane last);
  [[nodiscard]] std::function<void()> next(Lane first, Lane last);

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::array<std::deque<std::function<void()>>, 5> lanes_;
  std::size_t busy_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

/// One piece of work that always wants the newest state: at most one run in flight and one waiting. The first request
/// after quiet runs at once; between runs there is a pause as long as the last run took, so that a cheap one never
/// makes a person wait and a dear one leaves half of the time to others. No request restarts that pause, so a person
/// who types without end still sees results.
class NewestOnly {
 public:
  /// `start` begins a run on the main thread, from the newest state; whoever finishes it calls `finished`.
  NewestOnly(Loop& loop, std::function<void()> start) : loop_(loop), start_(std::move(start)) {}

  void request();
  void finished();
  [[nodiscard]] bool running() const { return running_; }
  [[nodiscard]] bool idle() const { return !running_ && !waiting_; }

 private:
  void begin();

  Loop& loop_;
  std::function<void()> start_;
  bool running_ = false;
  bool waiting_ = false;
  std::chrono::steady_clock::time_point began_;
  PendingPtr pause_;
};

}  // namespace forge::lsp
