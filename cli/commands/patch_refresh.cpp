#include <algorithm>
#include <array>
#include <filesystem>
#include <mutex>
#include <optional>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/commands/table.hpp"
#include "cli/environment.hpp"
#include "cli/input_files.hpp"
#include "cli/render/json.hpp"
#include "cli/render/refresh.hpp"
#include "engine/base/atomic_file.hpp"
#include "engine/base/text.hpp"
#include "engine/git/libgit2_repository.hpp"

namespace forge::cli {

namespace {

namespace fs = std::filesystem;
using model::RefreshAction;

constexpr std::array<std::string_view, 2> formats_of_patch_refresh = {"text", "json"};
constexpr std::array options = {
    Option{"--release", "R", "only the series of this release"},
    Option{"--component", "C", "only the series of this component"},
    Option{"--repo", "GITDIR",
           "refresh the files PATCH on this repository, bare or not, instead of the forge's series"},
    Option{"--ref", "REF", "with --repo: a tag, branch or commit of it"},
    Option{"--dry-run", "", "write nothing; show what would change as a unified diff"},
    Option{"--drop-merged", "", "delete patches whose whole change is in the tree"},
};
constexpr std::array arguments = {Positional{.name = "PATCH",
                                             .help = "with --repo: patch files, in the order in which they are applied",
                                             .required = false,
                                             .repeats = true}};

void add_series(std::vector<RefreshedPatch>& out, const std::vector<SourceFilePtr>& files,
                const model::SeriesRefresh& series, const std::string& release, const std::string& component) {
  for (std::size_t i = 0; i < files.size(); ++i) {
    const model::PatchRefresh& patch = series.patches[i];
    RefreshedPatch one{.file = files[i],
                       .release = release,
                       .component = component,
                       .action = patch.action,
                       .text = patch.text,
                       .notes = patch.notes,
                       .culprit = patch.culprit};
    for (const std::size_t other : patch.without) one.without.push_back(files[other]->path());
    out.push_back(std::move(one));
  }
}

/// The files of the command line on `--repo` and `--ref`.
std::vector<RefreshedPatch> refreshed_files(const Invocation& invocation) {
  const std::vector<std::string> paths = invocation.positional("PATCH");
  const std::optional<std::string> ref_name = invocation.value("--ref");
  const std::vector<std::string> hints = {
      "for example: forge-analyze patch refresh --repo nova.git --ref 32.0.0 patches/nova/2025.2/*.patch"};
  if (!ref_name) throw NotDone("`patch refresh --repo` needs --ref.", hints);
  if (paths.empty()) throw NotDone("`patch refresh --repo` needs patch files.", hints);
  std::vector<SourceFilePtr> files;
  std::vector<model::PatchText> patches;
  for (const std::string& path : paths) {
    files.push_back(read_patch(path));
    const std::string_view text = files.back()->text();
    patches.push_back({text, std::make_shared<const Parsed<formats::Patch>>(formats::parse_patch(text))});
  }
  const git::RepositoryPtr repository =
      value_or_stop(git::open_repository(*invocation.value("--repo"), repository_options(invocation)));
  const git::ResolvedRef ref = value_or_stop(repository->resolve(*ref_name));
  std::vector<RefreshedPatch> out;
  add_series(out, files, value_or_stop(model::refresh_series(*repository, ref.commit, patches)), {}, {});
  return out;
}

std::vector<const workspace::PatchSeries*> selected_series(const Invocation& invocation,
                                                           const workspace::Snapshot& snapshot) {
  const std::string release = invocation.value("--release").value_or("");
  const std::string component = invocation.value("--component").value_or("");
  require_known_release(snapshot, release);
  std::vector<const workspace::PatchSeries*> out;
  for (const workspace::PatchSeries& series : snapshot.patch_series()) {
    if ((release.empty() || series.release == release) && (component.empty() || series.component == component) &&
        !series.patches.empty())
      out.push_back(&series);
  }
  if (out.empty() && !(release.empty() && component.empty()))
    throw NotDone("No patches are selected.", {"name a component and a release that have a folder below patches/"});
  return out;
}

/// The forge's own series at their refs. One that can't be looked at ends the command before anything is written.
std::vector<RefreshedPatch> refreshed_forge(const Invocation& invocation, const std::string& root) {
  const TaskPool pool = task_pool(invocation);
  const workspace::SnapshotPtr snapshot = load_forge(invocation, pool);
  const std::vector<const workspace::PatchSeries*> selected = selected_series(invocation, *snapshot);
  std::vector<std::optional<Result<model::SeriesRefresh>>> results(selected.size());
  pool.for_each(selected.size(), [&](std::size_t i) { results[i] = model::refresh_series(*snapshot, *selected[i]); });
  std::set<std::string> messages;
  std::set<std::string> hints;
  std::vector<RefreshedPatch> out;
  for (std::size_t i = 0; i < selected.size(); ++i) {
    const Result<model::SeriesRefresh>& result = *results[i];
    if (!result) {
      messages.insert(result.error().message);
      hints.insert(result.error().hints.begin(), result.error().hints.end());
      continue;
    }
    std::vector<SourceFilePtr> files;
    for (const auto& document : selected[i]->patches) files.push_back(document->file);
    add_series(out, files, *result, selected[i]->release, selected[i]->component);
  }
  if (messages.empty()) return out;
  hints.insert("select other series with --release R --component C");
  throw NotDone(fmt::format("{}: nothing was changed.\n  {}", root, join(messages, "\n  ")),
                {hints.begin(), hints.end()});
}

/// What is to be done to one file. `path` is where it really is, links followed.
struct Write {
  const RefreshedPatch* patch = nullptr;
  std::string path;
};

bool is_below(const fs::path& path, const fs::path& folder) {
  return std::distance(folder.begin(), folder.end()) < std::distance(path.begin(), path.end()) &&
         std::equal(folder.begin(), folder.end(), path.begin());
}

/// Every file that is to change, looked at once more before the first is written.
std::vector<Write> planned_writes(const std::vector<RefreshedPatch>& patches, const std::optional<std::string>& root,
                                  bool drops_merged) {
  std::vector<Write> out;
  for (const RefreshedPatch& patch : patches) {
    const bool goes = patch.action == RefreshAction::dropped && drops_merged;
    if (patch.action != RefreshAction::rewritten && !goes) continue;
    const std::string given = root ? *root + "/" + patch.file->path() : patch.file->path();
    std::error_code error;
    const fs::path real = fs::canonical(given, error);
    if (error) throw NotDone(fmt::format("`{}` can't be found any more: {}.", given, error.message()));
    if (root && !is_below(real, fs::canonical(*root)))
      throw NotDone(fmt::format("`{}` is a link that leaves the forge, so it is not written; nothing was changed.",
                                patch.file->path()));
    if (read_patch(given)->text() != patch.file->text())
      throw NotDone(fmt::format("`{}` has changed meanwhile; nothing was changed.", given), {"run the command again"});
    // A patch that goes is the name, not what a link points to.
    out.push_back({&patch, goes ? given : real.string()});
  }
  return out;
}

void carry_out(const std::vector<Write>& writes) {
  for (const Write& write : writes) {
    if (write.patch->action == RefreshAction::rewritten) {
      value_or_stop(write_file_atomically(write.path, write.patch->text).map([] { return true; }));
      continue;
    }
    std::error_code error;
    fs::remove(write.path, error);
    if (error) throw NotDone(fmt::format("`{}` can't be deleted: {}.", write.path, error.message()));
  }
}

bool all_refreshed(const std::vector<RefreshedPatch>& patches, bool drops_merged) {
  return std::ranges::none_of(patches, [&](const RefreshedPatch& patch) {
    return patch.action == RefreshAction::kept || (patch.action == RefreshAction::dropped && !drops_merged);
  });
}

ExitCode run(const Invocation& invocation) {
  const bool on_files = invocation.has("--repo");
  if (!on_files && (invocation.has("--ref") || !invocation.positional("PATCH").empty()))
    throw NotDone("`patch refresh` takes patch files and --ref together with --repo.",
                  {"without them it refreshes the forge's series at the refs of source-refs.yaml"});
  std::optional<std::string> root;
  if (!on_files) root = forge_root(invocation);
  const std::vector<RefreshedPatch> patches =
      on_files ? refreshed_files(invocation) : refreshed_forge(invocation, *root);
  const bool drops_merged = invocation.has("--drop-merged");
  const bool dry = invocation.has("--dry-run");
  if (!dry) carry_out(planned_writes(patches, root, drops_merged));
  if (invocation.format() == "json") {
    emit(invocation, to_text(refresh_json(patches)));
  } else if (dry) {
    emit(invocation, refresh_diff(patches, drops_merged, use_color(invocation, 1)));
    say(invocation, refresh_text(patches, drops_merged, use_color(invocation, 2)));
  } else {
    emit(invocation, refresh_text(patches, drops_merged, use_color(invocation, 1)));
  }
  return all_refreshed(patches, drops_merged) ? exit_done : exit_findings;
}

}  // namespace

extern const Command patch_refresh_command = {
    .name = "patch refresh",
    .summary = "rewrites a series so that it applies exactly, where a three-way merge can",
    .description =
        "Moves hunks to where they apply, and merges what no longer applies three-way, from the blob that the patch "
        "names or the nearest state in history that takes it; renamed files are followed. Mail headers, messages and "
        "trailers stay as they are. What can't be merged is left as it was and named (exit code 1), as is a patch "
        "whose change is in already, unless --drop-merged is given. No file is written before the whole outcome has "
        "been applied in memory. For example: forge-analyze patch refresh --component nova --release 2025.2 --dry-run",
    .options = options,
    .positionals = arguments,
    .formats = formats_of_patch_refresh,
    .run = run,
};

}  // namespace forge::cli
