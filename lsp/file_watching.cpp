#include "lsp/file_watching.hpp"

#include <utility>
#include <vector>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/workspace/forge_layout.hpp"
#include "lsp/protocol/uri.hpp"

namespace forge::lsp {

using protocol::Json;

namespace {

constexpr const char* method = "workspace/didChangeWatchedFiles";

std::string one_of(std::span<const std::string_view> names) {
  return fmt::format("{{{}}}", fmt::join(names, ","));
}

/// `base`: a root, or empty for patterns that hold everywhere.
Json watchers(const std::string& base) {
  Json list = Json::array();
  for (const std::string& pattern :
       {one_of(workspace::forge_folders()) + "/**", one_of(workspace::forge_root_files())}) {
    if (base.empty())
      list.push_back({{"globPattern", "**/" + pattern}});
    else
      list.push_back({{"globPattern", {{"baseUri", protocol::uri_of_path(base)}, {"pattern", pattern}}}});
  }
  return list;
}

std::string registration_id(const std::string& root) {
  return "watch " + root;
}

}  // namespace

void FileWatching::start(ClientPtr client) {
  client_ = std::move(client);
  for (const std::string& root : roots_) ask(root);
}

void FileWatching::add(const std::string& root) {
  if (roots_.insert(root).second && client_) ask(root);
}

void FileWatching::remove(const std::string& root) {
  if (roots_.erase(root) == 0 || !client_ || !client_->can.watch_files || !client_->can.relative_patterns) return;
  const Json gone = {{"id", registration_id(root)}, {"method", method}};
  // The protocol's own spelling.
  peer_.request("client/unregisterCapability", {{"unregisterations", Json::array({gone})}}, {});
}

void FileWatching::ask(const std::string& root) {
  if (!client_->can.watch_files) return;
  const bool relative = client_->can.relative_patterns;
  if (!relative && std::exchange(everywhere_, true)) return;
  Json registration = {{"id", registration_id(relative ? root : "")},
                       {"method", method},
                       {"registerOptions", {{"watchers", watchers(relative ? root : "")}}}};
  peer_.request("client/registerCapability", {{"registrations", Json::array({std::move(registration)})}}, {});
}

}  // namespace forge::lsp
