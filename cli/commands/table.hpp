/// One line per command; each is defined in the file of its name.
#pragma once

#include "cli/command.hpp"

namespace forge::cli {

extern const Command check_command;
extern const Command refs_command;
extern const Command constraints_command;
extern const Command requirements_command;
extern const Command closure_command;
extern const Command bindep_command;
extern const Command patch_check_command;
extern const Command patch_refresh_command;
extern const Command plan_command;
extern const Command plan_diff_command;
extern const Command audit_command;
extern const Command sbom_command;
extern const Command release_init_command;
extern const Command source_export_command;
extern const Command mirror_sync_command;
extern const Command mirror_status_command;
extern const Command rules_command;
extern const Command explain_command;
extern const Command schema_command;
extern const Command completion_command;
extern const Command man_command;

}  // namespace forge::cli
