#include "lsp/handlers/table.hpp"

#include <algorithm>
#include <iterator>

namespace forge::lsp {

namespace {

constexpr RequestRow requests[] = {
    {.method = "initialize", .kind = HandlerKind::session, .in_session = initialize},
    {.method = "shutdown", .kind = HandlerKind::session, .in_session = shutdown},
    {.method = "textDocument/diagnostic",
     .kind = HandlerKind::session,
     .in_session = document_diagnostic,
     .announce = announce_diagnostics},
    {.method = "workspace/diagnostic", .kind = HandlerKind::session, .in_session = workspace_diagnostic},
    {.method = "textDocument/hover", .kind = HandlerKind::snapshot, .on_snapshot = hover, .announce = announce_hover},
    {.method = "textDocument/documentSymbol",
     .kind = HandlerKind::snapshot,
     .on_snapshot = document_symbol,
     .announce = announce_symbols},
    {.method = "workspace/symbol", .kind = HandlerKind::workspace, .on_workspace = workspace_symbol},
    {.method = "textDocument/foldingRange",
     .kind = HandlerKind::snapshot,
     .on_snapshot = folding_range,
     .announce = announce_folding_range},
    {.method = "textDocument/documentLink",
     .kind = HandlerKind::snapshot,
     .on_snapshot = document_link,
     .announce = announce_document_link},
    {.method = "textDocument/definition",
     .kind = HandlerKind::snapshot,
     .on_snapshot = definition,
     .announce = announce_navigation},
    {.method = "textDocument/references", .kind = HandlerKind::snapshot, .on_snapshot = references},
    {.method = "textDocument/documentHighlight", .kind = HandlerKind::snapshot, .on_snapshot = document_highlight},
    {.method = "textDocument/completion",
     .kind = HandlerKind::typing,
     .on_snapshot = completion,
     .announce = announce_completion},
    {.method = "completionItem/resolve",
     .kind = HandlerKind::typing,
     .on_snapshot = completion_resolve,
     .uri = protocol::data_uri},
    {.method = "forge/content", .kind = HandlerKind::snapshot, .on_snapshot = content, .uri = content_uri},
    {.method = "textDocument/codeAction",
     .kind = HandlerKind::snapshot,
     .on_snapshot = code_action,
     .announce = announce_code_action},
};

constexpr NotificationRow notifications[] = {
    {"initialized", initialized},
    {"textDocument/didOpen", did_open},
    {"textDocument/didChange", did_change},
    {"textDocument/didClose", did_close},
    {"textDocument/didSave", did_save},
    {"workspace/didChangeWatchedFiles", did_change_watched_files},
    {"workspace/didChangeWorkspaceFolders", did_change_folders},
};

template <class Row, std::size_t size>
const Row* find_row(const Row (&rows)[size], std::string_view method) {
  const auto* row = std::ranges::find(rows, method, &Row::method);
  return row == std::end(rows) ? nullptr : row;
}

}  // namespace

void announce_all(protocol::Json& capabilities, const Client& client) {
  for (const RequestRow& row : requests)
    if (row.announce != nullptr) row.announce(capabilities, client);
}

const RequestRow* find_request(std::string_view method) {
  return find_row(requests, method);
}

const NotificationRow* find_notification(std::string_view method) {
  return find_row(notifications, method);
}

}  // namespace forge::lsp
