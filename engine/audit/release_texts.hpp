/// Texts of a new release's files, made from those of another one.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/audit/proposed_refs.hpp"
#include "engine/formats/source_refs.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::audit {

/// source-refs.yaml with other refs. Comments stay, but not those behind a ref that changed: they were about that one.
[[nodiscard]] std::string refs_text(const workspace::Document<formats::SourceRefs>& refs,
                                    std::span<const ProposedRef> proposed, std::string_view from,
                                    std::string_view release);

/// In comments, the release as a part of a path or a branch: `stable/2025.2`, `patches/nova/2025.2`.
[[nodiscard]] std::string renamed_in_comments(std::string_view text, std::string_view from, std::string_view release);

/// A file that may have to name a new release.
struct Mention {
  std::string path;
  std::vector<std::string> lines;  ///< their numbers, 1-based; at most ten
};

/// Workflows, scripts and images that name the release `from` and do not name `release` at all.
[[nodiscard]] std::vector<Mention> mentions_of(const workspace::Snapshot& snapshot, std::string_view from,
                                               std::string_view release);

}  // namespace forge::audit
