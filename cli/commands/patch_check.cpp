#include <algorithm>
#include <array>
#include <filesystem>
#include <functional>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/commands/table.hpp"
#include "cli/environment.hpp"
#include "cli/input_files.hpp"
#include "cli/render/json.hpp"
#include "cli/render/series.hpp"
#include "engine/git/libgit2_repository.hpp"
#include "engine/model/linked_trees.hpp"
#include "engine/model/patch_series.hpp"
#include "engine/model/series_outlook.hpp"
#include "engine/model/upstream_change.hpp"

namespace forge::cli {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 2> formats_of_patch_check = {"text", "json"};
constexpr std::array options = {
    Option{"--repo", "GITDIR", "the repository, bare or not; without it the forge's series and upstreams"},
    Option{.name = "--ref",
           .value = "REF",
           .help = "a tag, branch or commit of it; may be given several times",
           .repeats = true},
    Option{"--refs-of-series", "", "the ref, the newer versions of its series, and the head of the series"},
    Option{"--release", "R", "of the forge's series, those of this release"},
    Option{"--component", "C", "of the forge's series, those of this component"},
    Option{"--ahead", "", "where every patch applies, look for their changes upstream all the same"},
};
constexpr std::array arguments = {Positional{
    .name = "PATCH",
    .help = "patch files in the order in which they are applied, or folders of them (their *.patch, sorted by bytes)",
    .required = false,
    .repeats = true}};

constexpr std::string_view example =
    "for example: forge-analyze patch check --repo nova.git --ref 32.0.0 patches/nova/2025.2/*.patch";

/// What the shell's `*.patch` gives in the C locale.
std::vector<std::string> patches_in(const std::string& folder) {
  std::vector<std::string> out;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name.ends_with(".patch") && !name.starts_with('.') && !entry->is_directory())
      out.push_back(entry->path().string());
  }
  if (error) throw NotDone(fmt::format("The folder `{}` can't be read: {}.", folder, error.message()));
  if (out.empty()) throw NotDone(fmt::format("There is no *.patch in the folder `{}`.", folder));
  std::ranges::sort(out);
  return out;
}

/// A series, and where it is to be tried.
struct Task {
  TriedSeries series;
  std::vector<model::PatchText> patches;
  std::string own_ref;  ///< of the forge; empty: none
  Result<git::RepositoryPtr> repository;
  /// Its tags and branches, listed only where a question needs them.
  std::function<const Result<model::UpstreamRefs>&()> upstream;
};

Task task_of(const std::vector<std::string>& paths) {
  Task task;
  for (const std::string& path : paths) {
    const bool is_folder = fs::is_directory(path);
    for (const std::string& file : is_folder ? patches_in(path) : std::vector{path})
      task.series.files.push_back(read_patch(file));
  }
  for (const SourceFilePtr& file : task.series.files) {
    const std::string_view text = file->text();
    task.patches.push_back({text, std::make_shared<const Parsed<formats::Patch>>(formats::parse_patch(text))});
  }
  return task;
}

/// The repository, and the ref that the series is for: of a linked tree the commit that the outer one has there.
void set_base(Task& task, const workspace::Snapshot& snapshot, const workspace::PatchSeries& series) {
  const std::string upstream = model::series_upstream(snapshot, series.component);
  task.repository = snapshot.upstreams().open(upstream);
  if (upstream == series.component) {
    const auto* refs = snapshot.source_refs(series.release);
    const formats::SourceRef* entry = refs == nullptr ? nullptr : (*refs)->find(series.component);
    if (entry != nullptr && entry->ref) task.own_ref = entry->ref->value;
  } else {
    const Result<model::SeriesBase> base = model::series_base(snapshot, series.component, series.release);
    if (base)
      task.own_ref = base->commit.hex();
    else
      task.repository = tl::unexpected(base.error());
  }
  task.upstream = [&snapshot, upstream]() -> const Result<model::UpstreamRefs>& {
    return model::upstream_refs(snapshot, upstream);
  };
}

std::vector<Task> tasks_of_forge(const Invocation& invocation, const workspace::Snapshot& snapshot) {
  const std::string release = invocation.value("--release").value_or("");
  const std::string component = invocation.value("--component").value_or("");
  require_known_release(snapshot, release);
  std::vector<Task> tasks;
  for (const workspace::PatchSeries& series : snapshot.patch_series()) {
    const bool selected =
        (release.empty() || series.release == release) && (component.empty() || series.component == component);
    if (!selected || series.patches.empty()) continue;
    Task task;
    task.series.release = series.release;
    task.series.component = series.component;
    for (const auto& document : series.patches) task.series.files.push_back(document->file);
    task.patches = model::patch_texts(series);
    set_base(task, snapshot, series);
    tasks.push_back(std::move(task));
  }
  if (tasks.empty()) throw NotDone("The forge has no patches for that release and component.");
  return tasks;
}

