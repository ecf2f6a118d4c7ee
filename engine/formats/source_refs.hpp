/// releases/<release>/source-refs.yaml: component -> git ref.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/problem.hpp"
#include "engine/base/span.hpp"

namespace forge::formats {

/// `component: "ref"`. Spans of scalars include their quotes.
struct SourceRef {
  Spanned<std::string> component;
  /// Nothing for a null or a value that is no scalar.
  std::optional<Spanned<std::string>> ref;
  /// YAML reads the unquoted value as something else than text; then what (`number`, `boolean`, `date`).
  std::string_view not_string{};
  bool quoted = false;
  TextSpan value_span;  ///< where the value is or should be
};

struct SourceRefs {
  std::vector<SourceRef> entries;  ///< in file order; of a key that stands twice both

  /// The last entry of that component, which is the one that YAML readers see.
  [[nodiscard]] const SourceRef* find(std::string_view component) const;
};

[[nodiscard]] Parsed<SourceRefs> parse_source_refs(std::string_view text);

}  // namespace forge::formats
