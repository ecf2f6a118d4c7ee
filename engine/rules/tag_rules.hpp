/// Tags of workflows, for the rule on names that no registry takes.
#pragma once

#include "engine/rules/rule.hpp"

namespace forge::rules {

void check_workflow_tags(const RuleContext& context, Report& report);

}  // namespace forge::rules
