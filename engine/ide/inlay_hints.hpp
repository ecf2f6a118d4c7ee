/// What an editor shows behind a value: what a ref is, and which pin an override replaces.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/ide/forge_facts.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::ide {

struct InlayHint {
  std::uint32_t offset = 0;  ///< it stands before that byte
  std::string label;
  std::string component{};        ///< of a ref; with the release of the file it finds the tooltip
  std::vector<TextEdit> edits{};  ///< what accepting it does; empty for most
};

struct InlayHints {
  std::vector<InlayHint> hints;
  bool sure = true;  ///< false where git may say something else about one of them, or of more
};

/// Those of the file at `path` that stand in `span`, in order. Never asks git.
[[nodiscard]] InlayHints inlay_hints(const workspace::Snapshot& snapshot, const Recollection& known,
                                     std::string_view path, TextSpan span);

/// More on the ref of `component` in the refs file at `path`: a few lines of plain text, empty where nothing is known.
[[nodiscard]] std::string inlay_tooltip(const Recollection& known, std::string_view path, const std::string& component);

}  // namespace forge::ide
