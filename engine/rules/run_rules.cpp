#include "engine/rules/run_rules.hpp"

#include <algorithm>
#include <atomic>
#include <iterator>

#include "engine/model/declared_requirements.hpp"
#include "engine/model/hunk_landing.hpp"
#include "engine/model/patch_series.hpp"
#include "engine/model/ref_status.hpp"
#include "engine/rules/index_rules.hpp"
#include "engine/rules/selected.hpp"
#include "engine/rules/suppressions.hpp"

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

/// The answers that many rules ask for and that take long, computed in parallel before the rules run: otherwise the
/// first rule to ask would compute all of them alone while the others wait.
void prepare(const RuleContext& context, const RunOptions& options) {
  const std::vector<workspace::PatchSeries>& all = context.snapshot.patch_series();
  const std::vector<model::ForgeRef> refs = selected_refs_by_component(context);
  context.pool.for_each(refs.size(), [&](std::size_t i) {
    (void)model::declared_requirements(context.snapshot, refs[i].release, refs[i].entry->component.value);
  });
  std::atomic<std::size_t> done{0};
  context.pool.for_each(all.size(), [&](std::size_t i) {
    if (!context.selects(all[i].release, all[i].component)) return;
    (void)model::odd_landings(context.snapshot, all[i]);
    if (options.progress) options.progress(++done, all.size(), all[i].component);
  });
  prepare_closures(context);
}

bool says_nothing(std::string_view name, const RuleContext& context) {
  Report report(*find_rule(name));
  find_rule(name)->check(context, report);
  return report.size() == 0;
}

/// Whether the rules that need that had it for all of the forge. Those that tell what is missing are asked whatever
/// their level is.
bool had_all(Needs needs, const RuleContext& context, bool files_only) {
  if (needs == Needs::files) return true;
  if (files_only) return false;
  if (needs == Needs::upstream) return says_nothing("upstream-unavailable", context);
  return context.snapshot.index() != nullptr && context.snapshot.distribution() != nullptr &&
         says_nothing("index-unavailable", context) && says_nothing("distribution-unavailable", context);
}

}  // namespace

std::vector<Finding> run_rules(const workspace::Snapshot& snapshot, const RunOptions& options, const TaskPool& pool) {
  const RuleContext context{snapshot, pool, options.release, options.component, options.offline, options.concerns};
  std::vector<const Rule*> rules;
  std::ranges::copy_if(all_rules(), std::back_inserter(rules), [&](const Rule* rule) {
    const bool switched_off = level_of(*rule, rule->severity, snapshot.config()) == Severity::off;
    return !switched_off && !(options.files_only && rule->needs != Needs::files);
  });
  if (!options.files_only) prepare(context, options);
  std::vector<std::vector<Finding>> found(rules.size());
  pool.for_each(rules.size(), [&](std::size_t i) { found[i] = findings_of(*rules[i], context); });
  std::vector<Finding> all;
  for (std::vector<Finding>& findings : found) std::ranges::move(findings, std::back_inserter(all));
  apply_suppressions(
      snapshot, [&](Needs needs) { return context.selects_all() && had_all(needs, context, options.files_only); }, all);
  std::ranges::stable_sort(all, before);
  return all;
}

}  // namespace forge::rules
