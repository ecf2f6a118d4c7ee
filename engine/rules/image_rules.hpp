#pragma once

#include "engine/rules/rule.hpp"

namespace forge::rules {

/// The part of `runtime-build-tools` that reads Dockerfiles: packages that the final stage of a service, or of a base
/// it stands on, installs by name.
void check_build_tools_in_images(const RuleContext& context, Report& report);

}  // namespace forge::rules
