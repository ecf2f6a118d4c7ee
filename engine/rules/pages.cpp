#include "engine/rules/pages.hpp"

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/rules/catalog.hpp"

namespace forge::rules {

namespace {

std::string fenced(std::string_view title, std::string_view example) {
  return example.empty() ? std::string() : fmt::format("\n{}:\n\n```\n{}```\n", title, example);
}

/// Where the rule may be lowered, raised, switched off or silenced: the same for all.
std::string settings_of(const Rule& rule) {
  const bool patch = rule.name.starts_with("patch-");
  return fmt::format(
      "\nIts level is set in forge.yaml, `rules: {{{}: off}}` (or hint, info, warning, error). One finding is accepted "
      "by "
      "{}\n",
      rule.name,
      patch ? fmt::format("a line `Forge-Ignore: {}` above the patch's first diff.", rule.name)
            : fmt::format("a comment `# forge: ignore[{}]` on its line or above it.", rule.name));
}

}  // namespace

std::string_view needs_words(const Rule& rule) {
  switch (rule.needs) {
    case Needs::files:
      return "the forge's files";
    case Needs::upstream:
      return "the upstream's source";
    case Needs::index:
      break;
  }
  return "the upstream's source and the package index";
}

std::string rule_url(std::string_view name) {
  return fmt::format("https://github.com/c5c3/forge-analyze/blob/main/docs/rules/{}.md", name);
}

std::string rule_page(const Rule& rule) {
  return fmt::format("# {}\n\n{}: {}. Looks at {}.\n\n{}\n{}{}{}", rule.name, to_string(rule.severity), rule.summary,
                     needs_words(rule), rule.doc, fenced("Bad", rule.bad), fenced("Good", rule.good),
                     settings_of(rule));
}

std::string rules_index() {
  std::string out = fmt::format(
      "# Rules\n\n{} rules. Each page is what `forge-analyze explain RULE` says; `forge-analyze rules --format pages` "
      "writes them.\n\n| rule | level | what was found |\n| --- | --- | --- |\n",
      all_rules().size());
  for (const Rule* rule : all_rules())
    out += fmt::format("| [{0}]({0}.md) | {1} | {2} |\n", rule->name, to_string(rule->severity), rule->summary);
  return out;
}

}  // namespace forge::rules
