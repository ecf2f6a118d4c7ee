/// workspace/willRenameFiles and willDeleteFiles for patches; the news of what was created, renamed or deleted.
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "engine/ide/file_moves.hpp"
#include "lsp/handlers/table.hpp"
#include "lsp/protocol/uri.hpp"
#include "lsp/session.hpp"

namespace forge::lsp {

using protocol::Json;

namespace {

constexpr std::array<const char*, 5> operations = {"willRename", "willDelete", "didCreate", "didRename", "didDelete"};

/// Relative to the root, without a slash at the end; empty for what is elsewhere.
std::string path_below(const std::string& root, const Json& file, const char* key) {
  const auto path = protocol::path_of_uri(protocol::string_member(file, key));
  std::string below = path ? relative_to(root, *path) : std::string();
  while (below.ends_with('/')) below.pop_back();
  return below;
}

Json edit_of(const Fix& fix, const SnapshotContext& context) {
  if (fix.edits.empty()) return nullptr;
  const auto changes = protocol::to_changes(fix, context.edge());
  return changes ? protocol::workspace_edit(*changes, context.client->can.document_changes) : Json();
}

/// Each edit of it is shown before it is made.
void ask_first(Json& edit, const std::string& label) {
  for (Json& change : edit["documentChanges"])
    for (Json& one : change["edits"]) one["annotationId"] = "ask";
  edit["changeAnnotations"]["ask"] = {{"label", label}, {"needsConfirmation", true}};
}

}  // namespace

std::string first_file_uri(const Json& params) {
  const Json& files = protocol::member(params, "files");
  if (!files.is_array() || files.empty()) throw protocol::InvalidParams("`files` is no list of files");
  return protocol::string_member(files[0], files[0].contains("oldUri") ? "oldUri" : "uri");
}

void announce_file_operations(Json& capabilities, const Client& client) {
  for (const char* operation : operations) {
    if (!protocol::flag(client.capabilities, {"workspace", "fileOperations", operation})) continue;
    capabilities["workspace"]["fileOperations"][operation] = {
        {"filters", Json::array({{{"scheme", "file"}, {"pattern", {{"glob", "**/patches/**"}}}}})}};
  }
}

Json will_rename_files(const SnapshotContext& context, const Json& params) {
  const workspace::SnapshotPtr snapshot = context.state->snapshot();
  if (!snapshot) return nullptr;
  std::vector<ide::Move> moves;
  for (const Json& file : protocol::member(params, "files")) {
    ide::Move move{path_below(context.state->root(), file, "oldUri"),
                   path_below(context.state->root(), file, "newUri")};
    if (move.from.starts_with("patches/") && !move.to.empty()) moves.push_back(std::move(move));
  }
  return edit_of(ide::edits_for_moves(*snapshot, moves), context);
}

Json will_delete_files(const SnapshotContext& context, const Json& params) {
  const workspace::SnapshotPtr snapshot = context.state->snapshot();
  // Whether the library is installed from its source all the same, only a person knows.
  if (!snapshot || !context.client->can.change_annotations || !context.client->can.document_changes) return nullptr;
  std::vector<std::string> paths;
  for (const Json& file : protocol::member(params, "files"))
    paths.push_back(path_below(context.state->root(), file, "uri"));
  std::erase(paths, std::string());
  const Fix fix = ide::edits_for_removals(*snapshot, paths);
  Json edit = edit_of(fix, context);
  if (!edit.is_null()) ask_first(edit, fix.title);
  return edit;
}

void files_changed(Session& session, const Json&) {
  session.disk_changed();
}

}  // namespace forge::lsp
