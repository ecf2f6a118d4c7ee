/// The tags and branches of one component's upstream, put in order: which are versions, which are series.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/formats/pbr_version.hpp"
#include "engine/formats/version.hpp"
#include "engine/git/upstreams.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::model {

struct VersionTag {
  std::string name;
  formats::Version version;
  git::ObjectId commit;
};

/// What pbr makes of a commit's tags.
struct BuiltTag {
  formats::PbrVersion version;
  std::string name;
};

/// Where a series of OpenStack stands. It moves from `stable/X` to `unmaintained/X` to a last tag `X-eol`.
struct Series {
  std::string name;  ///< `2025.2`, `zed`
  std::string ref;   ///< the branch, or the tag that is left of it
  git::RefKind kind = git::RefKind::branch;
  git::ObjectId tip;
};

struct UpstreamRefs {
  git::RepositoryPtr repository;
  std::shared_ptr<const std::vector<git::NamedRef>> refs;
  std::vector<VersionTag> versions;              ///< ascending by version
  std::map<git::ObjectId, BuiltTag> built_tags;  ///< of a commit with version tags, the highest
  std::vector<Series> series;                    ///< oldest first
  std::optional<git::NamedRef> main_branch;      ///< `master` or `main`

  [[nodiscard]] const git::NamedRef* find(std::string_view name, git::RefKind kind) const;
  /// Null where there is none of that name.
  [[nodiscard]] const Series* find_series(std::string_view name) const;
};

/// Of any repository, read anew.
[[nodiscard]] Result<UpstreamRefs> read_upstream_refs(git::RepositoryPtr repository);
/// Opened and listed once per snapshot.
[[nodiscard]] const Result<UpstreamRefs>& upstream_refs(const workspace::Snapshot& snapshot,
                                                        std::string_view component);

/// The names under which a release's series may be known: `2025.2`; for `2022.2` also `zed`.
[[nodiscard]] std::vector<std::string> series_names(std::string_view release);
/// `2025.2` of `stable/2025.2` and `unmaintained/2025.2`; empty for another branch.
[[nodiscard]] std::string series_of_branch(std::string_view branch);

/// What a tree of that commit calls itself when it is built with pbr in a full clone. Walks to the last version tag.
/// `least` is `[metadata] version` of its setup.cfg, empty where there is none: the version that it works towards.
/// `invalid` where history ends in a shallow boundary before a version, and where pbr would refuse to build since
/// history asks for more than `least`.
[[nodiscard]] Result<std::string> built_version(const UpstreamRefs& upstream, const git::ObjectId& commit,
                                                std::string_view least = {});

/// What a project without Python's version rules calls itself: the tag without its `v` (`v25.03.3` is `25.03.3`, not
/// pbr's `25.3.3`). At a commit without a tag it counts as built_version does.
[[nodiscard]] Result<std::string> native_version(const UpstreamRefs& upstream, std::string_view ref,
                                                 const git::ObjectId& commit);

}  // namespace forge::model
