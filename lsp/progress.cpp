#include "lsp/progress.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

namespace forge::lsp {

using protocol::Json;
using std::chrono::milliseconds;

namespace {

/// What is done by then needs no show.
constexpr milliseconds patience{300};
constexpr milliseconds between_reports{200};

Json report(const ProgressNews::Newest& newest) {
  Json value = {{"kind", "report"}, {"message", newest.message}};
  if (newest.total > 0) value["percentage"] = std::min<std::size_t>(100, newest.done * 100 / newest.total);
  return value;
}

}  // namespace

void ProgressNews::tell(std::string message, std::size_t done, std::size_t total) {
  const std::scoped_lock lock(mutex_);
  // Threads may tell of their work in another order than they did it.
  if (total == newest_.total && done < newest_.done) return;
  newest_ = {std::move(message), done, total, newest_.number + 1};
}

ProgressNews::Newest ProgressNews::newest() const {
  const std::scoped_lock lock(mutex_);
  return newest_;
}

Progress::Progress(std::weak_ptr<ProgressDesk> desk, ProgressRequest request)
    : desk_(std::move(desk)), request_(std::move(request)) {}

Progress::~Progress() {
  end();
}

void Progress::start() {
  const std::shared_ptr<ProgressDesk> desk = desk_.lock();
  if (!request_.token.is_null()) return begin();
  if (!protocol::flag(desk->client_->capabilities, {"window", "workDoneProgress"})) return;
  timer_ = desk->loop_.after(patience, [this] { create(); });
}

void Progress::create() {
  timer_.reset();
  const std::shared_ptr<ProgressDesk> desk = desk_.lock();
  if (!desk) return;
  request_.token = fmt::format("forge-{}", ++desk->last_);
  // Kept by the question: a token that was made is begun and ended, however quick the work was after all.
  desk->peer_->ask("window/workDoneProgress/create", {{"token", request_.token}},
                   [self = shared_from_this()](const protocol::Response& response) {
                     if (!response.error.is_null()) return;
                     self->begin();
                     if (std::exchange(self->ended_, false)) self->end();
                   });
}

void Progress::begin() {
  const std::shared_ptr<ProgressDesk> desk = desk_.lock();
  if (!desk) return;
  begun_ = true;
  desk->shown_[request_.token.dump()] = weak_from_this();
  Json value = {{"kind", "begin"}, {"title", request_.title}, {"cancellable", static_cast<bool>(request_.cancel)}};
  if (const ProgressNews::Newest newest = news_->newest(); newest.total > 0) value["percentage"] = 0;
  send(std::move(value));
  tick();
}

void Progress::tick() {
  const std::shared_ptr<ProgressDesk> desk = desk_.lock();
  if (!desk) return;
  const ProgressNews::Newest newest = news_->newest();
  if (newest.number > told_) {
    told_ = newest.number;
    send(report(newest));
  }
  timer_ = desk->loop_.after(between_reports, [this] { tick(); });
}

void Progress::end() {
  if (std::exchange(ended_, true)) return;
  timer_.reset();
  if (!begun_) return;
  send({{"kind", "end"}});
  if (const std::shared_ptr<ProgressDesk> desk = desk_.lock()) desk->shown_.erase(request_.token.dump());
}

void Progress::send(Json value) {
  if (const std::shared_ptr<ProgressDesk> desk = desk_.lock())
    desk->peer_->notify("$/progress", {{"token", request_.token}, {"value", std::move(value)}});
}

ProgressDesk::ProgressDesk(std::shared_ptr<Peer> peer, Loop& loop, ClientPtr client)
    : peer_(std::move(peer)), loop_(loop), client_(std::move(client)) {}

ProgressPtr ProgressDesk::start(ProgressRequest request) {
  auto progress = std::make_shared<Progress>(weak_from_this(), std::move(request));
  progress->start();
  return progress;
}

void ProgressDesk::cancel(const Json& token) {
  const auto shown = shown_.find(token.dump());
  if (shown == shown_.end()) return;
  const ProgressPtr progress = shown->second.lock();
  // Called last: it may end the progress.
  if (progress && progress->request_.cancel) progress->request_.cancel();
}

}  // namespace forge::lsp
