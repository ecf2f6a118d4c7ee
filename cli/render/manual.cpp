#include "cli/render/manual.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "cli/arguments.hpp"
#include "cli/command.hpp"
#include "engine/base/text.hpp"

namespace forge::cli {

namespace {

/// Each of a command's own options, `--format` as one of them.
template <class Visit>
void for_each_option(const Command& command, const Visit& visit) {
  for (const Option& option : command.options) visit(option);
  if (command.formats.empty()) return;
  const std::string help = format_help(command);
  visit(Option{"--format", "FORMAT", help, command.formats});
}

std::string value_of(const Option& option) {
  return option.choices.empty() ? std::string(option.value) : join(option.choices, "|");
}

/// `patch check [OPTION]... PATCH...`
std::string usage(const Command& command) {
  std::string text = fmt::format("{} [OPTION]...", command.name);
  for (const Positional& positional : command.positionals) {
    const std::string name = fmt::format("{}{}", positional.name, positional.repeats ? "..." : "");
    text += positional.required ? " " + name : fmt::format(" [{}]", name);
  }
  return text;
}

// troff

/// Text for a line of troff: no control character at its start, no escape by accident, a real minus.
std::string troff(std::string_view text) {
  std::string out;
  if (text.starts_with('.') || text.starts_with('\'')) out = "\\&";
  for (const char c : text) {
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else if (c == '`')
      out += "\\(ga";
    else if (c == '\'')
      out += "\\(aq";
    else if (c == '\n')
      out += ' ';
    else
      out += c;
  }
  constexpr std::string_view ellipsis = "…";  // the one letter beyond ASCII that help has
  for (std::size_t at = 0; (at = out.find(ellipsis, at)) != std::string::npos;) out.replace(at, ellipsis.size(), "...");
  return out;
}

std::string troff_entry(std::string_view name, std::string_view value, std::string_view help) {
  const std::string shown = value.empty() ? std::string() : fmt::format(" \\fI{}\\fR", troff(value));
  return fmt::format(".TP\n\\fB{}\\fR{}\n{}\n", troff(name), shown, troff(help));
}

std::string spaced(std::string_view spellings) {
  return join(split(spellings, ','), ", ");
}

std::string troff_command(const Command& command) {
  std::string text = fmt::format(".SS {}\n{}.\n", troff(usage(command)), troff(command.summary));
  if (!command.description.empty()) text += fmt::format(".PP\n{}\n", troff(command.description));
  for (const Positional& positional : command.positionals) text += troff_entry(positional.name, {}, positional.help);
  for_each_option(
      command, [&](const Option& option) { text += troff_entry(spaced(option.name), value_of(option), option.help); });
  return text;
}

// Markdown

/// In a cell of a table.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

std::string markdown_row(std::string_view name, std::string_view value, std::string_view help) {
  return fmt::format("| `{}{}{}` | {} |\n", name, value.empty() ? "" : " ", cell(value), cell(help));
}

std::string markdown_command(const Command& command) {
  std::string text = fmt::format("\n## {}\n\n`forge-analyze {}`: {}.\n", command.name, usage(command), command.summary);
  if (!command.description.empty()) text += fmt::format("\n{}\n", command.description);
  std::string rows;
  for (const Positional& positional : command.positionals) rows += markdown_row(positional.name, {}, positional.help);
  for_each_option(
      command, [&](const Option& option) { rows += markdown_row(spaced(option.name), value_of(option), option.help); });
  if (!rows.empty()) text += "\n| | |\n|---|---|\n" + rows;
  return text;
}

}  // namespace

std::string manual_troff() {
  std::string text = fmt::format(
      ".TH FORGE\\-ANALYZE 1 \"\" \"forge\\-analyze {}\" \"User Commands\"\n"
      ".SH NAME\nforge\\-analyze \\- tells before the build what is wrong in a forge of container images\n"
      ".SH SYNOPSIS\n.B forge\\-analyze\n\\fICOMMAND\\fR [\\fIOPTION\\fR]...\n"
      ".SH DESCRIPTION\n{}\n.SH COMMANDS\n",
      troff(FORGE_VERSION), troff(program_description()));
  for (const Command* command : all_commands()) text += troff_command(*command);
  text += ".SH OPTIONS OF EVERY COMMAND\n";
  for (const Option& option : common_options()) text += troff_entry(spaced(option.name), value_of(option), option.help);
  text += fmt::format(".SH EXIT STATUS\n{}\n", troff(exit_codes_words()));
  return text;
}

std::string manual_markdown() {
  std::string text = fmt::format(
      "# Commands\n\nWritten by `forge-analyze man --format markdown`; a test keeps the two the same.\n\n{}\n\n{}\n",
      program_description(), exit_codes_words());
  text += "\n| command | does |\n|---|---|\n";
  for (const Command* command : all_commands()) {
    std::string anchor(command->name);
    std::ranges::replace(anchor, ' ', '-');
    text += fmt::format("| [`{}`](#{}) | {} |\n", command->name, anchor, cell(command->summary));
  }
  text += "\n## Options of every command\n\n| | |\n|---|---|\n";
  for (const Option& option : common_options())
    text += markdown_row(spaced(option.name), value_of(option), option.help);
  for (const Command* command : all_commands()) text += markdown_command(*command);
  return text;
}

}  // namespace forge::cli
