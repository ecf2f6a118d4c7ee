/// The answer of `release init`: what the new release's files were made of, and what is left to decide.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "engine/audit/release_proposal.hpp"

namespace forge::cli {

[[nodiscard]] std::string proposal_text(const audit::ReleaseProposal& proposal, bool written, bool color);
/// docs/audit.md describes the shape.
[[nodiscard]] nlohmann::ordered_json proposal_json(const audit::ReleaseProposal& proposal);

}  // namespace forge::cli
