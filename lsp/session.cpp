#include "lsp/session.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "lsp/handlers/table.hpp"
#include "lsp/protocol/uri.hpp"

namespace forge::lsp {

using protocol::ErrorCode;
using protocol::Json;

namespace {

/// A branch switch touches many files at once.
constexpr std::chrono::milliseconds gather_for{50};

/// Views are slower to draw than text.
constexpr std::chrono::milliseconds between_overviews{200};

/// Repositories are looked at once a second at most.
constexpr std::chrono::milliseconds repositories_settle{1100};

/// `exit` and the end of input must end the process within a second.
constexpr std::chrono::milliseconds longest_flush{300};

Lane lane_of(HandlerKind kind) {
  if (kind == HandlerKind::typing) return Lane::typing;
  return kind == HandlerKind::slow ? Lane::background : Lane::request;
}

/// Runs on a worker; the answer is sent by the main thread.
void run_on_worker(Services& services, const RequestRow& row, const Reply& reply, const std::stop_token& ending,
                   std::function<Json()> answer) {
  services.scheduler.run(lane_of(row.kind), [&services, &row, reply, ending, answer = std::move(answer)] {
    if (reply.answered()) return;
    const CancellationScope scope({.obsolete = reply.token(), .ending = ending});
    const auto post = [&](auto send) { services.loop.post([reply, send] { send(reply); }); };
    try {
      post([result = answer()](const Reply& to) { to.result(result); });
    } catch (const Cancelled&) {
      // It is answered already, or nobody is left to be answered.
    } catch (const protocol::InvalidParams& problem) {
      post([text = std::string(problem.what())](const Reply& to) { to.error(ErrorCode::invalid_params, text); });
    } catch (const std::exception& problem) {
      services.log.line(fmt::format("{} failed: {}", row.method, problem.what()));
      post([text = std::string(problem.what())](const Reply& to) { to.error(ErrorCode::internal_error, text); });
    }
  });
}

std::vector<WorkspaceContext::Forge> forges_now(const std::map<std::string, std::shared_ptr<Analysis>>& forges) {
  std::vector<WorkspaceContext::Forge> now;
  for (const auto& [root, forge] : forges) now.push_back({forge->state(), forge->last_findings(), forge->last_facts()});
  return now;
}

/// Parameters are named; where there are none, handlers see an empty object. Lists are for positions, which no method
/// of the protocol has.
const Json& named(const Json& params) {
  static const Json none = Json::object();
  if (params.is_null()) return none;
  if (!params.is_object()) throw protocol::InvalidParams("the parameters are no object");
  return params;
}

}  // namespace

Session::Session(ChannelPtr channel, Services services, std::function<void(int)> ended)
    : services_(std::move(services)),
      ended_(std::move(ended)),
      peer_(std::make_shared<Peer>(
          std::move(channel), services_.log,
          PeerEvents{
              .request = [this](const std::string& method, const Json& params,
                                const Reply& reply) { request(method, params, reply); },
              .notification = [this](const std::string& method, const Json& params) { notification(method, params); },
              .closed = [this](std::string_view reason) { end(reason); },
          })),
      watching_(*peer_) {}

void Session::start() {
  peer_->start();
}

void Session::watch_parent(long process_id) {
  if (PendingPtr watch = services_.loop.watch_process(process_id, [this] { end("the client's process has ended"); }))
    parents_.push_back(std::move(watch));
}

void Session::request(const std::string& method, const Json& given, const Reply& reply) {
  if (phase_ == Phase::created && method != "initialize")
    return reply.error(ErrorCode::server_not_initialized, "the first request must be `initialize`");
  if (phase_ == Phase::shut_down) return reply.error(ErrorCode::invalid_request, "the server is shut down");
  if (phase_ == Phase::running && method == "initialize")
    return reply.error(ErrorCode::invalid_request, "the server is initialized already");
  const RequestRow* row = find_request(method);
  if (row == nullptr) return reply.error(ErrorCode::method_not_found, fmt::format("`{}` is not known", method));
  const Json& params = named(given);
  if (row->kind == HandlerKind::session) return row->in_session(*this, params, reply);
  if (row->kind == HandlerKind::workspace)
    return run_on_worker(services_, *row, reply, ending(),
                         [row, params, context = WorkspaceContext{forges_now(forges_), client_, reply.token()}] {
                           return row->on_workspace(context, params);
                         });
  const std::optional<ForgePlace> place = place_of(row->uri(params));
  if (!place) return reply.result(nullptr);
  SnapshotContext context{place->forge->state(),      place->path,           client_, reply.token(),
                          place->forge->last_facts(), place->forge->unsure()};
  run_on_worker(services_, *row, reply, ending(),
                [row, params, context = std::move(context)] { return row->on_snapshot(context, params); });
}

void Session::notification(const std::string& method, const Json& params) {
  if (method == "exit") return exit();
  if (phase_ != Phase::running) return;
  if (const NotificationRow* row = find_notification(method)) row->handle(*this, named(params));
}

void Session::initialize(Client client, const std::vector<std::string>& folders) {
  phase_ = Phase::running;
  client_ = std::make_shared<const Client>(client);
  diagnostics_ = std::make_unique<Diagnostics>(*peer_, services_.loop, documents_, client_);
  configuration_ = std::make_unique<Configuration>(
      *peer_, services_.loop, client_,
      [this](const std::string& root, const SettingsPtr& settings) { use_settings(root, settings); });
  progress_ = std::make_shared<ProgressDesk>(peer_, services_.loop, client_);
  const auto refresh = [this](const char* feature) {
    return std::make_unique<Refresh>(*peer_, services_.loop, fmt::format("workspace/{}/refresh", feature),
                                     protocol::flag(client_->capabilities, {"workspace", feature, "refreshSupport"}));
  };
  lens_refresh_ = refresh("codeLens");
  hint_refresh_ = refresh("inlayHint");
  for (const std::string& folder : folders) {
    const std::string root = forge_root_of(folder);
    if (!root.empty()) (void)forge_at(root);
  }
}

void Session::initialized() {
  watching_.start(client_);
  configuration_->start();
}

void Session::shut_down() {
  phase_ = Phase::shut_down;
  ending_.request_stop();
  gathering_.reset();
  peer_->refuse_all(ErrorCode::request_cancelled, "the server is shut down");
}

void Session::exit() {
  end({});
}

void Session::end(std::string_view reason) {
  if (phase_ == Phase::ended) return;
  if (!reason.empty()) services_.log.line(reason);
  const int exit_code = phase_ == Phase::shut_down ? 0 : 1;
  phase_ = Phase::ended;
  ending_.request_stop();
  parents_.clear();
  gathering_.reset();
  overview_pause_.reset();
  for (const auto& [root, forge] : forges_) forge->abandon();
  forges_.clear();
  // Whichever comes first: the last bytes are written, or the client has not read them for too long.
  const auto once = std::make_shared<std::function<void(int)>>(std::move(ended_));
  const auto ended = [once, exit_code] {
    if (const auto call = std::exchange(*once, {})) call(exit_code);
  };
  flushing_ = services_.loop.after(longest_flush, ended);
  peer_->finish(ended);
}

void Session::folders_changed(const std::vector<std::string>& added, const std::vector<std::string>& removed) {
  for (const std::string& folder : added) {
    const std::string root = forge_root_of(folder);
    if (!root.empty()) (void)forge_at(root);
  }
  for (const std::string& folder : removed) {
    const auto forge = forges_.find(forge_root_of(folder));
    if (forge == forges_.end() || !open_texts(forge->first).empty()) continue;
    diagnostics_->forget(forge->first);
    configuration_->forget(forge->first);
    forge->second->abandon();
    watching_.remove(forge->first);
    forges_.erase(forge);
  }
}

void Session::document_changed(const std::string& uri) {
  if (const std::optional<ForgePlace> place = place_of(uri)) place->forge->changed();
}

void Session::disk_changed() {
  if (gathering_) return;
  gathering_ = services_.loop.after(gather_for, [this] {
    gathering_.reset();
    everything_changed();
  });
}

void Session::everything_changed() {
  for (const auto& [root, forge] : forges_) forge->changed();
}

void Session::mirrors_changed() {
  everything_changed();
  second_look_ = services_.loop.after(repositories_settle, [this] {
    second_look_.reset();
    everything_changed();
  });
}

void Session::found(const std::string& root, const Outcome& outcome) {
  const auto forge = forges_.find(root);
  if (phase_ != Phase::running || forge == forges_.end()) return;
  diagnostics_->found(root, outcome);
  if (!outcome.complete) return;
  const bool differs = forge->second->facts_changed();
  Unsure& unsure = *forge->second->unsure();
  if (unsure.lenses.exchange(false) || differs) lens_refresh_->request();
  if (unsure.hints.exchange(false) || differs) hint_refresh_->request();
  if (!overview_pause_ && protocol::flag(client_->options, {"overview"}))
    overview_pause_ = services_.loop.after(between_overviews, [this] {
      overview_pause_.reset();
      peer_->notify("forge/overviewChanged", Json::object());
    });
}

void Session::use_settings(const std::string& root, const SettingsPtr& settings) {
  const auto forge = forges_.find(root);
  if (forge == forges_.end()) return;
  const bool first = !forge->second->has_settings();
  forge->second->use(settings);
  if (first) return;
  lens_refresh_->request();
  hint_refresh_->request();
}

std::map<std::string, std::uint64_t> Session::forge_numbers() const {
  std::map<std::string, std::uint64_t> numbers;
  for (const auto& [root, forge] : forges_) numbers[root] = forge->number();
  return numbers;
}

std::optional<ForgePlace> Session::place_of(const std::string& uri) {
  const std::optional<std::string> path = protocol::path_of_uri(uri);
  if (!path) return std::nullopt;
  const std::string root = forge_root_of_file(*path);
  if (root.empty()) return std::nullopt;
  return ForgePlace{forge_at(root), relative_to(root, *path)};
}

std::shared_ptr<Analysis> Session::forge_at(const std::string& root) {
  const auto known = forges_.find(root);
  if (known != forges_.end()) return known->second;
  const std::weak_ptr<Session> weak = weak_from_this();
  Analysis::Surroundings surroundings{
      .loop = services_.loop,
      .scheduler = services_.scheduler,
      .log = services_.log,
      .client = client_,
      .open_texts =
          [weak](const std::string& of) {
            const auto self = weak.lock();
            return self ? self->open_texts(of) : OpenTexts();
          },
      .found =
          [weak](const std::string& of, const Outcome& outcome) {
            const auto self = weak.lock();
            if (self) self->found(of, outcome);
          },
      .given_up =
          [weak](const std::string& of, std::uint64_t number) {
            const auto self = weak.lock();
            if (self) self->diagnostics_->give_up(of, number);
          },
      .progress = [weak](const std::string& title, std::function<void()> cancel) -> ProgressPtr {
        const auto self = weak.lock();
        if (!self || self->phase_ != Phase::running) return nullptr;
        return self->progress_->start({.title = title, .cancel = std::move(cancel)});
      },
      .ending = ending()};
  auto forge =
      std::make_shared<Analysis>(std::make_shared<ForgeRoot>(root, services_.upstreams(root)), std::move(surroundings));
  forges_.emplace(root, forge);
  forge->changed();
  configuration_->add(root);
  forge->watch_disk();
  watching_.add(root);
  return forge;
}

OpenTexts Session::open_texts(const std::string& root) const {
  std::vector<std::string> nested;
  for (const auto& [other, forge] : forges_) {
    if (!relative_to(root, other).empty()) nested.push_back(other);
  }
  return documents_.below(root, nested);
}

}  // namespace forge::lsp
