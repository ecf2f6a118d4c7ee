#include "cli/commands/table.hpp"

namespace forge::cli {

std::span<const Command* const> all_commands() {
  // clang-format off: one line per command
  static constexpr const Command* commands[] = {
      &check_command,
      &refs_command,
      &constraints_command,
      &requirements_command,
      &closure_command,
      &bindep_command,
      &patch_check_command,
      &patch_refresh_command,
      &plan_command,
      &plan_diff_command,
      &audit_command,
      &sbom_command,
      &release_init_command,
      &source_export_command,
      &mirror_sync_command,
      &mirror_status_command,
      &rules_command,
      &explain_command,
      &schema_command,
      &completion_command,
      &man_command,
  };
  // clang-format on
  return commands;
}

}  // namespace forge::cli
