/// YAML with spans. The only header behind which yaml-cpp stands; formats build their models from this tree.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/problem.hpp"
#include "engine/base/span.hpp"

namespace forge::formats {

/// One node. Spans of scalars include their quotes; spans of collections go from their first to their last part.
/// An alias stands as a copy of what it names.
struct YamlNode {
  enum class Kind { null, scalar, sequence, mapping };
  struct Entry;

  Kind kind = Kind::null;
  TextSpan span;
  std::string text{};             ///< of a scalar, unquoted
  bool plain = false;             ///< a scalar without quotes: YAML may read it as something else than text
  std::vector<YamlNode> items{};  ///< of a sequence
  std::vector<Entry> entries;     ///< of a mapping, in file order, keys that stand twice included

  [[nodiscard]] bool is_null() const { return kind == Kind::null; }
  [[nodiscard]] bool is_scalar() const { return kind == Kind::scalar; }
};

struct YamlNode::Entry {
  YamlNode key;
  YamlNode value;
};

/// Parses the first document of `text`. Broken lines are reported under `file-syntax` and left out, so that the
/// entries before and after them still stand in the tree; so are keys that stand twice, a second document, and
/// what yaml-cpp lets pass (a quote that is never closed, a line that is no `key: value`).
[[nodiscard]] Parsed<YamlNode> parse_yaml(std::string_view text);

/// What YAML makes of an unquoted scalar: `number`, `boolean`, `date`, `null`, or empty where it stays text.
/// Follows YAML 1.1 and 1.2 together: what either of the two common readers turns into something else.
[[nodiscard]] std::string_view yaml_type_of_plain(std::string_view text);

}  // namespace forge::formats
