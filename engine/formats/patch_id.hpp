/// The identity of a change whatever its line numbers and white space are: `git patch-id --stable` of git 2.39
/// (builtin/patch-id.c).
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace forge::formats {

struct PatchId {
  std::array<std::uint8_t, 20> bytes{};

  [[nodiscard]] std::string hex() const;
  friend auto operator<=>(const PatchId&, const PatchId&) = default;
};

/// One change of a text, and the commit that the line before it names.
struct IdentifiedChange {
  PatchId id;
  std::string_view commit{};  ///< 40 digits of `From 12ab…` or `commit 12ab…`; empty where there is no such line
};

/// What git prints for `text`, in that order: one for each mail of an mbox. Nothing for a patch without a line `diff
/// …`.
[[nodiscard]] std::vector<IdentifiedChange> stable_patch_ids(std::string_view text);

}  // namespace forge::formats
