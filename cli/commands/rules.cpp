#include <array>
#include <filesystem>
#include <set>
#include <system_error>

#include <nlohmann/json.hpp>

#include "cli/commands/table.hpp"
#include "cli/environment.hpp"
#include "cli/render/json.hpp"
#include "cli/render/text.hpp"
#include "engine/base/atomic_file.hpp"
#include "engine/base/text.hpp"
#include "engine/rules/catalog.hpp"
#include "engine/rules/pages.hpp"

namespace forge::cli {

namespace {

using rules::Rule;
using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 3> formats = {"text", "json", "markdown"};
constexpr std::array<std::string_view, 4> list_formats = {"text", "json", "markdown", "pages"};
constexpr std::array rule_argument = {Positional{"RULE", "a rule's name, as it stands in brackets in findings"}};

Json rule_json(const Rule& rule) {
  return {{"name", rule.name},
          {"severity", to_string(rule.severity)},
          {"needs", rules::needs_words(rule)},
          {"summary", rule.summary},
          {"doc", rule.doc},
          {"bad", rule.bad},
          {"good", rule.good}};
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
                     to_string(rule.severity), rule.summary, rules::needs_words(rule), rule.doc,
                     indented("Bad", rule.bad), indented("Good", rule.good));
}

/// A page for each rule and the list of all; pages of rules that are no more go.
void write_pages(const std::string& folder) {
  namespace fs = std::filesystem;
  std::set<std::string> written{"README.md"};
  value_or_stop(write_file_atomically(folder + "/README.md", rules::rules_index()).map([] { return true; }));
  for (const Rule* rule : rules::all_rules()) {
    const std::string name = fmt::format("{}.md", rule->name);
    value_or_stop(write_file_atomically(folder + "/" + name, rules::rule_page(*rule)).map([] { return true; }));
    written.insert(name);
  }
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (entry.is_regular_file(error) && name.ends_with(".md") && !written.contains(name)) fs::remove(entry, error);
  }
}

ExitCode run_rules_command(const Invocation& invocation) {
  const std::string format = invocation.format();
  if (format == "pages") {
    const auto folder = invocation.value("--output");
    if (!folder) throw NotDone("`--format pages` writes a folder.", {"name it with `-o DIR`, as docs/rules"});
    write_pages(*folder);
  } else if (format == "json") {
    Json list = Json::array();
    for (const Rule* rule : rules::all_rules()) list.push_back(rule_json(*rule));
    emit(invocation, to_text({{"version", 1}, {"rules", std::move(list)}}));
  } else if (format == "markdown") {
    std::string text;
    for (const Rule* rule : rules::all_rules()) text += rules::rule_page(*rule) + "\n";
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
    emit(invocation, format == "markdown" ? rules::rule_page(rule) : rule_text(rule, use_color(invocation, 1)));
  return exit_done;
}

}  // namespace

extern const Command rules_command = {
    .name = "rules",
    .summary = "the rule catalogue",
    .description = "All rules with their levels. `--format pages -o docs/rules` writes a page for each.",
    .formats = list_formats,
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
