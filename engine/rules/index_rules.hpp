/// What other groups of rules ask the index rules for.
#pragma once

#include "engine/rules/rule.hpp"

namespace forge::rules {

/// The closures that the index rules look at, computed in parallel. Nothing where the snapshot has no index.
void prepare_closures(const RuleContext& context);

/// The part of `requires-python-mismatch` that is about pinned versions.
void check_pinned_pythons(const RuleContext& context, Report& report);

/// The part of `extra-unknown` that is about packages from an index: their extras at the version that is installed.
void check_dependency_extras(const RuleContext& context, Report& report);

}  // namespace forge::rules
