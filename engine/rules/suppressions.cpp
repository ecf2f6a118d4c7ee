#include "engine/rules/suppressions.hpp"

#include <algorithm>
#include <cstring>
#include <map>

#include "engine/base/text.hpp"
#include "engine/formats/patch.hpp"
#include "engine/rules/catalog.hpp"
#include "engine/workspace/forge_layout.hpp"

namespace forge::rules {

namespace {

/// One rule's name in one comment.
struct Ignore {
  std::string rule;
  TextSpan span;            ///< the name
  TextSpan comment;         ///< all of it, to be removed; a line of its own with its end
  std::uint32_t first = 0;  ///< lines that it covers, from 0
  std::uint32_t last = 0;
  bool used = false;
};

constexpr std::uint32_t whole_file = 0xffffffff;

/// The names between `begin` and `end` of `text`, which itself begins at `base` of the file.
void add_names(std::string_view text, std::size_t base, std::size_t begin, std::size_t end, const Ignore& like,
               std::vector<Ignore>& into) {
  std::size_t at = base + begin;
  for (const std::string_view piece : split(text.substr(begin, end - begin), ',')) {
    const std::string_view name = trim(piece);
    const std::size_t from = at + (name.empty() ? 0 : static_cast<std::size_t>(name.data() - piece.data()));
    at += piece.size() + 1;
    if (name.empty()) continue;
    Ignore one = like;
    one.rule = name;
    one.span = {static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(from + name.size())};
    into.push_back(std::move(one));
  }
}

/// `# forge: ignore[…]` in one line that begins at `begin`, with any blanks between.
void find_in_line(std::string_view line, std::size_t begin, std::uint32_t number, std::vector<Ignore>& into) {
  constexpr std::string_view mark = "ignore[";
  constexpr std::string_view word = "forge:";
  for (std::size_t at = line.find(mark); at != std::string_view::npos; at = line.find(mark, at + 1)) {
    // `hash` is the nearest one before; between it and the mark stands the word alone.
    const std::size_t hash = line.rfind('#', at);
    if (hash == std::string_view::npos) continue;
    if (trim(line.substr(hash + 1, at - hash - 1)) != word) continue;
    const std::size_t close = line.find(']', at);
    if (close == std::string_view::npos) return;
    const bool alone = trim(line.substr(0, hash)).empty();
    std::size_t start = alone ? 0 : hash;
    while (!alone && start > 0 && (line[start - 1] == ' ' || line[start - 1] == '\t')) --start;
    Ignore like;
    like.first = number;
    like.last = number + (alone ? 1 : 0);
    like.comment = {static_cast<std::uint32_t>(begin + start),
                    static_cast<std::uint32_t>(begin + (alone ? line.size() : close + 1))};
    add_names(line, begin, at + mark.size(), close, like, into);
    at = close;
  }
}

/// Lines longer than that are no place for a comment, and files with more ignores than that are not read by people.
constexpr std::size_t longest_line = 4096;
constexpr std::size_t most_ignores = 1000;

void find_comments(std::string_view text, std::vector<Ignore>& into) {
  constexpr std::string_view mark = "ignore[";
  if (::memmem(text.data(), text.size(), mark.data(), mark.size()) == nullptr) return;  // as nearly always
  std::uint32_t number = 0;
  for (std::size_t begin = 0; begin < text.size() && into.size() < most_ignores; ++number) {
    const std::size_t newline = text.find('\n', begin);
    const std::size_t end = newline == std::string_view::npos ? text.size() : newline + 1;
    if (end - begin <= longest_line) find_in_line(text.substr(begin, end - begin), begin, number, into);
    begin = end;
  }
}

/// Header lines of a patch, above its first diff.
void find_header_lines(std::string_view text, std::vector<Ignore>& into) {
  constexpr std::string_view mark = "Forge-Ignore:";
  const std::string_view head = text.substr(0, std::min(text.find("\ndiff --git "), text.find("\n--- a/")));
  for (std::size_t at = head.find(mark); at != std::string_view::npos && into.size() < most_ignores;
       at = head.find(mark, at + 1)) {
    if (at > 0 && head[at - 1] != '\n') continue;
    const std::size_t end = std::min(head.find('\n', at), head.size());
    if (end - at > longest_line) continue;
    Ignore like;
    like.last = whole_file;
    like.comment = {static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(std::min(end + 1, text.size()))};
    add_names(head, 0, at + mark.size(), end, like, into);
  }
}

std::vector<Ignore> ignores_in(const SourceFile& file) {
  std::vector<Ignore> found;
  const bool is_patch = file.path().starts_with("patches/") && file.path().ends_with(".patch");
  if (is_patch)
    find_header_lines(file.text(), found);
  else
    find_comments(file.text(), found);
  return found;
}

bool is_ignored(const Finding& finding, std::vector<Ignore>& ignores) {
  if (ignores.empty()) return false;
  const std::uint32_t line = finding.place.file->position(finding.place.span.begin, ColumnUnit::utf16).line;
  bool ignored = false;
  for (Ignore& ignore : ignores) {
    if (ignore.rule != finding.rule || line < ignore.first || line > ignore.last) continue;
    ignore.used = true;
    ignored = true;
  }
  return ignored;
}

void report_unused(const SourceFilePtr& file, const std::vector<Ignore>& ignores,
                   const std::function<bool(Needs)>& had_all, Report& report) {
  for (const Ignore& ignore : ignores) {
    if (ignore.used) continue;
    const Rule* named = find_rule(ignore.rule);
    const bool is_known = named != nullptr;
    if (!had_all(is_known ? named->needs : Needs::files)) continue;
    Added added = is_known ? report.add(file, ignore.span, "There is no `{}` to ignore here.", ignore.rule)
                           : report.add(file, ignore.span, "There is no rule `{}`.", ignore.rule);
    const bool is_only =
        std::ranges::count(ignores, ignore.comment.begin, [](const Ignore& other) { return other.comment.begin; }) == 1;
    if (is_known && is_only) added.fix("Remove the comment", ignore.comment, "", true);
    if (is_known) continue;
    std::vector<std::string> names;
    for (const Rule* rule : all_rules()) names.emplace_back(rule->name);
    if (const auto meant = nearest(ignore.rule, names))
      added.fix(fmt::format("Write `{}`", *meant), ignore.span, *meant);
  }
}

// A new one

using workspace::DocumentKind;

enum class CommentPlace { nowhere, line_end, line_above };

CommentPlace comment_place(const SourceFile& file) {
  switch (workspace::classify(file.path()).kind) {
    case DocumentKind::config:
    case DocumentKind::source_refs:
    case DocumentKind::test_refs:
    case DocumentKind::extra_packages:
    case DocumentKind::upper_constraints:
    case DocumentKind::bindep:
      return CommentPlace::line_end;
    case DocumentKind::overrides:  // its reader takes a comment behind an entry for a part of it
    case DocumentKind::dockerfile:
    case DocumentKind::workflow:
    case DocumentKind::build_script:
    case DocumentKind::image_text:
      return CommentPlace::line_above;
    case DocumentKind::patch:
    case DocumentKind::patch_stray:
    case DocumentKind::update_config:
    case DocumentKind::other:
      break;
  }
  return CommentPlace::nowhere;
}

std::string_view line_end_of(const SourceFile& file) {
  const TextSpan first = file.full_line_at(0);
  return file.text(first).ends_with("\r\n") ? "\r\n" : "\n";
}

std::size_t indentation(std::string_view line) {
  return std::min(line.find_first_not_of(" \t"), line.size());
}

/// `key: …` or `- …`.
bool begins_a_yaml_node(std::string_view line) {
  std::string_view rest = trim(line);
  if (rest.starts_with("- ")) return true;
  const std::size_t colon = rest.find(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  return rest.substr(0, colon).find_first_of(" \t$(") == std::string_view::npos &&
         (colon + 1 == rest.size() || rest[colon + 1] == ' ');
}

/// Whether a line of YAML is shell in a literal block, where a comment of its own is one too.
bool is_in_literal_block(const SourceFile& file, std::uint32_t offset) {
  const std::size_t own = indentation(file.text(file.line_at(offset)));
  for (std::uint32_t begin = file.line_at(offset).begin; begin > 0;) {
    const TextSpan line = file.line_at(begin - 1);
    const std::string_view text = file.text(line);
    begin = line.begin;
    if (trim(text).empty() || indentation(text) >= own) continue;
    const std::string_view end = trim(text);
    return end.ends_with("|") || end.ends_with("|-") || end.ends_with("|+");
  }
  return false;
}

/// Whether a line may be put above the one at `offset` without becoming a part of something.
bool takes_a_line_above(const SourceFile& file, std::uint32_t offset) {
  const TextSpan line = file.line_at(offset);
  const std::string_view text = file.text(line);
  const DocumentKind kind = workspace::classify(file.path()).kind;
  if (line.begin == 0) return !text.starts_with('#') || kind == DocumentKind::overrides;
  const std::string_view before = trim(file.text(file.line_at(line.begin - 1)));
  if (kind == DocumentKind::dockerfile) return true;  // it drops comment lines between continued ones
  if (before.ends_with('\\')) return false;
  const bool is_yaml = file.path().ends_with(".yaml") || file.path().ends_with(".yml");
  return !is_yaml || begins_a_yaml_node(text) || is_in_literal_block(file, offset);
}

std::optional<TextEdit> new_comment(const SourceFilePtr& file, std::uint32_t offset, std::string_view rule) {
  const TextSpan line = file->line_at(offset);
  const CommentPlace where = comment_place(*file);
  if (where == CommentPlace::line_end) {
    const std::string_view blank = file->text(line).empty() ? "" : " ";
    return TextEdit{{file, {line.end, line.end}}, fmt::format("{}# forge: ignore[{}]", blank, rule)};
  }
  if (where != CommentPlace::line_above || !takes_a_line_above(*file, offset)) return std::nullopt;
  const std::string_view text = file->text(line);
  return TextEdit{{file, {line.begin, line.begin}},
                  fmt::format("{}# forge: ignore[{}]{}", text.substr(0, indentation(text)), rule, line_end_of(*file))};
}

std::optional<TextEdit> new_header_line(const SourceFilePtr& file, std::string_view rule) {
  const Parsed<formats::Patch> patch = formats::parse_patch(file->text());
  if (patch.value.sections.empty()) return std::nullopt;
  const std::uint32_t at = file->line_at(patch.value.sections.front().header.begin).begin;
  return TextEdit{{file, {at, at}}, fmt::format("Forge-Ignore: {}{}", rule, line_end_of(*file))};
}

/// The last rule that is ignored where the finding is; null where none is.
const Ignore* last_ignore_at(const std::vector<Ignore>& ignores, std::uint32_t line) {
  const Ignore* last = nullptr;
  for (const Ignore& ignore : ignores) {
    if (ignore.first <= line && line <= ignore.last) last = &ignore;
  }
  return last;
}

}  // namespace

std::optional<Fix> suppress(const Finding& finding) {
  const SourceFilePtr& file = finding.place.file;
  const std::uint32_t offset = finding.place.span.begin;
  const std::vector<Ignore> ignores = ignores_in(*file);
  std::optional<TextEdit> edit;
  if (const Ignore* last = last_ignore_at(ignores, file->lines().line_of(offset)))
    edit = TextEdit{{file, {last->span.end, last->span.end}}, ", " + finding.rule};
  else if (workspace::classify(file->path()).kind == DocumentKind::patch)
    edit = new_header_line(file, finding.rule);
  else
    edit = new_comment(file, offset, finding.rule);
  if (!edit) return std::nullopt;
  return Fix{.title = fmt::format("Ignore `{}` here", finding.rule), .edits = {std::move(*edit)}};
}

void apply_suppressions(const workspace::Snapshot& snapshot, const std::function<bool(Needs)>& had_all,
                        std::vector<Finding>& findings) {
  std::map<std::string, std::vector<Ignore>, std::less<>> by_path;
  for (const std::string& path : snapshot.paths()) {
    const SourceFilePtr file = snapshot.file(path);
    if (file == nullptr) continue;
    if (auto ignores = ignores_in(*file); !ignores.empty()) by_path.emplace(path, std::move(ignores));
  }
  if (by_path.empty()) return;
  const bool all_parse = std::ranges::none_of(findings, [](const Finding& f) { return f.rule == "file-syntax"; });
  std::erase_if(findings, [&](const Finding& finding) {
    const auto there = by_path.find(finding.place.file->path());
    return there != by_path.end() && is_ignored(finding, there->second);
  });
  const Rule& rule = *find_rule("ignore-unused");
  const auto level = snapshot.config().rules.find(rule.name);
  const Severity severity = level == snapshot.config().rules.end() ? rule.severity : level->second;
  if (!all_parse || severity == Severity::off) return;
  Report report(rule);
  for (const auto& [path, ignores] : by_path) report_unused(snapshot.file(path), ignores, had_all, report);
  for (Finding& finding : report.take()) {
    finding.severity = severity;
    findings.push_back(std::move(finding));
  }
}

}  // namespace forge::rules
