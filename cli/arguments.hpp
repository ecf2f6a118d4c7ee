/// Command line -> command and arguments. The only file that includes CLI11.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "cli/command.hpp"

namespace forge::cli {

struct RunCommand {
  const Command* command = nullptr;
  Invocation invocation;
};
struct PrintText {
  std::string text;  ///< `--help` or `--version`, for standard output
};
struct UsageError {
  std::string message;
};
using Arguments = std::variant<RunCommand, PrintText, UsageError>;

[[nodiscard]] Arguments parse_arguments(int argc, const char* const* argv);

// What `--help` says and the manual repeats.
[[nodiscard]] std::string_view program_description();
[[nodiscard]] std::string_view exit_codes_words();
/// Of the option `--format` of a command that has formats.
[[nodiscard]] std::string format_help(const Command& command);

}  // namespace forge::cli
