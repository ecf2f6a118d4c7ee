#include "lsp/diagnostics.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "engine/workspace/forge_layout.hpp"
#include "lsp/protocol/convert.hpp"

namespace forge::lsp {

using protocol::Json;
using std::chrono::milliseconds;

namespace {

/// A list that is empty for want of git's answers is held back that long, so that nothing flickers.
constexpr milliseconds patience_with_git{250};
constexpr milliseconds between_refreshes{1000};
constexpr milliseconds longest_hold{30'000};

bool is_older(const Outcome& outcome, const Outcome& shown) {
  if (!shown.state) return false;
  const std::uint64_t a = outcome.state->number();
  const std::uint64_t b = shown.state->number();
  return a < b || (a == b && shown.complete && !outcome.complete);
}

std::optional<std::int64_t> version_in(const ForgeState& state, const std::string& path) {
  const auto open = state.open().find(path);
  return open == state.open().end() ? std::nullopt : std::optional(open->second.version);
}

Json full_report(const Report& report) {
  return {{"kind", "full"}, {"resultId", report.id}, {"items", report.items}};
}

}  // namespace

Diagnostics::Diagnostics(Peer& peer, Loop& loop, const Documents& documents, ClientPtr client)
    : peer_(peer), loop_(loop), documents_(documents), client_(std::move(client)) {}

void Diagnostics::found(const std::string& name, const Outcome& outcome) {
  Root& root = roots_[name];
  if (is_older(outcome, root.newest)) return;
  // The state before may be large, and what is found is to be shown before it is torn down.
  loop_.post([before = std::exchange(root.newest, outcome)] {});
  if (outcome.complete)
    root.impatience.reset();
  else if (!root.impatience)
    root.impatience = loop_.after(patience_with_git, [this, name] {
      Root& waiting = roots_[name];
      waiting.impatience.reset();
      waiting.impatient = waiting.newest.state->number();
      show(name);
    });
  show(name);
}

void Diagnostics::show(const std::string& name) {
  Root& root = roots_[name];
  if (!client_->can.pull_diagnostics) return push(root);
  answer_pulls(root);
  if (!root.newest.complete) return;
  answer_workspace_pulls(true);
  refresh_if_outdated(root);
}

/// Whether an empty list would be shown that only git's silence made empty.
bool Diagnostics::may_change_soon(const Root& root, const std::string& path) const {
  const bool waited_long = root.impatient >= root.newest.state->number();
  return !root.newest.complete && !waited_long && root.newest.report(path).items.empty();
}

void Diagnostics::push(Root& root) {
  std::set<std::string> paths;
  for (const auto& [path, report] : *root.newest.reports) paths.insert(path);
  for (const auto& [path, sent] : root.sent) paths.insert(path);
  for (const auto& [path, open] : root.newest.state->open()) {
    if (workspace::classify(path).kind != workspace::DocumentKind::other) paths.insert(path);
  }
  for (const std::string& path : paths) push_document(root, path);
}

void Diagnostics::push_document(Root& root, const std::string& path) {
  const ForgeState& state = *root.newest.state;
  const OpenDocument* open_now = documents_.at_path(state.root() + "/" + path);
  const auto open_then = state.open().find(path);
  const std::uint64_t opening_then = open_then == state.open().end() ? 0 : open_then->second.opening;
  // Opened, closed or reopened since: a newer state is on its way, and this one speaks of another text.
  if ((open_now == nullptr ? 0 : open_now->opening) != opening_then) return;
  if (may_change_soon(root, path)) return;
  const Report& report = root.newest.report(path);
  const std::optional<std::int64_t> version = version_in(state, path);
  const std::string uri = protocol::uri_of(state, path);
  const auto before = root.sent.find(path);
  if (before != root.sent.end() && before->second.uri != uri) publish(before->second.uri, Json::array(), std::nullopt);
  const bool known = before == root.sent.end() ? report.items.empty() && !version
                                               : before->second.id == report.id && before->second.uri == uri &&
                                                     (!version || before->second.version == version);
  root.sent[path] = {uri, report.id, version};
  if (!known) publish(uri, report.items, version);
  if (report.items.empty() && !version) root.sent.erase(path);
}

void Diagnostics::publish(const std::string& uri, const Json& items, std::optional<std::int64_t> version) {
  Json params = {{"uri", uri}, {"diagnostics", items}};
  if (version) params["version"] = *version;
  peer_.notify("textDocument/publishDiagnostics", std::move(params), "diagnostics " + uri);
}

void Diagnostics::pull(const std::string& name, DocumentPull pull) {
  Root& root = roots_[name];
  root.pulls.push_back(std::move(pull));
  answer_pulls(root);
}

void Diagnostics::answer_pulls(Root& root) {
  if (!root.newest.state) return;
  std::erase_if(root.pulls, [&](const DocumentPull& pull) {
    if (pull.reply.answered()) return true;
    // Without a refresh an incomplete answer would stay for good.
    const bool good_enough = root.newest.complete || root.given_up >= root.newest.state->number() ||
                             (client_->can.diagnostic_refresh && !may_change_soon(root, pull.path));
    if (root.newest.state->number() < pull.number || !good_enough) return false;
    answer(root, pull);
    return true;
  });
}

void Diagnostics::answer(Root& root, const DocumentPull& pull) {
  const Report& report = root.newest.report(pull.path);
  root.answered[pull.path] = {report.id, root.newest.state->number()};
  const bool unchanged = report.id == pull.previous_id;
  pull.reply.result(unchanged ? Json{{"kind", "unchanged"}, {"resultId", report.id}} : full_report(report));
}

void Diagnostics::pull_workspace(WorkspacePull pull) {
  pull.patience = loop_.after(longest_hold, [reply = pull.reply] { reply.result({{"items", Json::array()}}); });
  workspace_pulls_.push_back(std::move(pull));
  answer_workspace_pulls(false);
}

// The client asks again as soon as it is answered, so an answer without news would make it spin.
void Diagnostics::answer_workspace_pulls(bool something_new) {
  std::erase_if(workspace_pulls_, [&](WorkspacePull& pull) {
    if (pull.reply.answered()) return true;
    if (something_new && pull.told) {
      pull.reply.result({{"items", Json::array()}});
      return true;
    }
    if (!is_known(pull.numbers)) return false;
    Json items = changed_reports(pull.previous_ids);
    if (items.empty()) return false;
    if (pull.partial_token.is_null()) {
      pull.reply.result({{"items", std::move(items)}});
      return true;
    }
    for (Json& item : items)
      peer_.notify("$/progress",
                   {{"token", pull.partial_token}, {"value", {{"items", Json::array({std::move(item)})}}}});
    pull.told = true;
    return false;
  });
}

/// Whether all has been said about these states: what is not known yet must not look as if it were gone.
bool Diagnostics::is_known(const std::map<std::string, std::uint64_t>& numbers) const {
  return std::ranges::all_of(numbers, [&](const auto& wanted) {
    const auto root = roots_.find(wanted.first);
    return root != roots_.end() && root->second.newest.complete && root->second.newest.state->number() >= wanted.second;
  });
}

/// The reports that differ from the `known` ones, which are brought up to date.
Json Diagnostics::changed_reports(std::map<std::string, std::string>& known) const {
  Json changed = Json::array();
  std::map<std::string, std::string> now;
  const auto add = [&](const std::string& uri, const Report& report, std::optional<std::int64_t> version) {
    Json item = full_report(report);
    item["uri"] = uri;
    item["version"] = version ? Json(*version) : Json();
    changed.push_back(std::move(item));
  };
  for (const auto& [name, root] : roots_) {
    if (!root.newest.complete) continue;
    for (const auto& [path, report] : *root.newest.reports) {
      const std::string uri = protocol::uri_of(*root.newest.state, path);
      now[uri] = report.id;
      const auto before = known.find(uri);
      if (before == known.end() || before->second != report.id) add(uri, report, version_in(*root.newest.state, path));
    }
  }
  for (const auto& [uri, id] : known) {
    if (!now.contains(uri) && id != Report{}.id) add(uri, Report{}, std::nullopt);
  }
  known = std::move(now);
  return changed;
}

void Diagnostics::refresh_if_outdated(const Root& root) {
  if (!client_->can.diagnostic_refresh) return;
  for (const auto& [path, answered] : root.answered) {
    const OpenDocument* open = documents_.at_path(root.newest.state->root() + "/" + path);
    const bool outdated = open != nullptr && answered.id != root.newest.report(path).id;
    if (outdated) return send_refresh();
  }
}

void Diagnostics::send_refresh() {
  refresh_wanted_ = true;
  if (refresh_pause_) return;
  refresh_wanted_ = false;
  peer_.request("workspace/diagnostic/refresh", nullptr, {});
  refresh_pause_ = loop_.after(between_refreshes, [this] {
    refresh_pause_.reset();
    if (std::exchange(refresh_wanted_, false)) send_refresh();
  });
}

void Diagnostics::give_up(const std::string& name, std::uint64_t number) {
  Root& root = roots_[name];
  root.given_up = number;
  answer_pulls(root);
}

void Diagnostics::forget(const std::string& name) {
  const auto found = roots_.find(name);
  if (found == roots_.end()) return;
  for (const auto& [path, sent] : found->second.sent) publish(sent.uri, Json::array(), std::nullopt);
  for (const DocumentPull& pull : found->second.pulls) pull.reply.result(full_report(Report{}));
  roots_.erase(found);
}

}  // namespace forge::lsp
