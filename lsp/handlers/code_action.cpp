/// textDocument/codeAction: the fixes of the findings in the range, ignoring them, all safe fixes of the document, and
/// pinning what moves. codeAction/resolve: edits that git has to be asked for.
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/git/locations.hpp"
#include "engine/ide/code_actions.hpp"
#include "engine/ide/pin_refs.hpp"
#include "engine/rules/safe_fixes.hpp"
#include "engine/rules/suppressions.hpp"
#include "lsp/handlers/table.hpp"
#include "lsp/protocol/uri.hpp"
#include "lsp/session.hpp"

namespace forge::lsp {

using ide::Certainty;
using ide::PinTo;
using protocol::Json;

namespace {

constexpr const char* quick_fix = "quickfix";
constexpr const char* rewrite = "refactor.rewrite";
constexpr const char* fix_all = "source.fixAll.forge";

/// The member of `data` that says which edit is to be made, and its values.
constexpr const char* pin_key = "pinBranches";
constexpr const char* to_commit = "commit";
constexpr const char* to_version = "version";

/// `only` names kinds; a kind includes those below it.
bool wants(const Json& context, std::string_view kind) {
  const Json& only = protocol::lookup(context, {"only"});
  if (!only.is_array()) return true;
  return std::ranges::any_of(only, [&](const Json& wanted) {
    if (!wanted.is_string()) return false;
    const std::string& name = wanted.get_ref<const std::string&>();
    return name.empty() || kind == name || (kind.starts_with(name) && kind[name.size()] == '.');
  });
}

bool resolves_edits(const Client& client) {
  return protocol::lists(client.capabilities, {"textDocument", "codeAction", "resolveSupport", "properties"}, "edit") &&
         protocol::flag(client.capabilities, {"textDocument", "codeAction", "dataSupport"});
}

bool shows_disabled(const Client& client) {
  return protocol::flag(client.capabilities, {"textDocument", "codeAction", "disabledSupport"});
}

/// The actions of one request.
class Actions {
 public:
  explicit Actions(const SnapshotContext& context) : context_(context), edge_(context.edge()) {}

  void add(const Fix& fix, const char* kind, bool preferred, const Finding* finding) {
    std::vector<protocol::Diagnostic> diagnostics;
    if (finding != nullptr) diagnostics = {protocol::to_diagnostic(*finding, edge_)};
    if (auto changes = protocol::to_changes(fix, edge_))
      list_.push_back(protocol::CodeAction{.title = fix.title,
                                           .kind = kind,
                                           .preferred = preferred,
                                           .diagnostics = std::move(diagnostics),
                                           .changes = std::move(*changes),
                                           .versioned = edge_.client.document_changes});
    else
      add_disabled(fix.title, kind, "This editor can't make, rename or delete files for a server.", diagnostics);
  }

  void add_disabled(const std::string& title, const char* kind, const char* reason,
                    const std::vector<protocol::Diagnostic>& diagnostics = {}) {
    if (!shows_disabled(*context_.client)) return;
    Json action = {{"title", title}, {"kind", kind}, {"disabled", {{"reason", reason}}}};
    if (!diagnostics.empty()) action["diagnostics"] = diagnostics;
    list_.push_back(std::move(action));
  }

  void add_sync(const Finding& finding) {
    constexpr const char* title = "Fetch the mirrors";
    list_.push_back({{"title", title},
                     {"kind", quick_fix},
                     {"diagnostics", std::vector<protocol::Diagnostic>{protocol::to_diagnostic(finding, edge_)}},
                     {"command",
                      {{"title", title},
                       {"command", "forge.syncMirrors"},
                       {"arguments", {protocol::uri_of_path(context_.state->root())}}}}});
  }

  void add_unresolved(const std::string& title, const char* kind, Json data) {
    data["uri"] = protocol::uri_of(*context_.state, context_.path);
    list_.push_back({{"title", title}, {"kind", kind}, {"data", std::move(data)}});
  }

  [[nodiscard]] Json take() { return std::move(list_); }

