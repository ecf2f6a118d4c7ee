/// textDocument/inlayHint and inlayHint/resolve.
#include <string>
#include <utility>

#include "engine/ide/inlay_hints.hpp"
#include "lsp/handlers/table.hpp"

namespace forge::lsp {

using protocol::Json;

namespace {

/// The member of `data` that names the component.
constexpr const char* component_key = "component";

bool resolves_tooltips(const Client& client) {
  return protocol::lists(client.capabilities, {"textDocument", "inlayHint", "resolveSupport", "properties"}, "tooltip");
}

Json edits_of(const ide::InlayHint& hint, const SourceFile& file, ColumnUnit unit) {
  Json edits = Json::array();
  for (const TextEdit& edit : hint.edits)
    edits.push_back({{"range", protocol::to_range(file, edit.place.span, unit)}, {"newText", edit.new_text}});
  return edits;
}

}  // namespace

void announce_inlay_hint(Json& capabilities, const Client&) {
  capabilities["inlayHintProvider"] = {{"resolveProvider", true}};
}

Json inlay_hint(const SnapshotContext& context, const Json& params) {
  const protocol::Range range = protocol::read_range(protocol::member(params, "range"));
  const SourceFilePtr file = context.file();
  Json hints = Json::array();
  if (!file || !context.state->settings().inlay_hints) return hints;
  const ColumnUnit unit = context.client->unit;
  const ide::ForgeFactsPtr facts = context.facts();
  const ide::Recollection known(*context.state->snapshot(), facts.get());
  const TextSpan span = protocol::to_span(*file, range, unit);
  const ide::InlayHints found = ide::inlay_hints(*context.state->snapshot(), known, context.path, span);
  if (!found.sure) context.unsure->hints = true;
  for (const ide::InlayHint& hint : found.hints) {
    Json json = {{"position", protocol::to_range(*file, {hint.offset, hint.offset}, unit).start},
                 {"label", hint.label},
                 {"paddingLeft", true}};
    if (!hint.edits.empty()) json["textEdits"] = edits_of(hint, *file, unit);
    if (!hint.component.empty()) {
      json["data"] = {{"uri", protocol::uri_of(*context.state, context.path)}, {component_key, hint.component}};
      const std::string tooltip =
          resolves_tooltips(*context.client) ? "" : ide::inlay_tooltip(known, context.path, hint.component);
      if (!tooltip.empty()) json["tooltip"] = tooltip;
    }
    hints.push_back(std::move(json));
  }
  return hints;
}

Json resolve_inlay_hint(const SnapshotContext& context, const Json& params) {
  Json hint = params;
  const ide::ForgeFactsPtr facts = context.facts();
  if (!context.file() || !facts) return hint;
  const ide::Recollection known(*context.state->snapshot(), facts.get());
  const std::string component = protocol::string_member(protocol::member(params, "data"), component_key);
  if (std::string tooltip = ide::inlay_tooltip(known, context.path, component); !tooltip.empty())
    hint["tooltip"] = std::move(tooltip);
  return hint;
}

}  // namespace forge::lsp
