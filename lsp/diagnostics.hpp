/// How findings reach the client: pushed to those that can't ask, answered to those that can, never both.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lsp/analysis.hpp"
#include "lsp/client.hpp"
#include "lsp/documents.hpp"
#include "lsp/loop.hpp"
#include "lsp/peer.hpp"

namespace forge::lsp {

/// textDocument/diagnostic of a document in a forge.
struct DocumentPull {
  Reply reply;
  std::string path;          ///< relative to the root
  std::string previous_id;   ///< what the client has
  std::uint64_t number = 0;  ///< the state it must at least be of
};

/// workspace/diagnostic; held until there is news.
struct WorkspacePull {
  Reply reply;
  protocol::Json partial_token;                     ///< null: everything in the answer
  std::map<std::string, std::string> previous_ids;  ///< by URI
  std::map<std::string, std::uint64_t> numbers;     ///< the state of each root that it must at least be of
  bool told = false;                                ///< something was sent by the token already
  std::shared_ptr<Pending> patience = nullptr;
};

class Diagnostics {
 public:
  Diagnostics(Peer& peer, Loop& loop, const Documents& documents, ClientPtr client);

  void found(const std::string& root, const Outcome& outcome);
  void pull(const std::string& root, DocumentPull pull);
  void pull_workspace(WorkspacePull pull);
  /// Of the root's states up to that number no complete list is to be expected.
  void give_up(const std::string& root, std::uint64_t number);
  /// The root is no longer of interest: what was said about it is taken back.
  void forget(const std::string& root);

 private:
  struct Sent {
    std::string uri;
    std::string id;
    std::optional<std::int64_t> version;
  };
  /// The last answer to a pull.
  struct Answered {
    std::string id;
    std::uint64_t number = 0;
  };
  struct Root {
    Outcome newest;
    /// Of this state even an empty incomplete list is shown: the complete one takes too long.
    std::uint64_t impatient = 0;
    std::uint64_t given_up = 0;
    PendingPtr impatience;
    std::map<std::string, Sent> sent;
    std::map<std::string, Answered> answered;
    std::vector<DocumentPull> pulls;
  };

  void show(const std::string& root);
  void push(Root& root);
  void push_document(Root& root, const std::string& path);
  void publish(const std::string& uri, const protocol::Json& items, std::optional<std::int64_t> version);
  [[nodiscard]] bool may_change_soon(const Root& root, const std::string& path) const;
  void answer_pulls(Root& root);
  void answer(Root& root, const DocumentPull& pull);
  void answer_workspace_pulls(bool something_new);
  [[nodiscard]] bool is_known(const std::map<std::string, std::uint64_t>& numbers) const;
  [[nodiscard]] protocol::Json changed_reports(std::map<std::string, std::string>& known) const;
  void refresh_if_outdated(const Root& root);
  void send_refresh();

  Peer& peer_;
  Loop& loop_;
  const Documents& documents_;
  ClientPtr client_;
  std::map<std::string, Root> roots_;
  std::vector<WorkspacePull> workspace_pulls_;
  PendingPtr refresh_pause_;
  bool refresh_wanted_ = false;
};

}  // namespace forge::lsp
