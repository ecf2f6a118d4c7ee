/// Channels over sockets: clients that connect to us, or one that waits for us.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "engine/base/result.hpp"
#include "lsp/loop.hpp"
#include "lsp/transport/channel.hpp"

namespace forge::lsp {

class Listener {
 public:
  virtual ~Listener() = default;
  [[nodiscard]] virtual std::uint16_t port() const = 0;
};

/// Port 0 stands for any free one. `accepted` is called for each client, as long as the listener lives.
[[nodiscard]] Result<std::unique_ptr<Listener>> listen_tcp(Loop& loop, const std::string& address, std::uint16_t port,
                                                           std::function<void(ChannelPtr)> accepted);
/// To a client that listens on 127.0.0.1.
[[nodiscard]] Result<ChannelPtr> connect_tcp(Loop& loop, std::uint16_t port);
/// To a client that listens on a Unix socket.
[[nodiscard]] Result<ChannelPtr> connect_pipe(Loop& loop, const std::string& path);

}  // namespace forge::lsp
