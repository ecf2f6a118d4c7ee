/// The protocol's own shapes and spelling (LSP 3.17), as far as the server speaks it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace forge::lsp::protocol {

enum class ErrorCode {
  parse_error = -32700,
  invalid_request = -32600,
  method_not_found = -32601,
  invalid_params = -32602,
  internal_error = -32603,
  server_not_initialized = -32002,
  request_cancelled = -32800,
  content_modified = -32801,
  server_cancelled = -32802,
};

/// Both 0-based; a character counts what was negotiated.
struct Position {
  std::uint32_t line = 0;
  std::uint32_t character = 0;
};

struct Range {
  Position start;
  Position end;
};

struct Location {
  std::string uri;
  Range range;
};

enum class DiagnosticSeverity { error = 1, warning = 2, information = 3, hint = 4 };
enum class DiagnosticTag { unnecessary = 1, deprecated = 2 };

struct RelatedInformation {
  Location location;
  std::string message;
};

struct Diagnostic {
  Range range;
  DiagnosticSeverity severity = DiagnosticSeverity::error;
  std::string code;
  std::string code_href;  ///< empty where the client does not show it
  std::string message;
  std::vector<DiagnosticTag> tags;
  std::vector<RelatedInformation> related;
};

/// Without a range: the whole text.
struct ContentChange {
  std::optional<Range> range;
  std::string text;
};

struct TextEdit {
  Range range;
  std::string new_text;
};

struct TextDocumentEdit {
  std::string uri;
  std::optional<std::int64_t> version;  ///< none: the document is not open
  std::vector<TextEdit> edits;
};

struct CreateFile {
  std::string uri;
};
struct RenameFile {
  std::string old_uri;
  std::string new_uri;
};
struct DeleteFile {
  std::string uri;
  std::string question;  ///< asked before it is deleted; empty where the client can't ask
};

using DocumentChange = std::variant<TextDocumentEdit, CreateFile, RenameFile, DeleteFile>;

struct CodeAction {
  std::string title;
  std::string kind = "quickfix";
  bool preferred = false;
  std::vector<Diagnostic> diagnostics;
  std::vector<DocumentChange> changes;
  bool versioned = true;  ///< false for clients that know only the older form, which has nothing but text edits
};

struct Hover {
  std::string text;
  bool markdown = false;
  Range range;
};

/// What this client offers. Nothing else is used.
struct ClientCapabilities {
  bool pull_diagnostics = false;
  bool diagnostic_refresh = false;
  bool related_information = false;
  bool unnecessary_tag = false;
  bool code_description = false;
  bool hover_markdown = false;
  bool code_action_literals = false;
  bool document_changes = false;
  bool create_files = false;
  bool rename_files = false;
  bool delete_files = false;
  bool change_annotations = false;
  bool watch_files = false;
  bool relative_patterns = false;
};

}  // namespace forge::lsp::protocol
