/// What stands above a line in an editor: how patches do, and how a release's refs stand.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/ide/forge_facts.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::ide {

struct CodeLens {
  enum class Kind {
    release,  ///< at the top of source-refs.yaml: all of its components
    series,   ///< above a component with patches: those
    patch     ///< above a patch
  };
  Kind kind = Kind::release;
  TextSpan span;            ///< what it stands above
  std::string component{};  ///< of a series or patch
  std::string title{};      ///< of a stale answer with `…` at the end; empty where nothing is known
  Certainty certainty = Certainty::unknown;
};

/// Of the file at `path`, relative to the root, in its order. Never asks git.
[[nodiscard]] std::vector<CodeLens> code_lenses(const workspace::Snapshot& snapshot, const Recollection& known,
                                                std::string_view path);

}  // namespace forge::ide
