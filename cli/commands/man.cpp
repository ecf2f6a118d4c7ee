#include <array>

#include "cli/commands/table.hpp"
#include "cli/environment.hpp"
#include "cli/render/manual.hpp"

namespace forge::cli {

namespace {

constexpr std::array<std::string_view, 2> formats = {"troff", "markdown"};

ExitCode run(const Invocation& invocation) {
  emit(invocation, invocation.format() == "markdown" ? manual_markdown() : manual_troff());
  return exit_done;
}

}  // namespace

extern const Command man_command = {
    .name = "man",
    .summary = "the manual page of all commands",
    .description = "To read it: `forge-analyze man | man -l -`.",
    .formats = formats,
    .run = run,
};

}  // namespace forge::cli
