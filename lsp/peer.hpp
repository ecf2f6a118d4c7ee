/// JSON-RPC with one client: bodies in, requests and notifications out to the session, and exactly one answer for
/// each request. Knows no method except $/cancelRequest.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "lsp/log.hpp"
#include "lsp/loop.hpp"
#include "lsp/protocol/json.hpp"
#include "lsp/transport/channel.hpp"
#include "lsp/transport/framing.hpp"

namespace forge::lsp {

class Peer;

/// The right to answer one request. Copies share it: the first answer is sent, later ones are nothing. Used on the
/// main thread; only the token may be looked at elsewhere.
class Reply {
 public:
  Reply(std::weak_ptr<Peer> peer, protocol::Json id);

  void result(protocol::Json value) const;
  void error(protocol::ErrorCode code, std::string_view message) const;
  [[nodiscard]] bool answered() const { return token_.stop_requested(); }
  /// Stops as soon as there is an answer, a cancellation included: work for it is then in vain.
  [[nodiscard]] std::stop_token token() const { return token_.get_token(); }
  /// Called once, right before the answer goes out, a cancellation included.
  void before_answer(std::function<void()> work) const { *before_ = std::move(work); }

 private:
  void send(const char* key, protocol::Json value) const;

  std::weak_ptr<Peer> peer_;
  protocol::Json id_;
  std::stop_source token_;
  std::shared_ptr<std::function<void()>> before_ = std::make_shared<std::function<void()>>();
};

struct PeerEvents {
  std::function<void(const std::string& method, const protocol::Json& params, const Reply&)> request;
  std::function<void(const std::string& method, const protocol::Json& params)> notification;
  /// The connection is gone, or its framing is beyond repair (then with a reason).
  std::function<void(std::string_view reason)> closed;
};

class Peer : public std::enable_shared_from_this<Peer> {
 public:
  Peer(ChannelPtr channel, Log& log, PeerEvents events);

  void start();
  /// See Channel::send for `topic`.
  void notify(std::string_view method, protocol::Json params, std::string topic = {});
  void ask(std::string_view method, protocol::Json params, std::function<void(const protocol::Response&)> answered);
  /// `answered` gets the result, or null for an error.
  void request(std::string_view method, protocol::Json params, std::function<void(const protocol::Json&)> answered);
  /// Every request that has no answer yet gets this one.
  void refuse_all(protocol::ErrorCode code, std::string_view message);
  void finish(std::function<void()> done);

 private:
  friend class Reply;

  void received(std::string_view bytes);
  void handle(std::string body);
  void handle(const protocol::Request& request);
  void handle(const protocol::Notification& notification);
  void handle(const protocol::Response& response);
  void handle(const protocol::Unreadable& unreadable);
  void cancel(const protocol::Json& params);
  void send(protocol::Json message, std::string topic = {});
  void send_error(const protocol::Json& id, protocol::ErrorCode code, std::string_view message);

  ChannelPtr channel_;
  Log& log_;
  PeerEvents events_;
  Framer framer_;
  bool finished_ = false;
  std::map<std::string, Reply> in_flight_;  ///< by the id's JSON text, which tells 1 from "1"
  std::map<std::int64_t, std::function<void(const protocol::Response&)>> asked_;
  std::int64_t last_asked_ = 0;
};

}  // namespace forge::lsp
