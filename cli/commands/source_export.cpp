#include "engine/plan/source_export.hpp"

#include <array>
#include <mutex>
#include <optional>

#include <fmt/format.h>

#include "cli/commands/table.hpp"
#include "cli/environment.hpp"
#include "cli/render/text.hpp"
#include "engine/base/atomic_file.hpp"
#include "engine/model/effective_pins.hpp"
#include "engine/plan/export_record.hpp"
#include "engine/plan/oci_image.hpp"
#include "engine/plan/plan_builds.hpp"
#include "engine/plan/plan_sources.hpp"

namespace forge::cli {

namespace {

using plan::PlanSource;

constexpr std::array<std::string_view, 2> source_forms = {"folder", "oci"};
constexpr std::array options = {
    Option{"--release", "R", "only this release; may be repeated", {}, true},
    Option{"--component", "C", "only this component, a service or a library; may be repeated", {}, true},
    Option{"--sources", "FORM", "folders, or OCI layouts as `plan --sources oci` names them (default folder)",
           source_forms},
};

/// The selected components' trees, wherever a selected release has a ref for them.
std::vector<PlanSource> chosen_sources(const workspace::Snapshot& snapshot, const std::vector<std::string>& releases,
                                       const std::vector<std::string>& components) {
  std::vector<PlanSource> sources;
  for (const std::string& component : components) {
    const std::size_t before = sources.size();
    for (const std::string& release : releases) {
      const auto* refs = snapshot.source_refs(release);
      if (refs != nullptr && (*refs)->find(component) != nullptr)
        sources.push_back(value_or_stop(plan::plan_source(snapshot, component, release)));
    }
    if (sources.size() == before) throw NotDone(fmt::format("No selected release has a ref for `{}`.", component));
  }
  return sources;
}

/// What to write, below the forge's root.
struct Export {
  std::vector<PlanSource> sources;
  std::vector<std::string> constraints{};  ///< releases
  std::vector<std::string> empty_folders{};
  std::vector<Finding> findings{};  ///< why something is left out
};

/// Every folder that the build plan names.
Export planned_export(const workspace::Snapshot& snapshot, const std::vector<std::string>& releases) {
  plan::BuildRequest request = plan::default_request(snapshot.config());
  request.releases = releases;
  const plan::BuildPlan plan = value_or_stop(plan::plan_builds(snapshot, request, {}));
  Export out{plan.sources, plan.constraints, plan.empty_folders, plan.findings};
  for (const plan::PlanTarget& target : plan.targets)
    out.findings.insert(out.findings.end(), target.findings.begin(), target.findings.end());
  return out;
}

struct WrittenTree {
  std::string path;
  std::string what;  ///< what was counted or named, for people
  plan::Written written = plan::Written::changed;
  std::vector<std::string> notes{};
};

/// An earlier export of the very same, found without reading a tree.
std::optional<WrittenTree> earlier_export(const workspace::Snapshot& snapshot, const PlanSource& source,
                                          plan::SourceForm form, const std::string& path) {
  std::optional<plan::ExportRecord> record = plan::read_export_record(path);
  if (!record || record->layout.empty() != (form == plan::SourceForm::folder)) return std::nullopt;
  if (form == plan::SourceForm::oci && !plan::holds_layout(path, record->layout)) return std::nullopt;
  const Result<std::string> inputs = plan::export_inputs(snapshot, source);
  if (!inputs || *inputs != record->inputs) return std::nullopt;
  std::string what = fmt::format("{} files", record->files);
  if (form == plan::SourceForm::oci) what += ", " + record->layout;
  return WrittenTree{path, std::move(what), plan::Written::unchanged, std::move(record->notes)};
}

Result<WrittenTree> export_source(const workspace::Snapshot& snapshot, const PlanSource& source, plan::SourceForm form,
                                  const std::string& path, const TaskPool& pool) {
  if (std::optional<WrittenTree> earlier = earlier_export(snapshot, source, form, path)) return std::move(*earlier);
  FORGE_TRY_ASSIGN(const plan::ExportedTree tree, plan::exported_tree(snapshot, source, pool));
  std::string what = fmt::format("{} files", tree.files.size());
  if (form == plan::SourceForm::folder) {
    FORGE_TRY_ASSIGN(const plan::Written written, plan::write_tree(tree, path, pool));
    return WrittenTree{path, std::move(what), written, tree.notes};
  }
  FORGE_TRY_ASSIGN(const plan::OciImage image, plan::oci_image(tree));
  FORGE_TRY_ASSIGN(const plan::Written written, plan::write_oci_layout(image, tree, path));
  return WrittenTree{path, what + ", " + image.digest, written, tree.notes};
}

/// Trees are read and written in parallel; the first failure ends the command after all are done.
void export_sources(const Invocation& invocation, const workspace::Snapshot& snapshot, const TaskPool& pool,
                    const std::vector<PlanSource>& sources, const std::string& root) {
  std::mutex mutex;
  std::optional<Failure> failure;
  const std::optional<std::string> folder = invocation.value("--output");
  const plan::SourceForm form = *plan::source_form_from(invocation.value("--sources").value_or("folder"));
  const TaskPool alone(1);
  const TaskPool& within = sources.size() < pool.jobs() ? pool : alone;  // many trees keep all threads busy as it is
  pool.for_each(sources.size(), [&](std::size_t i) {
    const std::string below =
        form == plan::SourceForm::folder ? sources[i].path : plan::oci_folder(sources[i].component, sources[i].release);
    const Result<WrittenTree> done =
        export_source(snapshot, sources[i], form, folder.value_or(root + "/" + below), within);
    const std::scoped_lock lock(mutex);
    if (!done) {
      failure = done.error();
      return;
    }
    say(invocation, fmt::format("{}: {}, {}\n", done->path, done->what,
                                done->written == plan::Written::changed ? "written" : "unchanged"));
    for (const std::string& note : done->notes)
      say(invocation, fmt::format("warning: `{}` of {}: {}.\n", sources[i].component, sources[i].release, note));
  });
  if (failure) throw NotDone(*failure);
}

void export_constraints(const workspace::Snapshot& snapshot, const std::string& release, const std::string& root) {
  const std::string file = root + "/" + plan::constraints_folder(release) + "/upper-constraints.txt";
  const std::string text = model::render_constraints(model::effective_pins(snapshot, release));
  value_or_stop(write_file_atomically(file, text).map([] { return true; }));
}

ExitCode run(const Invocation& invocation) {
  const TaskPool pool = task_pool(invocation);
  const workspace::SnapshotPtr snapshot = load_forge(invocation, pool);
  std::vector<std::string> releases = invocation.values("--release");
  for (const std::string& release : releases) require_known_release(*snapshot, release);
  if (releases.empty()) releases = snapshot->releases();
  const std::vector<std::string> components = invocation.values("--component");
  const Export wanted = components.empty() ? planned_export(*snapshot, releases)
                                           : Export{chosen_sources(*snapshot, releases, components)};
  if (invocation.has("--output") && wanted.sources.size() != 1)
    throw NotDone("-o names the folder of one tree.", {"choose it with `--component C --release R`"});
  const std::string root = forge_root(invocation);
  for (const Finding& finding : wanted.findings)
    say(invocation, finding_text(finding, use_color(invocation, 2)) + "\n");
  export_sources(invocation, *snapshot, pool, wanted.sources, root);
  for (const std::string& release : wanted.constraints) export_constraints(*snapshot, release, root);
  for (const std::string& folder : wanted.empty_folders)
    value_or_stop(plan::make_empty_folder(root + "/" + folder).map([] { return true; }));
  return wanted.findings.empty() ? exit_done : exit_findings;
}

}  // namespace

extern const Command source_export_command = {
    .name = "source export",
    .summary = "components' sources at their refs, patched, as folders",
    .description =
        "Writes what the build plan names as contexts: below build/src each component's tree at its ref with its "
        "patches applied and with the files by which pbr knows version and contents without git; below "
        "build/constraints the effective constraints. The bytes depend on the forge and its upstreams alone; a folder "
        "that is as it should be is left alone. With `--sources oci` each tree is an OCI image layout below "
        "build/oci-src "
        "instead, which the plan of the same option pins by its digest. With --component only the trees of these; -o "
        "then names the folder.",
    .options = options,
    .run = run,
};

}  // namespace forge::cli
