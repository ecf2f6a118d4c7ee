#include "engine/formats/patch_header.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "engine/formats/patch_names.hpp"

namespace forge::formats {

namespace {

using OptionalName = std::optional<Spanned<std::string>>;

/// One header being read. `at` is the current line's value, behind its keyword.
struct GitHeader {
  std::string_view text;
  int strip = 1;
  Section& section;
  OptionalName line_name{};  ///< what both halves of the git line say
  std::size_t line = 0;
  std::size_t at = 0;
  std::optional<Problem> problem{};

  void refuse(std::string message) { problem = malformed(line_at(text, line), std::move(message)); }
  [[nodiscard]] OptionalName name(int strip_count, NameEnd end) const {
    std::optional<std::string> found = read_name(text, at, strip_count, end);
    if (!found) return std::nullopt;
    return Spanned<std::string>{std::move(*found), span_of(at, line_at(text, line).end)};
  }
};

/// As strtoul in base 8: blanks before and a sign are let pass, even a line end.
void read_mode(GitHeader& header, std::uint32_t& mode) {
  const std::string_view text = header.text;
  std::size_t at = text.find_first_not_of(" \t\n\v\f\r", header.at);
  at = std::min(at, text.size());
  const bool negative = at < text.size() && text[at] == '-';
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
  const std::size_t first = at;
  std::uint64_t value = 0;
  constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  for (; at < text.size() && text[at] >= '0' && text[at] <= '7'; ++at)
    value = value > (most >> 3) ? most : value << 3 | static_cast<std::uint64_t>(text[at] - '0');
  if (at == first || at >= text.size() || !is_patch_blank(text[at])) {
    header.refuse(fmt::format("`{}` gives no file mode: git wants octal digits such as `100644`.",
                              text.substr(header.line, line_at(text, header.line).end - header.line)));
    return;
  }
  mode = static_cast<std::uint32_t>(negative ? 0 - value : value);
  header.section.mode_span = span_of(header.at, at);
}

void check_name(GitHeader& header, OptionalName& name, bool must_be_null, std::string_view other_side) {
  if (!name && !must_be_null) {
    name = header.name(header.strip, NameEnd::tab);
    return;
  }
  if (!name) {
    if (!is_dev_null(header.text, header.at))
      header.refuse(
          fmt::format("The header says that the {} file does not exist, so `/dev/null` must stand here.", other_side));
    return;
  }
  if (must_be_null) {
    header.refuse(
        fmt::format("The header names the {} file `{}` and says that it does not exist.", other_side, name->value));
    return;
  }
  const OptionalName here = header.name(header.strip, NameEnd::tab);
  if (!here || here->value != name->value)
    header.refuse(fmt::format("This line and the ones above name different {} files: `{}` is expected here.",
                              other_side, name->value));
}

void old_name(GitHeader& header) {
  check_name(header, header.section.old_path, header.section.creates == Certainty::yes, "old");
}
void new_name(GitHeader& header) {
  check_name(header, header.section.new_path, header.section.deletes == Certainty::yes, "new");
}
void old_mode(GitHeader& header) {
  read_mode(header, header.section.old_mode);
}
void new_mode(GitHeader& header) {
  read_mode(header, header.section.new_mode);
}
void deleted_file(GitHeader& header) {
  header.section.deletes = Certainty::yes;
  header.section.old_path = header.line_name;
  old_mode(header);
}
void new_file(GitHeader& header) {
  header.section.creates = Certainty::yes;
  header.section.new_path = header.line_name;
  new_mode(header);
}
void rename_from(GitHeader& header) {
  header.section.renames = true;
  header.section.old_path = header.name(std::max(0, header.strip - 1), NameEnd::line);
}
void rename_to(GitHeader& header) {
  header.section.renames = true;
  header.section.new_path = header.name(std::max(0, header.strip - 1), NameEnd::line);
}
void copy_from(GitHeader& header) {
  header.section.copies = true;
  header.section.old_path = header.name(std::max(0, header.strip - 1), NameEnd::line);
}
void copy_to(GitHeader& header) {
  header.section.copies = true;
  header.section.new_path = header.name(std::max(0, header.strip - 1), NameEnd::line);
}
void nothing(GitHeader&) {}

/// `index A..B` or `index A..B MODE`; anything else is let pass.
void index_line(GitHeader& header) {
  constexpr std::size_t id_digits = 40;
  const std::string_view text = header.text;
  const std::size_t size = text.substr(header.at, id_digits + 1).find('.');
  const std::size_t dots = header.at + size;
  if (size == std::string_view::npos || !text.substr(dots).starts_with("..")) return;
  header.section.old_id = span_of(header.at, dots);
  const std::size_t second = dots + 2;
  const std::size_t end = std::min(text.find_first_of(" \n", second), text.size());
  if (end - second > id_digits) return;
  header.section.new_id = span_of(second, end);
  if (end == text.size() || text[end] != ' ') return;
  header.at = end + 1;
  old_mode(header);
}

struct HeaderLine {
  std::string_view keyword;
  void (*read)(GitHeader&);
};

constexpr std::array header_lines = {
    HeaderLine{"--- ", old_name},
    HeaderLine{"+++ ", new_name},
    HeaderLine{"old mode ", old_mode},
    HeaderLine{"new mode ", new_mode},
    HeaderLine{"deleted file mode ", deleted_file},
    HeaderLine{"new file mode ", new_file},
    HeaderLine{"copy from ", copy_from},
    HeaderLine{"copy to ", copy_to},
    HeaderLine{"rename old ", rename_from},
    HeaderLine{"rename new ", rename_to},
    HeaderLine{"rename from ", rename_from},
    HeaderLine{"rename to ", rename_to},
    HeaderLine{"similarity index ", nothing},
    HeaderLine{"dissimilarity index ", nothing},
    HeaderLine{"index ", index_line},
};

void check_one_kind(GitHeader& header) {
  const Section& section = header.section;
  const int kinds = static_cast<int>(section.creates == Certainty::yes) +
                    static_cast<int>(section.deletes == Certainty::yes) + static_cast<int>(section.renames) +
                    static_cast<int>(section.copies);
  if (kinds > 1) header.refuse("One header can't say more than one of new file, deleted file, rename and copy.");
}

/// Whether the line is one of a header; what it says is in the section then.
bool read_header_line(GitHeader& header, std::string_view line) {
  const auto* kind =
      std::ranges::find_if(header_lines, [&](const HeaderLine& l) { return line.starts_with(l.keyword); });
  if (kind == header_lines.end()) return false;
  header.at = header.line + kind->keyword.size();
  kind->read(header);
  if (!header.problem) check_one_kind(header);
  return true;
}

void check_names(GitHeader& header, std::size_t start) {
  Section& section = header.section;
  header.line = start;
  if (!section.old_path && !section.new_path) {
    if (!header.line_name) {
      header.refuse(
          "No line of this header names the file: both halves of `diff --git a/PATH b/PATH` must name the same one, "
          "with a first component to strip (not so with `diff.noprefix`, or with CRLF line ends).");
      return;
    }
    section.old_path = header.line_name;
    section.new_path = header.line_name;
  }
  if (!section.new_path && section.deletes == Certainty::no)
    header.refuse("The header has no name for the new file: its `+++` line is missing or names nothing.");
  else if (!section.old_path && section.creates == Certainty::no)
    header.refuse("The header has no name for the old file: its `---` line is missing or names nothing.");
}

}  // namespace

HeaderRead read_git_header(std::string_view text, std::size_t at, const StripGuess& guess, Section& section) {
  section.creates = Certainty::no;
  section.deletes = Certainty::no;
  GitHeader header{.text = text, .strip = guess.nothing_stripped ? 0 : 1, .section = section};
  const std::size_t names = at + std::string_view("diff --git ").size();
  if (std::optional<std::string> name = read_git_line_name(text, names, header.strip))
    header.line_name = {std::move(*name), span_of(names, line_at(text, at).end)};
  header.line = line_end(text, at);
  while (header.line < text.size()) {
    const std::size_t end = line_end(text, header.line);
    const std::string_view line = text.substr(header.line, end - header.line);
    if (!line.ends_with('\n') || !read_header_line(header, line)) break;
    if (header.problem) return {header.line, std::move(header.problem)};
    header.line = end;
  }
  const std::size_t end = header.line;
  check_names(header, at);
  section.git_header = true;
  return {end, std::move(header.problem)};
}

HeaderRead read_traditional_header(std::string_view text, std::size_t at, StripGuess& guess, Section& section) {
  const std::size_t second_line = line_end(text, at);
  const std::size_t first = at + 4;
  const std::size_t second = second_line + 4;
  const bool no_old = is_dev_null(text, first);
  const bool no_new = is_dev_null(text, second);
  if (!no_new) {
    const std::optional<std::string> whole = read_traditional_name(text, second, 0);
    if (whole && whole->find('/') == std::string::npos) guess.nothing_stripped = true;
  }
  const int strip = guess.nothing_stripped ? 0 : 1;
  const bool creates = no_old || (!no_new && has_epoch_stamp(text, first));
  const bool deletes = !creates && (no_new || has_epoch_stamp(text, second));
  const std::size_t named = no_new && !no_old ? first : second;
  std::optional<std::string> other;
  if (!no_old && !no_new) other = read_traditional_name(text, first, strip);
  const std::optional<std::string> name = read_traditional_name(text, named, strip, other);
  OptionalName spanned;
  if (name) spanned = Spanned<std::string>{*name, span_of(named, line_at(text, named).end)};
  if (creates || deletes) {
    section.creates = creates ? Certainty::yes : Certainty::no;
    section.deletes = deletes ? Certainty::yes : Certainty::no;
  }
  if (!deletes) section.new_path = spanned;
  if (!creates) section.old_path = spanned;
  HeaderRead out{line_end(text, second_line)};
  if (!name)
    out.problem =
        malformed(line_at(text, named), "Nothing is left of this file name after stripping its first component.");
  return out;
}

Problem malformed(TextSpan span, std::string message) {
  return {.rule = "patch-malformed", .span = span, .message = std::move(message)};
}

TextSpan line_at(std::string_view text, std::size_t at) {
  std::size_t end = line_end(text, at);
  if (end > at && text[end - 1] == '\n') --end;
  if (end > at && text[end - 1] == '\r') --end;
  return span_of(at, end);
}

}  // namespace forge::formats
