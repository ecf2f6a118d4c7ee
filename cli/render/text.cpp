#include "cli/render/text.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/base/utf8.hpp"

namespace forge::cli {

namespace {

constexpr std::size_t longest_line = 160;

std::string_view escape_of(Style style) {
  switch (style) {
    case Style::plain:
      return "";
    case Style::bold:
      return "\x1b[1m";
    case Style::dim:
      return "\x1b[2m";
    case Style::red:
      return "\x1b[1;31m";
    case Style::yellow:
      return "\x1b[1;33m";
    case Style::blue:
      return "\x1b[1;34m";
    case Style::green:
      return "\x1b[1;32m";
  }
  return "";
}

Style style_of(Severity severity) {
  switch (severity) {
    case Severity::error:
      return Style::red;
    case Severity::warning:
      return Style::yellow;
    case Severity::info:
      return Style::blue;
    case Severity::hint:
    case Severity::off:
      return Style::green;
  }
  return Style::plain;
}

std::size_t width_of(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t at = 0; at < text.size(); at += decode_utf8(text, at).length) ++width;
  return width;
}

/// The source line and, below it, a mark under the span (as far as it is on that line).
std::string excerpt(const Place& place, bool color, Style style) {
  const SourceFile& file = *place.file;
  if (file.text().empty()) return {};
  const TextSpan line = file.line_at(place.span.begin);
  if (line.size() > longest_line || trim(file.text(line)).empty()) return {};
  const std::string number = fmt::format("{}", file.lines().line_of(place.span.begin) + 1);
  const std::size_t before = width_of(printable(file.text({line.begin, place.span.begin})));
  const std::uint32_t end = std::clamp(place.span.end, place.span.begin, std::max(line.end, place.span.begin));
  const std::size_t marked = std::max<std::size_t>(1, width_of(printable(file.text({place.span.begin, end}))));
  return fmt::format("  {} | {}\n  {:>{}} | {}{}\n", number, printable(file.text(line)), "", number.size(),
                     std::string(before, ' '), styled(std::string(marked, '^'), style, color));
}

}  // namespace

std::string styled(std::string_view text, Style style, bool color) {
  if (!color || style == Style::plain) return std::string(text);
  return fmt::format("{}{}\x1b[0m", escape_of(style), text);
}

std::string printable(std::string_view text) {
  std::string out;
  for (const char c : to_valid_utf8(text)) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\t')
      out += ' ';
    else if (byte < 0x20 || byte == 0x7F)
      out += '?';
    else
      out += c;
  }
  return out;
}

std::string printable_lines(std::string_view text, std::string_view indent) {
  std::string out;
  for (const std::string_view line : split(text, '\n')) {
    if (!out.empty()) out += fmt::format("\n{}", indent);
    out += printable(line);
  }
  return out;
}

std::string printable_position(const Place& place) {
  return printable(forge::position_text(place));
}

std::string finding_text(const Finding& finding, bool color) {
  const Style style = style_of(finding.severity);
  std::string out = fmt::format("{}: {}: {}\n", styled(printable_position(finding.place), Style::bold, color),
                                styled(fmt::format("{}[{}]", to_string(finding.severity), finding.rule), style, color),
                                printable_lines(finding.message, "    "));
  out += excerpt(finding.place, color, style);
  for (const RelatedPlace& related : finding.related)
    out += fmt::format("  {}: {}\n", printable_position(related.place), printable_lines(related.message, "    "));
  for (const Fix& fix : finding.fixes) out += fmt::format("  fix: {}\n", printable(fix.title));
  return out;
}

std::string summary_text(const std::vector<Finding>& findings) {
  constexpr std::array severities = {Severity::error, Severity::warning, Severity::info, Severity::hint};
  std::vector<std::string> counts;
  for (const Severity severity : severities) {
    const auto count = std::ranges::count(findings, severity, &Finding::severity);
    if (count > 0) counts.push_back(fmt::format("{} {}{}", count, to_string(severity), count == 1 ? "" : "s"));
  }
  return counts.empty() ? "no findings" : join(counts, ", ");
}

std::string table_text(const std::vector<std::vector<TableCell>>& rows, bool color) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(printable(row[i].text)));
  }
  std::string out;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    std::size_t gap = 0;
    std::string line;
    for (std::size_t i = 0; i < rows[r].size(); ++i) {
      const std::string cell = printable(rows[r][i].text);
      if (!cell.empty()) {
        line += std::string(gap, ' ') + styled(cell, rows[r][i].style, color);
        gap = 0;
      }
      gap += widths[i] - width_of(cell) + 2;
    }
    out += styled(line, r == 0 ? Style::bold : Style::plain, color) + "\n";
  }
  return out;
}

std::string table_text(const std::vector<std::vector<std::string>>& rows, bool color) {
  std::vector<std::vector<TableCell>> cells;
  for (const auto& row : rows) {
    std::vector<TableCell>& line = cells.emplace_back();
    for (const std::string& cell : row) line.push_back({.text = cell});
  }
  return table_text(cells, color);
}

}  // namespace forge::cli
