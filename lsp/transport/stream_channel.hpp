/// The channel over any pair of Asio streams. Only stdio.cpp and tcp.cpp include this.
#pragma once

#include <array>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "lsp/transport/channel.hpp"

namespace forge::lsp {

/// `Streams` has `input()` and `output()`, which may be one and the same, and `close()`.
template <class Streams>
class StreamChannel : public Channel, public std::enable_shared_from_this<StreamChannel<Streams>> {
 public:
  explicit StreamChannel(Streams streams) : streams_(std::move(streams)) {}

  void start(ChannelEvents events) override {
    events_ = std::move(events);
    boost::asio::co_spawn(
        streams_.input().get_executor(), [self = this->shared_from_this()] { return self->read(); },
        boost::asio::detached);
  }

  void send(std::string bytes, std::string topic) override {
    if (broken_) return;
    drop_superseded(topic);
    const auto place = queue_.insert(queue_.end(), {std::move(bytes), topic});
    if (!topic.empty()) unwritten_[std::move(topic)] = place;
    if (std::exchange(writing_, true)) return;
    boost::asio::co_spawn(
        streams_.output().get_executor(), [self = this->shared_from_this()] { return self->write(); },
        boost::asio::detached);
  }

  void finish(std::function<void()> done) override {
    events_ = {};
    finished_ = std::move(done);
    if (!writing_) end();
  }

 private:
  struct Message {
    std::string bytes;
    std::string topic;
  };

  boost::asio::awaitable<void> read() {
    // One page of the heap for the life of the connection; a pipe holds 64 KiB at most.
    const auto buffer = std::make_unique<std::array<char, std::size_t{64} << 10>>();
    for (;;) {
      boost::system::error_code error;
      const std::size_t count = co_await streams_.input().async_read_some(
          boost::asio::buffer(*buffer), boost::asio::redirect_error(boost::asio::use_awaitable, error));
      if (error) co_return lose();
      const auto received = events_.received;  // a copy: the handler may end the connection, which drops the handlers
      if (!received) co_return;
      received(std::string_view(buffer->data(), count));
    }
  }

  boost::asio::awaitable<void> write() {
    while (!queue_.empty() && !broken_) {
      const Message message = std::move(queue_.front());
      queue_.pop_front();
      unwritten_.erase(message.topic);
      boost::system::error_code error;
      co_await boost::asio::async_write(streams_.output(), boost::asio::buffer(message.bytes),
                                        boost::asio::redirect_error(boost::asio::use_awaitable, error));
      broken_ = static_cast<bool>(error);
    }
    writing_ = false;
    queue_.clear();
    unwritten_.clear();
    if (finished_)
      end();
    else if (broken_)
      lose();
  }

  void drop_superseded(const std::string& topic) {
    const auto older = unwritten_.find(topic);
    if (older == unwritten_.end()) return;
    queue_.erase(older->second);
    unwritten_.erase(older);
  }

  void lose() {
    const auto closed = events_.closed;
    events_ = {};
    if (closed) closed();
  }

  void end() {
    streams_.close();
    const auto done = std::exchange(finished_, {});
    if (done) done();
  }

  Streams streams_;
  ChannelEvents events_;
  std::function<void()> finished_;
  std::list<Message> queue_;
  std::map<std::string, typename std::list<Message>::iterator> unwritten_;  ///< by topic
  bool writing_ = false;
  bool broken_ = false;
};

}  // namespace forge::lsp
