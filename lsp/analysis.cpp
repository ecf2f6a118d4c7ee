#include "lsp/analysis.hpp"

#include <algorithm>
#include <exception>
#include <functional>
#include <utility>

#include <fmt/format.h>

#include "lsp/protocol/convert.hpp"

namespace forge::lsp {

namespace {

constexpr std::size_t max_per_document = 1000;

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
  files_.request();
}

StatePtr Analysis::state() {
  if (!state_) state_ = std::make_shared<const ForgeState>(number_, root_, surroundings_.open_texts(root()));
  return state_;
}

void Analysis::look_at_files() {
  look(Lane::files, false, [now = state(), last = last_complete_] { return with_last_known(*now, last); }, state());
}

void Analysis::look_at_everything() {
  look(Lane::background, true, [now = state()] { return now->all_findings(); }, state());
}

void Analysis::look(Lane lane, bool complete, const std::function<FindingsPtr()>& find, StatePtr state) {
  const auto work = [self = shared_from_this(), complete, find, state = std::move(state)] {
    Outcome outcome{.state = state, .reports = nullptr, .complete = complete};
    FindingsPtr findings;
    try {
      findings = find();
      outcome.reports = std::make_shared<const Reports>(make_reports(*state, *findings, *self->surroundings_.client));
    } catch (const std::exception& problem) {
      self->surroundings_.log.line(
          fmt::format("analysis {} of `{}` failed: {}", state->number(), self->root(), problem.what()));
    }
    self->surroundings_.loop.post([self, outcome, findings] { self->done(outcome, findings); });
  };
  surroundings_.scheduler.run(lane, work);
}

void Analysis::done(const Outcome& outcome, FindingsPtr findings) {
  (outcome.complete ? everything_ : files_).finished();
  if (!outcome.reports) return;
  if (outcome.complete) last_complete_ = std::move(findings);
  surroundings_.found(root(), outcome);
  if (!outcome.complete) everything_.request();
}

}  // namespace forge::lsp
