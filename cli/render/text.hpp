/// Findings and tables for people. Complete without colour.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/finding.hpp"

namespace forge::cli {

enum class Style { plain, bold, dim, red, yellow, blue, green };
/// `text` in a terminal's colours where `color` says so.
[[nodiscard]] std::string styled(std::string_view text, Style style, bool color);

/// One finding: `file:line:column: severity[rule]: message`, the source line with the span underlined, related places,
/// and how to mend it. Columns count UTF-16 units, as in JSON.
[[nodiscard]] std::string finding_text(const Finding& finding, bool color);
/// `2 errors, 1 warning`, or `no findings`.
[[nodiscard]] std::string summary_text(const std::vector<Finding>& findings);

/// What a forge's file says can hold anything; a terminal must not obey it.
[[nodiscard]] std::string printable(std::string_view text);
/// Message lines may be several; each is made printable on its own, and those behind the first are indented.
[[nodiscard]] std::string printable_lines(std::string_view text, std::string_view indent);
/// Of a place, printable.
[[nodiscard]] std::string printable_position(const Place& place);

struct TableCell {
  std::string text{};
  Style style = Style::plain;
};

/// Columns aligned at their widest cell, two blanks between, none at the line's end. The first row is the heading.
[[nodiscard]] std::string table_text(const std::vector<std::vector<std::string>>& rows, bool color);
[[nodiscard]] std::string table_text(const std::vector<std::vector<TableCell>>& rows, bool color);

}  // namespace forge::cli
