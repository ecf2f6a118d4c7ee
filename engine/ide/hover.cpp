#include "engine/ide/hover.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/base/utf8.hpp"
#include "engine/workspace/forge_layout.hpp"

namespace forge::ide {

using workspace::DocumentKind;
using workspace::Snapshot;
using Style = HoverPiece::Style;

namespace {

constexpr std::size_t max_lines = 25;

using Lines = std::vector<std::vector<HoverPiece>>;

void add_plain(Lines& lines, std::string text) {
  lines.push_back({{Style::plain, std::move(text)}});
}

std::string day_of(const git::Timestamp& time) {
  return git::to_rfc3339(time).substr(0, 10);
}

void add_commit(Lines& lines, const git::Repository& repository, const git::ObjectId& id) {
  const auto commit = repository.commit(id);
  if (!commit) return add_plain(lines, commit.error().message);
  lines.push_back({{Style::plain, "commit "},
                   {Style::code, id.abbreviated()},
                   {Style::plain, fmt::format(" · {} · \"{}\"", day_of(commit->commit_time), commit->subject())}});
}

void add_failure(Lines& lines, const Failure& failure) {
  add_plain(lines, failure.message);
  for (const std::string& hint : failure.hints) add_plain(lines, hint);
}

/// What the ref stands for in the component's upstream.
void add_upstream(Lines& lines, const Snapshot& snapshot, const std::string& component, const std::string& ref) {
  const auto repository = snapshot.upstreams().open(component);
  if (!repository) return add_failure(lines, repository.error());
  const auto resolved = (*repository)->resolve(ref);
  if (!resolved) return add_failure(lines, resolved.error());
  lines.front().push_back({Style::plain, fmt::format(": {}", git::to_string(resolved->kind))});
  add_commit(lines, **repository, resolved->commit);
}

void add_patches(Lines& lines, const Snapshot& snapshot, const std::string& component, const std::string& release) {
  const workspace::PatchSeries* series = snapshot.patch_series(component, release);
  const std::size_t count = series == nullptr ? 0 : series->patches.size();
  if (count == 0) return;
  add_plain(lines, fmt::format("{} patch{}:", count, count == 1 ? "" : "es"));
  for (const auto& patch : series->patches) {
    const std::string& path = patch->file->path();
    lines.push_back({{Style::code, path.substr(path.rfind('/') + 1)}});
  }
}

Hover hover_ref(const Snapshot& snapshot, const std::string& release, const formats::SourceRef& entry) {
  const std::string& component = entry.component.value;
  Hover hover{.span = entry.ref->span, .lines = {}};
  hover.lines.push_back({{Style::strong, component}, {Style::plain, " "}, {Style::code, entry.ref->value}});
  add_upstream(hover.lines, snapshot, component, entry.ref->value);
  add_patches(hover.lines, snapshot, component, release);
  return hover;
}

std::optional<Hover> hover_source_refs(const Snapshot& snapshot, const std::string& release, std::uint32_t offset) {
  const auto* document = snapshot.source_refs(release);
  if (document == nullptr) return std::nullopt;
  for (const formats::SourceRef& entry : (*document)->entries)
    if (entry.ref && entry.ref->span.contains(offset)) return hover_ref(snapshot, release, entry);
  return std::nullopt;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view("\\`*_{}[]()<>#+!|~&$").find(c) != std::string_view::npos) out += '\\';
    out += c == '\n' || c == '\r' ? ' ' : c;
  }
  return out;
}

/// A code span whose fence is longer than any run of backticks in the text.
std::string code_span(std::string_view text) {
  std::size_t longest = 0;
  std::size_t run = 0;
  for (const char c : text) longest = std::max(longest, run = c == '`' ? run + 1 : 0);
  const std::string fence(longest + 1, '`');
  const std::string_view pad = longest > 0 ? " " : "";
  return fmt::format("{}{}{}{}{}", fence, pad, text, pad, fence);
}

std::string markdown_of(const HoverPiece& piece) {
  const std::string text = to_valid_utf8(piece.text);
  switch (piece.style) {
    case Style::plain:
      return escaped(text);
    case Style::strong:
      return fmt::format("**{}**", escaped(text));
    case Style::code:
      return code_span(text);
  }
  return {};
}

std::string plain_of(const HoverPiece& piece) {
  return to_valid_utf8(piece.text);
}

std::string written(const Hover& hover, std::string_view line_end, std::string (*write)(const HoverPiece&)) {
  std::vector<std::string> lines;
  for (const auto& line : hover.lines) {
    std::string text;
    for (const HoverPiece& piece : line) text += write(piece);
    lines.push_back(std::move(text));
  }
  if (lines.size() > max_lines) {
    lines[max_lines - 1] = fmt::format("… and {} more lines", lines.size() - max_lines + 1);
    lines.resize(max_lines);
  }
  return join(lines, line_end);
}

}  // namespace

std::optional<Hover> hover(const Snapshot& snapshot, std::string_view path, std::uint32_t offset) {
  const workspace::DocumentPath kind = workspace::classify(path);
  if (kind.kind == DocumentKind::source_refs) return hover_source_refs(snapshot, kind.release, offset);
  return std::nullopt;
}

std::string to_markdown(const Hover& hover) {
  return written(hover, "  \n", markdown_of);
}

std::string to_plain_text(const Hover& hover) {
  return written(hover, "\n", plain_of);
}

}  // namespace forge::ide
