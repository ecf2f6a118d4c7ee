#include "engine/git/mirror.hpp"

#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include "engine/git/child_process.hpp"
#include "engine/git/fetch_time.hpp"
#include "engine/git/libgit2_repository.hpp"
#include "engine/git/mirror_lock.hpp"

namespace forge::git {

namespace fs = std::filesystem;

namespace {

Result<void> run_git(std::vector<std::string> arguments, const Location& location, const SyncOptions& options) {
  // The first two keep a URL that redirects, or a submodule's, from running a program, and a clean-up of the mirror
  // from going on after we said that it is done.
  std::vector<std::string> all = {"git", "-c", "protocol.ext.allow=never", "-c", "gc.autoDetach=false"};
  all.insert(all.end(), std::make_move_iterator(arguments.begin()), std::make_move_iterator(arguments.end()));
  ProgramRun run{.arguments = std::move(all), .cancel = options.cancel};
  if (!options.may_prompt) run.variables.emplace_back("GIT_TERMINAL_PROMPT=0");
  const Result<std::string> said = run_program(run);
  if (said) return {};
  return fail(Failure::Kind::unavailable,
              fmt::format("`{}` could not be brought here from `{}`. {}", location.component, location.public_url(),
                          said.error().message),
              said.error().hints);
}

Result<SyncOutcome> fetch(const Location& location, const SyncOptions& options) {
  FORGE_TRY(
      run_git({"--git-dir", location.path, "fetch", "--quiet", "--prune", "--no-recurse-submodules",
               "--no-write-fetch-head", "--", location.url, "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"},
              location, options));
  return SyncOutcome::fetched;
}

/// Under another name first, so that a mirror is whole or not there.
Result<SyncOutcome> clone(const Location& location, const SyncOptions& options) {
  const std::string partial = location.path + ".partial";
  std::error_code error;
  fs::remove_all(partial, error);  // of a run that was killed; the lock is ours
  const Result<void> cloned =
      run_git({"clone", "--quiet", "--bare", "--template=", "--", location.url, partial}, location, options);
  if (cloned) fs::rename(partial, location.path, error);
  if (cloned && !error) return SyncOutcome::cloned;
  std::error_code ignored;
  fs::remove_all(partial, ignored);
  FORGE_TRY(cloned);
  return fail(Failure::Kind::io, fmt::format("`{}` can't be made: {}.", location.path, error.message()));
}

/// Of a clone by hand, which nothing was fetched into since, when it was made.
std::optional<Timestamp> last_fetch(const std::string& repository) {
  for (const char* name : {"FETCH_HEAD", "packed-refs", "HEAD"})
    if (const auto time = time_of_file(repository, name)) return time;
  return std::nullopt;
}

}  // namespace

/// git empties FETCH_HEAD before a fetch that may fail, so we write it ourselves, after one that did not.
void note_fetch(const std::string& mirror) {
  const std::string file = mirror + "/FETCH_HEAD";
  const std::ofstream touched(file, std::ios::trunc);
  ::utimensat(AT_FDCWD, file.c_str(), nullptr, 0);
}

std::string_view to_string(SyncOutcome outcome) {
  switch (outcome) {
    case SyncOutcome::in_place:
      return "in place";
    case SyncOutcome::cloned:
      return "cloned";
    case SyncOutcome::fetched:
      return "fetched";
  }
  return "fetched";
}

MirrorStatus mirror_status(const Location& location) {
  std::error_code ignored;
  MirrorStatus status{.exists = fs::exists(location.path, ignored)};
  if (!status.exists) return status;
  const Result<RepositoryPtr> repository = open_repository(location.path);
  if (!repository) {
    status.problem = repository.error();
    return status;
  }
  status.fetched = last_fetch(location.path);
  status.shallow = (*repository)->is_shallow();
  return status;
}

Result<SyncOutcome> sync_mirror(const Location& location, const SyncOptions& options) {
  if (!location.is_mirror) return SyncOutcome::in_place;
  std::error_code error;
  fs::create_directories(fs::path(location.path).parent_path(), error);
  if (error) return fail(Failure::Kind::io, fmt::format("`{}` can't be made: {}.", location.path, error.message()));
  FORGE_TRY_ASSIGN(const MirrorLock lock, MirrorLock::take(location.path));
  const Result<SyncOutcome> outcome =
      fs::exists(location.path, error) ? fetch(location, options) : clone(location, options);
  if (outcome) note_fetch(location.path);
  return outcome;
}

}  // namespace forge::git
