/// workspace/executeCommand.
#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "lsp/handlers/commands.hpp"
#include "lsp/handlers/table.hpp"
#include "lsp/session.hpp"

namespace forge::lsp {

using protocol::Json;

namespace {

struct CommandRow {
  const char* name;
  void (*run)(const CommandCall&);
};

constexpr CommandRow commands[] = {
    {"forge.checkWorkspace", check_workspace},
    {"forge.refreshPatch", refresh_patch},
    {"forge.syncMirrors", sync_mirrors},
    {"forge.showStatus", show_status},
};

/// The findings of all roots, as their complete looks come in.
struct Check {
  std::size_t missing = 0;
  std::array<std::size_t, 5> counts{};

  [[nodiscard]] Json result(std::size_t forges) const {
    const auto count = [&](Severity severity) { return counts.at(static_cast<std::size_t>(severity)); };
    return {{"forges", forges},
            {"error", count(Severity::error)},
            {"warning", count(Severity::warning)},
            {"info", count(Severity::info)},
            {"hint", count(Severity::hint)}};
  }
};

}  // namespace

ProgressPtr show_progress(const CommandCall& call, std::string title) {
  const Reply reply = call.reply;
  ProgressPtr progress =
      call.session.progress().start({.title = std::move(title), .token = call.token, .cancel = [reply] {
                                       reply.error(protocol::ErrorCode::request_cancelled, "cancelled");
                                     }});
  reply.before_answer([progress] { progress->end(); });
  return progress;
}

void check_workspace(const CommandCall& call) {
  call.session.everything_changed();
  const std::size_t forges = call.session.forges().size();
  const auto check = std::make_shared<Check>(Check{.missing = forges});
  const ProgressPtr progress = show_progress(call, "Checking the workspace");
  // An answer before all looks are there is a cancellation.
  call.reply.before_answer([progress, check, forges = call.session.forges()] {
    progress->end();
    if (check->missing == 0) return;
    for (const auto& [root, forge] : forges) forge->give_up();
  });
  if (forges == 0) return call.reply.result(check->result(0));
  for (const auto& [root, forge] : call.session.forges()) {
    forge->when_complete([check, forges, reply = call.reply](const Outcome* outcome) {
      for (std::size_t i = 0; outcome != nullptr && i < check->counts.size(); ++i)
        check->counts.at(i) += outcome->counts.at(i);
      if (--check->missing == 0) reply.result(check->result(forges));
    });
  }
}

void announce_execute_command(Json& capabilities, const Client&) {
  Json names = Json::array();
  for (const CommandRow& row : commands) names.push_back(row.name);
  capabilities["executeCommandProvider"] = {{"commands", std::move(names)}, {"workDoneProgress", true}};
}

void execute_command(Session& session, const Json& params, const Reply& reply) {
  const std::string name = protocol::string_member(params, "command");
  const auto* row = std::ranges::find_if(commands, [&](const CommandRow& one) { return one.name == name; });
  if (row == std::end(commands)) throw protocol::InvalidParams(fmt::format("`{}` is no command", name));
  const Json arguments = params.value("arguments", Json());
  if (!arguments.is_null() && !arguments.is_array()) throw protocol::InvalidParams("`arguments` is no list");
  row->run({session, arguments.is_null() ? Json::array() : arguments, params.value("workDoneToken", Json()), reply});
}

}  // namespace forge::lsp
