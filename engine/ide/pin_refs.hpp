/// Refs that move, made to stand: every branch of a source-refs.yaml at once.
#pragma once

#include <optional>
#include <string_view>

#include "engine/base/finding.hpp"
#include "engine/ide/forge_facts.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::ide {

enum class PinTo {
  commit,  ///< that the branch is at
  version  ///< the newest of the release's series
};

struct PinnedRefs {
  Certainty certainty = Certainty::unknown;  ///< only an exact one has edits
  std::size_t branches = 0;                  ///< as far as known
  Fix fix;                                   ///< without edits where no branch has such a thing
};

/// Of the refs file at `path`; nothing for another file. Never asks git.
[[nodiscard]] std::optional<PinnedRefs> pin_branches(const workspace::Snapshot& snapshot, const Recollection& known,
                                                     std::string_view path, PinTo to);

}  // namespace forge::ide
