/// .github/workflows/*.yaml and composite actions as GitHub Actions reads them: triggers, jobs, matrices, steps. Values
/// stay texts with their `${{ … }}`; workflow_expression.hpp reads those.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/problem.hpp"
#include "engine/base/span.hpp"

namespace forge::formats {

/// A scalar, unquoted; the span includes quotes, or the header of a block. part_of_scalar() goes further in.
using WorkflowText = Spanned<std::string>;

/// `name: value` of `with`, `env`, `outputs`, `inputs` (the default) and `permissions`.
struct WorkflowSetting {
  WorkflowText name;
  WorkflowText value;
};

struct WorkflowSettings {
  std::vector<WorkflowSetting> entries{};
  TextSpan span{};                           ///< of the whole mapping; empty where there is none
  std::optional<WorkflowText> expression{};  ///< the whole is one expression
  [[nodiscard]] const WorkflowText* find(std::string_view name) const;  ///< null where there is none
};

/// A list under `on.<event>`.
struct WorkflowFilter {
  std::vector<WorkflowText> patterns{};
  TextSpan span{};
  bool given = false;
};

struct WorkflowTrigger {
  WorkflowText event;
  WorkflowFilter branches{};
  WorkflowFilter branches_ignore{};
  WorkflowFilter tags{};
  WorkflowFilter paths{};
  WorkflowFilter paths_ignore{};
  WorkflowSettings inputs{};  ///< of `workflow_call` and `workflow_dispatch`, with their defaults
};

/// `permissions:`; a mapping leaves every scope that it does not name without any right.
struct WorkflowPermissions {
  TextSpan key;       ///< the word `permissions`
  std::string all{};  ///< `read-all` or `write-all`
  WorkflowSettings scopes{};
  [[nodiscard]] bool writes(std::string_view scope) const;
};

struct WorkflowAxis {
  WorkflowText name;
  std::vector<WorkflowText> values{};
  TextSpan span{};    ///< of the list
  bool known = true;  ///< false for an expression, or values that are no scalars
  bool flow = false;  ///< `[a, b]` on one line or more; else one value a line
};

struct WorkflowMatrix {
  std::optional<WorkflowText> expression{};  ///< the whole matrix is one: `${{ fromJSON(…) }}`
  std::vector<WorkflowAxis> axes{};
  std::vector<WorkflowSettings> include{};
  std::vector<WorkflowSettings> exclude{};
  bool known = true;  ///< false where a part of it is an expression
  TextSpan span{};
};

struct WorkflowStep {
  TextSpan span;
  WorkflowText name{};
  WorkflowText id{};
  WorkflowText uses{};
  WorkflowText run{};
  WorkflowText condition{};
  WorkflowText working_directory{};
  WorkflowText shell{};
  WorkflowSettings with{};
  WorkflowSettings env{};

  /// What stands before the `@` of `uses`, in lower case.
  [[nodiscard]] std::string action() const;
};

struct WorkflowJob {
  WorkflowText id;
  std::vector<WorkflowText> needs{};
  TextSpan needs_span{};  ///< of the value; empty where there is none
  WorkflowText condition{};
  std::optional<WorkflowPermissions> permissions{};
  std::optional<WorkflowMatrix> matrix{};
  WorkflowSettings env{};
  WorkflowSettings outputs{};
  WorkflowText working_directory{};  ///< the default of its steps
  WorkflowText uses{};               ///< of a reusable workflow
  WorkflowSettings with{};
  std::vector<WorkflowStep> steps{};
  std::uint32_t indent = 0;  ///< of its keys
};

struct Workflow {
  WorkflowText name{};
  std::vector<WorkflowTrigger> triggers{};
  std::optional<WorkflowPermissions> permissions{};
  WorkflowSettings env{};
  std::vector<WorkflowJob> jobs{};
  /// A composite action: one job without a name, whose inputs and outputs are these.
  bool is_action = false;
  WorkflowSettings inputs{};
  WorkflowSettings outputs{};  ///< also of a reusable workflow

  [[nodiscard]] const WorkflowTrigger* trigger(std::string_view event) const;
  [[nodiscard]] const WorkflowJob* job(std::string_view id) const;
};

/// Problems are filed under `file-syntax`. A file over a megabyte is not read.
[[nodiscard]] Parsed<Workflow> parse_workflow(std::string_view text);

/// Where a part of a scalar's value stands in the file; the whole scalar where that can't be told.
[[nodiscard]] TextSpan part_of_scalar(std::string_view file, const WorkflowText& scalar, TextSpan part);

}  // namespace forge::formats
