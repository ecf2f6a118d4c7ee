/// What a text of a workflow is when a step uses it, as far as that can be told without running anything: literals,
/// and in between values known by where they come from. Follows inputs, outputs, variables and the shell of the forge's
/// own steps. What can't be told is said to be so: no rule may guess.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/formats/workflow_expression.hpp"
#include "engine/model/workflow_runs.hpp"

namespace forge::model {

struct TextPart {
  enum class Kind {
    text,         ///< `name` is the text
    axis,         ///< the matrix value of the axis `name`
    source_ref,   ///< a value of releases/<r>/source-refs.yaml, as written there; `inner` is the file's path
    commit,       ///< the forge's commit, whole or short
    branch,       ///< `github.ref_name` and the like, with the slashes of the branch
    patch_count,  ///< a number of files
    constant,     ///< unknown, the same in every cell of a matrix: `secrets.X`, `github.repository_owner`
    unset,        ///< `name` is set nowhere
    unknown
  };
  Kind kind = Kind::text;
  std::string name{};
  std::vector<TextPart> inner{};
  std::vector<TextPart> key{};   ///< of a source_ref: the component
  std::set<std::string> axes{};  ///< on which the value depends
  bool open = false;             ///< it may depend on anything
  bool slashes_gone = false;     ///< of a branch
};
using SymbolicText = std::vector<TextPart>;

/// The event that starts a run, and the branch that it is about.
struct Occasion {
  std::string event = "push";
  std::string branch = "main";  ///< of a pull request the target
};

/// Not for use by several threads.
class StepTexts {
 public:
  StepTexts(const WorkflowRun& run, const JobRun& job, Occasion occasion)
      : run_(run), job_(job), occasion_(std::move(occasion)) {}

  /// A value of the step, with its `${{ … }}`.
  [[nodiscard]] SymbolicText text(const JobStep& step, std::string_view value) const;
  /// A word of a script of the step, with what the shell replaces in it.
  [[nodiscard]] SymbolicText word(const JobStep& step, const ScriptPtr& script, std::string_view word) const;
  /// A value of the job itself: an output, an `env`.
  [[nodiscard]] SymbolicText job_text(std::string_view value) const;
  /// Whether the condition holds; true where there is none, nothing where it can't be told.
  [[nodiscard]] std::optional<bool> holds(const JobStep& step, std::string_view condition) const;
  [[nodiscard]] std::optional<bool> job_holds(std::string_view condition) const;
  /// The step runs as far as conditions say, its own and those of the steps that use its action.
  [[nodiscard]] std::optional<bool> runs(const JobStep& step) const;

 private:
  friend class TextReader;
  const WorkflowRun& run_;
  const JobRun& job_;
  Occasion occasion_;
  mutable std::size_t looked_up_ = 0;  ///< names, which a hostile file may make double at each level
};

/// Whether the job runs on that occasion: its condition and those of the jobs that it needs; nothing where unknown.
[[nodiscard]] std::optional<bool> job_runs(const WorkflowRun& run, const JobRun& job, const Occasion& occasion);
/// Whether the workflow is started by the occasion's event on that branch.
[[nodiscard]] bool is_started(const WorkflowRun& run, const Occasion& occasion);
/// `main` of `branches: [main, stable/**]`: whether a pattern of GitHub's filters takes the name.
[[nodiscard]] bool matches_filter(std::string_view pattern, std::string_view name);

/// The literal text in one cell; nothing where a part is unknown.
[[nodiscard]] std::optional<std::string> text_in(const SymbolicText& text, const MatrixCell& cell);
/// The axes that the text depends on; nothing where it may depend on anything.
[[nodiscard]] std::optional<std::set<std::string>> axes_of(const SymbolicText& text);
/// The same text: part for part.
[[nodiscard]] bool same_text(const SymbolicText& a, const SymbolicText& b);

/// Where a value was written: through `${{ inputs.x }}` up to the step that gives it.
struct ValueOrigin {
  SourceFilePtr file;
  const formats::WorkflowText* text = nullptr;
  JobStep step;  ///< in whose scope the text is to be read
};
[[nodiscard]] ValueOrigin origin_of(const JobStep& step, const formats::WorkflowText& value);

}  // namespace forge::model
