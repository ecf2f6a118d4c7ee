/// Open, change, close, save. All parameters are read before anything is changed, so a malformed notification changes
/// nothing.
#include <string>
#include <utility>
#include <vector>

#include "lsp/handlers/table.hpp"
#include "lsp/session.hpp"

namespace forge::lsp {

using protocol::Json;

void did_open(Session& session, const Json& params) {
  const Json& document = protocol::member(params, "textDocument");
  const std::string uri = protocol::string_member(document, "uri");
  const std::int64_t version = protocol::integer_member(document, "version");
  session.documents().open(uri, version, protocol::string_member(document, "text"));
  session.document_changed(uri);
}

void did_change(Session& session, const Json& params) {
  const std::string uri = protocol::document_uri(params);
  const std::int64_t version = protocol::integer_member(protocol::member(params, "textDocument"), "version");
  const auto changes = protocol::read_content_changes(protocol::member(params, "contentChanges"));
  if (session.documents().change(uri, version, changes, session.client()->unit)) session.document_changed(uri);
}

void did_close(Session& session, const Json& params) {
  const std::string uri = protocol::document_uri(params);
  session.documents().close(uri);
  session.document_changed(uri);
}

void did_save(Session& session, const Json&) {
  session.disk_changed();
}

}  // namespace forge::lsp
