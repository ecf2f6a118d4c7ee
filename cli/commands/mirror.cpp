#include "engine/git/mirror.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "cli/commands/table.hpp"
#include "cli/environment.hpp"
#include "cli/package_index.hpp"
#include "cli/render/json.hpp"
#include "cli/render/status_line.hpp"
#include "cli/render/text.hpp"
#include "engine/index/sdist_mirror.hpp"
#include "engine/model/upstream_components.hpp"

namespace forge::cli {

namespace {

using Json = nlohmann::ordered_json;
using git::Location;

constexpr std::array<std::string_view, 2> formats = {"text", "json"};
constexpr std::array components = {Positional{
    "COMPONENT", "only these; default: every one of source-refs.yaml, and `requirements` if asked for", false, true}};
// Hosts answer a few at a time; more only fills the line.
constexpr std::size_t max_parallel_syncs = 4;

std::set<std::string> wanted_components(const Invocation& invocation, const workspace::Snapshot& snapshot) {
  const std::vector<std::string> given = invocation.positional("COMPONENT");
  if (!given.empty()) return {given.begin(), given.end()};
  return model::upstream_components(snapshot);
}

struct Upstream {
  std::string component;
  Result<Location> location;
  std::set<std::string> refs;  ///< that the forge names
};

/// One for each component; what can't be located keeps its reason.
std::vector<Upstream> wanted_upstreams(const Invocation& invocation, const workspace::Snapshot& snapshot) {
  const git::LocationOptions options = location_options(invocation);
  std::vector<Upstream> all;
  for (const std::string& name : wanted_components(invocation, snapshot))
    all.push_back({name, locate(snapshot.config(), options, name), model::named_refs(snapshot, name)});
  return all;
}

Json located_json(const Upstream& upstream) {
  const Result<Location>& location = upstream.location;
  return {{"component", upstream.component},
          {"url", location ? Json(location->public_url()) : Json(nullptr)},
          {"path", location ? Json(location->path) : Json(nullptr)},
          {"mirror", location && location->is_mirror}};
}

// mirror status

struct StatusRow {
  Upstream upstream;
  git::MirrorStatus status;
};

Json status_json(const StatusRow& row) {
  Json json = located_json(row.upstream);
  json["exists"] = row.status.exists;
  json["fetched"] = row.status.fetched ? Json(to_rfc3339(*row.status.fetched)) : Json(nullptr);
  json["shallow"] = row.status.shallow;
  json["problem"] = row.status.problem ? Json(row.status.problem->message) : Json(nullptr);
  return json;
}

std::string state_words(const StatusRow& row) {
  if (row.status.problem) return "unusable";
  if (!row.status.exists) return "missing";
  return row.status.shallow ? "shallow" : "ok";
}

ExitCode run_status(const Invocation& invocation) {
  std::vector<StatusRow> rows;
  const workspace::SnapshotPtr snapshot = load_forge(invocation, task_pool(invocation));
  for (Upstream& upstream : wanted_upstreams(invocation, *snapshot)) {
    git::MirrorStatus status;
    if (upstream.location)
      status = mirror_status(*upstream.location);
    else
      status.problem = upstream.location.error();
    rows.push_back({std::move(upstream), std::move(status)});
  }
  if (invocation.format() == "json") {
    Json list = Json::array();
    for (const StatusRow& row : rows) list.push_back(status_json(row));
    emit(invocation, to_text({{"version", 1}, {"mirrors", std::move(list)}}));
    return exit_done;
  }
  std::vector<std::vector<std::string>> table = {{"COMPONENT", "STATE", "FETCHED", "PATH", "URL"}};
  for (const StatusRow& row : rows) {
    const Result<Location>& location = row.upstream.location;
    table.push_back({row.upstream.component, state_words(row),
                     row.status.fetched ? to_rfc3339(*row.status.fetched) : "-", location ? location->path : "-",
                     location ? location->public_url() : row.status.problem->message});
  }
  emit(invocation, table_text(table, use_color(invocation, 1)));
  return exit_done;
}

// mirror sync

using Outcome = Result<git::SyncOutcome>;

/// `sharing`: the upstreams of one mirror.
Outcome sync(const std::vector<const Upstream*>& sharing, const git::SyncOptions& options,
             const index::PackageIndex& index) {
  std::set<std::string> refs;
  for (const Upstream* upstream : sharing) refs.insert(upstream->refs.begin(), upstream->refs.end());
  const std::vector<std::string> wanted(refs.begin(), refs.end());
  return index::sync_upstream(*sharing.front()->location, wanted, options, index);
}

/// Components of one URL share a mirror, which is synced once.
std::vector<Outcome> sync_all(const Invocation& invocation, const std::vector<Upstream>& upstreams,
                              const index::PackageIndex& index) {
  StatusLine progress(show_progress(invocation), "Syncing mirrors");
  const git::SyncOptions options{.may_prompt = ::isatty(0) == 1 && ::isatty(2) == 1};
  std::vector<Outcome> outcomes(upstreams.size());
  std::map<std::string, std::vector<std::size_t>> by_path;
  for (std::size_t i = 0; i < upstreams.size(); ++i) {
    if (upstreams[i].location)
      by_path[upstreams[i].location->path].push_back(i);
    else
      outcomes[i] = tl::unexpected<Failure>(upstreams[i].location.error());
  }
  const std::vector<std::pair<std::string, std::vector<std::size_t>>> work(by_path.begin(), by_path.end());
  std::atomic<std::size_t> done = 0;
  const std::size_t jobs = invocation.has("--jobs") ? task_pool(invocation).jobs() : max_parallel_syncs;
  TaskPool(jobs).for_each(work.size(), [&](std::size_t at) {
    std::vector<const Upstream*> sharing;
    for (const std::size_t i : work[at].second) sharing.push_back(&upstreams[i]);
    const Outcome outcome = sync(sharing, options, index);
    for (const std::size_t i : work[at].second) outcomes[i] = outcome;
    progress.update(++done, work.size(), sharing.front()->component);
  });
  return outcomes;
}

std::string outcome_words(const Outcome& outcome) {
  return outcome ? std::string(to_string(*outcome)) : "failed";
}

void emit_outcomes(const Invocation& invocation, const std::vector<Upstream>& upstreams,
                   const std::vector<Outcome>& outcomes) {
  Json list = Json::array();
  std::vector<std::vector<std::string>> table = {{"COMPONENT", "OUTCOME", "PATH", "URL"}};
  for (std::size_t i = 0; i < upstreams.size(); ++i) {
    const Result<Location>& location = upstreams[i].location;
    Json one = located_json(upstreams[i]);
    one["outcome"] = outcome_words(outcomes[i]);
    one["problem"] = outcomes[i] ? Json(nullptr) : Json(outcomes[i].error().message);
    list.push_back(std::move(one));
    table.push_back({upstreams[i].component, outcome_words(outcomes[i]), location ? location->path : "-",
                     location ? location->public_url() : "-"});
  }
  emit(invocation, invocation.format() == "json" ? to_text({{"version", 1}, {"mirrors", std::move(list)}})
                                                 : table_text(table, use_color(invocation, 1)));
}

ExitCode run_sync(const Invocation& invocation) {
  if (is_offline(invocation)) throw NotDone("`mirror sync` needs the network, and --offline forbids it.");
  const workspace::SnapshotPtr snapshot = load_forge(invocation, task_pool(invocation), index_factory(invocation));
  const std::vector<Upstream> upstreams = wanted_upstreams(invocation, *snapshot);
  const std::vector<Outcome> outcomes = sync_all(invocation, upstreams, *snapshot->index());
  emit_outcomes(invocation, upstreams, outcomes);
  std::string messages;
  std::set<std::string> hints;
  for (const Outcome& outcome : outcomes) {
    if (outcome) continue;
    messages += (messages.empty() ? "" : "\n  ") + outcome.error().message;
    hints.insert(outcome.error().hints.begin(), outcome.error().hints.end());
  }
  if (!messages.empty()) throw NotDone(messages, {hints.begin(), hints.end()});
  return exit_done;
}

}  // namespace

extern const Command mirror_sync_command = {
    .name = "mirror sync",
    .summary = "make the upstream mirrors, or bring them up to date",
    .description =
        "Runs git, with the credentials and proxies that your git has. Branches and tags that are gone upstream go "
        "here too. A local upstream is used in place. Of an upstream `sdist:NAME` the releases that source-refs.yaml "
        "names are fetched from the package index and become tags. If one fails, its old mirror stays, the others are "
        "done, and the exit code is 2.",
    .positionals = components,
    .formats = formats,
    .run = run_sync,
};

extern const Command mirror_status_command = {
    .name = "mirror status",
    .summary = "where each upstream is, and when it was fetched",
    .description =
        "The mirror of https://HOST/PATH is DIR/HOST/PATH.git below --mirror DIR; DIR/COMPONENT.git or DIR/COMPONENT, "
        "put there by hand, comes first. Never touches the network.",
    .positionals = components,
    .formats = formats,
    .run = run_status,
};

}  // namespace forge::cli
