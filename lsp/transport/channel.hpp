/// A two-way stream of bytes to one client. Reading and writing go on independently of each other: a client that
/// writes without reading is still read.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace forge::lsp {

struct ChannelEvents {
  std::function<void(std::string_view bytes)> received;
  /// End of input, or the connection is lost. Called once; nothing is received after it.
  std::function<void()> closed;
};

class Channel {
 public:
  virtual ~Channel() = default;

  virtual void start(ChannelEvents events) = 0;
  /// Queued and written in order. Where `topic` is given, an unwritten message of the same topic is replaced by this
  /// one, so that a slow reader gets the newest list of a document and not the history of it.
  virtual void send(std::string bytes, std::string topic) = 0;
  /// Stops reading; `done` is called once what was sent is written, or can't be.
  virtual void finish(std::function<void()> done) = 0;
};

using ChannelPtr = std::shared_ptr<Channel>;

}  // namespace forge::lsp
