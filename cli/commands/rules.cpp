#include <array>

#include <nlohmann/json.hpp>

#include "cli/commands/table.hpp"
#include "cli/environment.hpp"
#include "cli/render/json.hpp"
#include "cli/render/text.hpp"
#include "engine/base/text.hpp"
#include "engine/rules/catalog.hpp"

namespace forge::cli {

namespace {

using rules::Rule;
using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 3> formats = {"text", "json", "markdown"};
constexpr std::array rule_argument = {Positional{"RULE", "a rule's name, as it stands in brackets in findings"}};

std::string_view needs_of(const Rule& rule) {
  switch (rule.needs) {
    case rules::Needs::files:
      return "the forge's files";
    case rules::Needs::upstream:
      return "the upstream's source";
    case rules::Needs::index:
      break;
  }
  return "the upstream's source and the package index";
}

Json rule_json(const Rule& rule) {
  return {{"name", rule.name},       {"severity", to_string(rule.severity)},
          {"needs", needs_of(rule)}, {"summary", rule.summary},
          {"doc", rule.doc},         {"bad", rule.bad},
          {"good", rule.good}};
}

std::string fenced(std::string_view title, std::string_view example) {
  return example.empty() ? std::string() : fmt::format("\n{}:\n\n```\n{}```\n", title, example);
}

/// The same text for `explain`, the rule's page and an editor's link.
std::string rule_markdown(const Rule& rule) {
  return fmt::format("# {}\n\n{}: {}. Looks at {}.\n\n{}\n{}{}", rule.name, to_string(rule.severity), rule.summary,
                     needs_of(rule), rule.doc, fenced("Bad", rule.bad), fenced("Good", rule.good));
}

std::string indented(std::string_view title, std::string_view example) {
  if (example.empty()) return {};
  std::string out = fmt::format("\n{}:\n", title);
  for (const std::string_view line : split(example, '\n')) {
    if (!line.empty()) out += fmt::format("    {}\n", line);
  }
  return out;
}

std::string rule_text(const Rule& rule, bool color) {
  return fmt::format("{} ({}): {}\nLooks at {}.\n\n{}\n{}{}", styled(rule.name, Style::bold, color),
                     to_string(rule.severity), rule.summary, needs_of(rule), rule.doc, indented("Bad", rule.bad),
                     indented("Good", rule.good));
}

ExitCode run_rules_command(const Invocation& invocation) {
  const std::string format = invocation.format();
  if (format == "json") {
    Json list = Json::array();
    for (const Rule* rule : rules::all_rules()) list.push_back(rule_json(*rule));
    emit(invocation, to_text({{"version", 1}, {"rules", std::move(list)}}));
  } else if (format == "markdown") {
    std::string text;
    for (const Rule* rule : rules::all_rules()) text += rule_markdown(*rule) + "\n";
    emit(invocation, text);
  } else {
    std::vector<std::vector<std::string>> rows = {{"RULE", "LEVEL", "WHAT WAS FOUND"}};
    for (const Rule* rule : rules::all_rules())
      rows.push_back({std::string(rule->name), std::string(to_string(rule->severity)), std::string(rule->summary)});
    emit(invocation, table_text(rows, use_color(invocation, 1)));
  }
  return exit_done;
}

const Rule& rule_named(const std::string& name) {
  if (const Rule* rule = rules::find_rule(name)) return *rule;
  std::vector<std::string> names;
  for (const Rule* rule : rules::all_rules()) names.emplace_back(rule->name);
  const auto meant = nearest(name, names);
  throw NotDone(fmt::format("There is no rule `{}`.", name),
                {meant ? fmt::format("did you mean `{}`?", *meant) : std::string("`forge-analyze rules` lists them")});
}

ExitCode run_explain(const Invocation& invocation) {
  const Rule& rule = rule_named(invocation.positional("RULE").front());
  const std::string format = invocation.format();
  if (format == "json")
    emit(invocation, to_text({{"version", 1}, {"rule", rule_json(rule)}}));
  else
    emit(invocation, format == "markdown" ? rule_markdown(rule) : rule_text(rule, use_color(invocation, 1)));
  return exit_done;
}

}  // namespace

extern const Command rules_command = {
    .name = "rules",
    .summary = "the rule catalogue",
    .formats = formats,
    .run = run_rules_command,
};

extern const Command explain_command = {
    .name = "explain",
    .summary = "one rule: what it means, why it matters, how to mend it",
    .positionals = rule_argument,
    .formats = formats,
    .run = run_explain,
};

}  // namespace forge::cli
