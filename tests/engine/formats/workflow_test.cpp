#include "engine/formats/workflow.hpp"

#include <doctest/doctest.h>

#include "engine/formats/update_config.hpp"
#include "engine/formats/workflow_expression.hpp"

using namespace forge;
using namespace forge::formats;

namespace {

constexpr std::string_view text = R"(on:
  push:
    branches: [main, "stable/**"]
  pull_request:
env: {A: b}
jobs:
  build:
    needs: [plan]
    if: github.event_name == 'push'
    strategy:
      matrix:
        service: [keystone, nova]
        include:
          - {service: keystone, extra: x}
    steps:
      - id: one
        run: |
          echo first

            git apply "x"
      - uses: docker/build-push-action@v6
        with:
          tags: >
            one
            two
  call:
    uses: ./.github/workflows/other.yaml
)";

std::optional<ExpressionValue> nothing(const Expression&) {
  return std::nullopt;
}

std::optional<bool> truth_of(std::string_view condition, std::string_view event) {
  return truth(*parse_condition(condition), [&](const Expression& name) -> std::optional<ExpressionValue> {
    if (name.name == "github.event_name") return std::string(event);
    return std::nullopt;
  });
}

}  // namespace

TEST_CASE("workflow: triggers, jobs, matrices and steps with their places") {
  const auto parsed = parse_workflow(text);
  CHECK(parsed.problems.empty());
  const Workflow& workflow = parsed.value;
  REQUIRE(workflow.trigger("push") != nullptr);
  CHECK(workflow.trigger("push")->branches.patterns[1].value == "stable/**");
  CHECK(workflow.trigger("pull_request") != nullptr);
  const WorkflowJob* job = workflow.job("build");
  REQUIRE(job != nullptr);
  CHECK(job->needs.front().value == "plan");
  CHECK(job->matrix->axes.front().values.size() == 2);
  CHECK(job->matrix->include.front().find("extra")->value == "x");
  REQUIRE(job->steps.size() == 2);
  const WorkflowText& run = job->steps[0].run;
  const std::size_t at = run.value.find("apply");
  const TextSpan part = part_of_scalar(text, run, span_of(at, at + 5));
  CHECK(text.substr(part.begin, part.size()) == "apply");
  CHECK(text.substr(part.begin - 4, 4) == "git ");
  const WorkflowText& tags = *job->steps[1].with.find("tags");
  const std::size_t two = tags.value.find("two");
  const TextSpan second = part_of_scalar(text, tags, span_of(two, two + 3));
  CHECK(text.substr(second.begin, second.size()) == "two");
  CHECK(job->steps[1].action() == "docker/build-push-action");
  CHECK(workflow.job("call")->uses.value == "./.github/workflows/other.yaml");
}

TEST_CASE("workflow: what is no workflow is a problem, not a crash") {
  CHECK(parse_workflow("- a\n").problems.size() == 1);
  CHECK(parse_workflow(std::string((1U << 20U) + 1, 'a')).problems.size() == 1);
  CHECK(parse_workflow("jobs: {a: {steps: [1, {run: [x]}], needs: {}}}").value.jobs.size() == 1);
  CHECK(parse_workflow("jobs: 3\non: 4\n").value.jobs.empty());
}

TEST_CASE("workflow expressions: conditions as far as they can be told") {
  CHECK(truth_of("github.event_name != 'pull_request'", "push") == true);
  CHECK(truth_of("${{ github.event_name == 'pull_request' && 'a' || '' }}", "push") == false);
  CHECK(truth_of("vars.X == 'y' && github.event_name == 'push'", "pull_request") == false);
  CHECK(truth_of("vars.X == 'y' && github.event_name == 'push'", "push") == std::nullopt);
  CHECK(truth_of("always() || vars.X", "push") == true);
  CHECK(truth_of("startsWith(github.event_name, 'pull_')", "pull_request") == true);
  CHECK(truth_of("!(github.event_name == 'push')", "push") == false);
  CHECK(truth_of("github.event_name ==", "push") == std::nullopt);
  CHECK(truth_of("contains(fromJSON('[\"a\"]'), github.event_name)", "a") == std::nullopt);
  CHECK(to_text(*evaluate(parse_expression("format('{0}-{1}{{', 'a', 2)"), nothing)) == "a-2{");
}

TEST_CASE("workflow expressions: a brace inside of a literal ends nothing, depth has a bound") {
  const auto parts = parse_template("a${{ format('}}', x) }}b");
  REQUIRE(parts.size() == 3);
  CHECK(parts[1].expression->kind == Expression::Kind::call);
  CHECK(parse_expression(std::string(1000, '(')).kind == Expression::Kind::unknown);
  std::string chain = "1";
  for (int i = 0; i < 2000; ++i) chain += "||1";
  CHECK(parse_expression(chain).kind == Expression::Kind::unknown);
}

TEST_CASE("update config: patterns in Renovate's spelling find values") {
  const auto config = parse_update_config(R"x({"extends": ["config:recommended"], // comments are read
    "customManagers": [{"customType": "regex", "managerFilePatterns": ["releases/*/source-refs.yaml"],
    "matchStrings": ["(?<depName>\\w+): \"(?<currentValue>[\\d.]+)\""]}]})x");
  CHECK(config.value.whole);
  CHECK(looks_at(config.value, "releases/2025.2/source-refs.yaml"));
  CHECK_FALSE(looks_at(config.value, "releases/a/b/source-refs.yaml"));
  const auto values = updated_values(config.value, "releases/2025.2/source-refs.yaml", "a: \"1.2\"\nb: 2\n");
  REQUIRE(values.size() == 1);
  CHECK(values.front() == TextSpan{4, 7});
  const auto lookahead = parse_update_config(R"x({"customManagers": [{"matchStrings": ["(?=x)"]}]})x");
  CHECK_FALSE(lookahead.value.whole);
  CHECK_FALSE(parse_update_config("[").value.whole);
}
