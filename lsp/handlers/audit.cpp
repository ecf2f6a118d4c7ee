/// forge/audit: the audit of a release as a page.
#include <algorithm>
#include <string>
#include <thread>

#include "engine/audit/audit_release.hpp"
#include "engine/audit/render_html.hpp"
#include "lsp/handlers/table.hpp"

namespace forge::lsp {

using protocol::Json;

Json audit_page(const SnapshotContext& context, const Json& params) {
  const workspace::SnapshotPtr snapshot = context.state->snapshot();
  const std::string release = protocol::string_member(params, "release");
  if (!snapshot || std::ranges::count(snapshot->releases(), release) == 0) return nullptr;
  const TaskPool pool(std::max(1U, std::thread::hardware_concurrency()));
  const audit::Audit audit = audit::audit_release(*snapshot, release, *context.state->all_findings(), {}, pool);
  return {{"html", audit::render_html(audit)}, {"verdict", audit::to_string(audit.verdict)}};
}

}  // namespace forge::lsp
