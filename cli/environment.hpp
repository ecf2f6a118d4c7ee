/// The outside of a command: which forge, which threads, where the answer goes. The only part of the CLI that looks
/// at the environment.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "cli/command.hpp"
#include "engine/base/task_pool.hpp"
#include "engine/git/locations.hpp"
#include "engine/workspace/workspace.hpp"

namespace forge::cli {

/// The forge's root: `-C`, else the nearest folder upwards that holds releases/.
[[nodiscard]] std::string forge_root(const Invocation& invocation);
/// Stops where `snapshot`, of the folder `root`, is no forge's: whatever was asked would be answered with nothing.
void require_forge(const workspace::Snapshot& snapshot, const std::string& root);
/// The snapshot of that forge, with upstreams as the common options say; without an index where none is given.
[[nodiscard]] workspace::SnapshotPtr load_forge(const Invocation& invocation, const TaskPool& pool,
                                                const workspace::IndexFactory& index = {},
                                                const workspace::DistributionFactory& distribution = {});
/// The same of other files than those on disk, with the same upstreams.
[[nodiscard]] Result<workspace::SnapshotPtr> load_files(const Invocation& invocation,
                                                        const workspace::FileStorePtr& files, const TaskPool& pool,
                                                        const workspace::IndexFactory& index = {},
                                                        const workspace::DistributionFactory& distribution = {});
/// Ends the command where `release` is not empty and no release of the forge.
void require_known_release(const workspace::Snapshot& snapshot, const std::string& release);
/// Where upstreams are, by the common options.
[[nodiscard]] git::LocationOptions location_options(const Invocation& invocation);
/// `--jobs`, else the machine's processors.
[[nodiscard]] TaskPool task_pool(const Invocation& invocation);
/// `--mirror`, else the user's cache folder.
[[nodiscard]] std::string mirror_folder(const Invocation& invocation);
/// How repositories are read: what is remembered of them is in the user's cache folder.
[[nodiscard]] git::RepositoryOptions repository_options(const Invocation& invocation);
[[nodiscard]] bool is_offline(const Invocation& invocation);
/// Whether text on this stream (1 or 2) is coloured: `--color`, then NO_COLOR, then whether it is a terminal.
[[nodiscard]] bool use_color(const Invocation& invocation, int stream);
/// Whether progress may be shown: standard error is a terminal and nobody said `--quiet`.
[[nodiscard]] bool show_progress(const Invocation& invocation);

/// The answer: to standard output, or whole to the file of `-o`.
void emit(const Invocation& invocation, std::string_view text);
/// Words for people, to standard error, unless `--quiet`.
void say(const Invocation& invocation, std::string_view text);
/// Adds to the summary of GitHub's job, where there is one (`GITHUB_STEP_SUMMARY` names its file).
void add_to_job_summary(std::string_view markdown);
/// A line on standard error that only `--verbose` shows.
void note(const Invocation& invocation, std::string_view line);

/// Time since it was made.
class Stopwatch {
 public:
  [[nodiscard]] long milliseconds() const {
    return static_cast<long>(
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin_).count());
  }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace forge::cli
