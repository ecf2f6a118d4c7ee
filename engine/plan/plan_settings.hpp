/// What the event decides: platforms, caches, attestations, where the result goes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/plan/build_plan.hpp"

namespace forge::plan {

/// Fails with `invalid` where the request contradicts itself or asks for what this event may not do.
[[nodiscard]] Result<void> check_request(const BuildRequest& request);

/// Each platform on a machine of its own, pushed by digest.
[[nodiscard]] bool is_split(const BuildRequest& request);

/// Fills platforms, tags, caches, attestations and output from the request and the target's `image_tags` and
/// `cache_scope`.
void apply_settings(const BuildRequest& request, PlanTarget& target);

/// `linux/arm64` as `linux-arm64`, for names.
[[nodiscard]] std::string platform_pair(std::string_view platform);

}  // namespace forge::plan
