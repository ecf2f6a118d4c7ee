#include "cli/commands/table.hpp"

namespace forge::cli {

std::span<const Command* const> all_commands() {
  static constexpr const Command* commands[] = {
      &check_command,
      &constraints_command,
      &patch_check_command,
      &bindep_command,
      &rules_command,
      &explain_command,
  };
  return commands;
}

}  // namespace forge::cli
