#include "lsp/analysis.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <functional>
#include <utility>

#include <fmt/format.h>
#include <malloc.h>

#include "lsp/protocol/convert.hpp"

namespace forge::lsp {

namespace {

constexpr std::size_t max_per_document = 1000;
constexpr std::chrono::milliseconds between_looks{2000};
/// For so long complete looks may give way to newer ones without any being finished; then one goes to its end.
constexpr std::chrono::milliseconds longest_giving_way{2000};
/// Looking at the disk takes no more than this part of the time.
constexpr int share_of_looks = 200;

/// Says in the last place how many there are.
void note_the_rest(Report& report, std::size_t count) {
  if (count <= max_per_document) return;
  protocol::Json& last = report.items.back();
  last["message"] = fmt::format("{} findings in this file; the first {} are shown.", count, max_per_document - 1);
  last.erase("codeDescription");
}

}  // namespace

const Report& Outcome::report(const std::string& path) const {
  static const Report none;
  const auto found = reports->find(path);
  return found == reports->end() ? none : found->second;
}

Reports make_reports(const ForgeState& state, const Findings& findings, const Client& client) {
  const protocol::Edge edge{state, client.can, client.unit};
  Reports reports;
  std::map<std::string, std::size_t> counts;
  for (const Finding& finding : findings) {
    const std::string& path = finding.place.file->path();
    Report& report = reports[path];
    if (++counts[path] <= max_per_document) report.items.push_back(protocol::to_diagnostic(finding, edge));
  }
  for (auto& [path, report] : reports) {
    note_the_rest(report, counts[path]);
    report.id = fmt::format("{:016x}", std::hash<std::string>{}(protocol::to_text(report.items)));
  }
  return reports;
}

Analysis::Analysis(std::shared_ptr<ForgeRoot> root, Surroundings surroundings)
    : root_(std::move(root)),
      surroundings_(std::move(surroundings)),
      files_(surroundings_.loop, [this] { look_at_files(); }),
      everything_(surroundings_.loop, [this] { look_at_everything(); }) {}

void Analysis::changed() {
  ++number_;
  state_.reset();
  complete_ = {};
  cut_obsolete_look();
  if (settings_) files_.request();
}

void Analysis::cut_obsolete_look() {
  if (!everything_.running()) return;
  const auto now = std::chrono::steady_clock::now();
  if (!first_cut_) first_cut_ = now;
  if (now - *first_cut_ < longest_giving_way) complete_look_.request_stop();
}

void Analysis::use(SettingsPtr settings) {
  if (settings_ && *settings_ == *settings) return;
  settings_ = std::move(settings);
  changed();
}

void Analysis::when_complete(Waiter waiter) {
  if (complete_.state && complete_.state->number() >= number_) return waiter(&complete_);
  waiters_.emplace_back(number_, std::move(waiter));
  if (number_ <= std::exchange(given_up_, 0)) everything_.request();
}

void Analysis::abandon() {
  progress_.reset();
  complete_look_.request_stop();
  tell_waiters(nullptr, number_);
}

void Analysis::give_up() {
  given_up_ = number_;
  complete_look_.request_stop();
  tell_waiters(nullptr, number_);
  surroundings_.given_up(root(), number_);
}

void Analysis::tell_waiters(const Outcome* outcome, std::uint64_t number) {
  const auto ready = std::ranges::stable_partition(waiters_, [&](const auto& waiter) { return waiter.first > number; });
  std::vector<std::pair<std::uint64_t, Waiter>> told(std::move_iterator(ready.begin()),
                                                     std::move_iterator(ready.end()));
  waiters_.erase(ready.begin(), ready.end());
  for (const auto& [wanted, tell] : told) tell(outcome);
}

void Analysis::watch_disk() {
  if (!next_look_) look_for_news(between_looks);
}

void Analysis::look_for_news(std::chrono::milliseconds after) {
  // A root that nobody has any more is not kept for the sake of its next look.
  next_look_ = surroundings_.loop.after(after, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    // Who types again soon is spared the opening of repositories.
    const bool same = std::exchange(self->looked_at_, self->number_) == self->number_;
    const bool quiet = same && self->complete_.state;
    const bool first = quiet && std::exchange(self->quiet_at_, self->number_) != self->number_;
    self->surroundings_.scheduler.run(Lane::background, [self, quiet, first] { self->look_now(quiet, first); });
  });
}

