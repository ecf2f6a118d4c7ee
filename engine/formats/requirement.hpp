/// One requirement (PEP 508): `name[extra]>=1.0; marker` or `name @ url ; marker`.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/names.hpp"
#include "engine/base/span.hpp"
#include "engine/formats/marker.hpp"
#include "engine/formats/specifier.hpp"
#include "engine/formats/syntax_error.hpp"

namespace forge::formats {

struct Requirement {
  PackageName name;
  Spanned<std::string> spelling;             ///< the name as written
  std::vector<Spanned<std::string>> extras;  ///< normalised, as written otherwise
  SpecifierSet specifiers;
  TextSpan specifiers_span;  ///< without parentheses; empty where there are none
  std::optional<Spanned<std::string>> url;
  std::optional<Marker> marker;
  TextSpan marker_span;  ///< without the semicolon

  /// Normalised, sorted, without doublets.
  [[nodiscard]] std::vector<std::string> sorted_extras() const;
};

/// `text` is one logical line: no comment, no continuation.
[[nodiscard]] Syntax<Requirement> parse_requirement(std::string_view text);

}  // namespace forge::formats
