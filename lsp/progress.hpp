/// Work that takes its time, as the client shows it ($/progress).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "lsp/client.hpp"
#include "lsp/loop.hpp"
#include "lsp/peer.hpp"
#include "lsp/protocol/json.hpp"

namespace forge::lsp {

/// What the work has to tell. Written by any thread; the main one looks at it five times a second.
class ProgressNews {
 public:
  struct Newest {
    std::string message;
    std::size_t done = 0;
    std::size_t total = 0;  ///< 0: unknown
    std::uint64_t number = 0;
  };
  void tell(std::string message, std::size_t done = 0, std::size_t total = 0);
  [[nodiscard]] Newest newest() const;

 private:
  mutable std::mutex mutex_;
  Newest newest_;
};

struct ProgressRequest {
  std::string title;
  /// The workDoneToken of the request that asked for the work; null: a token of the server's own, shown only where the
  /// client offers that and the work is not done at once.
  protocol::Json token{};
  std::function<void()> cancel{};  ///< empty: the work can't be cancelled
};

class ProgressDesk;

/// One piece of work. Main thread, but for news(). Ends when it is destroyed, if not before.
class Progress : public std::enable_shared_from_this<Progress> {
 public:
  Progress(std::weak_ptr<ProgressDesk> desk, ProgressRequest request);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  [[nodiscard]] const std::shared_ptr<ProgressNews>& news() const { return news_; }
  void end();

 private:
  friend class ProgressDesk;

  void start();
  void create();
  void begin();
  void tick();
  void send(protocol::Json value);

  std::weak_ptr<ProgressDesk> desk_;
  ProgressRequest request_;
  std::shared_ptr<ProgressNews> news_ = std::make_shared<ProgressNews>();
  PendingPtr timer_;
  std::uint64_t told_ = 0;
  bool begun_ = false;
  bool ended_ = false;
};
using ProgressPtr = std::shared_ptr<Progress>;

/// All of a session's.
class ProgressDesk : public std::enable_shared_from_this<ProgressDesk> {
 public:
  ProgressDesk(std::shared_ptr<Peer> peer, Loop& loop, ClientPtr client);

  [[nodiscard]] ProgressPtr start(ProgressRequest request);
  /// window/workDoneProgress/cancel.
  void cancel(const protocol::Json& token);

 private:
  friend class Progress;

  std::shared_ptr<Peer> peer_;
  Loop& loop_;
  ClientPtr client_;
  std::map<std::string, std::weak_ptr<Progress>> shown_;  ///< by the token's JSON text
  std::uint64_t last_ = 0;
};

}  // namespace forge::lsp
