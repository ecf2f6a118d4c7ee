#include "cli/plan_inputs.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "cli/environment.hpp"
#include "cli/input_files.hpp"
#include "engine/base/text.hpp"
#include "engine/git/forge_repository.hpp"
#include "engine/plan/changed_cells.hpp"
#include "engine/plan/plan_builds.hpp"
#include "engine/workspace/file_store.hpp"

namespace forge::cli {

namespace {

using git::ForgeRepositoryPtr;
using git::ObjectId;
using plan::BuildRequest;
using plan::PlanRecord;
using workspace::FileStorePtr;
using workspace::SnapshotPtr;

constexpr std::size_t most_paths_told = 5;

void require_clean(const git::ForgeRepository& repository, std::string_view what) {
  std::vector<std::string> changed =
      value_or_stop(repository.changed_files(workspace::forge_paths(), most_paths_told + 1));
  if (changed.empty()) return;
  const bool more = changed.size() > most_paths_told;
  if (more) changed.resize(most_paths_told);
  throw NotDone(fmt::format("{} is a commit's, and these files are not as the commit has them: {}{}.", what,
                            join(changed, ", "), more ? ", …" : ""),
                {"commit them, or take them as they are with `--worktree`"});
}

/// The commit that `--since` or `--since-exact` means; nothing where it is missing and all is to be built then.
std::optional<ObjectId> base_commit(const Invocation& invocation, const git::ForgeRepository& repository,
                                    const ObjectId& head) {
  const bool exact = invocation.has("--since-exact");
  const std::string revision = *invocation.value(exact ? "--since-exact" : "--since");
  Result<ObjectId> found = repository.find_commit(revision);
  if (found && !exact) found = repository.merge_base(*found, head);
  if (found) return *found;
  if (invocation.value("--since-missing").value_or("stop") == "all") {
    say(invocation, fmt::format("planning everything: {}\n", found.error().message));
    return std::nullopt;
  }
  std::vector<std::string> hints = found.error().hints;
  hints.emplace_back("or build everything then, with `--since-missing all`");
  throw NotDone(found.error().message, std::move(hints));
}

PlanRecord plan_then(const SnapshotPtr& snapshot, const BuildRequest& request, const ObjectId& commit) {
  BuildRequest then = request;
  plan::take_settings(snapshot->config(), then);
  then.commit = request.commit.empty() ? "" : commit.hex();
  then.baseline = nullptr;
  // A name that is asked for may be new since.
  then.releases.clear();
  then.services.clear();
  return plan::record_of(value_or_stop(plan::plan_builds(*snapshot, then, {})), true);
}

/// What a push is named after, where nobody said.
void take_names_from(const git::ForgeRepository& repository, BuildRequest& request) {
  if (request.commit.empty()) {
    if (const Result<ObjectId> head = repository.find_commit("HEAD")) request.commit = head->hex();
  }
  if (request.branch.empty()) request.branch = repository.current_branch().value_or("");
}

class PlanLoader {
 public:
  PlanLoader(const Invocation& invocation, const TaskPool& pool)
      : invocation_(invocation),
        pool_(pool),
        locations_(location_options(invocation)),
        workspace_([this](const formats::ForgeConfig& config) { return git::located_upstreams(config, locations_); }) {
    if (Result<ForgeRepositoryPtr> found = git::open_forge_repository(locations_.root)) repository_ = *found;
  }

  SnapshotPtr load(BuildRequest& request) {
    const bool compares = invocation_.has("--since") || invocation_.has("--since-exact");
    const bool from_disk = invocation_.has("--worktree") || !compares;
    if (repository_ && request.push) {
      if (!invocation_.has("--worktree")) require_clean(*repository_, "What is pushed");
      take_names_from(*repository_, request);
    }
    if (compares) return load_since(request, from_disk);
    return load_files(workspace::disk_files(locations_.root));
  }

 private:
  SnapshotPtr load_files(const FileStorePtr& files) { return value_or_stop(workspace_.load(files, pool_)); }

  SnapshotPtr load_commit(const ObjectId& commit) {
    return load_files(value_or_stop(workspace::commit_files(repository_, commit)));
  }

  SnapshotPtr load_since(BuildRequest& request, bool from_disk) {
    if (!repository_)
      throw NotDone(fmt::format("`{}` is in no git repository, so there is nothing to compare with.", locations_.root),
                    {"leave `--since` out"});
    if (!from_disk) require_clean(*repository_, "What is compared");
    const ObjectId head = value_or_stop(repository_->find_commit("HEAD"));
    const std::optional<ObjectId> base = base_commit(invocation_, *repository_, head);
    // The former files first: what is the same in both is parsed once.
    const SnapshotPtr before = base ? load_commit(*base) : nullptr;
    SnapshotPtr now = from_disk ? load_files(workspace::disk_files(locations_.root)) : load_commit(head);
    if (before) {
      // What is pushed needs the names of all images, and a document or an explanation their inputs.
      const bool all = request.push || from_disk || invocation_.has("--explain") || invocation_.format() == "json";
      if (const auto cells = all ? std::nullopt : plan::cells_that_may_differ(*before, *now, request))
        request.may_differ = std::make_shared<const plan::Cells>(*cells);
      PlanRecord record = plan_then(before, request, *base);
      if (request.baseline) plan::take_branches_from(*request.baseline, record);
      request.baseline = std::make_shared<const PlanRecord>(std::move(record));
    } else {
      request.baseline = nullptr;
    }
    return now;
  }

  const Invocation& invocation_;
  const TaskPool& pool_;
  git::LocationOptions locations_;
  workspace::Workspace workspace_;
  ForgeRepositoryPtr repository_;
};

}  // namespace

SnapshotPtr load_forge_to_plan(const Invocation& invocation, const TaskPool& pool, BuildRequest& request) {
  if (const auto file = invocation.value("--baseline"))
    request.baseline = std::make_shared<const PlanRecord>(read_plan_file(*file));
  SnapshotPtr snapshot = PlanLoader(invocation, pool).load(request);
  require_forge(*snapshot, forge_root(invocation));
  plan::take_settings(snapshot->config(), request);
  return snapshot;
}

PlanRecord read_plan_file(const std::string& path) {
  Result<PlanRecord> record = plan::read_record(read_input_file(path, "plan"));
  if (!record) throw NotDone(fmt::format("`{}`: {}", path, record.error().message), record.error().hints);
  return std::move(*record);
}

}  // namespace forge::cli
