#include "engine/formats/patch.hpp"

#include <utility>

#include <fmt/format.h>

#include "engine/formats/patch_binary.hpp"
#include "engine/formats/patch_header.hpp"
#include "engine/formats/patch_hunk.hpp"
#include "engine/formats/patch_mail.hpp"
#include "engine/formats/patch_names.hpp"

namespace forge::formats {

namespace {

constexpr std::size_t shortest_line = 6;  // with its end; git looks at nothing shorter between sections

class PatchReader {
 public:
  PatchReader(std::string_view text, const StripGuess& guess) : text_(text) { patch().guess_after = guess; }

  Parsed<Patch> read() {
    std::vector<TextSpan> gaps;
    while (!stopped_) {
      const std::size_t gap = at_;
      const bool found = read_section();
      gaps.push_back(span_of(gap, found ? patch().sections.back().span.begin : text_.size()));
      if (!found) break;
    }
    if (patch().sections.empty() && !patch().refused) refuse_empty();
    patch().mails = read_mails(text_, gaps);
    report_forbidden_paths();
    report_missing_metadata(text_, patch(), out_.problems);
    return std::move(out_);
  }

 private:
  [[nodiscard]] Patch& patch() { return out_.value; }

  void refuse(Problem problem) {
    out_.problems.push_back(std::move(problem));
    patch().refused = true;
    stopped_ = true;
  }

  /// Where a broken binary block has already been named, it is the reason.
  void refuse_empty() {
    if (out_.problems.empty()) return refuse(no_section());
    patch().refused = true;
  }

  /// Reads the next section up to its end; false where there is none any more.
  bool read_section() {
    Section section;
    if (!find_header(section)) return false;
    section.first_hunk = static_cast<std::uint32_t>(patch().hunks.size());
    if (!read_hunks(section)) return false;
    section.hunk_count = static_cast<std::uint32_t>(patch().hunks.size()) - section.first_hunk;
    if (section.hunk_count == 0 && !read_without_hunks(section)) return false;
    settle(section);
    section.span.end = static_cast<std::uint32_t>(at_);
    patch().sections.push_back(std::move(section));
    return true;
  }

  bool find_header(Section& section) {
    while (at_ < text_.size()) {
      const std::size_t end = line_end(text_, at_);
      if (end - at_ >= shortest_line) {
        const std::string_view line = text_.substr(at_, end - at_);
        if (line.starts_with("@@ -") && parse_hunk_header(line)) {
          refuse(lone_hunk());
          return false;
        }
        if (text_.size() - end < shortest_line) return false;
        if (header_starts(line, end)) {
          const std::size_t start = at_;
          if (!read_header(section)) return false;
          if (at_ > end) {
            section.header = span_of(start, trailing_end(at_));
            section.span.begin = static_cast<std::uint32_t>(start);
            return true;
          }
          continue;
        }
      }
      at_ = end;
    }
    return false;
  }

  [[nodiscard]] bool is_git_line() const { return text_.substr(at_).starts_with("diff --git "); }

  [[nodiscard]] bool header_starts(std::string_view line, std::size_t end) const {
    constexpr std::size_t shortest_hunk = 14;
    if (is_git_line()) return true;
    if (!line.starts_with("--- ") || !text_.substr(end).starts_with("+++ ")) return false;
    const std::size_t third = line_end(text_, end);
    return text_.size() - at_ >= third - end + shortest_hunk && text_.substr(third).starts_with("@@ -");
  }

  /// Moves behind the header, or only behind its first line where git skips it.
  bool read_header(Section& section) {
    HeaderRead read = is_git_line() ? read_git_header(text_, at_, patch().guess_after, section)
                                    : read_traditional_header(text_, at_, patch().guess_after, section);
    if (read.problem) {
      refuse(std::move(*read.problem));
      return false;
    }
    at_ = read.end;
    return true;
  }

  bool read_hunks(Section& section) {
    while (text_.size() - at_ > 4 && text_.substr(at_).starts_with("@@ -")) {
      HunkRead read = read_hunk(text_, at_, section, patch());
      if (read.problem) {
        refuse(std::move(*read.problem));
        return false;
      }
      at_ = read.end;
    }
    return true;
  }

