/// Cells of workflows' matrices, for the rule on refs that are missing.
#pragma once

#include "engine/rules/rule.hpp"

namespace forge::rules {

/// Reports releases and services of a matrix that source-refs.yaml does not have.
void check_matrix_refs(const RuleContext& context, Report& report);

}  // namespace forge::rules
