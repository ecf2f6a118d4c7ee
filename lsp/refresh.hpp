/// Asks the client to ask again, at most once a second.
#pragma once

#include <string>

#include "lsp/loop.hpp"
#include "lsp/peer.hpp"

namespace forge::lsp {

class Refresh {
 public:
  /// `method`: `workspace/codeLens/refresh`, say. Where the client has no such thing, nothing is ever sent.
  Refresh(Peer& peer, Loop& loop, std::string method, bool supported)
      : peer_(peer), loop_(loop), method_(std::move(method)), supported_(supported) {}

  void request();

 private:
  Peer& peer_;
  Loop& loop_;
  std::string method_;
  bool supported_;
  PendingPtr pause_;
  bool wanted_ = false;
};

}  // namespace forge::lsp
