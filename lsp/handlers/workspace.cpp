/// News about the workspace's folders and files.
#include <string>
#include <vector>

#include "lsp/handlers/table.hpp"
#include "lsp/protocol/uri.hpp"
#include "lsp/session.hpp"

namespace forge::lsp {

using protocol::Json;

namespace {

std::vector<std::string> paths_of(const Json& folders) {
  std::vector<std::string> paths;
  for (const Json& folder : folders) {
    if (const auto path = protocol::path_of_uri(protocol::string_member(folder, "uri"))) paths.push_back(*path);
  }
  return paths;
}

}  // namespace

void did_change_watched_files(Session& session, const Json&) {
  session.disk_changed();
}

void did_change_folders(Session& session, const Json& params) {
  const Json& event = protocol::member(params, "event");
  session.folders_changed(paths_of(protocol::member(event, "added")), paths_of(protocol::member(event, "removed")));
}

void did_change_configuration(Session& session, const Json& params) {
  session.configuration().changed(params);
}

void cancel_progress(Session& session, const Json& params) {
  session.progress().cancel(protocol::member(params, "token"));
}

}  // namespace forge::lsp
