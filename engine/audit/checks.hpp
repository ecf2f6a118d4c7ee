/// The checks of an audit, the columns of its matrix, and which of them a finding belongs to.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "engine/base/finding.hpp"

namespace forge::audit {

enum class Check {
  refs,          ///< the ref and how fresh it is
  patches,       ///< each patch at the ref
  requirements,  ///< pins, overrides and what source trees require
  closure,       ///< what an install brings
  python,        ///< the target's Python
  packages,      ///< of the distribution
  images,        ///< Dockerfiles
  plan           ///< what would be built
};
inline constexpr std::size_t check_count = 8;
inline constexpr std::array<Check, check_count> all_checks = {Check::refs,    Check::patches, Check::requirements,
                                                              Check::closure, Check::python,  Check::packages,
                                                              Check::images,  Check::plan};
/// `refs`, `patches`, `requirements`, …
[[nodiscard]] std::string_view to_string(Check check);

/// By the rule's name; of rules that are about any file by the kind of the file.
[[nodiscard]] Check check_of(const Finding& finding);

/// It says that something could not be looked at.
[[nodiscard]] bool is_unexamined(const Finding& finding);

/// What is wrong in a few words, made of the rule's name: `does not apply` of `patch-does-not-apply`.
[[nodiscard]] std::string short_words(std::string_view rule);

}  // namespace forge::audit
