/// Asks the client to tell of changes on disk, where it offers that: one registration for each root, taken back with
/// it.
#pragma once

#include <set>
#include <string>

#include "lsp/client.hpp"
#include "lsp/peer.hpp"

namespace forge::lsp {

class FileWatching {
 public:
  explicit FileWatching(Peer& peer) : peer_(peer) {}

  /// Before this nothing may be asked of the client.
  void start(ClientPtr client);
  void add(const std::string& root);
  void remove(const std::string& root);

 private:
  void ask(const std::string& root);

  Peer& peer_;
  ClientPtr client_;
  std::set<std::string> roots_;
  bool everywhere_ = false;  ///< asked with patterns that hold for every folder
};

}  // namespace forge::lsp
