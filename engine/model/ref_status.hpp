/// What the ref of a component in a release is, and how it stands to the release's series.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/task_pool.hpp"
#include "engine/formats/source_refs.hpp"
#include "engine/model/upstream_refs.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::model {

struct RefStatus {
  /// Of source-refs.yaml; null where the release does not name the component.
  const formats::SourceRef* entry = nullptr;
  /// Why there is no `commit`: `not_found` where the upstream was read and has no such ref; anything else means that
  /// the upstream could not be looked at. Nothing where there is no ref to look for.
  std::optional<Failure> failure{};
  std::optional<git::ResolvedRef> resolved{};
  std::optional<git::CommitInfo> commit{};

  /// The oldest series that holds the commit (a later one holds it too, through the main branch); `master` or `main`
  /// where only that does; empty where it is unknown.
  std::string series{};
  /// The series of the release's folder, else of the ref: its newest version that is no pre-release.
  std::optional<VersionTag> newest{};
  /// The head of that series; nothing where there is no such series.
  std::optional<git::ObjectId> tip{};
  /// Commits from the ref to that head; nothing where the ref is not on it.
  std::optional<std::size_t> behind{};

  /// `newest` comes after the ref.
  bool has_newer = false;

  /// What the ref's name says as a version: nothing for a branch or a commit.
  [[nodiscard]] std::optional<formats::Version> named_version() const;
};

/// Computed once per snapshot.
[[nodiscard]] const RefStatus& ref_status(const workspace::Snapshot& snapshot, std::string_view release,
                                          std::string_view component);

/// One ref of the forge.
struct ForgeRef {
  std::string release;
  const workspace::Document<formats::SourceRefs>* document = nullptr;
  const formats::SourceRef* entry = nullptr;
  const RefStatus* status = nullptr;
};

/// Every component of every release, in the order of the files; a key that stands twice counts once, the last one.
/// Computed once per snapshot, the components in parallel.
[[nodiscard]] const std::vector<ForgeRef>& forge_refs(const workspace::Snapshot& snapshot, const TaskPool& pool);

/// Those of them that `wanted` says, in the same order; nothing is read of the others.
[[nodiscard]] std::vector<ForgeRef> forge_refs(
    const workspace::Snapshot& snapshot, const TaskPool& pool,
    const std::function<bool(std::string_view release, std::string_view component)>& wanted);

/// Whether any branch or tag holds the commit. Asks one after the other: only for what no series holds.
[[nodiscard]] Result<bool> is_on_any_ref(const UpstreamRefs& upstream, const git::CommitInfo& commit);

/// The series of a release as the upstream has it; null where it has none (yet).
[[nodiscard]] const Series* series_of_release(const UpstreamRefs& upstream, std::string_view release);

/// At most three tags and branches that `typed` may have been meant for, the likeliest first: where its series is now,
/// the same version in another spelling, near versions of the same minor; where there are none, by spelling, with those
/// of the release's series first.
[[nodiscard]] std::vector<std::string> near_refs(const UpstreamRefs& upstream, const RefStatus& status,
                                                 std::string_view typed);

}  // namespace forge::model
