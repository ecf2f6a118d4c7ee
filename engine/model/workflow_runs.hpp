/// What a run of a workflow consists of: its jobs with the steps of composite actions, the jobs of called workflows and
/// the commands of the forge's own scripts in their places, and the cells of their matrices.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/formats/workflow.hpp"
#include "engine/model/run_commands.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::model {

using WorkflowDocument = workspace::Document<formats::Workflow>;

/// Where the names of a step's expressions are looked up: a job, or a composite action that a step of it uses.
struct StepScope {
  const WorkflowDocument* document = nullptr;
  const formats::WorkflowJob* job = nullptr;      ///< of a composite action its one job
  const formats::WorkflowStep* caller = nullptr;  ///< the step that uses the action
  std::shared_ptr<const StepScope> parent{};      ///< the caller's scope; of a called workflow the calling job's
};
using StepScopePtr = std::shared_ptr<const StepScope>;

/// Shell that a step runs: its `run`, or a script of the forge that this starts.
struct Script {
  SourceFilePtr file;
  formats::WorkflowText text;  ///< as the shell gets it, `${{ … }}` unreplaced
  std::vector<RunCommand> commands{};
  std::shared_ptr<const Script> caller{};         ///< of a script file
  std::vector<Spanned<std::string>> arguments{};  ///< that the caller gives it, in the caller's text

  /// In `file`, of a span of the text.
  [[nodiscard]] TextSpan place(TextSpan part) const;
  [[nodiscard]] bool is_file() const { return caller != nullptr; }
};
using ScriptPtr = std::shared_ptr<const Script>;

struct JobStep {
  const formats::WorkflowStep* step = nullptr;
  StepScopePtr scope;
  std::vector<ScriptPtr> scripts{};  ///< the step's own first
};

/// A combination of a matrix: axis -> value.
using MatrixCell = std::map<std::string, std::string, std::less<>>;

struct JobRun {
  StepScopePtr scope;
  const formats::WorkflowJob* job = nullptr;
  std::vector<JobStep> steps{};
  bool has_matrix = false;
  /// Nothing where an expression makes the matrix; one empty cell without a matrix. Those of a calling job are not in
  /// it.
  std::optional<std::vector<MatrixCell>> cells{};
  bool unseen_steps = false;  ///< an action or workflow of the forge is not to be found, or nests too deep
};

struct WorkflowRun {
  const WorkflowDocument* document = nullptr;
  std::vector<JobRun> jobs{};  ///< in file order; those of a called workflow at the calling job's place
  /// Places where a workflow or action of the forge calls another file of it, sorted.
  std::set<std::string> files{};

  /// Of the workflow itself, by id.
  [[nodiscard]] const JobRun* job(std::string_view id, const WorkflowDocument* of = nullptr) const;
};

using WorkflowRunsPtr = std::shared_ptr<const std::vector<WorkflowRun>>;

/// Every workflow that something other than another workflow starts, sorted by path. Computed once for the same files.
[[nodiscard]] const WorkflowRunsPtr& shared_workflow_runs(const workspace::Snapshot& snapshot);
[[nodiscard]] inline const std::vector<WorkflowRun>& workflow_runs(const workspace::Snapshot& snapshot) {
  return *shared_workflow_runs(snapshot);
}

/// Jobs of the same workflow that must have ended before `job` begins, transitively.
[[nodiscard]] std::set<std::string> jobs_before(const WorkflowRun& run, const JobRun& job);

}  // namespace forge::model
