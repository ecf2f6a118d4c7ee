/// Version specifiers (PEP 440): `>=1.0,!=1.5.*`.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/formats/syntax_error.hpp"
#include "engine/formats/version.hpp"

namespace forge::formats {

enum class SpecifierOperator {
  equal,          ///< ==
  not_equal,      ///< !=
  less,           ///< <
  less_equal,     ///< <=
  greater,        ///< >
  greater_equal,  ///< >=
  compatible,     ///< ~=
  identical       ///< ===
};

[[nodiscard]] std::string_view to_string(SpecifierOperator op);
/// The operator that `text` starts with, the longest that fits.
[[nodiscard]] std::optional<SpecifierOperator> leading_operator(std::string_view text);

/// What `===` takes at the start of `text`: all up to white space, `;` or `)`.
[[nodiscard]] std::string_view identical_word(std::string_view text);

/// One clause. Only `parse_specifier` makes one.
struct Specifier {
  SpecifierOperator op = SpecifierOperator::equal;
  std::string version_text;        ///< as written, a final `.*` included
  std::optional<Version> version;  ///< without `.*`; absent only for a `===` whose text is no version
  bool wildcard = false;           ///< `.*` at the end
  TextSpan span;

  [[nodiscard]] std::string str() const { return std::string(to_string(op)) + version_text; }
  /// Whether it admits `candidate`; pre-releases count like any other version, as they do where a pin is checked.
  [[nodiscard]] bool contains(const Version& candidate) const;
};

/// All clauses must hold; none: everything does.
struct SpecifierSet {
  std::vector<Specifier> clauses;  ///< as written, doublets too

  /// Sorted, without doublets.
  [[nodiscard]] std::vector<std::string> sorted_clauses() const;
  [[nodiscard]] std::string str() const;
  [[nodiscard]] bool contains(const Version& candidate) const;
};

[[nodiscard]] Syntax<Specifier> parse_specifier(std::string_view text);
/// Empty clauses are passed over, as packaging does.
[[nodiscard]] Syntax<SpecifierSet> parse_specifier_set(std::string_view text);

}  // namespace forge::formats
