/// textDocument/codeAction: the fixes of the findings in the range.
#include <algorithm>
#include <string>
#include <utility>

#include "engine/ide/code_actions.hpp"
#include "lsp/handlers/table.hpp"

namespace forge::lsp {

using protocol::Json;

namespace {

/// `only` names kinds; a kind includes those below it.
bool wants_quick_fixes(const Json& context) {
  const Json only = context.is_object() ? context.value("only", Json()) : Json();
  if (!only.is_array()) return true;
  return std::ranges::any_of(only, [](const Json& kind) { return kind == "quickfix" || kind == ""; });
}

}  // namespace

void announce_code_action(Json& capabilities, const Client& client) {
  if (client.can.code_action_literals) capabilities["codeActionProvider"] = {{"codeActionKinds", {"quickfix"}}};
}

Json code_action(const SnapshotContext& context, const Json& params) {
  const protocol::Range range = protocol::read_range(protocol::member(params, "range"));
  const SourceFilePtr file = context.file();
  Json actions = Json::array();
  if (!file || !wants_quick_fixes(params.value("context", Json()))) return actions;
  const FindingsPtr findings = context.state->findings_at_hand();
  const protocol::Edge edge = context.edge();
  const TextSpan span = protocol::to_span(*file, range, edge.unit);
  for (const ide::CodeAction& action : ide::code_actions(*findings, context.path, span)) {
    auto changes = protocol::to_changes(*action.fix, edge);
    if (!changes) continue;
    actions.push_back(protocol::CodeAction{.title = action.fix->title,
                                           .preferred = action.preferred,
                                           .diagnostics = {protocol::to_diagnostic(*action.finding, edge)},
                                           .changes = std::move(*changes),
                                           .versioned = edge.client.document_changes});
  }
  return actions;
}

}  // namespace forge::lsp
