/// A line of YAML as it is being typed: `key: "val`, with or without its quotes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/source_file.hpp"

namespace forge::ide {

/// The line under the cursor.
struct TypedLine {
  std::string_view text;     ///< without its end
  std::uint32_t begin = 0;   ///< in the file
  std::uint32_t cursor = 0;  ///< in `text`
};
[[nodiscard]] TypedLine typed_line(const SourceFile& file, std::uint32_t offset);

/// A scalar that the cursor is in, or at the end of.
struct TypedScalar {
  TextSpan span;        ///< in the file, without quotes
  std::string typed;    ///< up to the cursor
  char quote = 0;       ///< before it; 0: none
  bool closed = false;  ///< the quote is closed on this line
};

struct TypedEntry {
  std::uint32_t indent = 0;
  std::string key;                     ///< without quotes; empty while it is typed itself
  bool item = false;                   ///< `- ` stands before
  bool has_colon = false;              ///< behind the key, wherever the cursor is
  std::optional<TypedScalar> name{};   ///< the cursor is in the key, or where one could begin
  std::optional<TypedScalar> value{};  ///< the cursor is in the value, or where one could begin
};
/// Nothing in a comment.
[[nodiscard]] std::optional<TypedEntry> typed_entry(const TypedLine& line);

/// The scalar around the cursor in `[a, "b`, or behind `- `; nothing where the line has none.
[[nodiscard]] std::optional<TypedScalar> typed_item(const TypedLine& line);

/// Keys above the line with less indentation, the outermost first: where in a nested mapping it is.
[[nodiscard]] std::vector<std::string> keys_above(const SourceFile& file, std::uint32_t offset, std::uint32_t indent);

/// The quote that most values of `key: value` lines have: `"`, `'`, or 0 for none, which takes two such lines; `"`
/// where nothing tells.
[[nodiscard]] char usual_quote(std::string_view text);

}  // namespace forge::ide
