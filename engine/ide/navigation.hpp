/// From a thing to where it is defined, to where it is used, and to the other places in the same document.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/ide/source_text.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::ide {

/// A place in a file of the forge, or (`tree`) a line of a file of an upstream tree.
struct Target {
  SourceFilePtr file{};  ///< null for a file of a tree
  TextSpan span{};       ///< the token
  TextSpan extent{};     ///< what belongs to it; holds `span`
  std::optional<TreeFile> tree{};
};

struct Definition {
  TextSpan origin;  ///< the token that was asked about
  std::vector<Target> targets;
};

/// A component leads to its image and its patches of that release, a patch to its component's line, an override to the
/// pin that it replaces, a Dockerfile's context to the lines of what it stands for, a path or hunk of a patch to that
/// file at the ref. Nothing where nothing is known.
[[nodiscard]] std::optional<Definition> definition(const workspace::Snapshot& snapshot, std::string_view path,
                                                   std::uint32_t offset);

/// Where the same component, package, context, upstream file or change under review stands elsewhere in the forge, of a
/// release only in that release and in what serves all of them. `with_declaration`: and what `definition` would name.
[[nodiscard]] std::vector<Target> references(const workspace::Snapshot& snapshot, std::string_view path,
                                             std::uint32_t offset, bool with_declaration);

/// The same thing in the same document, the place itself included; sorted.
[[nodiscard]] std::vector<TextSpan> highlights(const workspace::Snapshot& snapshot, std::string_view path,
                                               std::uint32_t offset);

}  // namespace forge::ide