void Analysis::look_now(bool quiet, bool first) {
  using std::chrono::milliseconds;
  using std::chrono::steady_clock;
  const auto began = steady_clock::now();
  bool news = false;
  try {
    news = root_->has_news(!surroundings_.client->can.watch_files);
  } catch (const std::exception& problem) {
    surroundings_.log.line(fmt::format("`{}` can't be looked at: {}", root(), problem.what()));
  }
  const bool rested = quiet && root_->rest();
  if (rested) surroundings_.log.debug(fmt::format("`{}` is quiet: its repositories are closed", root()));
  // What runs needed beside their answers goes back to the system. Not after each run: those who type would wait for
  // it.
  if (rested || first) ::malloc_trim(0);
  const auto cost = std::chrono::duration_cast<milliseconds>(steady_clock::now() - began);
  surroundings_.loop.post([self = shared_from_this(), news, cost] {
    if (news) self->changed();
    self->look_for_news(std::max(between_looks, cost * share_of_looks));
  });
}

StatePtr Analysis::state() {
  static const SettingsPtr defaults = std::make_shared<const Settings>();
  if (!state_)
    state_ = std::make_shared<const ForgeState>(number_, root_, surroundings_.open_texts(root()),
                                                settings_ ? settings_ : defaults);
  return state_;
}

void Analysis::look_at_files() {
  look(Lane::files, {.ending = surroundings_.ending},
       [now = state(), last = last_complete_] { return with_last_known(*now, last); });
}

void Analysis::look_at_everything() {
  if (number_ <= given_up_) return everything_.finished();
  complete_look_ = {};
  if (surroundings_.progress)
    progress_ = surroundings_.progress(fmt::format("Analysing {}", root().substr(root().rfind('/') + 1)),
                                       [weak = weak_from_this()] {
                                         if (const auto self = weak.lock()) self->give_up();
                                       });
  const std::shared_ptr<ProgressNews> news = progress_ ? progress_->news() : std::make_shared<ProgressNews>();
  const RunProgress tell = [news](std::size_t done, std::size_t total, std::string_view what) {
    news->tell(std::string(what), done, total);
  };
  look(Lane::background, {.obsolete = complete_look_.get_token(), .ending = surroundings_.ending},
       [now = state(), tell] { return now->all_findings(tell); });
}

void Analysis::look(Lane lane, Cancellation cancellation, const std::function<FindingsPtr()>& find) {
  const bool complete = lane == Lane::background;
  const auto work = [self = shared_from_this(), complete, find, state = state(), until = std::move(cancellation)] {
    Look look{.outcome = {.state = state, .reports = nullptr, .complete = complete}, .findings = {}, .facts = {}};
    const auto began = std::chrono::steady_clock::now();
    const CancellationScope scope(until);
    if (complete)
      self->surroundings_.log.debug(fmt::format("analysis {} of `{}` begins", state->number(), self->root()));
    try {
      throw_if_cancelled();
      look.findings = find();
      for (const Finding& finding : *look.findings)
        ++look.outcome.counts.at(static_cast<std::size_t>(finding.severity));
      if (complete) look.facts = state->facts();
      look.outcome.reports =
          std::make_shared<const Reports>(make_reports(*state, *look.findings, *self->surroundings_.client));
    } catch (const Cancelled&) {
      look.cut = true;
    } catch (const std::exception& problem) {
      self->surroundings_.log.line(
          fmt::format("analysis {} of `{}` failed: {}", state->number(), self->root(), problem.what()));
    }
    const std::chrono::duration<double, std::milli> cost = std::chrono::steady_clock::now() - began;
    self->surroundings_.log.debug(fmt::format("analysis {} of `{}`: {} {:.1f} ms", state->number(), self->root(),
                                              look.cut   ? "cut after"
                                              : complete ? "all rules in"
                                                         : "files in",
                                              cost.count()));
    self->surroundings_.loop.post([self, look = std::move(look)] { self->done(look); });
  };
  surroundings_.scheduler.run(lane, work);
}

void Analysis::done(const Look& look) {
  const Outcome& outcome = look.outcome;
  (outcome.complete ? everything_ : files_).finished();
  if (outcome.complete) return done_completely(look);
  if (!outcome.reports) return;
  surroundings_.found(root(), outcome);
  everything_.request();
}

void Analysis::done_completely(const Look& look) {
  const Outcome& outcome = look.outcome;
  progress_.reset();
  // Whoever waits is told by the look at the newer state, which made this one obsolete.
  if (look.cut) return;
  if (!outcome.reports) return tell_waiters(nullptr, outcome.state->number());
  first_cut_.reset();
  last_complete_ = look.findings;
  facts_changed_ = last_facts_ && !ide::same_answers(*last_facts_, *look.facts);
  last_facts_ = look.facts;
  if (outcome.state->number() >= number_) complete_ = outcome;
  surroundings_.found(root(), outcome);
  tell_waiters(&outcome, outcome.state->number());
}

}  // namespace forge::lsp
