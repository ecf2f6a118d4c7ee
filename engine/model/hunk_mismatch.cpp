#include <algorithm>
#include <functional>
#include <utility>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/model/hunk_alignment.hpp"

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

/// What kind of difference it is, where it is one that the eye misses.
std::string_view words_for(LineDifference::Kind kind) {
  using enum LineDifference::Kind;
  switch (kind) {
    case line_end:
      return " (they differ in the line end: CRLF or LF)";
    case file_end:
      return " (they differ in the line end at the end of the file)";
    case trailing_blanks:
      return " (they differ in trailing blanks)";
    case indentation:
      return " (they differ in indentation)";
    case blanks:
      return " (they differ in blanks)";
    case missing:
      return " (the file has no such line there)";
    case inserted:
      return " (the file has a line more there)";
    case word:
    case changed:
      return "";
  }
  return "";
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

/// Turns an alignment into what a reader wants to know of it.
class Differences {
 public:
  Differences(const formats::Patch& patch, const formats::Hunk& hunk, const HunkImages& images,
              const PatchedLines& lines)
      : patch_(patch), hunk_(hunk), images_(images), lines_(lines) {}

  Mismatch explain(const std::vector<AlignedLine>& alignment) {
    constexpr std::size_t most_kept = 40;
    out_.size = images_.before.size();
    std::size_t next_file = 0;
    for (std::size_t i = 0; i < alignment.size(); ++i) {
      const AlignedLine& line = alignment[i];
      if (line.file && out_.nearest_at == 0) out_.nearest_at = *line.file + 1;
      if (line.file) next_file = *line.file + 1;
      const std::size_t before = line.before ? *line.before : next_before(alignment, i);
      if (line.before && line.file && lines_.line(*line.file) == images_.before[*line.before]) {
        ++out_.matching;
        continue;
      }
      if (out_.reason.empty()) first(line, before, line_of_file(alignment, i, next_file));
      if (out_.differences.size() == most_kept)
        ++out_.more_differences;
      else
        out_.differences.push_back(difference(line, before, next_file));
    }
    if (out_.matching == 0) out_.nearest_at = 0;
    if (out_.reason.empty()) {
      out_.reason = "its lines are there, but not in a place where it may go";
      out_.culprit = hunk_.header;
    }
    return std::move(out_);
  }

  /// The file's line that the first difference is about.
  [[nodiscard]] std::optional<std::size_t> found() const { return found_; }

 private:
  static std::size_t next_before(const std::vector<AlignedLine>& alignment, std::size_t i) {
    while (i < alignment.size() && !alignment[i].before) ++i;
    return i < alignment.size() ? *alignment[i].before : 0;
  }

  /// The file's line beside a patch line, or the one that stands where it should be.
  [[nodiscard]] std::optional<std::size_t> line_of_file(const std::vector<AlignedLine>& alignment, std::size_t i,
                                                        std::size_t next_file) {
    if (alignment[i].file) return alignment[i].file;
    if (next_file == 0) {
      before_the_file_ = std::ranges::any_of(alignment, [](const AlignedLine& line) { return line.file.has_value(); });
      return std::nullopt;
    }
    if (next_file >= lines_.size()) return std::nullopt;
    return next_file;
  }

  void first(const AlignedLine& line, std::size_t before, std::optional<std::size_t> file) {
    found_ = file;
    out_.culprit = patch_line(patch_, hunk_, before);
    out_.expected = shown(images_.before[before]);
    if (!file) {
      out_.reason = fmt::format("expected `{}` {} the file", out_.expected,
                                before_the_file_ ? "before the beginning of" : "after the end of");
      return;
    }
    out_.found = shown(lines_.line(*file));
    out_.found_at = *file + 1;
    out_.reason = fmt::format("expected `{}`, found `{}` at line {}{}", out_.expected, out_.found, out_.found_at,
                              words_for(kind_of(line)));
  }

  [[nodiscard]] LineDifference::Kind kind_of(const AlignedLine& line) const {
    if (!line.file) return LineDifference::Kind::missing;
    if (!line.before) return LineDifference::Kind::inserted;
    return kind_of_difference(images_.before[*line.before], lines_.line(*line.file));
  }

  [[nodiscard]] LineDifference difference(const AlignedLine& line, std::size_t before, std::size_t next_file) const {
    LineDifference out{.kind = kind_of(line), .line = patch_line(patch_, hunk_, before)};
    if (line.before) out.expected = shown(images_.before[*line.before]);
    if (line.file) out.found = shown(lines_.line(*line.file));
    if (line.file)
      out.at = *line.file + 1;
    else if (next_file > 0 && next_file < lines_.size())
      out.at = next_file + 1;
    return out;
  }

  const formats::Patch& patch_;
  const formats::Hunk& hunk_;
  const HunkImages& images_;
  const PatchedLines& lines_;
  Mismatch out_;
  std::optional<std::size_t> found_;
  bool before_the_file_ = false;
};

Mismatch too_repetitive(const formats::Hunk& hunk) {
  return {.reason = "the search for its place was given up: file and patch repeat the same lines far too often",
          .culprit = hunk.header};
}

}  // namespace

void PatchTexts::add(std::string_view text) {
  texts_.insert_or_assign(text.data(), Text{text.size(), count_++});
}

std::optional<LineOrigin> PatchTexts::origin_of(std::string_view line) const {
  if (line.empty()) return std::nullopt;
  auto at = texts_.upper_bound(line.data());
  if (at == texts_.begin()) return std::nullopt;
  --at;
  const auto offset = static_cast<std::size_t>(line.data() - at->first);
  if (offset >= at->second.size) return std::nullopt;
  return LineOrigin{at->second.patch, static_cast<std::uint32_t>(offset)};
}

Mismatch explain_mismatch(const formats::Patch& patch, const formats::Hunk& hunk, const HunkImages& images,
                          const PatchedLines& lines, const PatchTexts* earlier, Explanation explanation) {
  if (lines.gave_up()) return too_repetitive(hunk);
  if (const std::optional<std::string> reason = binding_reason(images, lines))
    return {.reason = *reason, .culprit = hunk.header};
  if (lines.fits_base(images))
    return {.reason = "its lines have been used by an earlier hunk of the same patch", .culprit = hunk.header};
  if (lines.gave_up()) return too_repetitive(hunk);
  Differences differences(patch, hunk, images, lines);
  Mismatch out =
      differences.explain(explanation == Explanation::full ? align(images, lines) : align_at_start(images, lines));
  if (earlier != nullptr && differences.found()) out.found_from = earlier->origin_of(lines.line(*differences.found()));
  return out;
}

}  // namespace forge::model
