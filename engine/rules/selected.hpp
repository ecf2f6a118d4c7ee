/// What rules look at where only a part of the forge is asked for: the rest may be large, and is not read.
#pragma once

#include <string>
#include <vector>

#include "engine/model/image_requirements.hpp"
#include "engine/model/ref_status.hpp"
#include "engine/rules/rule.hpp"

namespace forge::rules {

/// In the order of the files; those without a value too.
[[nodiscard]] std::vector<model::ForgeRef> selected_refs(const RuleContext& context);

/// The same sorted by component: for what asks a component's repository, which is then opened once for all releases.
[[nodiscard]] std::vector<model::ForgeRef> selected_refs_by_component(const RuleContext& context);

/// Of the images of a release that are selected, or into which a selected component's tree may be installed: what such
/// a tree is required to bring is known only with all of them.
[[nodiscard]] std::vector<const model::ImageRequirements*> selected_requirements(const RuleContext& context,
                                                                                 const std::string& release);

}  // namespace forge::rules
