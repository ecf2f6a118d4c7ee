/// Command line -> command and arguments. The only file that includes CLI11.
#pragma once

#include <string>
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

}  // namespace forge::cli
