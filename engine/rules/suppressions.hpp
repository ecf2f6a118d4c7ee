/// Findings that a person has looked at and accepts: `# forge: ignore[rule, rule]` on the finding's line or on a line
/// of its own above it (of at most 4096 bytes; the first thousand of a file count), and in a patch a line
/// `Forge-Ignore: rule, rule` above the first diff, for the whole file.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "engine/rules/rule.hpp"

namespace forge::rules {

/// Takes out what is ignored. An ignore that ignored nothing, of a rule that had all it needs (`had_all`; asked only
/// where there is such an ignore), or that names no rule, is a finding of `ignore-unused` itself. Never while a file
/// does not parse: what a rule says of it then, and of what depends on it, is not all there is.
void apply_suppressions(const workspace::Snapshot& snapshot, const std::function<bool(Needs)>& had_all,
                        std::vector<Finding>& findings);

/// Makes the forge ignore that finding: at the end of its line, on a line above it, or among those that are ignored
/// there already. Nothing where no comment can stand there.
[[nodiscard]] std::optional<Fix> suppress(const Finding& finding);

}  // namespace forge::rules
