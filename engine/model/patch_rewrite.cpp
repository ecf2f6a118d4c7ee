#include "engine/model/patch_rewrite.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/formats/patch_names.hpp"
#include "engine/git/object_hash.hpp"
#include "engine/git/text_merge.hpp"
#include "engine/model/diffstat.hpp"

namespace forge::model {

namespace {

using formats::Section;

constexpr unsigned usual_context = 3;
constexpr unsigned most_context = 1000;

/// As many lines as the longest context in the patch has. Fewer than usual are believed only of a hunk that had room
/// for more above it.
unsigned context_lines(const formats::Patch& patch) {
  unsigned most = 0;
  bool proven = false;
  for (const formats::Hunk& hunk : patch.hunks) {
    most = std::max({most, hunk.leading, hunk.trailing});
    if (hunk.leading > 0 && hunk.before.start > 1) proven = true;
  }
  return most == 0 || (most < usual_context && !proven) ? usual_context : std::min(most, most_context);
}

/// A name as git writes it in headers: in C's quotes where a byte is unusual.
std::string quoted_name(std::string_view name) {
  std::string out;
  bool quotes = false;
  for (const char c : name) {
    constexpr std::string_view named = "\a\b\t\n\v\f\r\"\\";
    constexpr std::string_view letters = "abtnvfr\"\\";
    const auto byte = static_cast<unsigned char>(c);
    if (const std::size_t at = named.find(c); at != std::string_view::npos)
      out += fmt::format("\\{}", letters[at]);
    else if (byte < 0x20 || byte >= 0x7f)
      out += fmt::format("\\{:03o}", byte);
    else
      out += c;
    quotes = quotes || out.back() != c || c == '"' || c == '\\' || byte >= 0x7f;
  }
  return quotes ? "\"" + out + "\"" : out;
}

/// What stands before a path in a header: `a/`, or nothing.
std::string prefix_of(std::string_view name, std::string_view path) {
  if (name.starts_with('"')) name.remove_prefix(1);
  if (name.starts_with(path)) return {};
  return std::string(name.substr(0, name.find('/') + 1));
}

/// Writes a section's header line by line.
class HeaderWriter {
 public:
  HeaderWriter(std::string_view text, const Section& section, const SectionChange& change)
      : text_(text), section_(section), change_(change) {}

  std::string write(std::size_t end) {
    for (std::size_t at = section_.span.begin; at < end;) {
      const std::size_t next = formats::line_end(text_, at);
      line(text_.substr(at, next - at));
      at = next;
    }
    return std::move(out_);
  }

 private:
  [[nodiscard]] bool has_content() const { return change_.before != change_.after; }
  [[nodiscard]] bool changes_mode() const { return change_.old_mode != change_.new_mode; }

  void line(std::string_view line) {
    const auto is = [&](std::string_view word) { return line.starts_with(word); };
    if (is("index ")) return index_line(line);
    if (is("old mode ") || is("new mode ")) return keep_if(changes_mode(), line);
    if (is("similarity index ") || is("dissimilarity index ")) return keep_if(change_.renames, line);
    if (is("rename from ") || is("copy from ")) return pure_name(line, " from ", change_.old_path);
    if (is("rename to ") || is("copy to ")) return pure_name(line, " to ", change_.new_path);
    if (is("--- ")) return file_line(line, old_before(), change_.old_path);
    if (is("+++ ")) return file_line(line, section_.path().value, change_.new_path);
    if (is("diff --git ")) return git_line(line);
    out_ += line;
  }

  [[nodiscard]] const std::string& old_before() const {
    return section_.old_path ? section_.old_path->value : section_.path().value;
  }
  [[nodiscard]] bool is_retargeted() const {
    return old_before() != change_.old_path || section_.path().value != change_.new_path;
  }

  void keep_if(bool keep, std::string_view line) {
    if (keep) out_ += line;
  }

  static std::string_view end_of(std::string_view line) {
    return line.substr(std::min(line.size(), line.find_last_not_of("\r\n") + 1));
  }

