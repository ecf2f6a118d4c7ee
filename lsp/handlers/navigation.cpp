/// textDocument/definition, textDocument/references, textDocument/documentHighlight.
#include "engine/ide/navigation.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lsp/handlers/table.hpp"
#include "lsp/protocol/tree_uri.hpp"

namespace forge::lsp {

using protocol::Json;

namespace {

/// The place that the parameters name; nothing where there is no such document.
std::optional<std::uint32_t> asked_offset(const SnapshotContext& context, const Json& params) {
  const protocol::Position position = protocol::read_position(protocol::member(params, "position"));
  const SourceFilePtr file = context.file();
  if (!file) return std::nullopt;
  return protocol::to_offset(*file, position, context.client->unit);
}

struct Ends {
  std::string uri;
  protocol::Range token;
  protocol::Range whole;
};

Ends ends_of(const SnapshotContext& context, const ide::Target& target) {
  const ForgeState& state = *context.state;
  if (target.tree) {
    const protocol::Range line{{target.tree->line, 0}, {target.tree->line, 0}};
    return {protocol::tree_uri(*target.tree, state.root()), line, line};
  }
  const ColumnUnit unit = context.client->unit;
  return {protocol::uri_of(state, target.file->path()), protocol::to_range(*target.file, target.span, unit),
          protocol::to_range(*target.file, target.extent, unit)};
}

Json links(const SnapshotContext& context, const ide::Definition& definition) {
  const bool takes_links = protocol::flag(context.client->capabilities, {"textDocument", "definition", "linkSupport"});
  const protocol::Range origin = protocol::to_range(*context.file(), definition.origin, context.client->unit);
  Json list = Json::array();
  for (const ide::Target& target : definition.targets) {
    if (target.tree && !protocol::flag(context.client->options, {"content"})) continue;
    const Ends ends = ends_of(context, target);
    if (takes_links)
      list.push_back({{"originSelectionRange", origin},
                      {"targetUri", ends.uri},
                      {"targetRange", ends.whole},
                      {"targetSelectionRange", ends.token}});
    else
      list.push_back(protocol::Location{ends.uri, ends.token});
  }
  return list.empty() ? Json() : list;
}

}  // namespace

void announce_navigation(Json& capabilities, const Client&) {
  capabilities["definitionProvider"] = true;
  capabilities["referencesProvider"] = true;
  capabilities["documentHighlightProvider"] = true;
}

Json definition(const SnapshotContext& context, const Json& params) {
  const auto offset = asked_offset(context, params);
  if (!offset) return nullptr;
  const auto found = ide::definition(*context.state->snapshot(), context.path, *offset);
  return found ? links(context, *found) : Json();
}

Json references(const SnapshotContext& context, const Json& params) {
  const bool with_declaration = protocol::flag(params, {"context", "includeDeclaration"});
  const auto offset = asked_offset(context, params);
  if (!offset) return nullptr;
  Json list = Json::array();
  for (const ide::Target& target :
       ide::references(*context.state->snapshot(), context.path, *offset, with_declaration)) {
    if (target.tree) continue;
    const Ends ends = ends_of(context, target);
    list.push_back(protocol::Location{ends.uri, ends.token});
  }
  return list;
}

Json document_highlight(const SnapshotContext& context, const Json& params) {
  const auto offset = asked_offset(context, params);
  if (!offset) return nullptr;
  Json list = Json::array();
  for (const TextSpan span : ide::highlights(*context.state->snapshot(), context.path, *offset))
    list.push_back({{"range", protocol::to_range(*context.file(), span, context.client->unit)}});
  return list;
}

}  // namespace forge::lsp
