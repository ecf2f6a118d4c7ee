/// The client's settings under `forge`, per root: asked for where the client can be asked, else as it tells them.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>

#include "lsp/client.hpp"
#include "lsp/loop.hpp"
#include "lsp/peer.hpp"
#include "lsp/settings.hpp"

namespace forge::lsp {

class Configuration {
 public:
  /// `use` is called with each root's settings, and again whenever they are other ones.
  Configuration(Peer& peer, Loop& loop, ClientPtr client,
                std::function<void(const std::string& root, const SettingsPtr&)> use);

  /// `initialized` was received: only now may the client be asked.
  void start();
  /// A root is of interest.
  void add(const std::string& root);
  void forget(const std::string& root);
  /// workspace/didChangeConfiguration.
  void changed(const protocol::Json& params);

 private:
  [[nodiscard]] bool can_ask() const;
  void ask();
  void answered(const std::set<std::string>& roots, const protocol::Json& sections);
  void take(const std::string& root, const protocol::Json& section);
  void watch();

  Peer& peer_;
  Loop& loop_;
  ClientPtr client_;
  std::function<void(const std::string&, const SettingsPtr&)> use_;
  bool started_ = false;
  std::map<std::string, PendingPtr> waiting_;  ///< roots without settings yet, and how long that may take
  std::set<std::string> roots_;
  protocol::Json told_;          ///< of a client that can't be asked
  std::set<std::string> shown_;  ///< problems that the user knows of
};

}  // namespace forge::lsp
