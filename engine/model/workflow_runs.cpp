#include "engine/model/workflow_runs.hpp"

#include <algorithm>
#include <array>

#include "engine/base/text.hpp"
#include "engine/model/kept_answers.hpp"
#include "engine/workspace/forge_layout.hpp"

namespace forge::model {

namespace {

using formats::Workflow;
using formats::WorkflowJob;
using formats::WorkflowMatrix;
using formats::WorkflowSettings;
using formats::WorkflowStep;
using workspace::Snapshot;

constexpr std::size_t deepest_call = 10;  // GitHub's bound for actions that use actions
constexpr std::size_t most_steps = 1000;
constexpr std::size_t most_jobs = 500;
constexpr std::size_t most_cells = 256;   // GitHub's bound for one matrix
constexpr std::size_t most_scripts = 30;  // of one step

/// `scripts/x.sh` of `./scripts/x.sh`, `"${GITHUB_WORKSPACE}/scripts/x.sh"` and the like.
std::string script_path(std::string_view word) {
  std::string path(without_quotes(word));
  std::erase(path, '"');
  if (path.starts_with("./")) path.erase(0, 2);
  if (path.starts_with("${{")) {
    const std::size_t end = path.find("}}");
    if (end != std::string::npos && path.substr(0, end).find("github.workspace") != std::string::npos)
      path.erase(0, std::min(end + 3, path.size()));
  } else if (path.starts_with('$')) {
    // `$ROOT/scripts/x.sh`: a file of that path is in the forge, or it is none of ours.
    const std::size_t slash = path.find('/');
    path.erase(0, slash == std::string::npos ? path.size() : slash + 1);
  }
  return path;
}

bool is_run(const std::string& path) {
  return workspace::is_build_text(workspace::classify(path).kind);
}

class Expander {
 public:
  Expander(const Snapshot& snapshot, WorkflowRun& run) : snapshot_(snapshot), run_(run) {}

  void add_jobs(const WorkflowDocument& document, const StepScopePtr& parent, std::size_t depth) {
    run_.files.insert(document.file->path());
    for (const WorkflowJob& job : document->jobs) {
      if (++jobs_ > most_jobs) return;
      const StepScopePtr scope = std::make_shared<StepScope>(StepScope{&document, &job, nullptr, parent});
      JobRun made{.scope = scope, .job = &job};
      made.has_matrix = job.matrix.has_value();
      made.cells = cells_of(job);
      const WorkflowDocument* called = job.uses.value.empty() ? nullptr : find_workflow(job.uses.value);
      if (called != nullptr && depth < deepest_call) {
        add_jobs(*called, scope, depth + 1);
      } else {
        made.unseen_steps = !job.uses.value.empty();
        add_steps(scope, 0, made);
      }
      run_.jobs.push_back(std::move(made));
    }
  }

 private:
  const WorkflowDocument* find_workflow(std::string_view uses) const {
    return uses.starts_with("./") ? snapshot_.workflow(uses.substr(2)) : nullptr;
  }

  const WorkflowDocument* find_action(std::string_view uses) const {
    std::string folder(uses.substr(2));
    while (folder.ends_with('/')) folder.pop_back();
    for (const char* name : {"/action.yaml", "/action.yml"})
      if (const auto* found = snapshot_.workflow(folder + name)) return found;
    return nullptr;
  }

  void add_steps(const StepScopePtr& scope, std::size_t depth, JobRun& job) {
    for (const WorkflowStep& step : scope->job->steps) {
      if (++steps_ > most_steps) {
        job.unseen_steps = true;
        return;
      }
      job.steps.push_back({&step, scope});
      add_scripts(job.steps.back());
      if (!step.uses.value.starts_with("./")) continue;
      const WorkflowDocument* action = find_action(step.uses.value);
      if (action == nullptr || depth >= deepest_call || (*action)->jobs.empty()) {
        job.unseen_steps = true;
        continue;
      }
      run_.files.insert(action->file->path());
      add_steps(std::make_shared<StepScope>(StepScope{action, &(*action)->jobs.front(), &step, scope}), depth + 1, job);
    }
  }

  void add_scripts(JobStep& step) {
    const formats::WorkflowText& run = step.step->run;
    if (run.value.empty() || (step.step->shell.value.starts_with("python"))) return;
    auto own = std::make_shared<Script>(Script{step.scope->document->file, run});
    own->commands = shell_commands(run.value);
    step.scripts.push_back(std::move(own));
    for (std::size_t i = 0; i < step.scripts.size() && step.scripts.size() < most_scripts; ++i)
      add_called(step.scripts[i], step);
  }

  /// `caller` is a copy: the list that it stands in grows here.
  void add_called(const ScriptPtr caller, JobStep& step) {  // NOLINT(performance-unnecessary-value-param)
    constexpr std::array<std::string_view, 6> starters = {"bash", "sh", "source", ".", "python3", "dash"};
    for (const RunCommand& command : caller->commands) {
      std::size_t at = command.program();
      if (at < command.words.size() && std::ranges::count(starters, command.words[at].value) > 0) ++at;
      while (at < command.words.size() && command.words[at].value.starts_with('-')) ++at;
      if (at >= command.words.size()) continue;
      const SourceFilePtr file = snapshot_.file(script_path(command.words[at].value));
      if (file == nullptr || !is_run(file->path()) || file->text().empty() || file->path().ends_with(".py")) continue;
      const auto known = [&](const ScriptPtr& one) { return one->file == file; };
      if (std::ranges::any_of(step.scripts, known) || step.scripts.size() >= most_scripts) continue;
      auto called = std::make_shared<Script>(Script{file, {std::string(file->text()), {}}});
      called->commands = shell_commands(called->text.value);
      called->caller = caller;
      called->arguments.assign(command.words.begin() + static_cast<std::ptrdiff_t>(at) + 1, command.words.end());
      run_.files.insert(file->path());
      step.scripts.push_back(std::move(called));
    }
  }

