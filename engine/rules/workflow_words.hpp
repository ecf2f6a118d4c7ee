/// What the rules on workflows share: places said once, edits of lists, which plan a forge follows.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "engine/base/finding.hpp"
#include "engine/model/image_builds.hpp"

namespace forge::rules {

/// A place of an action or script is read once for each job that uses it, and told once.
class Once {
 public:
  bool operator()(const SourceFilePtr& file, TextSpan span, std::string_view what = {}) {
    return seen_.emplace(file->path(), span.begin, span.end, std::string(what)).second;
  }

 private:
  std::set<std::tuple<std::string, std::uint32_t, std::uint32_t, std::string>> seen_;
};

/// Appends to a list of scalars, in brackets or one a line. `last` is its last value, `span` the list.
[[nodiscard]] TextEdit append_item(const SourceFilePtr& file, TextSpan span, TextSpan last, const std::string& item);

/// Adds `id` to the job's `needs`.
[[nodiscard]] Fix add_need(const SourceFilePtr& file, const formats::WorkflowJob& job, const std::string& id);

/// Lines below the job's name, indented as its keys are.
[[nodiscard]] TextEdit insert_in_job(const SourceFilePtr& file, const formats::WorkflowJob& job,
                                     const std::vector<std::string>& lines);

/// Calls `visit` for every value of a job where an expression may stand; `condition` says that braces may be left out.
void for_each_text(const formats::WorkflowJob& job,
                   const std::function<void(const formats::WorkflowText&, bool condition)>& visit);

/// Some step of the run asks `forge-analyze` for the plan, so what it builds is the plan's.
[[nodiscard]] bool follows_plan(const model::WorkflowRun& run);

/// The files that the run is made of, as one text.
[[nodiscard]] std::string text_of(const workspace::Snapshot& snapshot, const model::WorkflowRun& run);

/// The occasions on which the workflow may start: pushes to main and to another branch that it names, pull requests.
[[nodiscard]] std::vector<model::Occasion> occasions(const model::WorkflowRun& run);
[[nodiscard]] bool is_main(std::string_view branch);

}  // namespace forge::rules
