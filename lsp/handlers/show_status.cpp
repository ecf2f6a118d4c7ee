/// forge.showStatus []: what the server is doing and with what, as an object.
#include <array>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "engine/git/mirror.hpp"
#include "engine/model/upstream_components.hpp"
#include "lsp/handlers/commands.hpp"
#include "lsp/protocol/uri.hpp"
#include "lsp/session.hpp"

namespace forge::lsp {

using protocol::Json;

namespace {

constexpr std::array<const char*, 5> lanes = {"typing", "files", "request", "background", "network"};

/// Of /proc/self/status, in bytes; null where it does not say.
Json memory() {
  Json memory = {{"rss", nullptr}, {"peak", nullptr}};
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    const char* key = word == "VmRSS:" ? "rss" : word == "VmHWM:" ? "peak" : nullptr;
    std::uint64_t kibibytes = 0;
    if (key != nullptr && status >> kibibytes) memory[key] = kibibytes << 10U;
  }
  return memory;
}

Json queues(const Scheduler::Load& load) {
  Json queues = {{"running", load.running}};
  for (std::size_t i = 0; i < lanes.size(); ++i) queues[lanes.at(i)] = load.waiting.at(i);
  return queues;
}

Json mirror_json(const std::string& component, const Result<git::Location>& location) {
  Json json = {{"component", component}, {"path", nullptr},    {"mirror", false},
               {"exists", false},        {"fetched", nullptr}, {"problem", nullptr}};
  if (!location) {
    json["problem"] = location.error().message;
    return json;
  }
  const git::MirrorStatus status = git::mirror_status(*location);
  json["path"] = location->path;
  json["mirror"] = location->is_mirror;
  json["exists"] = status.exists;
  json["shallow"] = status.shallow;
  if (status.fetched) json["fetched"] = git::to_rfc3339(*status.fetched);
  if (status.problem) json["problem"] = status.problem->message;
  return json;
}

Json forge_json(const ForgeState& state, git::LocationOptions locations) {
  Json mirrors = Json::array();
  const workspace::SnapshotPtr snapshot = state.snapshot();
  locations.root = state.root();
  if (snapshot)
    for (const std::string& component : model::upstream_components(*snapshot))
      mirrors.push_back(mirror_json(component, git::locate(snapshot->config(), locations, component)));
  return {{"uri", protocol::uri_of_path(state.root())},
          {"state", state.number()},
          {"checked", state.all_known()},
          {"openDocuments", state.open().size()},
          {"files", snapshot ? snapshot->paths().size() : 0},
          {"mirrors", std::move(mirrors)}};
}

}  // namespace

void show_status(const CommandCall& call) {
  (void)show_progress(call, "Looking at the server");
  Services& services = call.session.services();
  std::vector<StatePtr> states;
  for (const auto& [root, forge] : call.session.forges()) states.push_back(forge->state());
  services.scheduler.run(Lane::request, [&services, reply = call.reply, states = std::move(states)] {
    Json status = {{"server", std::string("forge-lsp ") + FORGE_VERSION},
                   {"memory", memory()},
                   {"queues", queues(services.scheduler.load())},
                   {"errors", services.log.recent()},
                   {"forges", Json::array()}};
    for (const StatePtr& state : states) {
      if (reply.answered()) return;
      status["forges"].push_back(forge_json(*state, services.locations));
    }
    services.loop.post([reply, status = std::move(status)] { reply.result(status); });
  });
}

}  // namespace forge::lsp
