/// The main thread's event loop as the rest of the server sees it. Hides Asio, which is slow to compile.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

namespace boost::asio {
class io_context;
}

namespace forge::lsp {

/// Whatever was begun ends without a call when this is destroyed.
class Pending {
 public:
  virtual ~Pending() = default;
};
using PendingPtr = std::unique_ptr<Pending>;

class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Until `stop`; one exit code per run, the first one given.
  int run();
  void stop(int exit_code);

  /// From any thread.
  void post(std::function<void()> work);
  [[nodiscard]] PendingPtr after(std::chrono::milliseconds delay, std::function<void()> work);
  /// Calls `ended` once when that process has ended. Null where no such process can be seen from here: an editor in
  /// another container sends a number that means nothing on this side.
  [[nodiscard]] PendingPtr watch_process(long process_id, std::function<void()> ended);

  [[nodiscard]] boost::asio::io_context& context() { return *context_; }

 private:
  std::unique_ptr<boost::asio::io_context> context_;
  int exit_code_ = 0;
  bool stopped_ = false;
};

}  // namespace forge::lsp
