#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/model/hunk_placement.hpp"

namespace forge::model {

namespace {

constexpr std::size_t longest_shown = 200;  // bytes of a line that a message repeats

std::string shown(std::string_view line) {
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  std::string out(line.substr(0, longest_shown));
  if (line.size() > longest_shown) out += "…";
  return out;
}

/// The patch line that is number `index` of the old image.
TextSpan patch_line(const formats::Patch& patch, const formats::Hunk& hunk, std::size_t index) {
  for (const formats::HunkLine& line : patch.lines_of(hunk)) {
    const bool old = line.kind == formats::LineKind::context || line.kind == formats::LineKind::removed;
    if (old && index-- == 0) return line.text;
  }
  return hunk.header;
}

std::string without_blanks(std::string_view line) {
  std::string out;
  for (const char c : line) {
    if (c != ' ' && c != '\t' && c != '\r' && c != '\n') out += c;
  }
  return out;
}

/// What kind of difference it is, where it is one that the eye misses.
std::string_view hidden_difference(std::string_view expected, std::string_view found) {
  if (trim(expected) == trim(found)) {
    const auto ends_in = [](std::string_view line, std::string_view end) { return line.ends_with(end); };
    if (ends_in(expected, "\r\n") != ends_in(found, "\r\n")) return " (they differ in the line end: CRLF or LF)";
    if (ends_in(expected, "\n") != ends_in(found, "\n")) return " (they differ in the line end at the end of the file)";
    const bool same_indent = expected.find_first_not_of(" \t") == found.find_first_not_of(" \t");
    return same_indent ? " (they differ in trailing blanks)" : " (they differ in indentation)";
  }
  return without_blanks(expected) == without_blanks(found) ? " (they differ in blanks)" : "";
}

std::optional<std::string> binding_reason(const HunkImages& images, const PatchedLines& lines) {
  if (!images.at_beginning && !images.at_end) return std::nullopt;
  HunkImages free = images;
  free.at_beginning = false;
  free.at_end = false;
  if (free.before.empty()) return "the hunk has no context, so it fits only into an empty file or at the file's end";
  const std::optional<std::size_t> at = lines.find(free);
  if (!at) return std::nullopt;
  return images.at_end && *at + images.before.size() != lines.size()
             ? fmt::format(
                   "its lines are there, at line {}, but no context follows its last change, so it fits only "
                   "at the end of the file",
                   *at + 1)
             : fmt::format(
                   "its lines are there, at line {}, but its header says that it starts at line {}, so it fits "
                   "only at the beginning of the file",
                   *at + 1, images.before_start);
}

Mismatch difference_at(const formats::Patch& patch, const formats::Hunk& hunk, const HunkImages& images,
                       const PatchedLines& lines, std::int64_t place) {
  const auto size = static_cast<std::int64_t>(lines.size());
  for (std::size_t i = 0; i < images.before.size(); ++i) {
    const std::int64_t at = place + static_cast<std::int64_t>(i);
    const bool inside = at >= 0 && at < size;
    const std::string_view found = inside ? lines.line(static_cast<std::size_t>(at)) : std::string_view();
    if (inside && found == images.before[i]) continue;
    Mismatch out{.culprit = patch_line(patch, hunk, i), .expected = shown(images.before[i]), .found = shown(found)};
    out.found_at = inside ? static_cast<std::uint64_t>(at + 1) : 0;
    out.reason = inside ? fmt::format("expected `{}`, found `{}` at line {}{}", out.expected, out.found, out.found_at,
                                      hidden_difference(images.before[i], found))
                        : fmt::format("expected `{}` {} the file", out.expected,
                                      at < 0 ? "before the beginning of" : "after the end of");
    return out;
  }
  return {.reason = "its lines are there, but not in a place where it may go", .culprit = hunk.header};
}

Mismatch too_repetitive(const formats::Hunk& hunk) {
  return {.reason = "the search for its place was given up: file and patch repeat the same lines far too often",
          .culprit = hunk.header};
}

}  // namespace

Mismatch explain_mismatch(const formats::Patch& patch, const formats::Hunk& hunk, const HunkImages& images,
                          const PatchedLines& lines, const Lines&) {
  if (lines.gave_up()) return too_repetitive(hunk);
  if (const std::optional<std::string> reason = binding_reason(images, lines))
    return {.reason = *reason, .culprit = hunk.header};
  if (lines.fits_base(images))
    return {.reason = "its lines have been used by an earlier hunk of the same patch", .culprit = hunk.header};
  if (lines.gave_up()) return too_repetitive(hunk);
  const std::optional<std::int64_t> place = lines.nearest(images);
  return difference_at(patch, hunk, images, lines,
                       place.value_or(static_cast<std::int64_t>(lines.search_start(images))));
}

}  // namespace forge::model