/// The ref's place in history is read when the first conflict asks for it; without it the verdicts stand alone.
void add_causes(const Task& task, SeriesAtRef& at) {
  at.causes.resize(task.patches.size());
  std::optional<Result<model::UpstreamPast>> past;
  model::PastBudget budget;
  for (std::size_t i = 0; i < task.patches.size(); ++i) {
    const model::PatchPlacement& placed = at.placement->patches[i];
    if (placed.verdict != model::PatchVerdict::conflict) continue;
    const Result<model::UpstreamRefs>& upstream = task.upstream();
    if (!upstream) return;
    if (!past) past = model::UpstreamPast::read(*upstream, at.placement->commit);
    if (!*past) return;
    at.causes[i] = model::conflict_causes(**past, task.patches[i].text, placed, model::CauseDepth::sections, budget);
  }
}

/// Where every patch applies, the answer does not wait for history unless that is asked for.
bool needs_history(const Invocation& invocation, const SeriesAtRef& at) {
  return !at.placement->tree || invocation.has("--ahead");
}

/// Reads the history ahead of all questions about it, so that the time is its own.
void note_history(const Invocation& invocation, const Task& task) {
  const Stopwatch watch;
  const Result<model::UpstreamRefs>& refs = task.upstream();
  if (!refs) return;
  const Result<git::ChangeHistoryPtr> history = refs->repository->changes();
  if (!history) return;
  const std::size_t walked = (*history)->walked();
  note(invocation, fmt::format("history: {} commits walked and {} remembered, in {} ms", walked,
                               (*history)->size() - walked, watch.milliseconds()));
}

/// A history that can't be
/// read is said, and takes nothing from the verdicts.
void add_upstream(const Invocation& invocation, const Task& task, SeriesAtRef& at) {
  if (!needs_history(invocation, at)) return;
  const auto search = [&]() -> Result<std::vector<model::PatchUpstream>> {
    const Result<model::UpstreamRefs>& refs = task.upstream();
    if (!refs) return tl::unexpected<Failure>(refs.error());
    FORGE_TRY_ASSIGN(const std::optional<git::ObjectId> tip, model::series_tip(*refs, at.placement->commit));
    return model::find_upstream_changes(*refs, tip, *at.placement, task.patches);
  };
  Result<std::vector<model::PatchUpstream>> found = search();
  if (found)
    at.upstream = std::move(*found);
  else
    say(invocation, fmt::format("forge-analyze: upstream commits were not looked for: {}\n", found.error().message));
}

SeriesAtRef try_at(const Task& task, const std::string& ref) {
  const auto place = [&]() -> Result<model::SeriesPlacement> {
    if (!task.repository) return tl::unexpected<Failure>(task.repository.error());
    const git::Repository& repository = **task.repository;
    FORGE_TRY_ASSIGN(const git::ResolvedRef resolved, repository.resolve(ref));
    return model::place_series(repository, resolved.commit, task.patches);
  };
  return {.ref = ref, .placement = place()};
}

/// The refs that the user named, else the forge's own; with `--refs-of-series` what follows them.
std::vector<std::string> refs_for(const Invocation& invocation, const Task& task) {
  std::vector<std::string> refs = invocation.values("--ref");
  if (refs.empty() && !task.own_ref.empty()) refs.push_back(task.own_ref);
  if (!invocation.has("--refs-of-series") || refs.empty() || !task.repository) return refs;
  const Result<git::ResolvedRef> base = (*task.repository)->resolve(refs.back());
  const Result<model::UpstreamRefs>& upstream = task.upstream();
  if (!base || !upstream) return refs;
  for (const git::NamedRef& ref : value_or_stop(model::newer_refs(*upstream, base->commit))) refs.push_back(ref.name);
  return refs;
}

bool is_merged(const model::SeriesPlacement& series) {
  return std::ranges::all_of(series.patches, [](const model::PatchPlacement& patch) {
    return patch.verdict == model::PatchVerdict::applies || patch.verdict == model::PatchVerdict::already_applied;
  });
}

/// The first of the refs at which the series stops to apply, and the commit that breaks it.
std::optional<SeriesBreak> find_break(const Task& task, const std::vector<SeriesAtRef>& refs) {
  const SeriesAtRef* good = nullptr;
  for (const SeriesAtRef& at : refs) {
    if (!at.placement) continue;
    if (at.placement->tree) {
      good = &at;
    } else if (good != nullptr) {
      SeriesBreak out{.after = good->ref, .ref = at.ref, .merged = is_merged(*at.placement)};
      const Result<model::UpstreamRefs>& upstream = task.upstream();
      if (!upstream) return out;
      const auto commit =
          model::breaking_commit(*upstream, good->placement->commit, at.placement->commit, task.patches);
      if (commit) out.commit = *commit;
      return out;
    }
  }
  return std::nullopt;
}

