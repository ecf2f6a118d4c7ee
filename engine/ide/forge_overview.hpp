/// A forge at a glance: releases, their components, refs and patches, each with its state.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/finding.hpp"
#include "engine/git/upstreams.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::ide {

struct PatchState {
  SourceFilePtr file;
  std::string verdict = "unknown";  ///< model::to_string(PatchVerdict), or `unknown`
  std::int64_t offset = 0;          ///< of one that applies: the largest shift of a hunk, in lines
};

struct ComponentState {
  std::string name;
  bool service = false;  ///< it has an image; else it is a library
  Place place;           ///< its key in source-refs.yaml
  std::string ref{};
  std::string kind = "unknown";  ///< `tag`, `branch`, `commit`
  std::optional<git::ObjectId> commit{};
  std::optional<git::Timestamp> date{};
  std::string newest{};  ///< a newer version of the series; empty: none
  std::optional<std::size_t> behind{};
  /// The worst finding about it in this release; `off`: there is none.
  Severity worst = Severity::off;
  bool examined = false;  ///< its upstream was looked at
  std::vector<PatchState> patches{};
};

struct ReleaseState {
  std::string name;
  SourceFilePtr file;  ///< source-refs.yaml; null where it has none
  std::vector<ComponentState> components;
};

struct ForgeOverview {
  std::vector<ReleaseState> releases;
  std::vector<std::string> unavailable;  ///< components whose upstream can't be looked at, sorted
};

/// `findings` are what the rules said of the snapshot. Without `with_upstreams` nothing that needs git is asked, so
/// that the answer comes at once.
[[nodiscard]] ForgeOverview forge_overview(const workspace::Snapshot& snapshot, const std::vector<Finding>& findings,
                                           bool with_upstreams);

}  // namespace forge::ide
