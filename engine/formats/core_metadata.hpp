/// Core metadata: METADATA of a wheel, PKG-INFO of an sdist.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/formats/requirement.hpp"
#include "engine/formats/specifier.hpp"

namespace forge::formats {

struct CoreMetadata {
  std::string metadata_version;
  std::string name;
  std::string version;
  std::vector<std::string> requires_dist;    ///< as written, unfolded
  std::vector<std::string> provides_extras;  ///< normalised, sorted, without doublets
  std::string requires_python;               ///< as written; empty: none
  std::vector<std::string> dynamic;          ///< field names in lower case (PEP 643)
  std::string license_expression;            ///< in SPDX's words (PEP 639); empty: none, or none that can be one
  /// Of the classifiers of a licence what tells which: `MIT License` of `License :: OSI Approved :: MIT License`; in
  /// their order.
  std::vector<std::string> licenses;

  /// Whether an sdist's PKG-INFO settles what an install requires (PEP 643); a wheel's METADATA always does.
  [[nodiscard]] bool requirements_are_static() const;
  /// Only the fields above, in a fixed order: all that is worth keeping.
  [[nodiscard]] std::string str() const;
};

/// Reads the headers up to the first empty line; a line that is none is passed over.
[[nodiscard]] CoreMetadata parse_core_metadata(std::string_view text);

/// The requirement of published metadata, which can't be mended any more: uv's repairs of known slips (`>=1.9.*`, a
/// missing or trailing comma, `!=3.0*`, a stray quote) are tried where the text as it stands makes no sense.
[[nodiscard]] Syntax<Requirement> parse_published_requirement(std::string_view text);
/// Requires-Python, with the same repairs.
[[nodiscard]] Syntax<SpecifierSet> parse_published_specifiers(std::string_view text);

}  // namespace forge::formats
