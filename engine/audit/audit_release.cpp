#include "engine/audit/audit_release.hpp"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "engine/audit/facts.hpp"
#include "engine/model/component_closure.hpp"
#include "engine/model/linked_trees.hpp"
#include "engine/plan/plan_builds.hpp"
#include "engine/workspace/forge_layout.hpp"

namespace forge::audit {

namespace {

using workspace::DocumentKind;
using workspace::Snapshot;

State state_of(Severity severity) {
  if (severity == Severity::error) return State::fail;
  return severity == Severity::warning ? State::risk : State::ok;
}

/// Puts findings and remarks into the rows.
class Auditor {
 public:
  Auditor(const Snapshot& snapshot, const std::string& release, std::vector<Finding> findings,
          std::vector<Remark> remarks, const TaskPool& pool)
      : snapshot_(snapshot), pool_(pool) {
    audit_.release = release;
    audit_.distro = snapshot.config().distro;
    audit_.python = snapshot.config().python;
    audit_.platforms = snapshot.config().platforms;
    audit_.findings = std::move(findings);
    audit_.remarks = std::move(remarks);
  }

  Audit run() {
    audit_.rows = rows_of(snapshot_, audit_.release);
    audit_.pins = pin_facts(snapshot_, audit_.release);
    leave_out_foreign();
    pool_.for_each(audit_.rows.size(), [&](std::size_t i) { add_facts(snapshot_, audit_.release, audit_.rows[i]); });
    make_plan();
    for (std::size_t i = 0; i < audit_.findings.size(); ++i) place_finding(i);
    for (const Remark& remark : audit_.remarks) place_remark(remark);
    for (Row& row : audit_.rows) finish(row);
    return std::move(audit_);
  }

 private:
  Row& shared() { return audit_.rows.back(); }

  Row* find(std::string_view component) {
    const auto found = std::ranges::find(audit_.rows, component, &Row::component);
    return found == audit_.rows.end() ? nullptr : &*found;
  }

  /// The component or image that a finding is about; empty where it is about none.
  [[nodiscard]] std::string component_of(const Finding& finding) const {
    std::string component = finding.component;
    if (component.empty() && finding.place.file) {
      const workspace::DocumentPath path = workspace::classify(finding.place.file->path());
      const bool of_image = path.kind == DocumentKind::dockerfile || path.kind == DocumentKind::bindep ||
                            path.kind == DocumentKind::image_text;
      if (of_image || path.kind == DocumentKind::patch) component = path.component;
    }
    return model::patched_component(snapshot_, component);
  }

  /// Another release's, or of an image that this release does not have.
  [[nodiscard]] bool is_foreign(const Finding& finding) {
    if (!finding.release.empty()) return finding.release != audit_.release;
    const std::string component = component_of(finding);
    return !component.empty() && find(component) == nullptr && snapshot_.is_service(component);
  }

  void leave_out_foreign() {
    std::erase_if(audit_.findings, [&](const Finding& finding) { return is_foreign(finding); });
  }

  void make_plan() {
    plan::BuildRequest request = plan::default_request(snapshot_.config());
    request.releases = {audit_.release};
    request.event = plan::Event::dispatch;  // all platforms, and nothing is pushed
    Result<plan::BuildPlan> plan = plan::plan_builds(snapshot_, request, audit_.findings);
    if (!plan) {
      shared().cell(Check::plan) = {State::not_examined, "not examined"};
      shared().reasons.push_back({State::not_examined, Check::plan, plan.error().message});
      return;
    }
    audit_.plan = std::move(*plan);
    for (Row& row : audit_.rows) add_plan_facts(audit_.plan, audit_.release, row);
    take_plan_findings();
  }

  /// What the planner met itself.
  void take_plan_findings() {
    const auto key = [](const Finding& finding) {
      return std::tuple(finding.rule, finding.place.file ? finding.place.file->path() : std::string(),
                        finding.place.span.begin);
    };
    std::set<std::tuple<std::string, std::string, std::uint32_t>> known;
    for (const Finding& finding : audit_.findings) known.insert(key(finding));
    const auto take = [&](const std::vector<Finding>& findings) {
      for (const Finding& finding : findings)
        if (known.insert(key(finding)).second) audit_.findings.push_back(finding);
    };
    take(audit_.plan.findings);
    for (const plan::PlanTarget& target : audit_.plan.targets) take(target.findings);
    std::ranges::stable_sort(audit_.findings, before);
  }

  /// Whether an install of the row's component takes the line that the finding stands at.
  [[nodiscard]] bool installs(const Row& row, const Place& place) const {
    if (row.kind != RowKind::service || snapshot_.index() == nullptr || !place.file) return false;
    return std::ranges::any_of(row.closures, [&](const ClosureFacts& facts) {
      const auto& answer = model::component_closure(snapshot_, audit_.release, row.component, facts.platform);
      return answer && std::ranges::any_of(answer->closure.packages, [&](const model::ClosurePackage& package) {
               return package.pin != nullptr && package.pin->file->path() == place.file->path() &&
                      package.pin->pin->span.begin == place.span.begin;
             });
    });
  }