  static std::optional<std::vector<MatrixCell>> cells_of(const WorkflowJob& job) {
    if (!job.matrix) return std::vector<MatrixCell>(1);
    const WorkflowMatrix& matrix = *job.matrix;
    if (!matrix.known) return std::nullopt;
    std::vector<MatrixCell> cells;
    if (!matrix.axes.empty()) cells.emplace_back();
    for (const formats::WorkflowAxis& axis : matrix.axes) {
      std::vector<MatrixCell> next;
      for (const MatrixCell& cell : cells)
        for (const formats::WorkflowText& value : axis.values) {
          if (next.size() >= most_cells) return std::nullopt;
          next.push_back(cell);
          next.back()[axis.name.value] = value.value;
        }
      cells = std::move(next);
    }
    for (const WorkflowSettings& excluded : matrix.exclude)
      std::erase_if(cells, [&](const MatrixCell& cell) { return agrees(cell, excluded, matrix, true); });
    std::vector<MatrixCell> added;
    for (const WorkflowSettings& included : matrix.include) {
      bool extends = false;
      for (MatrixCell& cell : cells) {
        if (!agrees(cell, included, matrix, false)) continue;
        extends = true;
        for (const auto& setting : included.entries) cell[setting.name.value] = setting.value.value;
      }
      if (extends) continue;
      MatrixCell cell;
      for (const auto& setting : included.entries) cell[setting.name.value] = setting.value.value;
      added.push_back(std::move(cell));
    }
    std::ranges::move(added, std::back_inserter(cells));
    return cells;
  }

  /// The combination's values are those of the cell; `whole`: also of what is no axis. An `include` may add keys.
  static bool agrees(const MatrixCell& cell, const WorkflowSettings& combination, const WorkflowMatrix& matrix,
                     bool whole) {
    bool overlaps = false;
    for (const auto& setting : combination.entries) {
      const bool is_axis =
          std::ranges::any_of(matrix.axes, [&](const auto& axis) { return axis.name.value == setting.name.value; });
      if (!is_axis && !whole) continue;
      overlaps = true;
      const auto value = cell.find(setting.name.value);
      if (value == cell.end() || value->second != setting.value.value) return false;
    }
    return overlaps || !whole;
  }

  const Snapshot& snapshot_;
  WorkflowRun& run_;
  std::size_t steps_ = 0;
  std::size_t jobs_ = 0;
};

std::vector<WorkflowRun> make_runs(const Snapshot& snapshot) {
  std::vector<WorkflowRun> runs;
  for (const WorkflowDocument* document : snapshot.workflows()) {
    const Workflow& workflow = **document;
    const bool started = std::ranges::any_of(workflow.triggers, [](const formats::WorkflowTrigger& trigger) {
      return trigger.event.value != "workflow_call";
    });
    if (workflow.is_action || !started) continue;
    WorkflowRun run{.document = document};
    Expander(snapshot, run).add_jobs(*document, nullptr, 0);
    runs.push_back(std::move(run));
  }
  return runs;
}

/// Workflows, actions and scripts; an edit elsewhere leaves them as they are.
struct RunInputs {
  std::vector<std::pair<std::weak_ptr<const SourceFile>, const WorkflowDocument*>> files;

  [[nodiscard]] bool gone() const {
    return std::ranges::any_of(files, [](const auto& one) { return one.first.expired(); });
  }
  friend bool operator==(const RunInputs& a, const RunInputs& b) {
    return std::ranges::equal(a.files, b.files, [](const auto& one, const auto& other) {
      return one.second == other.second && is_same(one.first, other.first);
    });
  }
};

RunInputs inputs_of(const Snapshot& snapshot) {
  RunInputs inputs;
  for (const std::string& path : snapshot.paths())
    if (is_run(path)) inputs.files.emplace_back(snapshot.file(path), snapshot.workflow(path));
  return inputs;
}

}  // namespace

TextSpan Script::place(TextSpan part) const {
  return is_file() ? part : formats::part_of_scalar(file->text(), text, part);
}

const JobRun* WorkflowRun::job(std::string_view id, const WorkflowDocument* of) const {
  const WorkflowDocument* wanted = of == nullptr ? document : of;
  const auto found = std::ranges::find_if(
      jobs, [&](const JobRun& one) { return one.job->id.value == id && one.scope->document == wanted; });
  return found == jobs.end() ? nullptr : &*found;
}

const WorkflowRunsPtr& shared_workflow_runs(const Snapshot& snapshot) {
  static KeptAnswers<RunInputs, std::vector<WorkflowRun>> kept(8);
  return snapshot.once<WorkflowRunsPtr>(
      "workflow runs", [&] { return kept.get(inputs_of(snapshot), [&] { return make_runs(snapshot); }); });
}

std::set<std::string> jobs_before(const WorkflowRun& run, const JobRun& job) {
  std::set<std::string> before;
  std::vector<const JobRun*> open{&job};
  while (!open.empty()) {
    const JobRun* next = open.back();
    open.pop_back();
    for (const formats::WorkflowText& need : next->job->needs)
      if (before.insert(need.value).second)
        if (const JobRun* needed = run.job(need.value, job.scope->document)) open.push_back(needed);
  }
  return before;
}

}  // namespace forge::model
