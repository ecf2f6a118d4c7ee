/// textDocument/codeLens and codeLens/resolve. A lens whose title is not known yet is resolved when git has answered; a
/// stale one says so by `…`, and the client is told to ask again (workspace/codeLens/refresh).
#include "engine/ide/code_lens.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "engine/workspace/forge_layout.hpp"
#include "lsp/handlers/table.hpp"
#include "lsp/session.hpp"

namespace forge::lsp {

using ide::Certainty;
using ide::CodeLens;
using protocol::Json;

namespace {

/// The one command that a client may have to show the patches of a component: it takes a list of their URIs.
constexpr const char* show_patches = "forge.showPatches";

const char* name_of(CodeLens::Kind kind) {
  switch (kind) {
    case CodeLens::Kind::release:
      return "release";
    case CodeLens::Kind::series:
      return "series";
    case CodeLens::Kind::patch:
      return "patch";
  }
  return "";
}

/// Without a name a command is a title that can't be clicked.
Json command_of(const CodeLens& lens, const ForgeState& state, const Client& client, const std::string& path) {
  Json command = {{"title", lens.title}, {"command", ""}};
  if (lens.kind != CodeLens::Kind::series || !protocol::lists(client.options, {"commands"}, show_patches))
    return command;
  const workspace::SnapshotPtr snapshot = state.snapshot();
  const auto* series = snapshot->patch_series(lens.component, workspace::classify(path).release);
  if (series == nullptr) return command;
  Json uris = Json::array();
  for (const auto& patch : series->patches) uris.push_back(protocol::uri_of(state, patch->file->path()));
  command["command"] = show_patches;
  command["arguments"] = Json::array({std::move(uris)});
  return command;
}

Json to_json(const CodeLens& lens, const ForgeState& state, const Client& client, const SourceFile& file) {
  return {
      {"range", protocol::to_range(file, lens.span, client.unit)},
      {"data",
       {{"uri", protocol::uri_of(state, file.path())}, {"lens", name_of(lens.kind)}, {"component", lens.component}}}};
}

bool can_refresh(const Client& client) {
  return protocol::flag(client.capabilities, {"workspace", "codeLens", "refreshSupport"});
}

/// The lens that was asked for, as it is in a state that git has been asked about.
Json resolved(Json lens, const ForgeState& state, const Client& client, const std::string& path) {
  lens["command"] = {{"title", ""}, {"command", ""}};
  const workspace::SnapshotPtr snapshot = state.snapshot();
  const ide::ForgeFactsPtr facts = state.facts_at_hand();
  if (!snapshot || !snapshot->file(path)) return lens;
  const ide::Recollection known(*snapshot, facts.get());
  for (const CodeLens& found : ide::code_lenses(*snapshot, known, path)) {
    if (lens["data"].value("lens", Json()) != name_of(found.kind)) continue;
    if (lens["data"].value("component", Json()) == found.component)
      lens["command"] = command_of(found, state, client, path);
  }
  return lens;
}

}  // namespace

void announce_code_lens(Json& capabilities, const Client&) {
  capabilities["codeLensProvider"] = {{"resolveProvider", true}};
}

Json code_lens(const SnapshotContext& context, const Json&) {
  const SourceFilePtr file = context.file();
  Json lenses = Json::array();
  if (!file || !context.state->settings().code_lens) return lenses;
  const Client& client = *context.client;
  const ide::ForgeFactsPtr facts = context.facts();
  const ide::Recollection known(*context.state->snapshot(), facts.get());
  for (const CodeLens& lens : ide::code_lenses(*context.state->snapshot(), known, context.path)) {
    Json json = to_json(lens, *context.state, client, *file);
    if (lens.certainty != Certainty::exact) context.unsure->lenses = true;
    // Of a client that can't be told to ask again a stale title would stay.
    const bool at_hand =
        lens.certainty == Certainty::exact || (lens.certainty == Certainty::stale && can_refresh(client));
    if (at_hand) json["command"] = command_of(lens, *context.state, client, context.path);
    lenses.push_back(std::move(json));
  }
  return lenses;
}

void resolve_code_lens(Session& session, const Json& params, const Reply& reply) {
  const std::optional<ForgePlace> place = session.place_of(protocol::data_uri(params));
  if (!place) return reply.result(params);
  place->forge->when_complete([reply, params, client = session.client(), path = place->path](const Outcome* outcome) {
    if (reply.answered()) return;
    reply.result(outcome == nullptr ? params : resolved(params, *outcome->state, *client, path));
  });
}

}  // namespace forge::lsp
