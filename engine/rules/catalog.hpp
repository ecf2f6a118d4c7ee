/// Every rule, as one list.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "engine/rules/rule.hpp"

namespace forge::rules {

/// In the order of the groups; names are unique.
[[nodiscard]] const std::vector<const Rule*>& all_rules();
/// Null where there is no such rule.
[[nodiscard]] const Rule* find_rule(std::string_view name);

// One function per group, each defined in <group>_rules.cpp.
[[nodiscard]] std::span<const Rule> general_rules();
[[nodiscard]] std::span<const Rule> ref_rules();
[[nodiscard]] std::span<const Rule> patch_rules();
[[nodiscard]] std::span<const Rule> patch_landing_rules();
[[nodiscard]] std::span<const Rule> patch_wiring_rules();
[[nodiscard]] std::span<const Rule> patch_upstream_rules();
[[nodiscard]] std::span<const Rule> pin_rules();
[[nodiscard]] std::span<const Rule> upstream_pin_rules();
[[nodiscard]] std::span<const Rule> override_rules();
[[nodiscard]] std::span<const Rule> requirement_rules();
[[nodiscard]] std::span<const Rule> install_rules();
[[nodiscard]] std::span<const Rule> bindep_rules();
[[nodiscard]] std::span<const Rule> apt_rules();
[[nodiscard]] std::span<const Rule> image_rules();
[[nodiscard]] std::span<const Rule> dockerfile_rules();
[[nodiscard]] std::span<const Rule> dockerfile_path_rules();
[[nodiscard]] std::span<const Rule> dockerfile_install_rules();
[[nodiscard]] std::span<const Rule> index_rules();
[[nodiscard]] std::span<const Rule> native_rules();
[[nodiscard]] std::span<const Rule> ref_tracking_rules();
[[nodiscard]] std::span<const Rule> tag_rules();
[[nodiscard]] std::span<const Rule> workflow_rules();
[[nodiscard]] std::span<const Rule> workflow_list_rules();
[[nodiscard]] std::span<const Rule> workflow_script_rules();

}  // namespace forge::rules