  void pure_name(std::string_view line, std::string_view word, const std::string& path) {
    if (!change_.renames) return;
    const std::string_view keyword = line.substr(0, line.find(word) + word.size());
    out_ += fmt::format("{}{}{}", keyword, quoted_name(path), end_of(line));
  }

  void file_line(std::string_view line, const std::string& before, const std::string& path) {
    if (section_.git_header && !has_content()) return;
    const std::string_view name = line.substr(4);
    if (before == path || name.starts_with("/dev/null")) {
      out_ += line;
      return;
    }
    const std::string quoted = quoted_name(prefix_of(name, before) + path);
    const std::size_t tab = name.find('\t');
    const bool needs_tab = quoted.find(' ') != std::string::npos && quoted.front() != '"';
    const std::string_view tail = tab != std::string_view::npos ? name.substr(tab) : end_of(name);
    out_ += fmt::format("{}{}{}{}", line.substr(0, 4), quoted, tab == std::string_view::npos && needs_tab ? "\t" : "",
                        tail);
  }

  void git_line(std::string_view line) {
    if (!is_retargeted()) {
      out_ += line;
      return;
    }
    constexpr std::size_t word = std::string_view("diff --git ").size();
    const std::string_view names = line.substr(word, line.size() - word - end_of(line).size());
    const std::string first = prefix_of(names, old_before());
    std::string second = first;
    if (const std::size_t at = names.rfind(section_.path().value); at != std::string_view::npos && at > 0) {
      const std::size_t begin = names.find_last_of(" \"", at - 1);
      second = std::string(names.substr(begin + 1, at - begin - 1));
    }
    out_ += fmt::format("diff --git {} {}{}", quoted_name(first + change_.old_path),
                        quoted_name(second + change_.new_path), end_of(line));
  }

  void index_line(std::string_view line) {
    if (!has_content()) return;
    if (section_.new_id.empty()) {
      out_ += line;
      return;
    }
    const bool said_mode = line.substr(section_.new_id.end - line_begin(line)).size() > end_of(line).size();
    const auto id = [](bool is_there, std::string_view content) {
      return (is_there ? git::hash_object("blob", content) : git::ObjectId{}).hex();
    };
    out_ += fmt::format("index {}..{}", id(!change_.creates, change_.before), id(!change_.deletes, change_.after));
    if (said_mode && !changes_mode()) out_ += fmt::format(" {:o}", change_.old_mode);
    out_ += end_of(line);
  }

  [[nodiscard]] std::size_t line_begin(std::string_view line) const {
    return static_cast<std::size_t>(line.data() - text_.data());
  }

  std::string_view text_;
  const Section& section_;
  const SectionChange& change_;
  std::string out_;
};

/// The lines `@@` end as the others of the patch do.
std::string with_carriage_returns(const std::string& hunks) {
  std::string out;
  for (std::size_t at = 0; at < hunks.size();) {
    const std::size_t end = formats::line_end(hunks, at);
    const std::string_view line = std::string_view(hunks).substr(at, end - at);
    const bool ends = line.ends_with('\n') && !line.ends_with("\r\n");
    const bool structure = line.starts_with("@@ -") || line.starts_with('\\');
    out += structure && ends ? std::string(line.substr(0, line.size() - 1)) + "\r\n" : std::string(line);
    at = end;
  }
  return out;
}

/// Numbers of a patch that holds one section, or of one section of a patch.
FileStat stat_of(const formats::Patch& patch, const Section& section) {
  FileStat out{.name = section.path().value};
  for (const formats::Hunk& hunk : patch.hunks_of(section)) {
    for (const formats::HunkLine& line : patch.lines_of(hunk)) {
      if (line.kind == formats::LineKind::added) ++out.added;
      if (line.kind == formats::LineKind::removed) ++out.removed;
    }
  }
  return out;
}

/// Renames and binary files have lines of another form; theirs stay as they were.
bool has_plain_stat(const Section& section) {
  return !section.renames && !section.copies && !section.binary;
}

class PatchWriter {
 public:
  PatchWriter(std::string_view text, const formats::Patch& patch, std::span<const std::optional<std::string>> sections)
      : text_(text), patch_(patch), sections_(sections) {}

