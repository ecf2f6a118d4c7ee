/// A forge at a glance: releases, their components, refs and patches, each with its state.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/base/finding.hpp"
#include "engine/ide/forge_facts.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::ide {

struct PatchState {
  SourceFilePtr file;
  const PatchFact* fact = nullptr;  ///< of the facts; null: not known
};

struct ComponentState {
  std::string name;
  bool service = false;  ///< it has an image; else it is a library
  Place place;           ///< its key in source-refs.yaml
  std::string ref{};
  const RefFact* fact = nullptr;  ///< of the facts; null: not known
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

/// `findings` are what the rules said of the snapshot, `facts` what git said, of this or of an earlier one; may be
/// null. Points into the facts. Never asks git.
[[nodiscard]] ForgeOverview forge_overview(const workspace::Snapshot& snapshot, const std::vector<Finding>& findings,
                                           const ForgeFacts* facts);

}  // namespace forge::ide
