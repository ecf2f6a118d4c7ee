#include "cli/render/diff.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "cli/render/text.hpp"
#include "engine/git/text_merge.hpp"

namespace forge::cli {

namespace {

Style style_of_line(std::string_view line) {
  if (line.starts_with("@@")) return Style::blue;
  if (line.starts_with('+')) return Style::green;
  return line.starts_with('-') ? Style::red : Style::plain;
}

}  // namespace

std::string file_diff(std::string_view path, std::string_view before, std::string_view after, bool stays, bool color) {
  constexpr unsigned context = 3;
  std::string out = styled(fmt::format("--- a/{}", path), Style::bold, color) + "\n" +
                    styled(stays ? fmt::format("+++ b/{}", path) : "+++ /dev/null", Style::bold, color) + "\n";
  const std::string hunks = git::diff_texts(before, after, context);
  if (!color) return out + hunks;
  for (std::size_t at = 0; at < hunks.size();) {
    const std::size_t end = std::min(hunks.find('\n', at), hunks.size());
    const std::string_view line = std::string_view(hunks).substr(at, end - at);
    out += styled(line, style_of_line(line), color) + "\n";
    at = end + 1;
  }
  return out;
}

}  // namespace forge::cli