  bool read_without_hunks(Section& section) {
    const std::size_t end = line_end(text_, at_);
    const std::string_view line = text_.substr(at_, end - at_);
    if (line == "GIT binary patch\n") {
      BinaryRead read = read_binary_blocks(text_, end, binary_left_, section);
      if (read.problem) {
        out_.problems.push_back(std::move(*read.problem));
        patch().refused = read.too_large;
        stopped_ = true;
        return false;
      }
      at_ = read.end;
    } else if (line.ends_with(" differ\n") && (line.starts_with("Binary files ") || line.starts_with("Files "))) {
      section.binary = true;
      at_ = end;
    }
    if (section.binary || changes_without_content(section)) return true;
    refuse(malformed(section.header,
                     "This header changes nothing and no hunk follows it: a line between header and hunk, a missing "
                     "`@@` line or a cut file make git refuse the patch."));
    return false;
  }

  static bool changes_without_content(const Section& section) {
    return section.renames || section.copies || section.creates == Certainty::yes || section.deletes != Certainty::no ||
           (section.old_mode != 0 && section.new_mode != 0 && section.old_mode != section.new_mode);
  }

  /// Rules out creation and deletion where the hunks do.
  void settle(Section& section) {
    std::uint64_t before = 0;
    std::uint64_t after = 0;
    for (const Hunk& hunk : patch().hunks_of(section)) {
      before |= hunk.before.count;
      after |= hunk.after.count;
    }
    const bool several = section.hunk_count > 1;
    if (section.creates == Certainty::undecided && (before > 0 || several)) section.creates = Certainty::no;
    if (section.deletes == Certainty::undecided && (after > 0 || several)) section.deletes = Certainty::no;
  }

  [[nodiscard]] std::size_t trailing_end(std::size_t end) const {
    if (end > 0 && text_[end - 1] == '\n') --end;
    if (end > 0 && text_[end - 1] == '\r') --end;
    return end;
  }

  [[nodiscard]] Problem lone_hunk() {
    const TextSpan line = line_at(text_, at_);
    if (out_.value.sections.empty())
      return malformed(line,
                       "This hunk belongs to no file: the lines `--- a/PATH` and `+++ b/PATH` must come right before "
                       "it (in a message such a line must be indented).");
    const Section& last = out_.value.sections.back();
    Problem problem = malformed(
        line, fmt::format("This hunk is cut off from its file by the lines before it: the hunk above of `{}` is "
                          "complete by its counts, and nothing may stand between hunks.",
                          last.path().value));
    if (last.hunk_count > 0) {
      problem.related = out_.value.hunks_of(last).back().header;
      problem.related_message = "The counts of the hunk above.";
    }
    return problem;
  }

  [[nodiscard]] Problem no_section() const {
    const auto has = [this](std::string_view piece) { return text_.find(piece) != std::string_view::npos; };
    std::string_view why = "a cover letter or an empty commit is no patch: delete the file";
    if (text_.empty())
      why = "the file is empty: delete it";
    else if (has("&lt;") || has("&gt;") || has("<html") || has("<!DOCTYPE"))
      why = "it is a web page or HTML-escaped: download the plain patch";
    else if (has("\n*** ") && has("\n--- "))
      why = "it is a context diff: make a unified one (`diff -u`)";
    else if (has("\r\n@@ -") || has("=20\n") || has("=3D"))
      why = "a mail program has changed it: save the original message";
    return malformed(line_at(text_, 0), fmt::format("There is no diff in this file, so git refuses it; {}.", why));
  }

  /// Git finds these out when it applies; for new names the text alone tells.
  void report_forbidden_paths() {
    for (const Section& section : patch().sections) {
      const bool makes = section.creates == Certainty::yes || section.renames || section.copies;
      if (!makes || !section.new_path) continue;
      const std::string_view reason = forbidden_path_reason(section.new_path->value, section.new_mode);
      if (reason.empty()) continue;
      out_.problems.push_back(malformed(
          section.new_path->span, fmt::format("Git refuses the path `{}`: it {}.", section.new_path->value, reason)));
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool stopped_ = false;
  std::uint64_t binary_left_ = largest_binary_data;
  Parsed<Patch> out_;
};

}  // namespace

Parsed<Patch> parse_patch(std::string_view text) {
  return parse_patch(text, {});
}

Parsed<Patch> parse_patch(std::string_view text, const StripGuess& guess) {
  return PatchReader(text, guess).read();
}

}  // namespace forge::formats