  std::string write() {
    for (std::size_t i = 0; i < patch_.sections.size(); ++i) {
      const Section& section = patch_.sections[i];
      gap(i, section.span.begin);
      out_ += sections_[i] ? std::string_view(*sections_[i]) : text_.substr(section.span.begin, section.span.size());
      at_ = section.span.end;
    }
    out_ += text_.substr(at_);
    return std::move(out_);
  }

 private:
  /// What stands before section `i`.
  void gap(std::size_t i, std::size_t end) {
    if (const std::optional<DiffstatBlock> block = find_diffstat(text_, at_, end)) {
      const std::size_t group = group_end(i);
      if (block->files == group - i) {
        if (const std::optional<std::string> lines = new_stat(i, group)) {
          out_ += text_.substr(at_, block->span.begin - at_);
          out_ += *lines;
          at_ = block->span.end;
          drop_summaries(i, group, end);
        }
      }
    }
    out_ += text_.substr(at_, end - at_);
  }

  /// The first section behind `from` that has a diffstat of its own.
  [[nodiscard]] std::size_t group_end(std::size_t from) const {
    std::size_t i = from + 1;
    while (i < patch_.sections.size() &&
           !find_diffstat(text_, patch_.sections[i - 1].span.end, patch_.sections[i].span.begin))
      ++i;
    return i;
  }

  /// Nothing where the numbers are what they were.
  [[nodiscard]] std::optional<std::string> new_stat(std::size_t from, std::size_t to) const {
    std::vector<FileStat> before;
    std::vector<FileStat> after;
    for (std::size_t i = from; i < to; ++i) {
      const Section& section = patch_.sections[i];
      if (!has_plain_stat(section)) return std::nullopt;
      before.push_back(stat_of(patch_, section));
      if (!sections_[i]) {
        after.push_back(before.back());
      } else if (!sections_[i]->empty()) {
        const formats::Patch now = formats::parse_patch(*sections_[i]).value;
        if (now.sections.size() != 1) return std::nullopt;
        after.push_back(stat_of(now, now.sections.front()));
      }
    }
    if (before == after || after.empty()) return std::nullopt;
    std::ranges::stable_sort(after, {}, &FileStat::name);
    return diffstat_text(after);
  }

  /// ` create mode 100644 path` of sections that go.
  void drop_summaries(std::size_t from, std::size_t to, std::size_t end) {
    while (at_ < end) {
      const std::size_t next = formats::line_end(text_, at_);
      const std::string_view line = text_.substr(at_, next - at_);
      if (!line.starts_with(" create mode ") && !line.starts_with(" delete mode ") &&
          !line.starts_with(" mode change "))
        return;
      bool goes = false;
      for (std::size_t i = from; i < to; ++i) {
        const bool gone = sections_[i] && sections_[i]->empty();
        goes = goes || (gone && trim(line).ends_with(" " + patch_.sections[i].path().value));
      }
      if (!goes) out_ += line;
      at_ = next;
    }
  }

  std::string_view text_;
  const formats::Patch& patch_;
  std::span<const std::optional<std::string>> sections_;
  std::size_t at_ = 0;
  std::string out_;
};

}  // namespace

std::string section_text(std::string_view text, const formats::Patch& patch, const formats::Section& section,
                         const SectionChange& change) {
  const std::span<const formats::Hunk> hunks = patch.hunks_of(section);
  const std::size_t header_end = hunks.empty() ? section.span.end : hunks.front().header.begin;
  std::string out = HeaderWriter(text, section, change).write(header_end);
  if (change.before == change.after) return out;
  std::string made = git::diff_texts(change.before, change.after, context_lines(patch));
  const std::size_t first = header_end;
  const bool returns = text.substr(first, formats::line_end(text, first) - first).ends_with("\r\n");
  return out + (returns ? with_carriage_returns(made) : made);
}

std::string rewritten_patch(std::string_view text, const formats::Patch& patch,
                            std::span<const std::optional<std::string>> sections) {
  return PatchWriter(text, patch, sections).write();
}

}  // namespace forge::model
