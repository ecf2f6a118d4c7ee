/// forge.refreshPatch [URI]: the patch rewritten so that it applies exactly, by workspace/applyEdit where the client
/// can; else the edit is in the answer.
#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "engine/base/cancellation.hpp"
#include "engine/base/text.hpp"
#include "engine/model/series_refresh.hpp"
#include "engine/rules/patch_edits.hpp"
#include "engine/workspace/forge_layout.hpp"
#include "lsp/handlers/commands.hpp"
#include "lsp/handlers/table.hpp"
#include "lsp/session.hpp"

namespace forge::lsp {

using model::RefreshAction;
using protocol::Json;

namespace {

constexpr int information = 3;

/// What came of it; `edit` is null where nothing is to be changed.
struct Refreshed {
  std::string action;
  std::string message;
  Json notes = Json::array();
  Json edit = nullptr;
};

std::string message_for(const model::PatchRefresh& patch, const std::string& name) {
  switch (patch.action) {
    case RefreshAction::unchanged:
      return fmt::format("{} applies exactly as it is.", name);
    case RefreshAction::rewritten:
      return fmt::format("{} was refreshed.", name);
    case RefreshAction::dropped:
      return fmt::format("The source has the whole change of {}: the patch can be deleted.", name);
    case RefreshAction::kept:
      return fmt::format("{} can't be refreshed: {}.", name, join(patch.notes, "; "));
  }
  return {};
}

Refreshed refresh(const ForgeState& state, const Client& client, const std::string& path) {
  const workspace::SnapshotPtr snapshot = state.snapshot();
  const workspace::DocumentPath at = workspace::classify(path);
  const auto* series = snapshot ? snapshot->patch_series(at.component, at.release) : nullptr;
  if (at.kind != workspace::DocumentKind::patch || series == nullptr)
    return {.action = "failed", .message = fmt::format("`{}` is no patch of a forge.", path)};
  const auto patch = std::ranges::find(series->patches, path, [](const auto& p) { return p->file->path(); });
  if (patch == series->patches.end()) return {.action = "failed", .message = fmt::format("There is no `{}`.", path)};
  const Result<model::SeriesRefresh> all = model::refresh_series(*snapshot, *series);
  if (!all) return {.action = "failed", .message = all.error().message};
  const model::PatchRefresh& found = all->patches.at(static_cast<std::size_t>(patch - series->patches.begin()));
  Refreshed out{.action = std::string(to_string(found.action)),
                .message = message_for(found, std::string(rules::file_name(path))),
                .notes = found.notes};
  if (found.action != RefreshAction::rewritten) return out;
  const Fix fix{.title = out.message, .edits = {rules::replacement((*patch)->file, found.text)}};
  const protocol::Edge edge{state, client.can, client.unit};
  if (const auto changes = protocol::to_changes(fix, edge))
    out.edit = protocol::workspace_edit(*changes, client.can.document_changes);
  return out;
}

void answer(Session& session, const Reply& reply, const Refreshed& refreshed) {
  Json result = {{"action", refreshed.action}, {"message", refreshed.message}, {"notes", refreshed.notes}};
  result["applied"] = false;
  if (refreshed.edit.is_null()) {
    session.peer().notify("window/showMessage", {{"type", information}, {"message", refreshed.message}});
    return reply.result(std::move(result));
  }
  if (!protocol::flag(session.client()->capabilities, {"workspace", "applyEdit"})) {
    result["edit"] = refreshed.edit;
    return reply.result(std::move(result));
  }
  session.peer().request("workspace/applyEdit", {{"label", "Refresh the patch"}, {"edit", refreshed.edit}},
                         [reply, result](const Json& done) {
                           Json answer = result;
                           answer["applied"] = protocol::flag(done, {"applied"});
                           reply.result(std::move(answer));
                         });
}

}  // namespace

void refresh_patch(const CommandCall& call) {
  if (call.arguments.empty() || !call.arguments[0].is_string())
    throw protocol::InvalidParams("`forge.refreshPatch` takes the URI of a patch");
  const std::optional<ForgePlace> place = call.session.place_of(call.arguments[0].get<std::string>());
  if (!place) throw protocol::InvalidParams("the URI is of no file of a forge");
  (void)show_progress(call, "Refreshing the patch");
  Services& services = call.session.services();
  services.scheduler.run(Lane::background, [&services, weak = call.session.weak_from_this(), reply = call.reply,
                                            ending = call.session.ending(), state = place->forge->state(),
                                            client = call.session.client(), path = place->path] {
    if (reply.answered()) return;
    const CancellationScope scope({.obsolete = reply.token(), .ending = ending});
    Refreshed refreshed{.action = "failed", .message = "internal error"};
    try {
      refreshed = refresh(*state, *client, path);
    } catch (const Cancelled&) {
      return;
    } catch (const std::exception& problem) {
      services.log.line(fmt::format("forge.refreshPatch failed: {}", problem.what()));
    }
    services.loop.post([weak, reply, refreshed = std::move(refreshed)] {
      if (const auto session = weak.lock(); session && !reply.answered()) answer(*session, reply, refreshed);
    });
  });
}

}  // namespace forge::lsp
