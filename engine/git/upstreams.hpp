/// The upstream repositories, read-only. What every layer above knows of git; only libgit2_* includes git2.h.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"

namespace forge::git {

/// SHA-1 object id.
struct ObjectId {
  std::array<std::uint8_t, 20> bytes{};

  [[nodiscard]] std::string hex() const;
  /// The first seven digits, for people.
  [[nodiscard]] std::string abbreviated() const { return hex().substr(0, 7); }
  [[nodiscard]] static std::optional<ObjectId> from_hex(std::string_view hex);
  friend auto operator<=>(const ObjectId&, const ObjectId&) = default;
};

enum class RefKind { tag, branch, commit };
[[nodiscard]] std::string_view to_string(RefKind kind);

/// Seconds since the epoch, and the zone it was written in (minutes east of UTC).
struct Timestamp {
  std::int64_t seconds = 0;
  int offset_minutes = 0;
  friend auto operator<=>(const Timestamp&, const Timestamp&) = default;
};
/// RFC 3339 in UTC: `2025-10-01T12:00:00Z`.
[[nodiscard]] std::string to_rfc3339(const Timestamp& time);

struct ResolvedRef {
  RefKind kind = RefKind::commit;
  ObjectId commit;
  /// `refs/tags/28.0.0`, `refs/heads/stable/2025.2`; empty for a commit.
  std::string full_name{};
};

/// A tag or branch and the commit it stands for (annotated tags peeled).
struct NamedRef {
  RefKind kind = RefKind::tag;
  std::string name;  ///< short: `28.0.0`, `stable/2025.2`
  ObjectId commit;
};

struct CommitInfo {
  ObjectId id;
  ObjectId tree;
  std::vector<ObjectId> parents;
  Timestamp author_time;
  Timestamp commit_time;
  std::string author;   ///< `Name <mail>`
  std::string message;  ///< whole, as stored
  [[nodiscard]] std::string_view subject() const { return std::string_view(message).substr(0, message.find('\n')); }
};

/// What a clone's git calls a commit.
struct CommitName {
  /// `git log --format=%h`: seven digits, more in a big repository.
  std::string abbreviated;
  /// `git describe --exact-match`: the annotated tag that was made last; empty where there is none.
  std::string annotated_tag;
};

/// Modes are git's own: 0100644, 0100755, 0120000 (link), 0160000 (submodule), 0040000 (folder).
struct TreeEntry {
  std::string name;
  std::uint32_t mode = 0;
  ObjectId id;
};

using BlobPtr = std::shared_ptr<const std::string>;

class ChangeHistory;

/// One file that a commit changed against its first parent. Renames are found as `git log -M` does.
struct PathChange {
  enum class Kind { add, remove, modify, rename };
  Kind kind = Kind::modify;
  std::string old_path;  ///< empty for an added file
  std::string new_path;  ///< empty for a removed file
};

/// One repository. Every method may be called from any thread. Failures: `not_found` (no such ref, object),
/// `unavailable` (repository gone), `invalid` (corrupt, or over a bound).
class Repository {
 public:
  virtual ~Repository() = default;

  /// Tag first, then branch, then commit (full, or abbreviated where unique). Never a revision expression, never HEAD.
  [[nodiscard]] virtual Result<ResolvedRef> resolve(std::string_view ref) const = 0;
  /// Every tag that stands for a commit and every branch; sorted by name. In a clone (not a mirror) the
  /// remote's branches count, without the remote's name.
  [[nodiscard]] virtual Result<std::shared_ptr<const std::vector<NamedRef>>> refs() const = 0;

  [[nodiscard]] virtual Result<CommitInfo> commit(const ObjectId& id) const = 0;
  [[nodiscard]] virtual CommitName commit_name(const ObjectId& id) const { return {id.abbreviated(), {}}; }
  /// What is at `path` (with `/`, no leading one) in a tree; nothing where there is none.
  [[nodiscard]] virtual Result<std::optional<TreeEntry>> entry(const ObjectId& tree, std::string_view path) const = 0;
  /// The entries of one folder, in git's order.
  [[nodiscard]] virtual Result<std::vector<TreeEntry>> list(const ObjectId& tree) const = 0;
  [[nodiscard]] virtual Result<BlobPtr> blob(const ObjectId& id) const = 0;
  /// The blob that an abbreviated id names; nothing where none or several do.
  [[nodiscard]] virtual std::optional<ObjectId> find_blob(std::string_view abbreviated_hex) const = 0;

  /// Commits in `tip` and not in `base`.
  [[nodiscard]] virtual Result<std::size_t> count_between(const ObjectId& base, const ObjectId& tip) const = 0;
  [[nodiscard]] virtual Result<bool> is_ancestor(const ObjectId& ancestor, const ObjectId& descendant) const = 0;
  /// Visits commits reachable from `from`, newest first by commit time, not those reachable from `hidden`,
  /// until `visit` returns false.
  [[nodiscard]] virtual Result<void> walk(const ObjectId& from, const std::vector<ObjectId>& hidden,
                                          const std::function<bool(const CommitInfo&)>& visit) const = 0;
  /// What every commit that a tag or branch reaches has changed, walked once and remembered.
  [[nodiscard]] virtual Result<std::shared_ptr<const ChangeHistory>> changes() const = 0;
  /// What one commit changed, with renames found; of a merge, against its first parent.
  [[nodiscard]] virtual Result<std::vector<PathChange>> changed_paths(const ObjectId& commit) const = 0;
  /// The commit's diff against its first parent, as `git diff-tree -p -M --full-index` words it; the percentage of a
  /// rename with edits may be another one.
  [[nodiscard]] virtual Result<std::string> diff(const ObjectId& commit) const = 0;
  /// Whether history ends in a shallow boundary: counts and names from it are incomplete.
  [[nodiscard]] virtual bool is_shallow() const = 0;
};

using RepositoryPtr = std::shared_ptr<const Repository>;

/// Where the repository of each component is. One opened repository per component; thread-safe.
class Upstreams {
 public:
  virtual ~Upstreams() = default;
  /// `unavailable` with what to run (`mirror sync`) where there is none here. Never touches the network.
  [[nodiscard]] virtual Result<RepositoryPtr> open(std::string_view component) const = 0;
};

}  // namespace forge::git
