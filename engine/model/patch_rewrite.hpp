/// New text for a patch of which some sections change: all that is no diff stays byte for byte, but for the numbers
/// of the diffstat.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/formats/patch.hpp"

namespace forge::model {

/// What a section is to say.
struct SectionChange {
  std::string old_path{};
  std::string new_path{};
  std::uint32_t old_mode = 0;
  std::uint32_t new_mode = 0;
  std::string_view before{};  ///< contents
  std::string_view after{};
  bool renames = false;  ///< or copies
  bool creates = false;
  bool deletes = false;
};

/// The section's header with other names, ids and modes where they are others now, and its hunks made anew with as
/// much context as the patch has.
[[nodiscard]] std::string section_text(std::string_view text, const formats::Patch& patch,
                                       const formats::Section& section, const SectionChange& change);

/// `sections` has one entry for each of the patch: its new text, empty where it goes, nothing where it stays.
[[nodiscard]] std::string rewritten_patch(std::string_view text, const formats::Patch& patch,
                                          std::span<const std::optional<std::string>> sections);

}  // namespace forge::model
