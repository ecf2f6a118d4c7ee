#include "cli/render/ci.hpp"

#include <array>

#include <fmt/format.h>

#include "cli/render/text.hpp"

namespace forge::cli {

namespace {

constexpr std::array by_severity = {Severity::error, Severity::warning, Severity::info, Severity::hint};

/// What a workflow command takes for its own: https://docs.github.com/actions/reference/workflow-commands
std::string escaped(std::string_view text, bool is_property) {
  std::string out;
  for (const char c : text) {
    const bool is_special = c == '%' || c == '\r' || c == '\n' || (is_property && (c == ':' || c == ','));
    out += is_special ? fmt::format("%{:02X}", static_cast<unsigned char>(c)) : std::string(1, c);
  }
  return out;
}

std::string_view command_of(Severity severity) {
  if (severity == Severity::error) return "error";
  return severity == Severity::warning ? "warning" : "notice";
}

std::string annotation(const Finding& finding) {
  const SourceFile& file = *finding.place.file;
  const LineColumn begin = file.position(finding.place.span.begin, ColumnUnit::utf16);
  const LineColumn end = file.position(finding.place.span.end, ColumnUnit::utf16);
  std::string where =
      fmt::format("file={},line={},endLine={}", escaped(file.path(), true), begin.line + 1, end.line + 1);
  // Columns of a span over several lines make GitHub refuse the annotation.
  if (begin.line == end.line) where += fmt::format(",col={},endColumn={}", begin.column + 1, end.column + 1);
  std::string message = finding.message;
  for (const Fix& fix : finding.fixes) message += "\nfix: " + fix.title;
  return fmt::format("::{} {},title={}::{}\n", command_of(finding.severity), where, escaped(finding.rule, true),
                     escaped(message, false));
}

std::string path_cell(std::string_view path) {
  std::string out;
  for (const char c : path) out += c == '|' ? "\\|" : std::string(1, c == '\n' || c == '`' ? '?' : c);
  return out;
}

std::string row(const Finding& finding) {
  const LineColumn at = finding.place.file->position(finding.place.span.begin, ColumnUnit::utf16);
  std::string message = finding.message;
  if (!finding.fixes.empty()) message += " Fix: " + finding.fixes.front().title + ".";
  return fmt::format("| {} | `{}:{}` | {} | {} |\n", to_string(finding.severity), path_cell(finding.place.file->path()),
                     at.line + 1, finding.rule, markdown_line(message));
}

}  // namespace

std::string findings_github(const std::vector<Finding>& findings) {
  constexpr std::size_t most_of_a_level = 10;
  std::string out;
  std::size_t left_out = 0;
  std::size_t notices = 0;  // info and hint share one level
  for (const Severity severity : by_severity) {
    std::size_t shown = severity == Severity::hint ? notices : 0;
    for (const Finding& finding : findings) {
      if (finding.severity != severity) continue;
      if (shown < most_of_a_level) {
        out += annotation(finding);
        ++shown;
      } else {
        ++left_out;
      }
    }
    if (severity == Severity::info) notices = shown;
  }
  if (left_out > 0)
    out += fmt::format(
        "{} more are not annotated, since GitHub shows ten of a level; the job's summary has them all.\n", left_out);
  return out;
}

std::string markdown_line(std::string_view text) {
  std::string out;
  bool is_code = false;
  for (const char c : text) {
    if (c == '`') is_code = !is_code;
    if (c == '\n' || c == '\r')
      out += ' ';
    else if (c == '|')
      out += "\\|";
    else if (!is_code && (c == '<' || c == '&'))
      out += c == '<' ? "&lt;" : "&amp;";
    else if (!is_code && (c == '*' || c == '_' || c == '[' || c == '\\'))
      out += fmt::format("\\{}", c);
    else
      out += c;
  }
  return out;
}

std::string findings_markdown(const std::vector<Finding>& findings) {
  constexpr std::size_t most_bytes = 1'000'000;
  std::string out = fmt::format("### forge-analyze: {}\n", summary_text(findings));
  if (findings.empty()) return out;
  out += "\n| Severity | Where | Rule | What |\n|---|---|---|---|\n";
  std::size_t shown = 0;
  for (const Severity severity : by_severity) {
    for (const Finding& finding : findings) {
      if (finding.severity != severity) continue;
      const std::string line = row(finding);
      if (out.size() + line.size() > most_bytes) continue;
      out += line;
      ++shown;
    }
  }
  if (shown < findings.size()) out += fmt::format("\n{} more are left out.\n", findings.size() - shown);
  return out;
}

}  // namespace forge::cli
