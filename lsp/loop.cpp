#include "lsp/loop.hpp"

#include <limits>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <sys/syscall.h>
#include <unistd.h>

namespace forge::lsp {

namespace asio = boost::asio;

namespace {

/// A timer or a process that is waited for.
template <class Waiter>
class PendingWait : public Pending {
 public:
  explicit PendingWait(Waiter waiter) : waiter_(std::move(waiter)) {}
  ~PendingWait() override { *wanted_ = false; }
  PendingWait(const PendingWait&) = delete;
  PendingWait& operator=(const PendingWait&) = delete;

  Waiter& waiter() { return waiter_; }
  /// The destructor aborts the wait, but its success may be queued already: hence the flag.
  auto handler(std::function<void()> work) {
    return [wanted = wanted_, work = std::move(work)](const boost::system::error_code& error) {
      if (!error && *wanted) work();
    };
  }

 private:
  std::shared_ptr<bool> wanted_ = std::make_shared<bool>(true);
  Waiter waiter_;
};

}  // namespace

Loop::Loop() : context_(std::make_unique<asio::io_context>(1)) {}
Loop::~Loop() = default;

int Loop::run() {
  const auto work = asio::make_work_guard(*context_);
  context_->run();
  return exit_code_;
}

void Loop::stop(int exit_code) {
  if (!std::exchange(stopped_, true)) exit_code_ = exit_code;
  context_->stop();
}

void Loop::post(std::function<void()> work) {
  asio::post(*context_, std::move(work));
}

PendingPtr Loop::after(std::chrono::milliseconds delay, std::function<void()> work) {
  auto pending = std::make_unique<PendingWait<asio::steady_timer>>(asio::steady_timer(*context_, delay));
  pending->waiter().async_wait(pending->handler(std::move(work)));
  return pending;
}

PendingPtr Loop::watch_process(long process_id, std::function<void()> ended) {
  if (process_id <= 0 || process_id > std::numeric_limits<pid_t>::max()) return nullptr;
  const long descriptor = ::syscall(SYS_pidfd_open, static_cast<pid_t>(process_id), 0);
  if (descriptor < 0) return nullptr;
  using Process = asio::posix::stream_descriptor;
  auto pending = std::make_unique<PendingWait<Process>>(Process(*context_, static_cast<int>(descriptor)));
  pending->waiter().async_wait(Process::wait_read, pending->handler(std::move(ended)));
  return pending;
}

}  // namespace forge::lsp
