/// Environment markers (PEP 508): `python_version >= '3.9' and sys_platform == 'linux'`. Where pip and uv evaluate one
/// differently, uv's way is taken, since uv builds the images: text is ordered as text, and a clause that makes no
/// sense (a bad version, two literals, two variables) counts as if it were not there.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/formats/specifier.hpp"
#include "engine/formats/syntax_error.hpp"

namespace forge::formats {

enum class MarkerVariable : std::uint8_t {
  os_name,
  sys_platform,
  platform_machine,
  platform_python_implementation,
  platform_release,
  platform_system,
  platform_version,
  python_version,
  python_full_version,
  implementation_name,
  implementation_version,
  extra  ///< not part of an environment: what was asked for in brackets
};

[[nodiscard]] std::string_view to_string(MarkerVariable variable);
/// By its name; the old aliases (`os.name`) are no names.
[[nodiscard]] std::optional<MarkerVariable> marker_variable(std::string_view name);

/// A value for each variable but `extra`.
class MarkerEnvironment {
 public:
  /// CPython on Linux. `python` is `3.12.3`, or `3.12`, which counts as `3.12.0`; `machine` is `x86_64`, `aarch64`.
  static MarkerEnvironment linux_cpython(std::string_view python, std::string_view machine);

  [[nodiscard]] const std::string& operator[](MarkerVariable variable) const { return values_.at(index(variable)); }
  std::string& operator[](MarkerVariable variable) { return values_.at(index(variable)); }

 private:
  static std::size_t index(MarkerVariable variable) { return static_cast<std::size_t>(variable); }
  std::array<std::string, static_cast<std::size_t>(MarkerVariable::extra)> values_;
};

struct MarkerOperand {
  std::optional<MarkerVariable> variable;  ///< absent: a literal
  std::string literal;                     ///< without quotes; a name of an extra is normalised
  TextSpan span;                           ///< with quotes
};

enum class MarkerOperator : std::uint8_t { compare, in, not_in };

/// What a clause asks about; `nothing` where it makes no sense.
enum class MarkerSense : std::uint8_t { nothing, version, text, extra };

struct MarkerClause {
  MarkerOperand left;
  MarkerOperator op = MarkerOperator::compare;
  SpecifierOperator comparison = SpecifierOperator::equal;  ///< which one, where `op` is compare
  MarkerOperand right;
  MarkerSense sense = MarkerSense::nothing;
  /// What the variable's value must fulfil where the sense is version; for `in` and `not in` one for each word.
  std::vector<Specifier> versions;
  TextSpan span;
};

struct MarkerItem;

/// `a and b or c`: alternatives of conjunctions, in one list.
struct MarkerGroup {
  std::vector<MarkerItem> items;
};

struct MarkerItem {
  bool after_or = false;  ///< else it is the first, or follows an `and`
  std::variant<MarkerClause, MarkerGroup> value;
};

class Marker {
 public:
  [[nodiscard]] const MarkerGroup& root() const { return root_; }
  /// As packaging prints it.
  [[nodiscard]] std::string str() const;
  /// `extras` are the active ones, normalised.
  [[nodiscard]] bool evaluate(const MarkerEnvironment& environment, std::span<const std::string> extras = {}) const;

 private:
  friend class MarkerParser;
  MarkerGroup root_;
};

/// The whole of `text` must be a marker; nested 64 deep at most.
[[nodiscard]] Syntax<Marker> parse_marker(std::string_view text);
/// A marker at `begin` of `text`, up to the end; spans count from the start of `text`.
[[nodiscard]] Syntax<Marker> parse_marker_at(std::string_view text, std::size_t begin);

/// The first clause that compares with `===`, which uv takes in no marker.
[[nodiscard]] std::optional<TextSpan> identical_clause(const Marker& marker);

/// Environments that differ in all that these markers ask about: every Python on either side of a version they name,
/// every text they name and one that they do not. Nothing where that would be more than some thousands.
[[nodiscard]] std::optional<std::vector<MarkerEnvironment>> telling_environments(
    std::span<const Marker* const> markers);
/// Whether there is an environment in which both are true; a missing one always is. Also true where the markers ask
/// about too much to tell, or about extras.
[[nodiscard]] bool can_both_hold(const Marker* a, const Marker* b);

}  // namespace forge::formats
