/// upper-constraints.txt and overrides/<release>/constraints.txt.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/boxed.hpp"
#include "engine/base/names.hpp"
#include "engine/base/problem.hpp"
#include "engine/formats/marker.hpp"
#include "engine/formats/specifier.hpp"
#include "engine/formats/version.hpp"

namespace forge::formats {

/// One line that says what may be installed of a package: `name===version[;marker]`, or another requirement.
struct Pin {
  PackageName name;
  Spanned<std::string> spelling;  ///< the name as written
  SpecifierOperator op = SpecifierOperator::identical;
  TextSpan op_span;
  Spanned<std::string> version;        ///< as written; of several clauses the first one's
  std::optional<Version> parsed;       ///< absent where `exact()` is false, and for a `===` whose text is no version
  std::vector<Specifier> rest;         ///< further clauses: `<2` of `>=1,<2`
  Boxed<Spanned<std::string>> url;     ///< `name @ url`: then there is no version
  Boxed<Spanned<std::string>> marker;  ///< as written, without the semicolon
  Boxed<Marker> condition;             ///< absent where there is no marker, or one with an error
  TextSpan span;                       ///< without comment and blanks around

  /// Whether it admits exactly one version.
  [[nodiscard]] bool exact() const { return parsed.has_value() && rest.empty(); }
  /// Whether it says something that an installer can use; else the line is left out of what counts.
  [[nodiscard]] bool usable() const;
  [[nodiscard]] const Marker* condition_or_null() const { return condition ? &*condition : nullptr; }
  /// Whether it counts in this environment.
  [[nodiscard]] bool active(const MarkerEnvironment& environment) const {
    return !condition || condition->evaluate(environment);
  }
  /// `===1.0`, `>=1,<2`, ` @ url`; empty for a bare name.
  [[nodiscard]] std::string requirement_text() const;
  /// The line in its usual form: no blanks, no comment.
  [[nodiscard]] std::string line() const;
};

struct Constraints {
  std::vector<Pin> pins;           ///< in file order; of lines with a problem those whose meaning is plain
  std::vector<TextSpan> left_out;  ///< lines that count for nothing; each has a problem
};

/// `name===version[;marker]` replaces or adds a pin, `-name` removes one.
struct Override {
  PackageName name;
  Spanned<std::string> spelling;
  std::optional<Pin> pin;  ///< absent: a removal
  TextSpan span;           ///< without comment and blanks around
  TextSpan reason_span;    ///< the comment lines right above; empty where there are none
  std::string reason;      ///< their text without `#`, lines joined by blanks

  [[nodiscard]] bool removes() const { return !pin; }
};

struct Overrides {
  /// In file order. An entry that is not written as it should be but whose meaning is plain is here
  /// too, as what it means: its pin's operator is `===`.
  std::vector<Override> entries;
  std::vector<TextSpan> left_out;  ///< lines that count for nothing; each has a problem
};

/// Problems are filed under `pin-syntax`. A line with another operator than `===` is none of them: `op` tells.
[[nodiscard]] Parsed<Constraints> parse_constraints(std::string_view text);
/// Problems are filed under `override-syntax` and `override-no-final-newline`.
[[nodiscard]] Parsed<Overrides> parse_overrides(std::string_view text);

}  // namespace forge::formats
