#include "lsp/transport/stdio.hpp"

#include <system_error>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <fcntl.h>
#include <unistd.h>

#include "lsp/transport/stream_channel.hpp"

namespace forge::lsp {

namespace {

using Descriptor = boost::asio::posix::stream_descriptor;

class StdioStreams {
 public:
  StdioStreams(boost::asio::io_context& context, int input, int output)
      : input_(context, input), output_(context, output) {}

  Descriptor& input() { return input_; }
  Descriptor& output() { return output_; }
  void close() {
    boost::system::error_code ignored;
    input_.close(ignored);
    output_.close(ignored);
  }

 private:
  Descriptor input_;
  Descriptor output_;
};

int checked(int descriptor) {
  if (descriptor < 0) throw std::system_error(errno, std::generic_category(), "standard input or output");
  return descriptor;
}

/// A copy of `descriptor` that no child inherits; the number itself then stands for `instead`.
int take_over(int descriptor, int instead) {
  const int copy = checked(::fcntl(descriptor, F_DUPFD_CLOEXEC, 3));
  checked(::dup2(instead, descriptor));
  return copy;
}

}  // namespace

ChannelPtr take_over_stdio(Loop& loop) {
  const int null = checked(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (::fcntl(STDERR_FILENO, F_GETFD) < 0) checked(::dup2(null, STDERR_FILENO));
  const int input = take_over(STDIN_FILENO, null);
  const int output = take_over(STDOUT_FILENO, STDERR_FILENO);
  ::close(null);
  return std::make_shared<StreamChannel<StdioStreams>>(StdioStreams(loop.context(), input, output));
}

}  // namespace forge::lsp
