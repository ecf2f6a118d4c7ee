#include "engine/ide/hover.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/base/utf8.hpp"
#include "engine/model/patch_series.hpp"
#include "engine/model/placement_summary.hpp"
#include "engine/model/ref_status.hpp"
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

/// `1 patch`, `2 patches`.
std::string counted(std::size_t count, std::string_view noun, std::string_view plural = "s") {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : plural);
}

std::string day_of(const git::Timestamp& time) {
  return git::to_rfc3339(time).substr(0, 10);
}

void add_failure(Lines& lines, const Failure& failure) {
  add_plain(lines, failure.message);
  for (const std::string& hint : failure.hints) add_plain(lines, hint);
}

void add_commit(Lines& lines, const git::CommitInfo& commit) {
  lines.push_back({{Style::plain, "commit "},
                   {Style::code, commit.id.abbreviated()},
                   {Style::plain, fmt::format(" · {} · \"{}\"", day_of(commit.commit_time), commit.subject())}});
}

void add_series(Lines& lines, const model::RefStatus& status) {
  if (status.series.empty()) return;
  std::string line = fmt::format("on {}", status.series);
  if (status.behind)
    line +=
        *status.behind == 0 ? ", at its head" : fmt::format(", {} behind its head", counted(*status.behind, "commit"));
  add_plain(lines, std::move(line));
}

void add_newer(Lines& lines, const Snapshot& snapshot, const std::string& component, const model::RefStatus& status) {
  const auto& upstream = model::upstream_refs(snapshot, component);
  if (!status.has_newer || !status.newest || !upstream) return;
  const auto commit = upstream->repository->commit(status.newest->commit);
  const std::string day = commit ? fmt::format(" ({})", day_of(commit->commit_time)) : std::string();
  lines.push_back({{Style::plain, "newer in this series: "}, {Style::code, status.newest->name}, {Style::plain, day}});
}

/// What the ref stands for in the component's upstream.
void add_upstream(Lines& lines, const Snapshot& snapshot, const std::string& component,
                  const model::RefStatus& status) {
  if (status.failure) return add_failure(lines, *status.failure);
  if (status.resolved)
    lines.front().push_back({Style::plain, fmt::format(": {}", git::to_string(status.resolved->kind))});
  if (status.commit) add_commit(lines, *status.commit);
  add_series(lines, status);
  add_newer(lines, snapshot, component, status);
}

std::string verdict_of(const model::PatchPlacement& placement) {
  switch (placement.verdict) {
    case model::PatchVerdict::applies: {
      const std::int64_t offset = model::largest_offset(placement);
      return offset == 0 ? "applies" : fmt::format("applies (offset {:+})", offset);
    }
    case model::PatchVerdict::already_applied:
      return "is in the tree already";
    case model::PatchVerdict::conflict:
      return placement.partly_applied ? "does not apply; part of it is in the tree" : "does not apply";
    case model::PatchVerdict::malformed:
      return "is malformed";
  }
  return {};
}

void add_patches(Lines& lines, const Snapshot& snapshot, const std::string& component, const std::string& release) {
  const workspace::PatchSeries* series = snapshot.patch_series(component, release);
  if (series == nullptr || series->patches.empty()) return;
  add_plain(lines, fmt::format("{}:", counted(series->patches.size(), "patch", "es")));
  const auto& placement = model::series_placement(snapshot, *series);
  for (std::size_t i = 0; i < series->patches.size(); ++i) {
    const std::string& path = series->patches[i]->file->path();
    const std::string verdict = placement ? " " + verdict_of(placement->patches[i]) : std::string();
    lines.push_back({{Style::code, path.substr(path.rfind('/') + 1)}, {Style::plain, verdict}});
  }
}

Hover hover_ref(const Snapshot& snapshot, const std::string& release, const formats::SourceRef& entry) {
  const std::string& component = entry.component.value;
  Hover hover{.span = entry.ref->span, .lines = {}};
  hover.lines.push_back({{Style::strong, component}, {Style::plain, " "}, {Style::code, entry.ref->value}});
  const model::RefStatus& status = model::ref_status(snapshot, release, component);
  // Of a component that stands twice only the last counts, and only that one's status is known.
  if (status.entry == &entry) add_upstream(hover.lines, snapshot, component, status);
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