  /// A finding on a pin belongs to all components that install it; what belongs to none is shared.
  std::vector<Row*> rows_for(const Finding& finding, Check check) {
    if (Row* row = find(component_of(finding))) return {row};
    std::vector<Row*> rows;
    if (check == Check::closure || check == Check::python)
      for (Row& row : audit_.rows)
        if (installs(row, finding.place)) rows.push_back(&row);
    if (rows.empty()) rows.push_back(&shared());
    return rows;
  }

  void place_finding(std::size_t i) {
    const Finding& finding = audit_.findings[i];
    const Check check = check_of(finding);
    const State state = is_unexamined(finding) ? State::not_examined : state_of(finding.severity);
    for (Row* row : rows_for(finding, check)) {
      Cell& cell = row->cell(check);
      cell.findings.push_back(i);
      if (state != State::ok) {
        // What the facts said in other words about the same cause is said better by the finding.
        if (state == State::not_examined)
          std::erase_if(row->reasons, [&](const Reason& reason) {
            return reason.state == State::not_examined && reason.check == check && !reason.finding &&
                   finding.message.starts_with(reason.text);
          });
        row->reasons.push_back({state, check, finding.message, i});
      }
      if (finding.severity == Severity::error) row->verdict = Verdict::not_ready;
      if (state < cell.state && cell.state != State::not_applicable) continue;
      if (state == cell.state && state == State::ok) continue;
      raise(cell, state, finding);
    }
  }

  static void raise(Cell& cell, State state, const Finding& finding) {
    if (state == State::ok) {
      cell.state = State::ok;
      if (cell.word.empty()) cell.word = "noted";
      return;
    }
    const bool facts_say_more = finding.rule == "ref-behind" && cell.state == State::ok;
    if ((state > cell.state && !facts_say_more) || cell.word.empty())
      cell.word = state == State::not_examined ? "not examined" : short_words(finding.rule);
    cell.state = state;
  }

  void place_remark(const Remark& remark) {
    Row* row = remark.component.empty() ? nullptr : find(remark.component);
    if (row == nullptr) row = &shared();
    if (remark.state <= State::ok) return;
    row->reasons.push_back({remark.state, remark.check, remark.text});
    Cell& cell = row->cell(remark.check);
    if (remark.state <= cell.state) return;
    cell.state = remark.state;
    cell.word = "to decide";
  }

  /// ` +2` behind the word where more findings made the cell what it is.
  void count_more(Row& row, Check check) const {
    Cell& cell = row.cell(check);
    if (cell.state != State::fail && cell.state != State::risk) return;
    const auto more = std::ranges::count_if(
        row.reasons, [&](const Reason& reason) { return reason.check == check && reason.state == cell.state; });
    if (more > 1) cell.word += fmt::format(" +{}", more - 1);
  }

  void finish(Row& row) {
    for (const Check check : all_checks) count_more(row, check);
    std::ranges::stable_sort(row.reasons, [](const Reason& a, const Reason& b) {
      return std::pair(b.state, a.check) < std::pair(a.state, b.check);
    });
    const State worst = std::ranges::max_element(row.cells, {}, &Cell::state)->state;
    if (worst == State::fail)
      row.verdict = Verdict::not_ready;
    else if (worst >= State::not_examined)
      row.verdict = std::max(row.verdict, Verdict::ready_with_risks);
    audit_.verdict = std::max(audit_.verdict, row.verdict);
  }

  const Snapshot& snapshot_;
  const TaskPool& pool_;
  Audit audit_;
};

}  // namespace

std::string_view to_string(State state) {
  constexpr std::array<std::string_view, 5> words = {"n/a", "ok", "not examined", "risk", "fail"};
  return words[static_cast<std::size_t>(state)];
}

std::string_view to_string(Verdict verdict) {
  constexpr std::array<std::string_view, 3> words = {"ready", "ready with risks", "not ready"};
  return words[static_cast<std::size_t>(verdict)];
}

std::string_view to_string(RowKind kind) {
  constexpr std::array<std::string_view, 5> words = {"service", "library", "native", "base image", "shared files"};
  return words[static_cast<std::size_t>(kind)];
}

std::string_view to_string(PatchFate fate) {
  constexpr std::array<std::string_view, 7> words = {
      "applies", "applies with offset", "merged", "must be refreshed", "conflicts", "malformed", "not examined"};
  return words[static_cast<std::size_t>(fate)];
}

Audit audit_release(const Snapshot& snapshot, const std::string& release, std::vector<Finding> findings,
                    std::vector<Remark> remarks, const TaskPool& pool) {
  return Auditor(snapshot, release, std::move(findings), std::move(remarks), pool).run();
}

}  // namespace forge::audit
