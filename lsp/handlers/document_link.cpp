/// textDocument/documentLink. Targets are at hand, so nothing is left to resolve.
#include <utility>

#include "engine/ide/links.hpp"
#include "lsp/handlers/table.hpp"

namespace forge::lsp {

using protocol::Json;

void announce_document_link(Json& capabilities, const Client&) {
  capabilities["documentLinkProvider"] = {{"resolveProvider", false}};
}

Json document_link(const SnapshotContext& context, const Json&) {
  const SourceFilePtr file = context.file();
  if (!file) return nullptr;
  const bool tooltips =
      protocol::flag(context.client->capabilities, {"textDocument", "documentLink", "tooltipSupport"});
  Json list = Json::array();
  for (const ide::Link& link : ide::document_links(*context.state->snapshot(), context.path)) {
    Json json = {{"range", protocol::to_range(*file, link.span, context.client->unit)},
                 {"target", link.url.empty() ? protocol::uri_of(*context.state, link.path) : link.url}};
    if (tooltips && !link.tooltip.empty()) json["tooltip"] = link.tooltip;
    list.push_back(std::move(json));
  }
  return list;
}

}  // namespace forge::lsp
