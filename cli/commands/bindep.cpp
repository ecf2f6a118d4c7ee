#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

#include <nlohmann/json.hpp>

#include "cli/commands/bindep_closure.hpp"
#include "cli/commands/table.hpp"
#include "cli/environment.hpp"
#include "cli/package_index.hpp"
#include "cli/render/json.hpp"
#include "cli/render/status_line.hpp"
#include "cli/render/text.hpp"
#include "engine/base/text.hpp"
#include "engine/formats/bindep_select.hpp"
#include "engine/formats/platform.hpp"
#include "engine/model/distribution_packages.hpp"
#include "engine/model/package_set.hpp"
#include "engine/rules/catalog.hpp"

namespace forge::cli {

namespace {

using Json = nlohmann::ordered_json;
using model::PackageSets;
using model::SystemPackage;
using workspace::Snapshot;

constexpr std::array<std::string_view, 2> formats = {"text", "json"};
constexpr std::array arguments = {
    Positional{"FILE", "a bindep.txt; without it, the sets of the forge's components", false}};
constexpr std::array options = {
    Option{"--platform", "P", "for FILE: ubuntu:noble, or atoms such as dpkg,ubuntu; default: the forge's target"},
    Option{"--profile", "P", "for FILE: a profile, may be repeated; without one, `default` is on", {}, true},
    Option{"--release", "R", "only the components of this release"},
    Option{"--component", "C", "only this component"},
    Option{"--closure", "", "what installing the packages brings, without recommended ones, and its size"},
    Option{"--machine", "PLATFORM", "with --closure: linux/amd64, linux/arm64, ...; default: the target's first"},
    Option{"--apt",
           "SOURCE",
           "with --closure: the distribution's package lists, as a line of sources.list, a Packages file or a folder "
           "of them; may be repeated",
           {},
           true},
};

std::uint32_t line_of(const SourceFile& file, TextSpan span) {
  return file.position(span.begin, ColumnUnit::utf16).line + 1;
}

Json package_json(const SystemPackage& package, bool with_file) {
  Json json{{"name", package.name},
            {"constraint", package.constraint.empty() ? Json(nullptr) : Json(package.constraint)},
            {"line", line_of(*package.file, package.span)}};
  if (with_file) json["file"] = package.file->path();
  return json;
}

Json packages_json(const std::vector<SystemPackage>& packages, bool with_file) {
  Json list = Json::array();
  for (const SystemPackage& package : packages) list.push_back(package_json(package, with_file));
  return list;
}

// One file

/// Reads at most a little more than a bindep.txt may have, so that a device or a huge file does no harm.
SourceFilePtr read_given_file(const std::string& path) {
  constexpr std::size_t bound = (std::size_t{8} << 20) + 1;
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) throw NotDone(fmt::format("`{}` is a folder, not a file.", path));
  std::ifstream stream(path, std::ios::binary);
  if (!stream) throw NotDone(fmt::format("`{}` can't be read.", path), {"name a bindep.txt that exists"});
  std::string text(bound, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(bound));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return SourceFile::make(path, std::move(text));
}

/// forge.yaml's target where there is a forge here, else the default one.
formats::ForgeConfig config_here(const Invocation& invocation, std::string& root) {
  const auto given = invocation.value("-C");
  const auto found = given ? given : workspace::find_forge_root(".");
  root = found.value_or(".");
  if (!found) return {};
  return formats::parse_forge_config(workspace::disk_files(*found)->read("forge.yaml").value_or("")).value;
}

std::vector<Finding> syntax_findings(const SourceFilePtr& file, const Parsed<formats::Bindep>& parsed) {
  rules::Report report(*rules::find_rule("bindep-syntax"));
  const workspace::Document<formats::Bindep> document{file, {}, {}, parsed};
  report.add_problems(&document);
  return report.take();
}

// Closures

/// A distribution's packages, or the end of the command.
const model::AptCache& packages_or_stop(const Result<model::AptCache>* packages, std::string_view distro) {
  if (packages == nullptr)
    throw NotDone(fmt::format("It is not known where the package lists of `{}` are.", distro),
                  {"name them with --apt, or with `target.apt` in forge.yaml"});
  if (!*packages) throw NotDone(packages->error());
  return **packages;
}

/// Words for what keeps a set from being installed.
void say_closure(const Invocation& invocation, const model::AptClosure& closure) {
  for (const std::string& name : closure.unknown)
    say(invocation, fmt::format("warning: `{}` is no package, or several provide it: it is left out\n", name));
  for (const model::AptUnmet& unmet : closure.unmet)
    say(invocation, fmt::format("warning: `{}` {} `{}`\n", unmet.package,
                                unmet.conflict ? "does not go with" : "needs what can't be had:", unmet.relation));
}

std::vector<std::string> names_of(const std::vector<SystemPackage>& packages) {
  std::vector<std::string> names;
  names.reserve(packages.size());
  for (const SystemPackage& package : packages) names.push_back(package.name);
  return names;
}

bool is_complete(const model::AptClosure& closure) {
  return closure.unknown.empty() && closure.unmet.empty();
}

ExitCode run_file_closure(const Invocation& invocation, const std::vector<SystemPackage>& packages) {
  std::string root;
  const formats::ForgeConfig config = config_here(invocation, root);
  const std::string distro = invocation.value("--platform").value_or(config.distro);
  const std::string machine = invocation.value("--machine").value_or(config.platforms.front());
  StatusLine progress(show_progress(invocation), "package lists");
  const auto distribution = open_distribution(
      invocation, distro, config.apt, root,
      [&](std::size_t done, std::size_t total, std::string_view what) { progress.update(done, total, what); });
  const Result<model::AptCache> cache = model::packages_of(distribution.get(), machine);
  progress.clear();
  const model::AptClosure closure =
      model::apt_closure(packages_or_stop(distribution == nullptr ? nullptr : &cache, distro), names_of(packages));
  if (invocation.format() == "json")
    emit(invocation, to_text({{"version", 1}, {"closure", closure_json(closure, machine)}}));
  else
    emit(invocation, closure_text(closure, use_color(invocation, 1)));
  say_closure(invocation, closure);
  return is_complete(closure) ? exit_done : exit_findings;
}

ExitCode run_file(const Invocation& invocation, const std::string& path) {
  if (invocation.has("--release") || invocation.has("--component"))
    throw NotDone("A FILE has no release and no component.", {"name profiles with --profile"});
  std::string root;
  const auto platform = invocation.value("--platform").value_or(config_here(invocation, root).distro);
  const std::vector<std::string> atoms = value_or_stop(formats::target_atoms(platform));
  const std::vector<std::string> profiles = invocation.values("--profile");
  const SourceFilePtr file = read_given_file(path);
  const auto parsed = formats::parse_bindep(file->text());
  std::vector<SystemPackage> packages;
  for (const auto* rule : active_rules(parsed.value, formats::active_profiles(atoms, profiles)))
    packages.push_back({rule->name.value, constraint_text(*rule), {}, file, rule->name.span});
  const std::vector<Finding> findings = syntax_findings(file, parsed);
  if (invocation.has("--closure")) {
    for (const Finding& finding : findings) say(invocation, finding_text(finding, use_color(invocation, 2)) + "\n");
    return std::max(run_file_closure(invocation, packages), findings.empty() ? exit_done : exit_findings);
  }
  if (invocation.format() == "json") {
    emit(invocation, to_text({{"version", 1},
                              {"platform", atoms},
                              {"profiles", profiles},
                              {"packages", packages_json(packages, false)},
                              {"findings", findings_json(findings)["findings"]}}));
  } else {
    std::string text;
    for (const SystemPackage& package : packages)
      text += package.name + (package.constraint.empty() ? "" : " " + package.constraint) + "\n";
    emit(invocation, text);
  }
  for (const Finding& finding : findings) say(invocation, finding_text(finding, use_color(invocation, 2)) + "\n");
  return findings.empty() ? exit_done : exit_findings;
}

// Components

struct Cell {
  std::string release;
  std::string component;
};

tl::unexpected<Failure> no_such(std::string_view what, const std::string& name, const std::vector<std::string>& known) {
  const auto meant = nearest(name, known);
  return fail(Failure::Kind::not_found, fmt::format("There is no {} `{}` in this forge.", what, name),
              {meant ? fmt::format("did you mean `{}`?", *meant)
                     : fmt::format("there are: {}", known.empty() ? "none" : join(known, ", "))});
}

void add_cells(const Snapshot& snapshot, const std::string& release, std::vector<Cell>& cells) {
  const auto* refs = snapshot.source_refs(release);
  if (refs == nullptr) return;
  for (const formats::SourceRef& ref : (*refs)->entries) {
    if ((*refs)->find(ref.component.value) == &ref) cells.push_back({release, ref.component.value});
  }
}

Result<std::vector<Cell>> cells_asked(const Invocation& invocation, const Snapshot& snapshot) {
  std::vector<Cell> cells;
  const auto release = invocation.value("--release");
  if (release && std::ranges::count(snapshot.releases(), *release) == 0)
    return no_such("release", *release, snapshot.releases());
  for (const std::string& each : snapshot.releases())
    if (!release || each == *release) add_cells(snapshot, each, cells);
  const auto component = invocation.value("--component");
  if (!component) return cells;
  std::vector<std::string> known;
  known.reserve(cells.size());
  for (const Cell& cell : cells) known.push_back(cell.component);
  std::erase_if(cells, [&](const Cell& cell) { return cell.component != *component; });
  if (cells.empty()) return no_such("component", *component, known);
  return cells;
}

Json cell_json(const Cell& cell, const PackageSets& sets) {
  Json json{{"component", cell.component},
            {"release", cell.release},
            {"build", packages_json(sets.build, true)},
            {"runtime", packages_json(sets.runtime, true)},
            {"notes", sets.notes}};
  if (sets.failure) json["failure"] = sets.failure->message;
  return json;
}

Json cells_json(const Invocation& invocation, const Snapshot& snapshot, const std::vector<Cell>& cells) {
  Json answer{{"version", 1}};
  if (cells.size() == 1 && invocation.has("--component")) {
    answer.update(
        cell_json(cells.front(), model::package_sets(snapshot, cells.front().release, cells.front().component)));
    return answer;
  }
  Json list = Json::array();
  for (const Cell& cell : cells)
    list.push_back(cell_json(cell, model::package_sets(snapshot, cell.release, cell.component)));
  answer["components"] = std::move(list);
  return answer;
}

void add_rows(const Cell& cell, std::string_view phase, const std::vector<SystemPackage>& packages,
              std::vector<std::vector<std::string>>& rows) {
  for (const SystemPackage& package : packages)
    rows.push_back({cell.release, cell.component, std::string(phase), package.name, package.constraint,
                    fmt::format("{}:{}", package.file->path(), line_of(*package.file, package.span))});
}

std::string cells_text(const Snapshot& snapshot, const std::vector<Cell>& cells, bool color) {
  std::vector<std::vector<std::string>> rows = {{"RELEASE", "COMPONENT", "PHASE", "PACKAGE", "VERSION", "FROM"}};
  for (const Cell& cell : cells) {
    const PackageSets& sets = model::package_sets(snapshot, cell.release, cell.component);
    add_rows(cell, to_string(model::PackagePhase::build), sets.build, rows);
    add_rows(cell, to_string(model::PackagePhase::runtime), sets.runtime, rows);
  }
  return table_text(rows, color);
}

/// Says what the sets do not; false where a source tree could not be asked.
bool say_notes(const Invocation& invocation, const Cell& cell, const PackageSets& sets) {
  for (const std::string& note : sets.notes)
    say(invocation, fmt::format("note: {} {}: {}\n", cell.release, cell.component, note));
  if (!sets.failure) return true;
  say(invocation, fmt::format("{}: {} {}: {}\n", is_offline(invocation) ? "warning" : "error", cell.release,
                              cell.component, sets.failure->message));
  for (const std::string& hint : sets.failure->hints) say(invocation, fmt::format("  hint: {}\n", hint));
  return false;
}

/// For each component its runtime closure; null where its set is not known.
ExitCode run_component_closures(const Invocation& invocation, const Snapshot& snapshot,
                                const std::vector<Cell>& cells) {
  const std::string machine = invocation.value("--machine").value_or(snapshot.config().platforms.front());
  const model::AptCache& cache =
      packages_or_stop(model::distribution_packages(snapshot, machine), snapshot.config().distro);
  Json list = Json::array();
  std::string text;
  bool complete = true;
  for (const Cell& cell : cells) {
    const PackageSets& sets = model::package_sets(snapshot, cell.release, cell.component);
    const model::AptClosure closure = model::apt_closure(cache, names_of(sets.runtime));
    list.push_back(
        {{"component", cell.component}, {"release", cell.release}, {"closure", closure_json(closure, machine)}});
    text += fmt::format("{}{} {}\n", text.empty() ? "" : "\n", cell.release, cell.component);
    text += closure_text(closure, use_color(invocation, 1));
    complete = is_complete(closure) && complete;
    say_closure(invocation, closure);
  }
  emit(invocation, invocation.format() == "json" ? to_text({{"version", 1}, {"components", std::move(list)}}) : text);
  return complete ? exit_done : exit_findings;
}

ExitCode run_components(const Invocation& invocation) {
  if (invocation.has("--platform") || invocation.has("--profile"))
    throw NotDone("--platform and --profile need a FILE.",
                  {"a component's platform is `target.distro` of forge.yaml, its profiles follow from its name"});
  const TaskPool pool = task_pool(invocation);
  StatusLine progress(show_progress(invocation), "package lists");
  const workspace::SnapshotPtr snapshot =
      load_forge(invocation, pool, {},
                 distribution_factory(invocation, [&](std::size_t done, std::size_t total, std::string_view what) {
                   progress.update(done, total, what);
                 }));
  const std::vector<Cell> cells = value_or_stop(cells_asked(invocation, *snapshot));
  pool.for_each(cells.size(), [&](std::size_t i) {
    static_cast<void>(model::package_sets(*snapshot, cells[i].release, cells[i].component));
  });
  progress.clear();
  ExitCode code = exit_done;
  if (invocation.has("--closure"))
    code = run_component_closures(invocation, *snapshot, cells);
  else if (invocation.format() == "json")
    emit(invocation, to_text(cells_json(invocation, *snapshot, cells)));
  else
    emit(invocation, cells_text(*snapshot, cells, use_color(invocation, 1)));
  bool complete = true;
  for (const Cell& cell : cells)
    complete = say_notes(invocation, cell, model::package_sets(*snapshot, cell.release, cell.component)) && complete;
  return complete || is_offline(invocation) ? code : exit_not_done;
}

ExitCode run(const Invocation& invocation) {
  const std::vector<std::string> file = invocation.positional("FILE");
  return file.empty() ? run_components(invocation) : run_file(invocation, file.front());
}

}  // namespace

extern const Command bindep_command = {
    .name = "bindep",
    .summary = "build and runtime system packages of a component, or of a bindep.txt",
    .description =
        "A component's packages come from images/<component>/bindep.txt, the bindep.txt at the root and "
        "extra-packages.yaml, or, where the forge has no bindep.txt for it, from its source tree at its ref. Profiles "
        "are the component and its pip extras, for the build also `build`. A FILE is evaluated as bindep would.",
    .options = options,
    .positionals = arguments,
    .formats = formats,
    .run = run,
};

}  // namespace forge::cli
