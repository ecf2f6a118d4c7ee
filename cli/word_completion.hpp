/// What can follow on a command line that is being typed, for the shells. Commands, options and their values come from
/// the commands' table, releases and components from the forge's files; nothing is analysed.
#pragma once

#include <string>
#include <vector>

namespace forge::cli {

/// `words` are those after the program's name; the last one, which may be empty, is being typed. Lines of a value, and
/// after a tab what it is. A single line `:files` or `:folders` means that paths can follow.
[[nodiscard]] std::string completions(const std::vector<std::string>& words);

}  // namespace forge::cli
