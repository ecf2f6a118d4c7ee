/// textDocument/diagnostic and workspace/diagnostic.
#include <optional>
#include <string>
#include <utility>

#include "lsp/handlers/table.hpp"
#include "lsp/session.hpp"

namespace forge::lsp {

using protocol::Json;

namespace {

std::string previous_id(const Json& params) {
  const Json id = params.value("previousResultId", Json());
  return id.is_string() ? id.get<std::string>() : std::string();
}

}  // namespace

void announce_diagnostics(Json& capabilities, const Client& client) {
  if (!client.can.pull_diagnostics) return;
  capabilities["diagnosticProvider"] = {
      {"identifier", "forge-analyze"}, {"interFileDependencies", true}, {"workspaceDiagnostics", true}};
}

void document_diagnostic(Session& session, const Json& params, const Reply& reply) {
  const std::optional<ForgePlace> place = session.place_of(protocol::document_uri(params));
  if (!place) return reply.result({{"kind", "full"}, {"items", Json::array()}});
  session.diagnostics().pull(place->forge->root(), {reply, place->path, previous_id(params), place->forge->number()});
}

void workspace_diagnostic(Session& session, const Json& params, const Reply& reply) {
  WorkspacePull pull{.reply = reply, .partial_token = nullptr, .previous_ids = {}, .numbers = session.forge_numbers()};
  for (const Json& previous : protocol::member(params, "previousResultIds"))
    pull.previous_ids[protocol::string_member(previous, "uri")] = protocol::string_member(previous, "value");
  pull.partial_token = params.value("partialResultToken", Json());
  session.diagnostics().pull_workspace(std::move(pull));
}

}  // namespace forge::lsp
