/// The git repository that the forge itself is kept in: what its files were at a commit, without a checkout.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/git/upstreams.hpp"

namespace forge::git {

/// Every method may be called from any thread. Failures are those of Repository.
class ForgeRepository {
 public:
  virtual ~ForgeRepository() = default;

  /// Commits, trees and blobs.
  [[nodiscard]] virtual const Repository& objects() const = 0;
  /// Where the forge's root is below the repository's: empty, or `path/to/forge/`.
  [[nodiscard]] virtual const std::string& prefix() const = 0;
  /// The commit that a revision stands for, as `git rev-parse REVISION^{commit}` finds it: `HEAD~1`, `origin/main`, 40
  /// digits. `not_found` where there is none; the zeros of a push that made the branch are none.
  [[nodiscard]] virtual Result<ObjectId> find_commit(std::string_view revision) const = 0;
  /// The best common ancestor; `not_found` where there is none, or where a shallow history ends before it.
  [[nodiscard]] virtual Result<ObjectId> merge_base(const ObjectId& a, const ObjectId& b) const = 0;
  /// The branch that HEAD is on: `main`; nothing where it is on none.
  [[nodiscard]] virtual std::optional<std::string> current_branch() const = 0;
  /// Files below these paths (relative to the forge's root) that are not as HEAD has them, untracked ones included and
  /// ignored ones left out; relative to the forge's root, sorted, at most `most`.
  [[nodiscard]] virtual Result<std::vector<std::string>> changed_files(const std::vector<std::string>& below,
                                                                       std::size_t most) const = 0;
};

using ForgeRepositoryPtr = std::shared_ptr<const ForgeRepository>;

/// The repository that `root` is in: at it or above it. `not_found` where it is in none.
[[nodiscard]] Result<ForgeRepositoryPtr> open_forge_repository(const std::string& root);

}  // namespace forge::git
