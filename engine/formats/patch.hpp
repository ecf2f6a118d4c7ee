/// Patch files exactly as git 2.39's `git apply` reads them (`git help apply`, format-patch, diff): mail headers,
/// sections (one file's change each), hunks, binary blocks. Every position is a span of the parsed text; decoded
/// path names are the only copies.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/problem.hpp"
#include "engine/base/span.hpp"

namespace forge::formats {

/// What git carries from one patch file of a run to the next: once a traditional header names a file without a
/// slash, no leading component is stripped from any later name.
struct StripGuess {
  bool nothing_stripped = false;
  friend bool operator==(const StripGuess&, const StripGuess&) = default;
};

/// `Change-Id: I123`; of `(cherry picked from commit 12ab)` the key is `cherry picked from commit`.
struct Trailer {
  TextSpan key;
  TextSpan value;
};

/// The mail around a patch; one file may hold several (mbox). Empty spans: not there.
struct Mail {
  TextSpan commit;  ///< the digits of `From 12ab… Mon Sep 17 00:00:00 2001`
  TextSpan from;
  TextSpan date;
  TextSpan subject;  ///< the value with folded lines; see subject_text
  TextSpan message;  ///< the body up to `---` or the first section
  std::vector<Trailer> trailers;
};

enum class LineKind : std::uint8_t {
  context,
  removed,
  added,
  none  ///< a `\ No newline` marker, or an empty context line that such a marker cancels
};

/// `text` is without the first column, with the line end unless a marker takes it off.
struct HunkLine {
  LineKind kind = LineKind::none;
  TextSpan text;
};

/// `-A,B` or `+C,D`; saturated at 64 bits.
struct HunkRange {
  std::uint64_t start = 0;
  std::uint64_t count = 1;
};

struct Hunk {
  HunkRange before;
  HunkRange after;
  std::uint32_t leading = 0;   ///< context lines before the first change
  std::uint32_t trailing = 0;  ///< context lines after the last
  TextSpan header;             ///< the `@@` line without its end
  TextSpan body;
  std::uint32_t first_line = 0;  ///< in Patch::lines
  std::uint32_t line_count = 0;
};

/// `literal N` or `delta N` and its data lines.
struct BinaryBlock {
  bool delta = false;
  std::uint64_t size = 0;  ///< bytes after inflating
  TextSpan data;           ///< the data lines
};

/// Only traditional headers leave a creation or deletion open until the tree is known.
enum class Certainty : std::uint8_t { no, yes, undecided };

struct Section {
  TextSpan header;  ///< all header lines, without the last line's end
  TextSpan span;    ///< header and what belongs to it
  bool git_header = false;
  /// Decoded and stripped, with where it was read. Not there: that side does not exist.
  std::optional<Spanned<std::string>> old_path;
  std::optional<Spanned<std::string>> new_path;
  std::uint32_t old_mode = 0;  ///< as the header says, 0: it does not
  std::uint32_t new_mode = 0;
  TextSpan mode_span;
  Certainty creates = Certainty::undecided;
  Certainty deletes = Certainty::undecided;
  bool renames = false;
  bool copies = false;
  TextSpan old_id;  ///< of the index line, at most 40 characters, unchecked
  TextSpan new_id;
  bool binary = false;
  std::optional<BinaryBlock> forward;
  std::optional<BinaryBlock> backward;
  std::uint32_t first_hunk = 0;  ///< in Patch::hunks
  std::uint32_t hunk_count = 0;

  /// The name to call the section by: the new path, the old one for a deletion.
  [[nodiscard]] const Spanned<std::string>& path() const { return new_path ? *new_path : *old_path; }
};

struct Patch {
  std::vector<Mail> mails;
  std::vector<Section> sections;
  std::vector<Hunk> hunks;
  std::vector<HunkLine> lines;
  /// Git refuses the whole file; the sections before the culprit are kept for display.
  bool refused = false;
  /// What a following file of the same run is to be read with.
  StripGuess guess_after;

  [[nodiscard]] std::span<const Hunk> hunks_of(const Section& section) const {
    return std::span(hunks).subspan(section.first_hunk, section.hunk_count);
  }
  [[nodiscard]] std::span<const HunkLine> lines_of(const Hunk& hunk) const {
    return std::span(lines).subspan(hunk.first_line, hunk.line_count);
  }
};

/// As the first file of a run.
[[nodiscard]] Parsed<Patch> parse_patch(std::string_view text);
/// As a later one. Problems are filed under `patch-malformed` and `patch-metadata-missing`.
[[nodiscard]] Parsed<Patch> parse_patch(std::string_view text, const StripGuess& guess);

/// The subject on one line, without `[PATCH n/m]`.
[[nodiscard]] std::string subject_text(std::string_view text, const Mail& mail);

}  // namespace forge::formats
