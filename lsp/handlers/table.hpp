/// Everything that a client can ask for or tell, as two lists. To add a feature: a file beside this one, its functions
/// below, a row in table.cpp.
#pragma once

#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "engine/ide/forge_facts.hpp"
#include "lsp/analysis.hpp"
#include "lsp/client.hpp"
#include "lsp/forge_state.hpp"
#include "lsp/peer.hpp"
#include "lsp/protocol/convert.hpp"
#include "lsp/protocol/json.hpp"

namespace forge::lsp {

class Session;

enum class HandlerKind {
  session,   ///< on the main thread; may change the session
  snapshot,  ///< on a worker, from one state of the document's forge; null where it is in none
  typing,    ///< the same, ahead of the queue
  slow,      ///< the same, where git's answers are waited for: on the thread of the complete analysis
  workspace  ///< on a worker, from the states of all forges
};

/// The state that a request about a document is answered from.
struct SnapshotContext {
  StatePtr state;
  std::string path;  ///< of the document, relative to the root
  ClientPtr client;
  std::stop_token cancelled;      ///< when the answer is no longer wanted
  ide::ForgeFactsPtr last_facts;  ///< what git said at the last complete look; may be null
  std::shared_ptr<Unsure> unsure;

  /// What git says of the state, or said of an older one.
  [[nodiscard]] ide::ForgeFactsPtr facts() const {
    ide::ForgeFactsPtr own = state->facts_at_hand();
    return own ? own : last_facts;
  }
  [[nodiscard]] protocol::Edge edge() const { return {*state, client->can, client->unit}; }
  /// The document; null where there is no such file.
  [[nodiscard]] SourceFilePtr file() const {
    const workspace::SnapshotPtr snapshot = state->snapshot();
    return snapshot ? snapshot->file(path) : nullptr;
  }
};

/// For questions about no document in particular.
struct WorkspaceContext {
  struct Forge {
    StatePtr state;
    FindingsPtr last_findings;      ///< of the last complete look; may be null
    ide::ForgeFactsPtr last_facts;  ///< likewise what git said
  };
  std::vector<Forge> forges;  ///< in the order of their roots
  ClientPtr client;
  std::stop_token cancelled;
};

using SessionHandler = void (*)(Session&, const protocol::Json& params, const Reply&);
using SnapshotHandler = protocol::Json (*)(const SnapshotContext&, const protocol::Json& params);
using WorkspaceHandler = protocol::Json (*)(const WorkspaceContext&, const protocol::Json& params);
/// Adds what the server can do for this client to its capabilities.
using Announcement = void (*)(protocol::Json& capabilities, const Client& client);
using NotificationHandler = void (*)(Session&, const protocol::Json& params);

struct RequestRow {
  std::string_view method;
  HandlerKind kind = HandlerKind::session;
  SessionHandler in_session = nullptr;
  SnapshotHandler on_snapshot = nullptr;
  WorkspaceHandler on_workspace = nullptr;
  /// Null: nothing to announce.
  Announcement announce = nullptr;
  /// Where the parameters name the document; `protocol::data_uri` for items that are to be resolved.
  std::string (*uri)(const protocol::Json& params) = protocol::document_uri;
};

struct NotificationRow {
  std::string_view method;
  NotificationHandler handle = nullptr;
};

/// What all rows announce.
void announce_all(protocol::Json& capabilities, const Client& client);
/// Null where the method is not known.
[[nodiscard]] const RequestRow* find_request(std::string_view method);
[[nodiscard]] const NotificationRow* find_notification(std::string_view method);

// lifecycle.cpp
void initialize(Session& session, const protocol::Json& params, const Reply& reply);
void initialized(Session& session, const protocol::Json& params);
void shutdown(Session& session, const protocol::Json& params, const Reply& reply);

// text_sync.cpp
void did_open(Session& session, const protocol::Json& params);
void did_change(Session& session, const protocol::Json& params);
void did_close(Session& session, const protocol::Json& params);
void did_save(Session& session, const protocol::Json& params);

// workspace.cpp
void did_change_watched_files(Session& session, const protocol::Json& params);
void did_change_folders(Session& session, const protocol::Json& params);
void did_change_configuration(Session& session, const protocol::Json& params);
void cancel_progress(Session& session, const protocol::Json& params);

// pull_diagnostics.cpp
void announce_diagnostics(protocol::Json& capabilities, const Client& client);
void document_diagnostic(Session& session, const protocol::Json& params, const Reply& reply);
void workspace_diagnostic(Session& session, const protocol::Json& params, const Reply& reply);

// hover.cpp
void announce_hover(protocol::Json& capabilities, const Client& client);
[[nodiscard]] protocol::Json hover(const SnapshotContext& context, const protocol::Json& params);

// symbols.cpp
void announce_symbols(protocol::Json& capabilities, const Client& client);
[[nodiscard]] protocol::Json document_symbol(const SnapshotContext& context, const protocol::Json& params);
[[nodiscard]] protocol::Json workspace_symbol(const WorkspaceContext& context, const protocol::Json& params);

// folding_range.cpp
void announce_folding_range(protocol::Json& capabilities, const Client& client);
[[nodiscard]] protocol::Json folding_range(const SnapshotContext& context, const protocol::Json& params);

// document_link.cpp
void announce_document_link(protocol::Json& capabilities, const Client& client);
[[nodiscard]] protocol::Json document_link(const SnapshotContext& context, const protocol::Json& params);

// navigation.cpp
void announce_navigation(protocol::Json& capabilities, const Client& client);
[[nodiscard]] protocol::Json definition(const SnapshotContext& context, const protocol::Json& params);
[[nodiscard]] protocol::Json references(const SnapshotContext& context, const protocol::Json& params);
[[nodiscard]] protocol::Json document_highlight(const SnapshotContext& context, const protocol::Json& params);

// completion.cpp
void announce_completion(protocol::Json& capabilities, const Client& client);
[[nodiscard]] protocol::Json completion(const SnapshotContext& context, const protocol::Json& params);
[[nodiscard]] protocol::Json completion_resolve(const SnapshotContext& context, const protocol::Json& params);

// content.cpp
[[nodiscard]] std::string content_uri(const protocol::Json& params);
[[nodiscard]] protocol::Json content(const SnapshotContext& context, const protocol::Json& params);

// code_action.cpp
void announce_code_action(protocol::Json& capabilities, const Client& client);
[[nodiscard]] protocol::Json code_action(const SnapshotContext& context, const protocol::Json& params);
void resolve_code_action(Session& session, const protocol::Json& params, const Reply& reply);

// overview.cpp, compare.cpp, plan.cpp, audit.cpp: this server's own methods, for views beside the text
[[nodiscard]] protocol::Json overview(const WorkspaceContext& context, const protocol::Json& params);
[[nodiscard]] protocol::Json compare(const SnapshotContext& context, const protocol::Json& params);
[[nodiscard]] protocol::Json plan_graph(const SnapshotContext& context, const protocol::Json& params);
[[nodiscard]] protocol::Json audit_page(const SnapshotContext& context, const protocol::Json& params);

// execute_command.cpp
void announce_execute_command(protocol::Json& capabilities, const Client& client);
void execute_command(Session& session, const protocol::Json& params, const Reply& reply);

// file_operations.cpp
/// The first file that is to be renamed or deleted.
[[nodiscard]] std::string first_file_uri(const protocol::Json& params);
void announce_file_operations(protocol::Json& capabilities, const Client& client);
[[nodiscard]] protocol::Json will_rename_files(const SnapshotContext& context, const protocol::Json& params);
[[nodiscard]] protocol::Json will_delete_files(const SnapshotContext& context, const protocol::Json& params);
void files_changed(Session& session, const protocol::Json& params);

// code_lens.cpp
void announce_code_lens(protocol::Json& capabilities, const Client& client);
[[nodiscard]] protocol::Json code_lens(const SnapshotContext& context, const protocol::Json& params);
void resolve_code_lens(Session& session, const protocol::Json& params, const Reply& reply);

// inlay_hint.cpp
void announce_inlay_hint(protocol::Json& capabilities, const Client& client);
[[nodiscard]] protocol::Json inlay_hint(const SnapshotContext& context, const protocol::Json& params);
[[nodiscard]] protocol::Json resolve_inlay_hint(const SnapshotContext& context, const protocol::Json& params);

}  // namespace forge::lsp
