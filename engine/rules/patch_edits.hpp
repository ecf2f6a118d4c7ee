/// Edits of a patch series as files: names carry the order.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/finding.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::rules {

/// The last part of a path.
[[nodiscard]] std::string_view file_name(std::string_view path);

/// The digits that a patch's name starts with, without leading zeros; nothing where there are none.
[[nodiscard]] std::optional<std::string> patch_number(std::string_view name);
[[nodiscard]] bool number_before(const std::string& a, const std::string& b);

/// Numbers of four digits in the order that the present numbers mean.
[[nodiscard]] Fix renumber(const workspace::PatchSeries& series);

/// Takes one patch out and moves the numbers behind it up; nothing where it is the last one, or where the numbers do
/// not go up one by one.
[[nodiscard]] std::optional<Fix> delete_and_renumber(const workspace::PatchSeries& series, std::size_t patch);

/// Makes a file's text `after`, in one edit of whole lines.
[[nodiscard]] TextEdit replacement(const SourceFilePtr& file, std::string_view after);

/// What a copy of the patch `name` is to be called as the last one of a series, which may be null or empty.
[[nodiscard]] std::string name_behind(const workspace::PatchSeries* series, std::string_view name);

}  // namespace forge::rules
