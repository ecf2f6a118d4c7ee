/// forge.syncMirrors [URI of a root]: the mirrors of all roots, or of one, made or brought up to date. The only thing
/// that touches the network.
#include <atomic>
#include <map>
#include <set>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cli/user/index_sources.hpp"
#include "engine/base/cancellation.hpp"
#include "engine/base/task_pool.hpp"
#include "engine/base/text.hpp"
#include "engine/git/mirror.hpp"
#include "engine/index/http_index.hpp"
#include "engine/index/sdist_mirror.hpp"
#include "engine/model/upstream_components.hpp"
#include "lsp/handlers/commands.hpp"
#include "lsp/protocol/uri.hpp"
#include "lsp/session.hpp"

namespace forge::lsp {

using protocol::Json;

namespace {

// Hosts answer a few at a time; more only fills the line.
constexpr std::size_t most_at_once = 4;
constexpr int warning = 2;

/// One mirror and whoever needs it.
struct Mirror {
  git::Location location;
  std::set<std::string> components;
  std::set<std::string> refs;
  index::PackageIndexPtr index;
};

struct Synced {
  std::string component;
  std::string outcome;
  std::string problem{};
};

Result<git::SyncOutcome> sync_or_stop(const Mirror& mirror, const std::stop_token& stop) {
  const CancellationScope scope({.ending = stop});
  try {
    const std::vector<std::string> refs(mirror.refs.begin(), mirror.refs.end());
    return index::sync_upstream(mirror.location, refs, {.may_prompt = false, .cancel = stop}, *mirror.index);
  } catch (const Cancelled&) {
    return fail(Failure::Kind::io, "cancelled");
  }
}

Synced sync_one(const Mirror& mirror, const std::stop_token& stop) {
  Synced synced{.component = join(mirror.components, ", "), .outcome = "failed"};
  if (stop.stop_requested()) {
    synced.problem = "cancelled";
  } else if (const auto done = sync_or_stop(mirror, stop)) {
    synced.outcome = to_string(*done);
  } else {
    synced.problem = done.error().message;
  }
  return synced;
}

std::vector<Synced> sync_all(const std::vector<StatePtr>& states, git::LocationOptions locations,
                             const std::stop_token& stop, ProgressNews& news) {
  std::map<std::string, Mirror> by_path;  // components of one URL share a mirror
  std::vector<Synced> out;
  for (const StatePtr& state : states) {
    const workspace::SnapshotPtr snapshot = state->snapshot();
    if (!snapshot) continue;
    locations.root = state->root();
    const index::PackageIndexPtr index =
        index::http_index(environment::index_settings(state->root(), snapshot->config().index),
                          {.cache_folder = environment::index_cache_folder()});
    for (const std::string& component : model::upstream_components(*snapshot)) {
      const Result<git::Location> location = git::locate(snapshot->config(), locations, component);
      if (!location) {
        out.push_back({.component = component, .outcome = "failed", .problem = location.error().message});
        continue;
      }
      Mirror& mirror = by_path[location->path];
      mirror.location = *location;
      mirror.components.insert(component);
      mirror.refs.merge(model::named_refs(*snapshot, component));
      mirror.index = index;
    }
  }
  std::vector<Mirror> mirrors;
  for (auto& [path, mirror] : by_path) mirrors.push_back(std::move(mirror));
  std::vector<Synced> synced(mirrors.size());
  std::atomic<std::size_t> done = 0;
  TaskPool(most_at_once).for_each(mirrors.size(), [&](std::size_t i) {
    synced[i] = sync_one(mirrors[i], stop);
    news.tell(synced[i].component, ++done, mirrors.size());
  });
  out.insert(out.end(), synced.begin(), synced.end());
  return out;
}

void answer(Session& session, const Reply& reply, const std::vector<Synced>& all) {
  session.mirrors_changed();
  Json mirrors = Json::array();
  std::vector<std::string> problems;
  for (const Synced& one : all) {
    mirrors.push_back({{"component", one.component},
                       {"outcome", one.outcome},
                       {"problem", one.problem.empty() ? Json() : Json(one.problem)}});
    if (!one.problem.empty()) problems.push_back(fmt::format("{}: {}", one.component, one.problem));
  }
  if (reply.answered()) return;
  if (!problems.empty())
    session.peer().notify("window/showMessage",
                          {{"type", warning},
                           {"message", fmt::format("{} of {} mirrors could not be brought up to date. {}",
                                                   problems.size(), all.size(), problems.front())}});
  reply.result({{"mirrors", std::move(mirrors)}});
}

std::vector<StatePtr> wanted_states(const CommandCall& call) {
  std::optional<std::string> wanted;
  if (!call.arguments.empty() && call.arguments[0].is_string()) {
    wanted = protocol::path_of_uri(call.arguments[0].get<std::string>());
    if (!wanted || !call.session.forges().contains(*wanted))
      throw protocol::InvalidParams("the URI is of no root that is open");
  }
  std::vector<StatePtr> states;
  for (const auto& [root, forge] : call.session.forges())
    if (!wanted || root == *wanted) states.push_back(forge->state());
  return states;
}

}  // namespace

void sync_mirrors(const CommandCall& call) {
  std::vector<StatePtr> states = wanted_states(call);
  const ProgressPtr progress = show_progress(call, "Syncing mirrors");
  const auto stop = std::make_shared<std::stop_source>();
  // An answer before the work is done is a cancellation.
  call.reply.before_answer([progress, stop] {
    progress->end();
    stop->request_stop();
  });
  Services& services = call.session.services();
  services.scheduler.run(
      Lane::network, [&services, weak = call.session.weak_from_this(), reply = call.reply, states = std::move(states),
                      stop, ending = call.session.ending(), news = progress->news()] {
        const std::stop_callback at_end(ending, [stop] { stop->request_stop(); });
        std::vector<Synced> all;
        try {
          all = sync_all(states, services.locations, stop->get_token(), *news);
        } catch (const std::exception& problem) {
          services.log.line(fmt::format("forge.syncMirrors failed: {}", problem.what()));
        }
        services.loop.post([weak, reply, all = std::move(all)] {
          if (const auto session = weak.lock()) answer(*session, reply, all);
        });
      });
}

}  // namespace forge::lsp
