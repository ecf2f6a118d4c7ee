/// textDocument/documentSymbol and workspace/symbol.
#include "engine/ide/symbols.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "lsp/handlers/table.hpp"

namespace forge::lsp {

using protocol::Json;

namespace {

constexpr std::size_t most_found = 200;

/// The protocol's numbers.
int kind_number(ide::SymbolKind kind) {
  constexpr int file = 1;
  constexpr int module = 2;
  constexpr int package = 4;
  constexpr int field = 8;
  constexpr int constant = 14;
  constexpr int string = 15;
  constexpr int array = 18;
  switch (kind) {
    case ide::SymbolKind::component:
    case ide::SymbolKind::image:
      return module;
    case ide::SymbolKind::package:
      return constant;
    case ide::SymbolKind::file:
    case ide::SymbolKind::patch:
      return file;
    case ide::SymbolKind::hunk:
      return field;
    case ide::SymbolKind::list:
      return array;
    case ide::SymbolKind::entry:
      return string;
  }
  return package;
}

Json nested(const std::vector<ide::Symbol>& symbols, const SourceFile& file, ColumnUnit unit) {
  Json list = Json::array();
  for (const ide::Symbol& symbol : symbols) {
    Json json = {{"name", symbol.name},
                 {"kind", kind_number(symbol.kind)},
                 {"range", protocol::to_range(file, symbol.span, unit)},
                 {"selectionRange", protocol::to_range(file, symbol.name_span, unit)}};
    if (!symbol.detail.empty()) json["detail"] = symbol.detail;
    if (!symbol.children.empty()) json["children"] = nested(symbol.children, file, unit);
    list.push_back(std::move(json));
  }
  return list;
}

void flatten(const std::vector<ide::Symbol>& symbols, const std::string& container, const std::string& uri,
             const SourceFile& file, ColumnUnit unit, Json& list) {
  for (const ide::Symbol& symbol : symbols) {
    const protocol::Location location{uri, protocol::to_range(file, symbol.span, unit)};
    list.push_back({{"name", symbol.name}, {"kind", kind_number(symbol.kind)}, {"location", location}});
    if (!container.empty()) list.back()["containerName"] = container;
    flatten(symbol.children, symbol.name, uri, file, unit, list);
  }
}

}  // namespace

void announce_symbols(Json& capabilities, const Client&) {
  capabilities["documentSymbolProvider"] = true;
  capabilities["workspaceSymbolProvider"] = true;
}

Json document_symbol(const SnapshotContext& context, const Json&) {
  const SourceFilePtr file = context.file();
  if (!file) return nullptr;
  const std::vector<ide::Symbol> symbols = ide::document_symbols(*context.state->snapshot(), context.path);
  const ColumnUnit unit = context.client->unit;
  if (protocol::flag(context.client->capabilities,
                     {"textDocument", "documentSymbol", "hierarchicalDocumentSymbolSupport"}))
    return nested(symbols, *file, unit);
  Json list = Json::array();
  flatten(symbols, {}, protocol::uri_of(*context.state, context.path), *file, unit, list);
  return list;
}

Json workspace_symbol(const WorkspaceContext& context, const Json& params) {
  const std::string query = protocol::string_member(params, "query");
  Json list = Json::array();
  for (const auto& [forge, findings, facts] : context.forges) {
    const workspace::SnapshotPtr snapshot = forge->snapshot();
    if (!snapshot || context.cancelled.stop_requested()) continue;
    for (const ide::FoundSymbol& symbol :
         ide::find_symbols(*snapshot, query, most_found, [&] { return context.cancelled.stop_requested(); })) {
      const protocol::Location location{protocol::uri_of(*forge, symbol.file->path()),
                                        protocol::to_range(*symbol.file, symbol.span, context.client->unit)};
      list.push_back({{"name", symbol.name},
                      {"kind", kind_number(symbol.kind)},
                      {"location", location},
                      {"containerName", symbol.container}});
    }
  }
  return list;
}

}  // namespace forge::lsp