 private:
  const SnapshotContext& context_;
  protocol::Edge edge_;
  Json list_ = Json::array();
};

void add_fixes(const Findings& findings, const std::string& path, TextSpan span, Actions& actions) {
  for (const ide::CodeAction& action : ide::code_actions(findings, path, span))
    actions.add(*action.fix, quick_fix, action.preferred, action.finding);
}

bool is_there(const Finding& finding, const std::string& path, TextSpan span) {
  const TextSpan at = finding.place.span;
  return finding.place.file->path() == path && at.begin <= span.end && span.begin <= at.end;
}

/// A mirror that is missing is what the server can mend; a local repository is not.
void add_syncs(const Findings& findings, const SnapshotContext& context, TextSpan span, Actions& actions) {
  for (const Finding& finding : findings) {
    if (finding.rule != "upstream-unavailable" || !is_there(finding, context.path, span)) continue;
    const auto location = git::locate(context.state->snapshot()->config(), {}, finding.component);
    if (location && location->is_mirror) actions.add_sync(finding);
  }
}

void add_suppressions(const Findings& findings, const std::string& path, TextSpan span, Actions& actions) {
  for (const Finding& finding : findings) {
    if (!is_there(finding, path, span)) continue;
    if (finding.severity == Severity::error) continue;
    if (const auto fix = rules::suppress(finding)) actions.add(*fix, quick_fix, false, &finding);
  }
}

void add_fix_all(const Findings& findings, const std::string& path, Actions& actions) {
  Findings of_document;
  std::ranges::copy_if(findings, std::back_inserter(of_document),
                       [&](const Finding& finding) { return finding.place.file->path() == path; });
  const Fix fix{.title = "Fix all that is safe to fix in this file", .edits = rules::safe_edits(of_document)};
  if (!fix.edits.empty()) actions.add(fix, fix_all, false, nullptr);
}

void add_pins(const SnapshotContext& context, Actions& actions) {
  const ide::ForgeFactsPtr facts = context.facts();
  const ide::Recollection known(*context.state->snapshot(), facts.get());
  for (const PinTo to : {PinTo::version, PinTo::commit}) {
    const auto pinned = ide::pin_branches(*context.state->snapshot(), known, context.path, to);
    if (!pinned || pinned->branches == 0) continue;
    if (pinned->certainty == Certainty::exact) {
      if (!pinned->fix.edits.empty())
        actions.add(pinned->fix, rewrite, false, nullptr);
      else
        actions.add_disabled(pinned->fix.title, rewrite, "The series of these branches have no version yet.");
    } else if (resolves_edits(*context.client)) {
      actions.add_unresolved(pinned->fix.title, rewrite, {{pin_key, to == PinTo::commit ? to_commit : to_version}});
    } else {
      actions.add_disabled(pinned->fix.title, rewrite, "The upstreams are still being looked at.");
    }
  }
}

/// With its edit, as it is in a state that git has been asked about.
Json resolved(Json action, const ForgeState& state, const Client& client, const std::string& path) {
  const workspace::SnapshotPtr snapshot = state.snapshot();
  const ide::ForgeFactsPtr facts = state.facts_at_hand();
  if (!snapshot || !facts) return action;
  const Json& to = protocol::lookup(action, {"data", pin_key});
  if (to != to_commit && to != to_version) return action;
  const ide::Recollection known(*snapshot, facts.get());
  const auto pinned = ide::pin_branches(*snapshot, known, path, to == to_commit ? PinTo::commit : PinTo::version);
  if (!pinned) return action;
  const protocol::Edge edge{state, client.can, client.unit};
  if (const auto changes = protocol::to_changes(pinned->fix, edge))
    action["edit"] = protocol::workspace_edit(*changes, client.can.document_changes);
  return action;
}

}  // namespace

void announce_code_action(Json& capabilities, const Client& client) {
  if (!client.can.code_action_literals) return;
  capabilities["codeActionProvider"] = {{"codeActionKinds", {quick_fix, rewrite, fix_all}}};
  if (resolves_edits(client)) capabilities["codeActionProvider"]["resolveProvider"] = true;
}

Json code_action(const SnapshotContext& context, const Json& params) {
  const protocol::Range range = protocol::read_range(protocol::member(params, "range"));
  const SourceFilePtr file = context.file();
  if (!file) return Json::array();
  const Json wanted = params.value("context", Json());
  const FindingsPtr findings = context.state->findings_at_hand();
  const TextSpan span = protocol::to_span(*file, range, context.client->unit);
  Actions actions(context);
  if (wants(wanted, quick_fix)) {
    add_fixes(*findings, context.path, span, actions);
    add_syncs(*findings, context, span, actions);
    add_suppressions(*findings, context.path, span, actions);
  }
  if (wants(wanted, rewrite)) add_pins(context, actions);
  if (wants(wanted, fix_all)) add_fix_all(*findings, context.path, actions);
  return actions.take();
}

void resolve_code_action(Session& session, const Json& params, const Reply& reply) {
  const std::optional<ForgePlace> place = session.place_of(protocol::data_uri(params));
  if (!place) return reply.result(params);
  place->forge->when_complete([reply, params, client = session.client(), path = place->path](const Outcome* outcome) {
    if (reply.answered()) return;
    reply.result(outcome == nullptr ? params : resolved(params, *outcome->state, *client, path));
  });
}

}  // namespace forge::lsp
