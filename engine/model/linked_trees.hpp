/// Trees of other repositories inside of a component's tree (git's submodules), and what a patch series applies to.
///
/// The folder's name says which component's repository has the linked commit: `ovs/` in OVN's tree is of `ovs`. Patches
/// for the linked copy are in patches/<component>-<linked>/<release>/ and apply inside of that folder alone.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/git/upstreams.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::model {

struct LinkedTree {
  std::string path;       ///< of the folder in the outer tree: `ovs`
  std::string component;  ///< whose repository has the commit
  git::ObjectId commit;
};

/// The component that a folder stands for: the last part of its path.
[[nodiscard]] std::string linked_component(std::string_view path);

/// Those that .gitmodules names, sorted by path. Reads that file and nothing where there is none.
[[nodiscard]] Result<std::vector<LinkedTree>> linked_trees(const git::Repository& repository,
                                                           const git::ObjectId& tree);

/// `ovn-ovs`: the copy of `ovs` that `ovn` brings.
struct LinkedName {
  std::string outer;
  std::string inner;
};
/// Nothing where a release has a ref of that very name, or where no two components are named by it.
[[nodiscard]] std::optional<LinkedName> linked_name(const workspace::Snapshot& snapshot, std::string_view component);
/// The folder below patches/ with the patches for a linked tree.
[[nodiscard]] std::string linked_series_name(std::string_view outer, std::string_view inner);

/// Of the component's tree at its ref in that release, sorted by path. Computed once per snapshot.
[[nodiscard]] const Result<std::vector<LinkedTree>>& linked_trees(const workspace::Snapshot& snapshot,
                                                                  const std::string& component,
                                                                  const std::string& release);

/// The tree that patches/<component>/<release>/ is for.
struct SeriesBase {
  git::RepositoryPtr repository;
  git::ObjectId commit;
  std::string component;  ///< whose repository that is: `ovs` for `ovn-ovs`
  std::string ref;        ///< as source-refs.yaml has it; of a linked tree its commit
};
/// `not_found` where the release has no ref for it, or its tree links none of that name.
[[nodiscard]] Result<SeriesBase> series_base(const workspace::Snapshot& snapshot, std::string_view component,
                                             std::string_view release);

/// The component whose exported tree has the patches: `component` itself, but `ovn` for `ovn-ovs`.
[[nodiscard]] std::string patched_component(const workspace::Snapshot& snapshot, std::string_view component);

/// The outer tree could be read and has no such folder.
[[nodiscard]] bool lacks_linked(const workspace::Snapshot& snapshot, const LinkedName& name, std::string_view release);

/// The repository's component: `component` itself, but `ovs` for `ovn-ovs`.
[[nodiscard]] std::string series_upstream(const workspace::Snapshot& snapshot, std::string_view component);

/// Where `linked` is to be had from. Fails with the way out where the repository is missing or lacks the commit.
[[nodiscard]] Result<git::RepositoryPtr> open_linked(const workspace::Snapshot& snapshot, std::string_view outer,
                                                     const LinkedTree& linked);

}  // namespace forge::model
