#include "tests/support/loopback_server.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <thread>

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include "engine/base/text.hpp"

namespace forge::support {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

class LoopbackServer::State {
 public:
  State(Answer answer, More more) : answer_(std::move(answer)), more_(std::move(more)) {}

  void accept() {
    while (true) {
      auto socket = std::make_shared<tcp::socket>(context_);
      boost::system::error_code error;
      acceptor_.accept(*socket, error);
      const std::scoped_lock lock(mutex_);
      if (error || stopped_) return;
      connections_.emplace_back([this, socket] { serve(*socket); });
    }
  }

  void stop() {
    {
      const std::scoped_lock lock(mutex_);
      stopped_ = true;
    }
    // accept() returns for this one and sees that it is over.
    boost::system::error_code ignored;
    tcp::socket last(context_);
    last.connect(acceptor_.local_endpoint(), ignored);
  }

  asio::io_context context_;
  tcp::acceptor acceptor_{context_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
  std::thread thread_;
  std::vector<std::thread> connections_;
  mutable std::mutex mutex_;
  std::vector<ServerRequest> requests_;
  int at_once_ = 0;
  int most_at_once_ = 0;

 private:
  void serve(tcp::socket& socket) {
    boost::system::error_code error;
    boost::beast::flat_buffer buffer;
    http::request<http::string_body> request;
    http::read(socket, buffer, request, error);
    if (error) return;
    const ServerRequest seen = noted(request);
    const std::string bytes = answer_(seen);
    {
      const std::scoped_lock lock(mutex_);
      --at_once_;
    }
    asio::write(socket, asio::buffer(bytes), error);
    while (more_ && !error) {
      const std::optional<std::string> piece = more_(seen);
      if (!piece) break;
      asio::write(socket, asio::buffer(*piece), error);
    }
    socket.shutdown(tcp::socket::shutdown_send, error);
    // Until the other side has read it all: closing at once would throw away what is on its way.
    std::array<char, 4096> rest{};
    while (!error) socket.read_some(asio::buffer(rest), error);
  }

  ServerRequest noted(const http::request<http::string_body>& request) {
    const std::scoped_lock lock(mutex_);
    ServerRequest seen{.target = std::string(request.target()), .headers = {}};
    for (const auto& field : request)
      seen.headers += to_lower(std::string(field.name_string()) + ": " + std::string(field.value()) + "\n");
    seen.number = counts_[seen.target]++;
    requests_.push_back(seen);
    most_at_once_ = std::max(most_at_once_, ++at_once_);
    return seen;
  }

  Answer answer_;
  More more_;
  std::map<std::string, int> counts_;
  bool stopped_ = false;
};

LoopbackServer::LoopbackServer(Answer answer, More more)
    : state_(std::make_shared<State>(std::move(answer), std::move(more))) {
  state_->thread_ = std::thread([state = state_.get()] { state->accept(); });
}

LoopbackServer::~LoopbackServer() {
  state_->stop();
  state_->thread_.join();
  for (std::thread& connection : state_->connections_) connection.join();
}

std::string LoopbackServer::url() const {
  return "http://127.0.0.1:" + std::to_string(state_->acceptor_.local_endpoint().port());
}

std::vector<ServerRequest> LoopbackServer::requests() const {
  const std::scoped_lock lock(state_->mutex_);
  return state_->requests_;
}

int LoopbackServer::most_at_once() const {
  const std::scoped_lock lock(state_->mutex_);
  return state_->most_at_once_;
}

std::string http_answer(int status, const std::string& body, const std::string& headers) {
  return "HTTP/1.1 " + std::to_string(status) +
         " Said\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + headers + "\r\n" +
         body;
}

}  // namespace forge::support
