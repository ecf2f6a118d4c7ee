#include "lsp/transport/tcp.hpp"

#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <fmt/format.h>

#include "lsp/transport/stream_channel.hpp"

namespace forge::lsp {

namespace asio = boost::asio;
using asio::ip::tcp;
using asio::local::stream_protocol;

namespace {

template <class Socket>
class SocketStreams {
 public:
  explicit SocketStreams(Socket socket) : socket_(std::move(socket)) {}

  Socket& input() { return socket_; }
  Socket& output() { return socket_; }
  void close() {
    boost::system::error_code ignored;
    socket_.shutdown(Socket::shutdown_both, ignored);
    socket_.close(ignored);
  }

 private:
  Socket socket_;
};

template <class Socket>
ChannelPtr channel_over(Socket socket) {
  return std::make_shared<StreamChannel<SocketStreams<Socket>>>(SocketStreams<Socket>(std::move(socket)));
}

ChannelPtr tcp_channel(tcp::socket socket) {
  boost::system::error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  return channel_over(std::move(socket));
}

class TcpListener : public Listener {
 public:
  TcpListener(tcp::acceptor acceptor, std::function<void(ChannelPtr)> accepted)
      : acceptor_(std::move(acceptor)), accepted_(std::move(accepted)) {
    accept();
  }
  [[nodiscard]] std::uint16_t port() const override { return acceptor_.local_endpoint().port(); }

 private:
  void accept() {
    acceptor_.async_accept([this](const boost::system::error_code& error, tcp::socket socket) {
      if (error == asio::error::operation_aborted) return;
      if (!error) accepted_(tcp_channel(std::move(socket)));
      accept();
    });
  }

  tcp::acceptor acceptor_;
  std::function<void(ChannelPtr)> accepted_;
};

tl::unexpected<Failure> failure(const std::string& what, const boost::system::error_code& error) {
  return fail(Failure::Kind::io, fmt::format("{}: {}", what, error.message()));
}

template <class Protocol>
Result<typename Protocol::socket> connected(Loop& loop, const typename Protocol::endpoint& endpoint,
                                            const std::string& name) {
  typename Protocol::socket socket(loop.context());
  boost::system::error_code error;
  socket.connect(endpoint, error);
  if (error) return failure(fmt::format("can't connect to `{}`", name), error);
  return socket;
}

}  // namespace

Result<std::unique_ptr<Listener>> listen_tcp(Loop& loop, const std::string& address, std::uint16_t port,
                                             std::function<void(ChannelPtr)> accepted) {
  boost::system::error_code error;
  const auto ip = asio::ip::make_address(address, error);
  if (error) return failure(fmt::format("`{}` is no address", address), error);
  tcp::acceptor acceptor(loop.context());
  const tcp::endpoint endpoint(ip, port);
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return failure(fmt::format("can't listen on `{}:{}`", address, port), error);
  return std::make_unique<TcpListener>(std::move(acceptor), std::move(accepted));
}

Result<ChannelPtr> connect_tcp(Loop& loop, std::uint16_t port) {
  FORGE_TRY_ASSIGN(tcp::socket socket,
                   connected<tcp>(loop, {asio::ip::address_v4::loopback(), port}, fmt::format("127.0.0.1:{}", port)));
  return tcp_channel(std::move(socket));
}

Result<ChannelPtr> connect_pipe(Loop& loop, const std::string& path) {
  if (path.size() >= sizeof(sockaddr_un::sun_path))
    return fail(Failure::Kind::invalid, fmt::format("`{}` is too long for the path of a socket", path));
  FORGE_TRY_ASSIGN(stream_protocol::socket socket, connected<stream_protocol>(loop, {path}, path));
  return channel_over(std::move(socket));
}

}  // namespace forge::lsp
