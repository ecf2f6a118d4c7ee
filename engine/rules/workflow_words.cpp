#include "engine/rules/workflow_words.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/base/text.hpp"

namespace forge::rules {

using formats::WorkflowJob;
using formats::WorkflowText;

TextEdit append_item(const SourceFilePtr& file, TextSpan span, TextSpan last, const std::string& item) {
  const std::string_view text = file->text();
  const bool flow = span.begin < text.size() && text[span.begin] == '[';
  if (flow) return {{file, {last.end, last.end}}, ", " + item};
  const TextSpan line = file->line_at(last.begin);
  const std::string_view head = text.substr(line.begin, last.begin - line.begin);
  return {{file, {last.end, last.end}}, "\n" + std::string(head) + item};
}

TextEdit insert_in_job(const SourceFilePtr& file, const WorkflowJob& job, const std::vector<std::string>& lines) {
  const TextSpan line = file->full_line_at(job.id.span.begin);
  std::string text;
  for (const std::string& one : lines) text += std::string(job.indent, ' ') + one + "\n";
  return {{file, {line.end, line.end}}, text};
}

Fix add_need(const SourceFilePtr& file, const WorkflowJob& job, const std::string& id) {
  Fix fix{fmt::format("Add `{}` to the needs", id)};
  if (job.needs.empty()) {
    fix.edits.push_back(insert_in_job(file, job, {"needs: " + id}));
    return fix;
  }
  const WorkflowText& last = job.needs.back();
  if (job.needs_span == last.span)
    fix.edits.push_back({{file, last.span}, fmt::format("[{}, {}]", file->text(last.span), id)});
  else
    fix.edits.push_back(append_item(file, job.needs_span, last.span, id));
  return fix;
}

void for_each_text(const WorkflowJob& job, const std::function<void(const WorkflowText&, bool condition)>& visit) {
  const auto settings = [&](const formats::WorkflowSettings& all) {
    for (const formats::WorkflowSetting& one : all.entries) visit(one.value, false);
    if (all.expression) visit(*all.expression, false);
  };
  visit(job.condition, true);
  settings(job.env);
  settings(job.outputs);
  settings(job.with);
  if (job.matrix) {
    if (job.matrix->expression) visit(*job.matrix->expression, false);
    for (const formats::WorkflowAxis& axis : job.matrix->axes)
      for (const WorkflowText& value : axis.values) visit(value, false);
  }
  for (const formats::WorkflowStep& step : job.steps) {
    visit(step.condition, true);
    visit(step.run, false);
    settings(step.with);
    settings(step.env);
  }
}

bool follows_plan(const model::WorkflowRun& run) {
  for (const model::JobRun& job : run.jobs)
    for (const model::JobStep& step : job.steps)
      for (const model::ScriptPtr& script : step.scripts)
        for (const model::RunCommand& command : script->commands) {
          const std::size_t at = command.program();
          if (at + 1 >= command.words.size() || model::base_name(command.words[at].value) != "forge-analyze") continue;
          const std::string& verb = command.words[at + 1].value;
          if (verb == "plan" || verb == "source") return true;
        }
  return false;
}

std::string text_of(const workspace::Snapshot& snapshot, const model::WorkflowRun& run) {
  std::string text;
  for (const std::string& path : run.files)
    if (const SourceFilePtr file = snapshot.file(path)) text += file->text();
  return text;
}

bool is_main(std::string_view branch) {
  return branch == "main" || branch == "master";
}

std::vector<model::Occasion> occasions(const model::WorkflowRun& run) {
  std::vector<model::Occasion> out;
  const auto add = [&](std::string event, std::string branch) {
    model::Occasion occasion{std::move(event), std::move(branch)};
    if (model::is_started(run, occasion)) out.push_back(std::move(occasion));
  };
  for (const formats::WorkflowTrigger& trigger : (*run.document)->triggers) {
    const std::string& event = trigger.event.value;
    if (event != "push" && !event.starts_with("pull_request")) continue;
    add(event, "main");
    add(event, "master");
    if (!trigger.branches.given) add(event, "topic/x");
    for (const WorkflowText& pattern : trigger.branches.patterns) {
      std::string branch = pattern.value;  // some branch that the pattern takes
      for (std::size_t star = branch.find('*'); star != std::string::npos; star = branch.find('*'))
        branch.replace(star, std::min(branch.find_first_not_of('*', star), branch.size()) - star, "x");
      if (!is_main(branch)) add(event, branch);
    }
  }
  return out;
}

}  // namespace forge::rules
