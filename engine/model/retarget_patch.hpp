/// Edits that let sections of a patch change another file.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/formats/patch.hpp"

namespace forge::model {

/// Replace a span of the patch's text.
using PatchEdits = std::vector<std::pair<TextSpan, std::string>>;

/// Writes `path` for the section's old path (and for its new one where both are the same) in every header line. With
/// `new_prefix` the names begin with `a/` and `b/` afterwards, whatever stood there. Empty where a name is quoted or
/// stands in a way that is not understood.
[[nodiscard]] PatchEdits retarget(std::string_view text, const formats::Section& section, std::string_view path,
                                  bool new_prefix);

/// The text after the edits, which do not overlap.
[[nodiscard]] std::string edited(std::string_view text, const PatchEdits& edits);

}  // namespace forge::model
