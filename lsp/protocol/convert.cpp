#include "lsp/protocol/convert.hpp"

#include <algorithm>
#include <utility>

#include "engine/rules/pages.hpp"
#include "lsp/protocol/uri.hpp"

namespace forge::lsp::protocol {

namespace {

Position to_position(const SourceFile& file, std::uint32_t offset, ColumnUnit unit) {
  const LineColumn at = file.position(offset, unit);
  return {at.line, at.column};
}

DiagnosticSeverity to_severity(Severity severity) {
  switch (severity) {
    case Severity::error:
      return DiagnosticSeverity::error;
    case Severity::warning:
      return DiagnosticSeverity::warning;
    case Severity::info:
      return DiagnosticSeverity::information;
    case Severity::hint:
    case Severity::off:
      break;
  }
  return DiagnosticSeverity::hint;
}

/// Places in an upstream's tree have no document that the client could open.
bool is_of_the_forge(const ForgeState& state, const SourceFile& file) {
  const workspace::SnapshotPtr snapshot = state.snapshot();
  return snapshot && snapshot->file(file.path()) != nullptr;
}

bool removes_its_file(const Finding& finding) {
  return std::ranges::any_of(finding.fixes, [&](const Fix& fix) {
    return std::ranges::any_of(fix.files, [&](const FileEdit& edit) {
      return edit.kind == FileEdit::Kind::remove && edit.path == finding.place.file->path();
    });
  });
}

void add_edit(std::vector<DocumentChange>& changes, TextDocumentEdit added) {
  for (DocumentChange& change : changes) {
    auto* same = std::get_if<TextDocumentEdit>(&change);
    if (same == nullptr || same->uri != added.uri) continue;
    std::ranges::move(added.edits, std::back_inserter(same->edits));
    return;
  }
  changes.emplace_back(std::move(added));
}

TextDocumentEdit to_edit(const forge::TextEdit& edit, const Edge& edge) {
  const SourceFile& file = *edit.place.file;
  const auto open = edge.state.open().find(file.path());
  TextDocumentEdit converted{.uri = uri_of(edge.state, file.path()), .version = std::nullopt, .edits = {}};
  if (open != edge.state.open().end()) converted.version = open->second.version;
  converted.edits.push_back({to_range(file, edit.place.span, edge.unit), edit.new_text});
  return converted;
}

bool can_do(const FileEdit& edit, const ClientCapabilities& client) {
  switch (edit.kind) {
    case FileEdit::Kind::create:
      return client.create_files;
    case FileEdit::Kind::remove:
      return client.delete_files;
    case FileEdit::Kind::rename:
      return client.rename_files;
  }
  return false;
}

void add_file_edit(std::vector<DocumentChange>& changes, const FileEdit& edit, const Edge& edge) {
  const std::string uri = uri_of(edge.state, edit.path);
  switch (edit.kind) {
    case FileEdit::Kind::create:
      changes.emplace_back(CreateFile{uri});
      changes.emplace_back(TextDocumentEdit{uri, std::nullopt, {{{}, edit.text}}});
      break;
    case FileEdit::Kind::remove:
      changes.emplace_back(DeleteFile{uri, edge.client.change_annotations ? "Delete " + edit.path : ""});
      break;
    case FileEdit::Kind::rename:
      changes.emplace_back(RenameFile{uri, uri_of(edge.state, edit.new_path)});
      break;
  }
}

}  // namespace

Range to_range(const SourceFile& file, TextSpan span, ColumnUnit unit) {
  return {to_position(file, span.begin, unit), to_position(file, span.end, unit)};
}

std::uint32_t to_offset(const SourceFile& file, Position position, ColumnUnit unit) {
  return file.lines().offset(file.text(), {position.line, position.character}, unit);
}

TextSpan to_span(const SourceFile& file, const Range& range, ColumnUnit unit) {
  const auto [begin, end] = std::minmax({to_offset(file, range.start, unit), to_offset(file, range.end, unit)});
  return {begin, end};
}

std::string uri_of(const ForgeState& state, const std::string& path) {
  const auto open = state.open().find(path);
  return open != state.open().end() ? open->second.uri : uri_of_path(state.root() + "/" + path);
}

Diagnostic to_diagnostic(const Finding& finding, const Edge& edge) {
  Diagnostic diagnostic;
  diagnostic.range = to_range(*finding.place.file, finding.place.span, edge.unit);
  diagnostic.severity = to_severity(finding.severity);
  diagnostic.code = finding.rule;
  diagnostic.message = finding.message;
  if (edge.client.code_description) diagnostic.code_href = rules::rule_url(finding.rule);
  if (edge.client.unnecessary_tag && removes_its_file(finding)) diagnostic.tags = {DiagnosticTag::unnecessary};
  if (!edge.client.related_information) return diagnostic;
  for (const RelatedPlace& related : finding.related) {
    const SourceFile& file = *related.place.file;
    if (!is_of_the_forge(edge.state, file)) continue;
    diagnostic.related.push_back(
        {{uri_of(edge.state, file.path()), to_range(file, related.place.span, edge.unit)}, related.message});
  }
  return diagnostic;
}

std::optional<std::vector<DocumentChange>> to_changes(const Fix& fix, const Edge& edge) {
  const bool possible = (edge.client.document_changes || fix.files.empty()) &&
                        std::ranges::all_of(fix.files, [&](const FileEdit& e) { return can_do(e, edge.client); });
  if (!possible) return std::nullopt;
  std::vector<DocumentChange> changes;
  for (const forge::TextEdit& edit : fix.edits) add_edit(changes, to_edit(edit, edge));
  for (const FileEdit& edit : fix.files) add_file_edit(changes, edit, edge);
  return changes;
}

}  // namespace forge::lsp::protocol
