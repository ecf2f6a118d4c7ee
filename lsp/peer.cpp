#include "lsp/peer.hpp"

#include <exception>
#include <utility>

#include <fmt/format.h>

namespace forge::lsp {

using protocol::ErrorCode;
using protocol::Json;

Reply::Reply(std::weak_ptr<Peer> peer, Json id) : peer_(std::move(peer)), id_(std::move(id)) {}

void Reply::result(Json value) const {
  send("result", std::move(value));
}

void Reply::error(ErrorCode code, std::string_view message) const {
  send("error", protocol::error_object(code, message));
}

void Reply::send(const char* key, Json value) const {
  if (!std::stop_source(token_).request_stop()) return;
  if (const auto work = std::exchange(*before_, {})) work();
  const std::shared_ptr<Peer> peer = peer_.lock();
  if (!peer) return;
  peer->in_flight_.erase(id_.dump());
  peer->send({{"id", id_}, {key, std::move(value)}});
}

Peer::Peer(ChannelPtr channel, Log& log, PeerEvents events)
    : channel_(std::move(channel)), log_(log), events_(std::move(events)) {}

void Peer::start() {
  const std::weak_ptr<Peer> weak = weak_from_this();
  channel_->start({.received =
                       [weak](std::string_view bytes) {
                         if (const auto self = weak.lock()) self->received(bytes);
                       },
                   .closed =
                       [weak] {
                         if (const auto self = weak.lock()) self->events_.closed({});
                       }});
}

void Peer::notify(std::string_view method, Json params, std::string topic) {
  send({{"method", method}, {"params", std::move(params)}}, std::move(topic));
}

void Peer::request(std::string_view method, Json params, std::function<void(const Json&)> answered) {
  ask(method, std::move(params), [answered = std::move(answered)](const protocol::Response& response) {
    if (answered) answered(response.result);
  });
}

void Peer::ask(std::string_view method, Json params, std::function<void(const protocol::Response&)> answered) {
  const std::int64_t id = ++last_asked_;
  asked_[id] = std::move(answered);
  send({{"id", id}, {"method", method}, {"params", std::move(params)}});
}

void Peer::refuse_all(ErrorCode code, std::string_view message) {
  for (const auto& [id, reply] : std::map(in_flight_)) reply.error(code, message);
}

void Peer::finish(std::function<void()> done) {
  finished_ = true;
  channel_->finish(std::move(done));
}

void Peer::received(std::string_view bytes) {
  for (Frame& frame : framer_.feed(bytes)) {
    if (finished_) return;
    if (const auto* error = std::get_if<FramingError>(&frame))
      send_error(nullptr, ErrorCode::parse_error, error->message);
    else
      handle(std::move(std::get<Body>(frame).text));
  }
  if (framer_.hopeless() && !finished_) events_.closed("no message can be found in the input any more");
}

void Peer::handle(std::string body) {
  try {
    std::visit([this](const auto& message) { handle(message); }, protocol::parse_message(std::move(body)));
  } catch (const std::exception& problem) {
    log_.line(fmt::format("a message was dropped: {}", problem.what()));
  }
}

void Peer::handle(const protocol::Request& request) {
  const auto [place, added] = in_flight_.try_emplace(request.id.dump(), weak_from_this(), request.id);
  if (!added) return send_error(request.id, ErrorCode::invalid_request, "a request with this id is in flight");
  const Reply reply = place->second;
  try {
    events_.request(request.method, request.params, reply);
  } catch (const protocol::InvalidParams& problem) {
    reply.error(ErrorCode::invalid_params, problem.what());
  } catch (const std::exception& problem) {
    log_.line(fmt::format("{} failed: {}", request.method, problem.what()));
    reply.error(ErrorCode::internal_error, problem.what());
  }
}

void Peer::handle(const protocol::Notification& notification) {
  if (notification.method == "$/cancelRequest") return cancel(notification.params);
  try {
    events_.notification(notification.method, notification.params);
  } catch (const std::exception& problem) {
    log_.line(fmt::format("{} was ignored: {}", notification.method, problem.what()));
  }
}

void Peer::handle(const protocol::Response& response) {
  if (!response.id.is_number_integer()) return;
  auto asked = asked_.extract(response.id.get<std::int64_t>());
  if (!asked.empty() && asked.mapped()) asked.mapped()(response);
}

void Peer::handle(const protocol::Unreadable& unreadable) {
  send_error(unreadable.id, unreadable.code, unreadable.message);
}

void Peer::cancel(const Json& params) {
  const auto id = params.is_object() ? params.find("id") : params.end();
  if (!params.is_object() || id == params.end()) return;
  const auto found = in_flight_.find(id->dump());
  if (found == in_flight_.end()) return;
  const Reply reply = found->second;
  reply.error(ErrorCode::request_cancelled, "cancelled");
}

void Peer::send(Json message, std::string topic) {
  message["jsonrpc"] = "2.0";
  channel_->send(frame(protocol::to_text(message)), std::move(topic));
}

void Peer::send_error(const Json& id, ErrorCode code, std::string_view message) {
  send({{"id", id}, {"error", protocol::error_object(code, message)}});
}

}  // namespace forge::lsp
