#include "engine/rules/catalog.hpp"

#include <algorithm>

namespace forge::rules {

const std::vector<const Rule*>& all_rules() {
  static const std::vector<const Rule*> rules = [] {
    std::vector<const Rule*> all;
    for (const auto& group : {general_rules(),
                              ref_rules(),
                              patch_rules(),
                              patch_landing_rules(),
                              patch_wiring_rules(),
                              patch_upstream_rules(),
                              pin_rules(),
                              upstream_pin_rules(),
                              override_rules(),
                              requirement_rules(),
                              install_rules(),
                              bindep_rules(),
                              apt_rules(),
                              image_rules(),
                              dockerfile_rules(),
                              dockerfile_path_rules(),
                              dockerfile_install_rules(),
                              index_rules(),
                              native_rules(),
                              ref_tracking_rules(),
                              tag_rules(),
                              workflow_rules(),
                              workflow_list_rules(),
                              workflow_script_rules()}) {
      for (const Rule& rule : group) all.push_back(&rule);
    }
    return all;
  }();
  return rules;
}

const Rule* find_rule(std::string_view name) {
  const auto found = std::ranges::find(all_rules(), name, [](const Rule* rule) { return rule->name; });
  return found == all_rules().end() ? nullptr : *found;
}

Added Report::add_message(SourceFilePtr file, TextSpan span, std::string message) {
  Finding finding{.rule = std::string(rule_.name),
                  .severity = rule_.severity,
                  .message = std::move(message),
                  .component = {},
                  .release = {},
                  .place = {std::move(file), span},
                  .related = {},
                  .fixes = {}};
  return Added(findings_.emplace_back(std::move(finding)));
}

void Report::add_problem(const SourceFilePtr& file, const Problem& problem, std::string_view release,
                         std::string_view component) {
  if (problem.rule != rule_.name) return;
  Added added = add_message(file, problem.span, problem.message);
  added.about(release, component);
  for (const ProblemFix& fix : problem.fixes) added.fix(fix.title, fix.span, fix.new_text, true);
  if (!problem.related.empty()) added.related(file, problem.related, problem.related_message);
}

}  // namespace forge::rules
