#include "cli/environment.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include <fmt/format.h>
#include <unistd.h>

#include "cli/user/user_folders.hpp"
#include "engine/base/atomic_file.hpp"
#include "engine/base/text.hpp"
#include "engine/workspace/forge_layout.hpp"

namespace forge::cli {

using environment::variable;

namespace {

void write_out(std::FILE* stream, std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stream) != text.size() || std::fflush(stream) != 0)
    throw NotDone("The answer can't be written to standard output.");
}

[[noreturn]] void stop_without_forge(std::string_view what) {
  throw NotDone(
      fmt::format("No forge here: {}.", what),
      {"name the forge's root with -C DIR: the folder that holds releases/<release>/source-refs.yaml (the refs "
       "that a release is built from), and images/, patches/ and overrides/ beside releases/"});
}

/// A file of some release, or forge.yaml; a folder `releases` may be anything.
bool is_forge(const workspace::Snapshot& snapshot) {
  using enum workspace::DocumentKind;
  return std::ranges::any_of(snapshot.paths(), [](const std::string& path) {
    const workspace::DocumentKind kind = workspace::classify(path).kind;
    return kind == config || kind == source_refs || kind == upper_constraints || kind == extra_packages ||
           kind == test_refs;
  });
}

}  // namespace

std::string forge_root(const Invocation& invocation) {
  if (const auto given = invocation.value("-C")) return *given;
  if (auto found = workspace::find_forge_root(".")) return *found;
  stop_without_forge("neither this folder nor one above it holds releases/");
}

void require_forge(const workspace::Snapshot& snapshot, const std::string& root) {
  if (!is_forge(snapshot))
    stop_without_forge(
        fmt::format("`{}` has no forge.yaml, and no folder below releases/ has a file of a release", root));
}

TaskPool task_pool(const Invocation& invocation) {
  const auto given = invocation.value("--jobs");
  if (!given) return TaskPool(std::max(1U, std::thread::hardware_concurrency()));
  std::size_t jobs = 0;
  const auto [end, error] = std::from_chars(given->data(), given->data() + given->size(), jobs);
  if (error != std::errc{} || end != given->data() + given->size() || jobs == 0 || jobs > 1024)
    throw NotDone(fmt::format("--jobs takes a number from 1 to 1024, not `{}`.", *given));
  return TaskPool(jobs);
}

std::string mirror_folder(const Invocation& invocation) {
  if (const auto given = invocation.value("--mirror")) return *given;
  return environment::cache_folder() + "/mirrors";
}

git::RepositoryOptions repository_options(const Invocation& invocation) {
  return {.cache_folder = environment::cache_folder() + "/history", .jobs = task_pool(invocation).jobs()};
}

bool is_offline(const Invocation& invocation) {
  return invocation.has("--offline");
}

bool use_color(const Invocation& invocation, int stream) {
  const std::string when = invocation.value("--color").value_or("auto");
  if (when != "auto") return when == "always";
  if (invocation.has("--output") || !variable("NO_COLOR").empty() || variable("TERM") == "dumb") return false;
  return ::isatty(stream) == 1;
}

bool show_progress(const Invocation& invocation) {
  return !invocation.has("--quiet") && ::isatty(2) == 1 && variable("TERM") != "dumb";
}

git::LocationOptions location_options(const Invocation& invocation) {
  git::LocationOptions options{.root = forge_root(invocation), .mirror_folder = mirror_folder(invocation)};
  options.repository = repository_options(invocation);
  if (const auto given = invocation.value("--upstream")) {
    // What is typed is relative to where it is typed.
    const bool is_path = !git::is_remote_url(*given) && given->find("://") == std::string::npos;
    options.upstream = is_path ? std::filesystem::absolute(*given).string() : *given;
  }
  return options;
}

void require_known_release(const workspace::Snapshot& snapshot, const std::string& release) {
  if (release.empty() || std::ranges::count(snapshot.releases(), release) > 0) return;
  throw NotDone(fmt::format("There is no release `{}` in this forge.", release),
                {fmt::format("its releases: {}", join(snapshot.releases(), ", "))});
}

Result<workspace::SnapshotPtr> load_files(const Invocation& invocation, const workspace::FileStorePtr& files,
                                          const TaskPool& pool, const workspace::IndexFactory& index,
                                          const workspace::DistributionFactory& distribution) {
  const git::LocationOptions locations = location_options(invocation);
  workspace::Workspace workspace(
      [&](const formats::ForgeConfig& config) { return git::located_upstreams(config, locations); }, index,
      distribution);
  return workspace.load(files, pool);
}

workspace::SnapshotPtr load_forge(const Invocation& invocation, const TaskPool& pool,
                                  const workspace::IndexFactory& index,
                                  const workspace::DistributionFactory& distribution) {
  const git::LocationOptions locations = location_options(invocation);
  const Stopwatch watch;
  workspace::SnapshotPtr snapshot =
      value_or_stop(load_files(invocation, workspace::disk_files(locations.root), pool, index, distribution));
  note(invocation, fmt::format("read {} files of {} in {} ms; mirrors in {}", snapshot->paths().size(), locations.root,
                               watch.milliseconds(), locations.mirror_folder));
  require_forge(*snapshot, locations.root);
  return snapshot;
}

void emit(const Invocation& invocation, std::string_view text) {
  if (const auto file = invocation.value("--output"))
    value_or_stop(write_file_atomically(*file, text).map([] { return true; }));
  else
    write_out(stdout, text);
}

void add_to_job_summary(std::string_view markdown) {
  const std::string path = variable("GITHUB_STEP_SUMMARY");
  if (path.empty()) return;
  std::ofstream stream(path, std::ios::binary | std::ios::app);
  stream << markdown;
  if (!stream.flush()) throw NotDone(fmt::format("The job's summary `{}` can't be written.", path));
}

void note(const Invocation& invocation, std::string_view line) {
  if (invocation.has("--verbose")) write_out(stderr, fmt::format("{}\n", line));
}

void say(const Invocation& invocation, std::string_view text) {
  if (!invocation.has("--quiet")) write_out(stderr, text);
}

}  // namespace forge::cli
