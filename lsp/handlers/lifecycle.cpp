/// initialize, initialized, shutdown. `exit` is the session's own: it works in every phase.
#include <optional>
#include <string>
#include <vector>

#include "lsp/handlers/table.hpp"
#include "lsp/protocol/uri.hpp"
#include "lsp/session.hpp"

namespace forge::lsp {

using protocol::Json;

namespace {

void add_folder(std::vector<std::string>& folders, const Json& uri) {
  if (!uri.is_string()) return;
  if (const auto path = protocol::path_of_uri(uri.get<std::string>())) folders.push_back(*path);
}

/// workspaceFolders, else rootUri, else rootPath; what is missing, null or odd is no folder.
std::vector<std::string> folders_of(const Json& params) {
  std::vector<std::string> folders;
  const Json listed = params.value("workspaceFolders", Json());
  if (listed.is_array()) {
    for (const Json& folder : listed) add_folder(folders, folder.is_object() ? folder.value("uri", Json()) : Json());
    return folders;
  }
  add_folder(folders, params.value("rootUri", Json()));
  const Json path = params.value("rootPath", Json());
  if (folders.empty() && path.is_string()) folders.push_back(path.get<std::string>());
  return folders;
}

Json server_capabilities(const Client& client) {
  Json can = {
      {"textDocumentSync", {{"openClose", true}, {"change", 2}, {"save", {{"includeText", false}}}}},
      {"workspace", {{"workspaceFolders", {{"supported", true}, {"changeNotifications", true}}}}},
  };
  if (!protocol::lookup(client.capabilities, {"general", "positionEncodings"}).is_null())
    can["positionEncoding"] = protocol::encoding_name(client.unit);
  announce_all(can, client);
  return can;
}

}  // namespace

void initialize(Session& session, const Json& params, const Reply& reply) {
  if (!params.is_object()) throw protocol::InvalidParams("`initialize` takes an object");
  const Json capabilities = params.value("capabilities", Json());
  const Client client{.can = protocol::read_capabilities(capabilities),
                      .unit = protocol::negotiate_encoding(capabilities),
                      .capabilities = capabilities,
                      .options = params.value("initializationOptions", Json())};
  // Before the answer, so that it is watched as soon as the client may rely on it.
  const Json process = params.value("processId", Json());
  if (process.is_number_integer()) session.watch_parent(process.get<long>());
  reply.result({{"capabilities", server_capabilities(client)},
                {"serverInfo", {{"name", "forge-lsp"}, {"version", FORGE_VERSION}}}});
  session.initialize(client, folders_of(params));
}

void initialized(Session& session, const Json&) {
  session.initialized();
}

void shutdown(Session& session, const Json&, const Reply& reply) {
  reply.result(nullptr);
  session.shut_down();
}

}  // namespace forge::lsp
