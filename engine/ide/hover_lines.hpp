/// How the files of hover share their work: each kind of thing has a function that adds its lines.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/git/upstreams.hpp"
#include "engine/ide/hover.hpp"
#include "engine/ide/subject.hpp"
#include "engine/model/upstream_refs.hpp"
#include "engine/workspace/forge_layout.hpp"

namespace forge::ide {

using HoverLines = std::vector<std::vector<HoverPiece>>;

struct HoverContext {
  const workspace::Snapshot& snapshot;
  workspace::DocumentPath at;
  std::string_view path;
  const HoverOptions& options;
};

// hover_lines.cpp
void add_plain(HoverLines& lines, std::string text);
/// `words` and then `code` as code.
void add_code(HoverLines& lines, std::string words, std::string code, std::string after = {});
void add_failure(HoverLines& lines, const Failure& failure);
void add_commit(HoverLines& lines, const git::CommitInfo& commit);
/// The mirror's age, where it is known.
void add_fetched(HoverLines& lines, const HoverContext& context, const git::Repository& repository);
/// `1 patch`, `2 patches`.
[[nodiscard]] std::string counted(std::size_t count, std::string_view noun, std::string_view plural = "s");

/// The last version on the way back from a commit, as `git describe` counts.
struct NearestTag {
  std::string name;
  std::size_t distance = 0;
};
[[nodiscard]] std::optional<NearestTag> nearest_tag(const model::UpstreamRefs& upstream, const git::ObjectId& commit);

// hover_refs.cpp
[[nodiscard]] HoverLines component_lines(const HoverContext& context, const std::string& component);
[[nodiscard]] HoverLines ref_lines(const HoverContext& context, const formats::SourceRef& entry);
/// Of a ref that stands nowhere yet.
[[nodiscard]] HoverLines possible_ref_lines(const HoverContext& context, const std::string& component,
                                            const std::string& ref);

// hover_patch.cpp; empty where nothing is known
[[nodiscard]] HoverLines patch_lines(const HoverContext& context, const Subject& subject);

// hover_packages.cpp; likewise
[[nodiscard]] HoverLines package_lines(const HoverContext& context, const std::string& name,
                                       const std::string& spelling);
[[nodiscard]] HoverLines extra_lines(const HoverContext& context, const std::string& service, const std::string& extra);
[[nodiscard]] HoverLines system_package_lines(const HoverContext& context, const Subject& subject);
[[nodiscard]] HoverLines atom_lines(const HoverContext& context, const Subject& subject);

// hover_dockerfile.cpp; likewise
[[nodiscard]] HoverLines context_lines(const HoverContext& context, const Subject& subject);
/// Of a name that is not in the Dockerfile yet.
[[nodiscard]] HoverLines named_context_lines(const HoverContext& context, const std::string& name);
[[nodiscard]] HoverLines stage_lines(const HoverContext& context, std::size_t stage);

// hover_keys.cpp; likewise
[[nodiscard]] HoverLines config_key_lines(std::string_view name);
[[nodiscard]] HoverLines extras_key_lines(std::string_view name);

}  // namespace forge::ide
