/// A hover's lines as Markdown and as plain text.
#include <algorithm>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/base/utf8.hpp"
#include "engine/ide/hover.hpp"

namespace forge::ide {

using Style = HoverPiece::Style;

namespace {

constexpr std::size_t max_lines = 25;
constexpr std::size_t longest_source_line = 160;

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view("\\`*_{}[]()<>#+!|~&$").find(c) != std::string_view::npos) out += '\\';
    out += c == '\n' || c == '\r' ? ' ' : c;
  }
  return out;
}

/// Longer than any run of backticks in the text.
std::string fence_for(std::string_view text, std::size_t least) {
  std::size_t longest = 0;
  std::size_t run = 0;
  for (const char c : text) longest = std::max(longest, run = c == '`' ? run + 1 : 0);
  return std::string(std::max(longest + 1, least), '`');
}

std::string code_span(std::string text) {
  std::ranges::replace_if(text, [](char c) { return c == '\n' || c == '\r'; }, ' ');
  const std::string fence = fence_for(text, 1);
  const std::string_view pad = fence.size() > 1 ? " " : "";
  return fmt::format("{}{}{}{}{}", fence, pad, text, pad, fence);
}

/// One line, whatever it holds, and no longer than people read.
std::string source_line(std::string_view text) {
  std::string line = to_valid_utf8(text.substr(0, text.find_first_of("\r\n")));
  if (line.size() <= longest_source_line) return line;
  std::size_t end = longest_source_line;
  while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0U) == 0x80U) --end;
  return line.substr(0, end) + "…";
}

std::string markdown_of(const HoverPiece& piece) {
  switch (piece.style) {
    case Style::plain:
      return escaped(to_valid_utf8(piece.text));
    case Style::strong:
      return fmt::format("**{}**", escaped(to_valid_utf8(piece.text)));
    case Style::code:
      return code_span(to_valid_utf8(piece.text));
    case Style::source:
      return source_line(piece.text);
    case Style::markdown:
      return piece.text;
  }
  return {};
}

std::string plain_of(const HoverPiece& piece) {
  return piece.style == Style::source ? source_line(piece.text) : to_valid_utf8(piece.text);
}

bool is_source(const std::vector<HoverPiece>& line) {
  return line.size() == 1 && line.front().style == Style::source;
}

struct WrittenLine {
  std::string text;
  bool hard_break = true;  ///< without it the next line would be of the same paragraph
};

/// At most that many, the last one then saying how many are left out. A block of source is never left open.
std::vector<WrittenLine> bounded(std::vector<WrittenLine> lines, const std::string& open_fence) {
  if (lines.size() <= max_lines) return lines;
  const std::size_t kept = max_lines - (open_fence.empty() ? 1 : 2);
  const std::size_t left_out = lines.size() - kept;
  lines.resize(kept);
  if (!open_fence.empty()) lines.push_back({open_fence, false});
  lines.push_back({fmt::format("… and {} more lines", left_out - (open_fence.empty() ? 0 : 1))});
  return lines;
}

std::string joined(const std::vector<WrittenLine>& lines, std::string_view hard_break) {
  std::string out;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    out += lines[i].text;
    if (i + 1 < lines.size()) out += lines[i].hard_break ? hard_break : "\n";
  }
  return out;
}

}  // namespace

std::string to_markdown(const Hover& hover) {
  std::vector<WrittenLine> lines;
  std::string open;  // the fence of a block that the bound would cut
  for (std::size_t i = 0; i < hover.lines.size();) {
    if (!is_source(hover.lines[i])) {
      std::string text;
      for (const HoverPiece& piece : hover.lines[i]) text += markdown_of(piece);
      lines.push_back({std::move(text)});
      ++i;
      continue;
    }
    std::size_t end = i;
    std::string block;
    for (; end < hover.lines.size() && is_source(hover.lines[end]); ++end)
      block += markdown_of(hover.lines[end][0]) + "\n";
    const std::string fence = fence_for(block, 3);
    const std::size_t begin = lines.size();
    lines.push_back({fence, false});
    for (; i < end; ++i) lines.push_back({markdown_of(hover.lines[i][0]), false});
    lines.push_back({fence, false});
    if (begin < max_lines - 1 && lines.size() > max_lines - 1) open = fence;
  }
  if (lines.size() <= max_lines) open.clear();
  return joined(bounded(std::move(lines), open), "  \n");
}

std::string to_plain_text(const Hover& hover) {
  std::vector<WrittenLine> lines;
  for (const auto& line : hover.lines) {
    std::string text;
    for (const HoverPiece& piece : line) text += plain_of(piece);
    lines.push_back({std::move(text)});
  }
  return joined(bounded(std::move(lines), {}), "\n");
}

}  // namespace forge::ide
