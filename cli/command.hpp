/// What a command is: one row that parsing, `--help`, completion and the manual page all read. Adding a command is
/// one file in cli/commands/ and one line in cli/commands/table.cpp.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"

namespace forge::cli {

/// The contract's exit codes.
enum ExitCode : int { exit_done = 0, exit_findings = 1, exit_not_done = 2 };

/// Why a command could not be done. Ends the command with exit code 2; main prints it with its hints.
class NotDone : public std::runtime_error {
 public:
  explicit NotDone(const std::string& message, std::vector<std::string> hints_of = {})
      : std::runtime_error(message), hints(std::move(hints_of)) {}
  explicit NotDone(const Failure& failure) : NotDone(failure.message, failure.hints) {}
  std::vector<std::string> hints;
};

/// The value of a result, or NotDone with its failure.
template <class T>
T value_or_stop(Result<T> result) {
  if (!result) throw NotDone(result.error());
  return std::move(*result);
}

/// One option. An empty `value` makes it a switch.
struct Option {
  std::string_view name;   ///< `--release`, or `-C`, or `-o,--output`
  std::string_view value;  ///< what stands for its value in help: `R`, `FILE`
  std::string_view help;
  std::span<const std::string_view> choices{};
  bool repeats = false;
};

struct Positional {
  std::string_view name;  ///< `PATCH`
  std::string_view help;
  bool required = true;
  bool repeats = false;
  std::span<const std::string_view> choices{};
};

/// The arguments of one run, as parsed.
class Invocation {
 public:
  /// By the option's last spelling: `--output` of `-o,--output`.
  std::map<std::string, std::vector<std::string>, std::less<>> options;
  std::map<std::string, std::vector<std::string>, std::less<>> positionals;

  [[nodiscard]] bool has(std::string_view option) const { return options.find(option) != options.end(); }
  /// The last value given; the contract's options win from left to right.
  [[nodiscard]] std::optional<std::string> value(std::string_view option) const;
  [[nodiscard]] std::vector<std::string> values(std::string_view option) const;
  [[nodiscard]] std::vector<std::string> positional(std::string_view name) const;
  /// `--format`, or the command's first.
  [[nodiscard]] std::string format() const { return value("--format").value_or(default_format); }

  std::string default_format = "text";
};

struct Command {
  std::string_view name;  ///< words as typed: `check`, `patch check`
  std::string_view summary;
  std::string_view description{};  ///< a paragraph for `--help`
  std::span<const Option> options{};
  std::span<const Positional> positionals{};
  std::span<const std::string_view> formats{};  ///< the first is the default; empty: the command has no `--format`
  ExitCode (*run)(const Invocation&) = nullptr;
};

/// Every command, in the order of `--help`. Defined in commands/table.cpp.
[[nodiscard]] std::span<const Command* const> all_commands();
/// The options that every command takes.
[[nodiscard]] std::span<const Option> common_options();

}  // namespace forge::cli
