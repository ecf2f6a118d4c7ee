/// bindep.txt: which system packages a tree wants, on which platforms and for which profiles. The grammar is that of
/// OpenDev's bindep 2.14; a line that it refuses is a problem here and leaves the other lines as they are.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/base/problem.hpp"
#include "engine/base/span.hpp"

namespace forge::formats {

/// `nova`, `!test`, `platform:dpkg`.
struct BindepAtom {
  std::string name;  ///< without the `!`
  bool negated = false;
  TextSpan span;  ///< with the `!`

  /// Names a platform; the name goes on after `platform:`.
  [[nodiscard]] bool is_platform() const { return name.starts_with("platform:"); }
};

/// `(nova build)`: all of them.
struct BindepGroup {
  std::vector<BindepAtom> atoms;
  TextSpan span;  ///< with the parentheses
};

using BindepItem = std::variant<BindepAtom, BindepGroup>;

enum class BindepOperator { less_or_equal, less, not_equal, equal, greater_or_equal, greater };
[[nodiscard]] std::string_view to_string(BindepOperator op);

/// `>=1.2`
struct BindepConstraint {
  BindepOperator op = BindepOperator::equal;
  Spanned<std::string> version;
  TextSpan span;
};

/// One line: `libvirt0 [platform:dpkg (nova kvm)] >=8,<11`.
struct BindepRule {
  Spanned<std::string> name;
  std::vector<BindepItem> selector;
  TextSpan selector_span;  ///< with the brackets; empty, behind the name, where there is none
  std::vector<BindepConstraint> constraints;
};

struct Bindep {
  std::vector<BindepRule> rules;  ///< in file order, duplicates kept
};

[[nodiscard]] Parsed<Bindep> parse_bindep(std::string_view text);

/// As written, joined by commas: `>=8,<11`; empty where there is none.
[[nodiscard]] std::string constraint_text(const BindepRule& rule);

}  // namespace forge::formats
