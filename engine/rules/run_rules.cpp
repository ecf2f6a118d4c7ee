#include "engine/rules/run_rules.hpp"

#include <algorithm>
#include <iterator>

namespace forge::rules {

namespace {

Severity level_of(const Rule& rule, Severity found, const formats::ForgeConfig& config) {
  const auto set = config.rules.find(rule.name);
  return set == config.rules.end() ? found : set->second;
}

std::vector<Finding> findings_of(const Rule& rule, const RuleContext& context) {
  Report report(rule);
  rule.check(context, report);
  std::vector<Finding> findings = report.take();
  for (Finding& finding : findings) finding.severity = level_of(rule, finding.severity, context.snapshot.config());
  std::erase_if(findings, [&](const Finding& finding) {
    return finding.severity == Severity::off || !context.selects(finding.release, finding.component);
  });
  return findings;
}

}  // namespace

std::vector<Finding> run_rules(const workspace::Snapshot& snapshot, const RunOptions& options, const TaskPool& pool) {
  const RuleContext context{snapshot, pool, options.release, options.component, options.offline};
  std::vector<const Rule*> rules;
  std::ranges::copy_if(all_rules(), std::back_inserter(rules), [&](const Rule* rule) {
    const bool switched_off = level_of(*rule, rule->severity, snapshot.config()) == Severity::off;
    return !switched_off && !(options.files_only && rule->needs != Needs::files);
  });
  std::vector<std::vector<Finding>> found(rules.size());
  pool.for_each(rules.size(), [&](std::size_t i) { found[i] = findings_of(*rules[i], context); });
  std::vector<Finding> all;
  for (std::vector<Finding>& findings : found) std::ranges::move(findings, std::back_inserter(all));
  std::ranges::stable_sort(all, before);
  return all;
}

}  // namespace forge::rules
