/// Runs a program by its argument vector, never through a shell. The only file that starts processes in the engine.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "engine/base/result.hpp"

namespace forge::git {

struct ProgramRun {
  std::vector<std::string> arguments;  ///< the first is the program, looked up in PATH
  /// `NAME=value` beside what this process has; variables that would point git at another repository are left out.
  std::vector<std::string> variables{};
  std::stop_token cancel{};  ///< ends the program with SIGTERM
};

/// What the program wrote to standard error, its last 64 KiB; standard input and output are /dev/null. Failures: `io`
/// where it could not be started, exited with another code than 0 (message: what it said), or was cancelled.
[[nodiscard]] Result<std::string> run_program(const ProgramRun& run);

}  // namespace forge::git
