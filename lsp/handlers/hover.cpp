/// textDocument/hover.
#include "engine/ide/hover.hpp"

#include <optional>

#include "lsp/handlers/hover_options.hpp"
#include "lsp/handlers/table.hpp"

namespace forge::lsp {

void announce_hover(protocol::Json& capabilities, const Client&) {
  capabilities["hoverProvider"] = true;
}

protocol::Json hover(const SnapshotContext& context, const protocol::Json& params) {
  const protocol::Position position = protocol::read_position(protocol::member(params, "position"));
  const SourceFilePtr file = context.file();
  if (!file) return nullptr;
  const std::uint32_t offset = protocol::to_offset(*file, position, context.client->unit);
  const auto found = ide::hover(*context.state->snapshot(), context.path, offset, hover_options());
  if (!found) return nullptr;
  const bool markdown = context.client->can.hover_markdown;
  return protocol::Hover{.text = markdown ? ide::to_markdown(*found) : ide::to_plain_text(*found),
                         .markdown = markdown,
                         .range = protocol::to_range(*file, found->span, context.client->unit)};
}

}  // namespace forge::lsp
