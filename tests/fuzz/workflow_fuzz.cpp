/// A workflow, and the configuration of an update bot, from any bytes: spans stay inside, every text has expressions
/// and commands that can be read.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "engine/formats/update_config.hpp"
#include "engine/formats/workflow.hpp"
#include "engine/formats/workflow_expression.hpp"
#include "engine/model/run_commands.hpp"

namespace {

using namespace forge;

void require(bool condition) {
  if (!condition) std::abort();
}

void require_inside(TextSpan span, std::string_view text) {
  require(span.begin <= span.end && span.end <= text.size());
}

void check_text(const formats::WorkflowText& value, std::string_view file) {
  require_inside(value.span, file);
  const auto nothing = [](const formats::Expression&) -> std::optional<formats::ExpressionValue> {
    return std::nullopt;
  };
  const auto parts = formats::parse_template(value.value);
  for (const formats::TemplatePart& part : parts) {
    require_inside(part.span, value.value);
    require_inside(formats::part_of_scalar(file, value, part.span), file);
    if (part.expression) static_cast<void>(formats::evaluate(*part.expression, nothing));
  }
  if (const auto condition = formats::parse_condition(value.value))
    static_cast<void>(formats::truth(*condition, nothing));
}

void check_step(const formats::WorkflowStep& step, std::string_view file) {
  require_inside(step.span, file);
  check_text(step.condition, file);
  check_text(step.run, file);
  for (const auto& setting : step.with.entries) check_text(setting.value, file);
  const auto commands = model::shell_commands(step.run.value);
  for (const model::RunCommand& command : commands)
    for (const auto& word : command.words) require_inside(word.span, step.run.value);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  const auto parsed = formats::parse_workflow(text);
  for (const Problem& problem : parsed.problems) require_inside(problem.span, text);
  for (const formats::WorkflowJob& job : parsed.value.jobs)
    for (const formats::WorkflowStep& step : job.steps) check_step(step, text);
  const auto config = formats::parse_update_config(text);
  for (const TextSpan value : formats::updated_values(config.value, "releases/2025.2/source-refs.yaml", text))
    require_inside(value, text);
  const auto commands = model::shell_commands(text);
  for (const model::RunCommand& command : commands)
    for (const auto& word : command.words) require_inside(word.span, text);
  return 0;
}
