/// The server's standard input and output as a channel.
#pragma once

#include "lsp/loop.hpp"
#include "lsp/transport/channel.hpp"

namespace forge::lsp {

/// Takes both over: from now on descriptor 0 reads nothing and a stray print of any library lands on standard error.
/// Pipes, sockets, terminals and regular files all do.
[[nodiscard]] ChannelPtr take_over_stdio(Loop& loop);

}  // namespace forge::lsp
