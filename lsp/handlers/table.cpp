#include "lsp/handlers/table.hpp"

#include <algorithm>
#include <iterator>

namespace forge::lsp {

namespace {

/// Of questions about a forge as a whole: a file at the root that is named as `uri`.
std::string root_uri(const protocol::Json& params) {
  return protocol::string_member(params, "uri") + "/forge.yaml";
}

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
    {.method = "forge/content", .kind = HandlerKind::snapshot, .on_snapshot = content, .uri = content_uri},
    {.method = "textDocument/codeAction",
     .kind = HandlerKind::snapshot,
     .on_snapshot = code_action,
     .announce = announce_code_action},
    {.method = "forge/overview", .kind = HandlerKind::workspace, .on_workspace = overview},
    {.method = "forge/compare", .kind = HandlerKind::slow, .on_snapshot = compare},
    {.method = "forge/plan", .kind = HandlerKind::slow, .on_snapshot = plan_graph, .uri = root_uri},
    {.method = "forge/audit", .kind = HandlerKind::slow, .on_snapshot = audit_page, .uri = root_uri},
    // lenses, hints, commands
    {.method = "textDocument/codeLens",
     .kind = HandlerKind::snapshot,
     .on_snapshot = code_lens,
     .announce = announce_code_lens},
    {.method = "codeLens/resolve", .kind = HandlerKind::session, .in_session = resolve_code_lens},
    {.method = "textDocument/inlayHint",
     .kind = HandlerKind::snapshot,
     .on_snapshot = inlay_hint,
     .announce = announce_inlay_hint},
    {.method = "inlayHint/resolve",
     .kind = HandlerKind::snapshot,
     .on_snapshot = resolve_inlay_hint,
     .uri = protocol::data_uri},
    {.method = "workspace/executeCommand",
     .kind = HandlerKind::session,
     .in_session = execute_command,
     .announce = announce_execute_command},
    {.method = "workspace/willRenameFiles",
     .kind = HandlerKind::snapshot,
     .on_snapshot = will_rename_files,
     .announce = announce_file_operations,
     .uri = first_file_uri},
    {.method = "workspace/willDeleteFiles",
     .kind = HandlerKind::snapshot,
     .on_snapshot = will_delete_files,
     .uri = first_file_uri},
    {.method = "codeAction/resolve", .kind = HandlerKind::session, .in_session = resolve_code_action},
};

constexpr NotificationRow notifications[] = {
    {"initialized", initialized},
    {"textDocument/didOpen", did_open},
    {"textDocument/didChange", did_change},
    {"textDocument/didClose", did_close},
    {"textDocument/didSave", did_save},
    {"workspace/didChangeWatchedFiles", did_change_watched_files},
    {"workspace/didChangeWorkspaceFolders", did_change_folders},
    {"workspace/didChangeConfiguration", did_change_configuration},
    {"window/workDoneProgress/cancel", cancel_progress},
    {"workspace/didCreateFiles", files_changed},
    {"workspace/didRenameFiles", files_changed},
    {"workspace/didDeleteFiles", files_changed},
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
