/// The proposal of a release, by the options that `audit --candidate` and `release init` share.
#pragma once

#include <string>

#include "cli/command.hpp"
#include "engine/audit/release_proposal.hpp"

namespace forge::cli {

/// Reads `--from`, `--force` and `--constraints`: a file where there is one of that name, else a ref.
[[nodiscard]] Result<audit::ReleaseProposal> propose(const Invocation& invocation, const std::string& release,
                                                     const TaskPool& pool);

}  // namespace forge::cli
