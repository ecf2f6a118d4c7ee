/// Where the history of a repository is remembered between processes.
#pragma once

#include <string>

#include "engine/git/change_history.hpp"

namespace forge::git {

/// The file of the repository at `path` in `folder`. `boundary` are the commits that a shallow clone ends with: a clone
/// that was deepened is another one.
[[nodiscard]] std::string change_history_file(const std::string& folder, const std::string& path,
                                              std::span<const ObjectId> boundary);

/// An empty history where there is no such file, or one that is damaged or of another version or machine.
[[nodiscard]] ChangeHistory load_change_history(const std::string& file);

/// A file that can't be written costs the next run its time and nothing else.
void save_change_history(const std::string& file, const ChangeHistory& history);

}  // namespace forge::git
