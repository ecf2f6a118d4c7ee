/// What a component's source tree declares at its ref in a release, after its patches.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/finding.hpp"
#include "engine/base/result.hpp"
#include "engine/formats/python_project.hpp"
#include "engine/git/upstreams.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::model {

struct ComponentRequirements {
  std::string release;
  std::string component;
  std::string ref;
  git::ObjectId commit;
  /// Built by configure and make, not as a Python project: `declared` is empty, and nothing is missing from it.
  bool native = false;
  formats::DeclaredRequirements declared;
  std::map<std::string, SourceFilePtr, std::less<>> files;  ///< that were read, by their path in the tree
  std::vector<std::string> left_out;                        ///< patches that do not apply: not counted

  /// In a file named as `keystone@28.0.0:requirements.txt`.
  [[nodiscard]] Place place(const formats::TreePlace& in_tree) const;
};

/// Computed once per snapshot. Fails where the ref, the upstream or the commit is not to be had.
[[nodiscard]] const Result<ComponentRequirements>& declared_requirements(const workspace::Snapshot& snapshot,
                                                                         const std::string& release,
                                                                         const std::string& component);

/// The tree has a configure.ac and no file that would make it a Python project. False too where it can't be looked at.
[[nodiscard]] bool is_native(const workspace::Snapshot& snapshot, const std::string& release,
                             const std::string& component);

/// VERSION, the name of a component's tree in tags and labels: pbr's version of a full clone; of a native tree the tag.
/// A tree with neither is called by its tags as pbr would. `commit` is what `ref`, the release's, stands for.
/// Fails as built_version does.
[[nodiscard]] Result<std::string> tree_version(const workspace::Snapshot& snapshot, const std::string& release,
                                               const std::string& component, std::string_view ref,
                                               const git::ObjectId& commit);

/// What the tree calls itself when it is built: pbr's version of a full clone, else the one it has as a literal.
/// `invalid` where neither tells.
[[nodiscard]] const Result<std::string>& source_version(const workspace::Snapshot& snapshot, const std::string& release,
                                                        const std::string& component);

}  // namespace forge::model
