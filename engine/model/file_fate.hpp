/// Where a file is that a patch wants to change and the tree does not have.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/model/upstream_past.hpp"

namespace forge::model {

struct FileFate {
  enum class Kind {
    renamed,   ///< `path` is its present name
    deleted,   ///< by `commit`, when it was called `path`
    not_yet,   ///< `commit`, which the ref does not have, makes it
    misnamed,  ///< the patch's names have a folder too few or too many: `path` is there
    unknown    ///< no commit that a ref reaches ever had it
  };
  Kind kind = Kind::unknown;
  std::string path{};
  std::optional<KnownCommit> commit{};  ///< of several renames the first
  std::vector<std::string> names{};     ///< on the way from the patch's name to `path`, both left out
};
[[nodiscard]] std::string_view to_string(FileFate::Kind kind);

/// `written` is the name as the patch has it, before git strips its first folder. Nothing where the history ends or
/// is too long before an answer is found, or the budget is spent; fails where the repository does.
[[nodiscard]] Result<std::optional<FileFate>> file_fate(const UpstreamPast& past, std::string_view path,
                                                        std::string_view written, PastBudget& budget);

}  // namespace forge::model
