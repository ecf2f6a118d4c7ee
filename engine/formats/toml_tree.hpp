/// pyproject.toml with spans. The only header behind which toml++ stands.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/problem.hpp"
#include "engine/base/span.hpp"

namespace forge::formats {

struct TomlNode {
  enum class Kind { table, array, string, boolean, other };
  struct Entry;

  Kind kind = Kind::table;
  TextSpan span;                  ///< of a string with its quotes
  std::string text{};             ///< of a string its value; of a boolean `true` or `false`
  std::vector<TomlNode> items{};  ///< of an array
  std::vector<Entry> entries;     ///< of a table, sorted by key

  [[nodiscard]] bool is_table() const { return kind == Kind::table; }
  [[nodiscard]] bool is_string() const { return kind == Kind::string; }
  /// The value of a table's key; null where there is none, and for what is no table.
  [[nodiscard]] const TomlNode* find(std::string_view key) const;
  /// The same through several tables.
  [[nodiscard]] const TomlNode* find(std::initializer_list<std::string_view> path) const;
};

struct TomlNode::Entry {
  Spanned<std::string> key;
  TomlNode value;
};

/// A broken file gives an empty table and one problem, filed under `requirements-unreadable`: toml++ stops at the first
/// error, and so do Python's readers.
[[nodiscard]] Parsed<TomlNode> parse_toml(std::string_view text);

}  // namespace forge::formats
