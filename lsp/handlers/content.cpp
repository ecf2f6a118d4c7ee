/// forge/content: the text behind a `forge:` URI, a file of an upstream tree that an editor shows read-only.
#include <optional>
#include <string>

#include "engine/ide/source_text.hpp"
#include "lsp/handlers/table.hpp"
#include "lsp/protocol/tree_uri.hpp"

namespace forge::lsp {

using protocol::Json;

/// A file of the forge that the URI says it belongs to, so that the request is answered from that forge's state.
std::string content_uri(const Json& params) {
  const auto place = protocol::read_tree_uri(protocol::string_member(params, "uri"));
  return place ? place->root_uri + "/forge.yaml" : std::string();
}

Json content(const SnapshotContext& context, const Json& params) {
  const auto place = protocol::read_tree_uri(protocol::string_member(params, "uri"));
  const workspace::SnapshotPtr snapshot = context.state->snapshot();
  if (!place || !snapshot) return nullptr;
  const Result<std::string> text = ide::source_text(*snapshot, place->file);
  return text ? Json{{"text", *text}} : Json();
}

}  // namespace forge::lsp