void run_task(const Invocation& invocation, Task& task, const std::vector<std::string>& refs, bool with_causes) {
  for (const std::string& ref : refs) task.series.refs.push_back(try_at(task, ref));
  if (refs.size() > 1) task.series.stops = find_break(task, task.series.refs);
  if (!with_causes) return;
  for (SeriesAtRef& at : task.series.refs) {
    if (!at.placement) continue;
    if (needs_history(invocation, at)) note_history(invocation, task);
    add_causes(task, at);
    add_upstream(invocation, task, at);
  }
}

std::string json_of(const std::vector<Task>& tasks, bool one_ref) {
  if (one_ref) return to_text(series_json(tasks.front().series.files, tasks.front().series.refs.front()));
  Json out = {{"version", 1}};
  if (tasks.size() == 1) {
    out.update(refs_json(tasks.front().series));
    return to_text(out);
  }
  Json all = Json::array();
  for (const Task& task : tasks) {
    Json one = {{"release", task.series.release}, {"component", task.series.component}};
    one.update(refs_json(task.series));
    all.push_back(std::move(one));
  }
  out["series"] = std::move(all);
  return to_text(out);
}

std::string text_of(const std::vector<Task>& tasks, bool one_ref, bool color) {
  if (one_ref) return series_text(tasks.front().series.files, tasks.front().series.refs.front(), color);
  std::vector<TriedSeries> all;
  all.reserve(tasks.size());
  for (const Task& task : tasks) all.push_back(task.series);
  return outlook_text(all, color);
}

/// What could not be tried ends the command with exit code 2, after the rest was told.
ExitCode verdict(const std::vector<Task>& tasks) {
  bool all_apply = true;
  for (const Task& task : tasks) {
    if (task.series.refs.empty())
      throw NotDone(fmt::format("`{}` has no ref in release `{}`.", task.series.component, task.series.release),
                    {"name one with --ref"});
    for (const SeriesAtRef& at : task.series.refs) {
      if (!at.placement) throw NotDone(at.placement.error());
      all_apply = all_apply && at.placement->tree.has_value();
    }
  }
  return all_apply ? exit_done : exit_findings;
}

ExitCode answer(const Invocation& invocation, std::vector<Task>& tasks, const TaskPool& pool) {
  const bool json = invocation.format() == "json";
  std::vector<std::vector<std::string>> refs;
  refs.reserve(tasks.size());
  for (const Task& task : tasks) refs.push_back(refs_for(invocation, task));
  const bool one_ref = tasks.size() == 1 && refs.front().size() == 1 && !invocation.has("--refs-of-series");
  pool.for_each(tasks.size(), [&](std::size_t i) { run_task(invocation, tasks[i], refs[i], json || one_ref); });
  if (one_ref && !tasks.front().series.refs.front().placement)
    throw NotDone(tasks.front().series.refs.front().placement.error());
  emit(invocation, json ? json_of(tasks, one_ref) : text_of(tasks, one_ref, use_color(invocation, 1)));
  return verdict(tasks);
}

ExitCode run(const Invocation& invocation) {
  const TaskPool pool = task_pool(invocation);
  const std::vector<std::string> paths = invocation.positional("PATCH");
  const std::optional<std::string> repository = invocation.value("--repo");
  if (!repository && paths.empty()) {
    const workspace::SnapshotPtr snapshot = load_forge(invocation, pool);
    std::vector<Task> tasks = tasks_of_forge(invocation, *snapshot);
    return answer(invocation, tasks, pool);
  }
  const auto needs = [](std::string_view what) {
    return NotDone(fmt::format("`patch check` needs {}.", what), {std::string(example)});
  };
  if (!repository) throw needs("--repo for patches that are named one by one");
  if (!invocation.has("--ref")) throw needs("--ref");
  if (paths.empty()) throw needs("patches to try");
  std::vector<Task> tasks(1, task_of(paths));
  const git::RepositoryPtr opened = value_or_stop(git::open_repository(*repository, repository_options(invocation)));
  std::optional<Result<model::UpstreamRefs>> upstream;
  tasks.front().repository = opened;
  tasks.front().upstream = [&]() -> const Result<model::UpstreamRefs>& {
    if (!upstream) upstream = model::read_upstream_refs(opened);
    return *upstream;
  };
  return answer(invocation, tasks, pool);
}

}  // namespace

extern const Command patch_check_command = {
    .name = "patch check",
    .summary = "does a series apply to a ref of a repository, hunk by hunk",
    .description =
        "Applies the patches one after another to the ref's tree, in memory, as one `git apply` over all files would. "
        "Nothing is checked out or written. Of what does not apply it tells the nearest place, the lines that differ "
        "there and the upstream commit that changed them; and its change is looked for in the history of the ref and "
        "of the ref's series, by Change-Id, patch-id and content. That history is walked once and remembered in the "
        "user's cache folder. With several refs, or without --repo on several series of the forge, the answer is a "
        "table; the exit code is 0 only where all of it applies.",
    .options = options,
    .positionals = arguments,
    .formats = formats_of_patch_check,
    .run = run,
};

}  // namespace forge::cli
