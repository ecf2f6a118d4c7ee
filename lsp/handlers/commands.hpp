/// What workspace/executeCommand can be asked for: a row in execute_command.cpp, a function in a file of its own.
#pragma once

#include "lsp/peer.hpp"
#include "lsp/progress.hpp"
#include "lsp/protocol/json.hpp"

namespace forge::lsp {

class Session;

struct CommandCall {
  Session& session;
  protocol::Json arguments;  ///< a list
  protocol::Json token;      ///< workDoneToken, or null
  Reply reply;
};

/// Shown until the call is answered. A cancellation by the progress answers it.
[[nodiscard]] ProgressPtr show_progress(const CommandCall& call, std::string title);

void check_workspace(const CommandCall& call);
void refresh_patch(const CommandCall& call);
void sync_mirrors(const CommandCall& call);
void show_status(const CommandCall& call);

}  // namespace forge::lsp
