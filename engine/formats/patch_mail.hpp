/// What `git format-patch` writes around a diff: who, when, why.
#pragma once

#include <string_view>
#include <vector>

#include "engine/base/problem.hpp"
#include "engine/formats/patch.hpp"

namespace forge::formats {

/// `gaps` are the stretches of text that belong to no section, in order.
[[nodiscard]] std::vector<Mail> read_mails(std::string_view text, const std::vector<TextSpan>& gaps);

/// Files under `patch-metadata-missing` what a later reader of the patch will ask for and not find.
void report_missing_metadata(std::string_view text, const Patch& patch, std::vector<Problem>& problems);

}  // namespace forge::formats
