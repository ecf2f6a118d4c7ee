/// Lists and values that workflows keep by hand while the forge's files say them too.
#include <algorithm>
#include <array>
#include <set>

#include "engine/base/names.hpp"
#include "engine/base/text.hpp"
#include "engine/model/effective_pins.hpp"
#include "engine/model/image_graph.hpp"
#include "engine/rules/catalog.hpp"
#include "engine/rules/matrix_cells.hpp"
#include "engine/rules/workflow_words.hpp"
#include "engine/workspace/forge_layout.hpp"

namespace forge::rules {

namespace {

using formats::WorkflowAxis;
using formats::WorkflowFilter;
using formats::WorkflowJob;
using formats::WorkflowText;
using model::BuildValue;
using model::ImageBuild;
using model::WorkflowDocument;
using model::WorkflowRun;
using workspace::DocumentKind;
using workspace::Snapshot;

bool has(std::string_view text, std::string_view word) {
  return text.find(word) != std::string_view::npos;
}

/// `word` in `text`, not as a part of a longer name.
bool has_word(std::string_view text, std::string_view word) {
  const auto is_part = [](char c) { return is_alnum(c) || c == '_' || c == '-' || c == '.'; };
  for (std::size_t at = text.find(word); at != text.npos; at = text.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || !is_part(text[at - 1])) && (end == text.size() || !is_part(text[end]))) return true;
  }
  return false;
}

// workflow-path-filter-misses-input

/// Nothing where a pattern says what is not understood here.
std::optional<bool> takes_path(const formats::WorkflowTrigger& trigger, std::string_view path) {
  const auto any = [&](const WorkflowFilter& filter) -> std::optional<bool> {
    bool taken = false;
    for (const WorkflowText& pattern : filter.patterns) {
      if (pattern.value.find_first_of("?+[") != std::string::npos) return std::nullopt;
      const bool negated = pattern.value.starts_with('!');
      if (model::matches_filter(std::string_view(pattern.value).substr(negated ? 1 : 0), path)) taken = !negated;
    }
    return taken;
  };
  if (trigger.paths.given) return any(trigger.paths);
  const std::optional<bool> ignored = any(trigger.paths_ignore);
  return ignored ? std::optional(!*ignored) : std::nullopt;
}

/// The images that the run builds from folders of images/; nothing where some may not be seen.
struct BuiltImages {
  bool any = false;
  bool all_known = true;
  std::set<std::string> names{};
};

BuiltImages built_images(const Snapshot& snapshot, const WorkflowRun& run) {
  BuiltImages out;
  for (const ImageBuild& build : model::image_builds(snapshot)) {
    if (build.run != &run || build.is_merge) continue;
    const auto images = model::images_of(build);
    if (images) out.names.insert(images->begin(), images->end());
    const bool dynamic = !images && model::image_folder(build).has_value();
    out.all_known &= !dynamic;
    out.any |= dynamic;
  }
  std::erase_if(out.names, [&](const std::string& name) { return snapshot.dockerfile(name) == nullptr; });
  out.any |= !out.names.empty();
  return out;
}

/// The glob to add for an input of the run, empty for a file that is none.
std::string input_glob(const Snapshot& snapshot, const WorkflowRun& run, const BuiltImages& built, bool planned,
                       std::string_view words, const std::string& path) {
  const workspace::DocumentPath what = workspace::classify(path);
  if (run.files.contains(path) && path != run.document->file->path()) return path;
  if (path.starts_with("images/")) {
    const std::string image = std::string(split(path, '/')[1]);
    const bool taken =
        (planned || !built.all_known ? snapshot.dockerfile(image) != nullptr : built.names.contains(image));
    return taken && !path.ends_with(".md") && path.find('/', 7) != path.npos ? "images/**" : "";
  }
  // A workflow for one release, or for some services, takes no other's files.
  const bool names_one = std::ranges::any_of(snapshot.releases(), [&](const auto& one) { return has(words, one); });
  if (!what.release.empty() && names_one && !has(words, what.release)) return {};
  if (!planned && built.all_known && snapshot.is_service(what.component) && !built.names.contains(what.component))
    return {};
  switch (what.kind) {
    case DocumentKind::config:
      return planned ? path : "";
    case DocumentKind::source_refs:
    case DocumentKind::upper_constraints:
    case DocumentKind::extra_packages:
      return planned || has(words, "releases/") ? "releases/**" : "";
    case DocumentKind::patch:
      return planned || has(words, "patches/") ? "patches/**" : "";
    case DocumentKind::overrides:
      return planned || has(words, "overrides/") ? "overrides/**" : "";
    default:
      return {};
  }
}

void check_path_filter(const RuleContext& context, Report& report) {
  const Snapshot& snapshot = context.snapshot;
  for (const WorkflowRun& run : model::workflow_runs(snapshot)) {
    const BuiltImages built = built_images(snapshot, run);
    const bool planned = follows_plan(run);
    const bool builds = built.any && std::ranges::any_of(model::image_builds(snapshot), [&](const ImageBuild& build) {
                          return build.run == &run && !build.is_merge;
                        });
    if (!builds && !planned) continue;
    const std::string words = text_of(snapshot, run);
    for (const formats::WorkflowTrigger& trigger : (*run.document)->triggers) {
      const WorkflowFilter& filter = trigger.paths.given ? trigger.paths : trigger.paths_ignore;
      if (!filter.given || filter.patterns.empty()) continue;
      std::set<std::string> told;
      for (const std::string& path : snapshot.paths()) {
        const std::string glob = input_glob(snapshot, run, built, planned, words, path);
        if (glob.empty() || takes_path(trigger, path).value_or(true) || !told.insert(glob).second) continue;
        Added added = report.add(run.document->file, filter.span,
                                 "`{}` is an input of these builds, and a change of it starts none: the filter of `{}` "
                                 "leaves it out.",
                                 path, trigger.event.value);
        if (trigger.paths.given)
          added.fix(Fix{fmt::format("Add `{}`", glob),
                        {append_item(run.document->file, filter.span, filter.patterns.back().span, glob)}});
      }
    }
  }
}

// Lists.

/// `images/X/Dockerfile`, `images/X`: X; else the word itself.
std::string image_in(std::string_view value) {
  if (value.starts_with("./")) value.remove_prefix(2);
  if (!value.starts_with("images/")) return std::string(value);
  value.remove_prefix(7);
  return std::string(value.substr(0, value.find('/')));
}

struct HandList {
  const WorkflowDocument* document;
  const WorkflowJob* job;
  const WorkflowAxis* axis;
  std::set<std::string> names;
};

std::vector<HandList> hand_lists(const Snapshot& snapshot) {
  std::vector<HandList> out;
  for (const WorkflowDocument* document : snapshot.workflows())
    for (const WorkflowJob& job : (*document)->jobs) {
      if (!job.matrix) continue;
      for (const WorkflowAxis& axis : job.matrix->axes) {
        if (!axis.known || axis.values.empty()) continue;
        HandList list{document, &job, &axis, {}};
        for (const WorkflowText& value : axis.values) list.names.insert(image_in(value.value));
        out.push_back(std::move(list));
      }
    }
  return out;
}

std::set<std::string> services_of(const Snapshot& snapshot) {
  std::set<std::string> out;
  for (const std::string& image : snapshot.images())
    if (snapshot.is_service(image) && model::is_component(snapshot, image)) out.insert(image);
  return out;
}

std::set<std::string> all_images(const Snapshot& snapshot) {
  std::set<std::string> out;
  for (const std::string& image : snapshot.images())
    if (snapshot.dockerfile(image) != nullptr) out.insert(image);
  return out;
}

bool all_in(const std::set<std::string>& names, const std::set<std::string>& known) {
  return std::ranges::includes(known, names);
}

/// Some build of the job takes its folder from the axis.
bool builds_by(const Snapshot& snapshot, const HandList& list) {
  return std::ranges::any_of(model::image_builds(snapshot), [&](const ImageBuild& build) {
    if (build.job->job != list.job) return false;
    const auto folder = model::image_folder(build);
    return folder && std::ranges::any_of(*folder, [&](const model::TextPart& part) {
             return part.axes.contains(list.axis->name.value);
           });
  });
}

/// What the list is a list of: releases, services, or all images; nothing where it has strangers.
std::optional<std::set<std::string>> universe(const Snapshot& snapshot, const HandList& list) {
  const std::set<std::string> releases(snapshot.releases().begin(), snapshot.releases().end());
  const bool are_releases =
      std::ranges::all_of(list.names, [](const std::string& name) { return is_release_name(name); });
  const bool overlaps =
      std::ranges::any_of(list.names, [&](const std::string& name) { return releases.contains(name); });
  if (are_releases) return overlaps ? std::optional(releases) : std::nullopt;
  if (builds_by(snapshot, list)) {
    // A service without a Dockerfile is another rule's.
    std::set<std::string> services = services_of(snapshot);
    const bool any = std::ranges::any_of(list.names, [&](const std::string& name) { return services.contains(name); });
    return any ? std::optional(services) : std::nullopt;
  }
  if (list.names.size() < 2) return std::nullopt;
  if (all_in(list.names, services_of(snapshot))) return services_of(snapshot);
  return all_in(list.names, all_images(snapshot)) ? std::optional(all_images(snapshot)) : std::nullopt;
}

/// Names that neither the list nor anything else in the file has.
std::vector<std::string> missing_names(const HandList& list, const std::set<std::string>& known) {
  std::vector<std::string> out;
  const std::string_view text = list.document->file->text();
  for (const std::string& name : known)
    if (!list.names.contains(name) && !has_word(text, name)) out.push_back(name);
  return out;
}

void check_list_incomplete(const RuleContext& context, Report& report) {
  for (const HandList& list : hand_lists(context.snapshot)) {
    const auto known = universe(context.snapshot, list);
    const std::vector<std::string> missing = known ? missing_names(list, *known) : std::vector<std::string>{};
    if (missing.empty()) continue;
    const WorkflowText& last = list.axis->values.back();
    Fix fix{"Add what is missing"};
    std::string items;
    TextEdit edit;
    for (const std::string& name : missing) {
      std::string value = last.value;
      const std::size_t at = value.find(image_in(last.value));
      if (at != std::string::npos) value.replace(at, image_in(last.value).size(), name);
      const std::string_view written = list.document->file->text(last.span);
      const bool quoted = written.starts_with('"') || written.starts_with('\'');
      if (quoted) value = written.front() + value + written.front();
      edit = append_item(list.document->file, list.axis->span, last.span, value);
      items += edit.new_text;
    }
    edit.new_text = items;
    fix.edits.push_back(edit);
    report
        .add(list.document->file, list.axis->name.span, "`{}` lacks `{}`, which the forge has: job `{}` leaves {} out.",
             list.axis->name.value, join(missing, "`, `"), list.job->id.value, missing.size() == 1 ? "it" : "them")
        .fix(std::move(fix));
  }
}

// workflow-literal-duplicated

void check_copied_matrix(const Snapshot& snapshot, Report& report) {
  for (const HandList& list : hand_lists(snapshot)) {
    if (!builds_by(snapshot, list)) continue;
    const auto known = universe(snapshot, list);
    if (!known || list.names.size() < 2 || !missing_names(list, *known).empty()) continue;
    // The other half of a wrong list is told elsewhere.
    std::string release;
    for (const std::string& one : snapshot.releases())
      if (snapshot.source_refs(one) != nullptr) release = one;
    if (release.empty()) continue;
    report
        .add(list.document->file, list.axis->name.span,
             "The services are written out here and in {}: one that is added there is not built until it is added here "
             "too. Make the matrix from the files (`forge-analyze plan --format matrix`).",
             snapshot.source_refs(release)->file->path())
        .related(snapshot.source_refs(release)->file, {}, "the other list");
  }
}

/// `TEMPEST_VERSION`, `keystone-ref`: the component; empty for another name.
std::string versioned_component(std::string_view name) {
  const std::string lower = to_lower(name);
  for (const std::string_view suffix : {"_version", "-version", "_ref", "-ref"})
    if (lower.ends_with(suffix) && lower.size() > suffix.size()) {
      const auto parsed = PackageName::parse(lower.substr(0, lower.size() - suffix.size()));
      return parsed ? parsed->str() : std::string();
    }
  return {};
}

struct Literal {
  std::string name;
  std::string value;
  SourceFilePtr file;
  TextSpan span;
};

std::vector<Literal> literals_of(const Snapshot& snapshot) {
  std::vector<Literal> out;
  const auto settings = [&](const SourceFilePtr& file, const formats::WorkflowSettings& all) {
    for (const formats::WorkflowSetting& one : all.entries)
      out.push_back({one.name.value, one.value.value, file, one.value.span});
  };
  for (const WorkflowDocument* document : snapshot.workflows()) {
    settings(document->file, (*document)->env);
    for (const WorkflowJob& job : (*document)->jobs) {
      settings(document->file, job.env);
      for (const formats::WorkflowStep& step : job.steps) settings(document->file, step.env);
    }
  }
  for (const ImageBuild& build : model::image_builds(snapshot))
    for (const BuildValue& argument : build.arguments) {
      const std::size_t equals = argument.written.find('=');
      if (equals != std::string::npos)
        out.push_back(
            {argument.written.substr(0, equals), argument.written.substr(equals + 1), argument.file, argument.span});
    }
  std::erase_if(out, [](const Literal& one) { return has(one.value, "$"); });
  return out;
}

void add_copy(Report& report, const Literal& literal, const SourceFilePtr& source, TextSpan there,
              std::string_view has_it, bool same) {
  Added added =
      same ? report.add(literal.file, literal.span, "`{}` is copied from {}: a change there has no effect here.",
                        literal.value, source->path())
           : report.add(literal.file, literal.span,
                        "`{}` is written here as `{}`, while {} has `{}`: read it from "
                        "there.",
                        literal.name, literal.value, source->path(), has_it);
  added.related(source, there, "the value");
  if (!same) added.level(Severity::error);
}

void check_copied_versions(const Snapshot& snapshot, Report& report) {
  Once once;
  for (const Literal& literal : literals_of(snapshot)) {
    const std::string component = versioned_component(literal.name);
    if (component.empty() || !formats::Version::parse(literal.value) || !has(literal.value, ".")) continue;
    const workspace::Document<formats::SourceRefs>* source = nullptr;
    const formats::SourceRef* found = nullptr;
    bool same = false;
    for (const std::string& release : snapshot.releases())
      for (const auto* refs : {snapshot.source_refs(release), snapshot.test_refs(release)}) {
        if (refs == nullptr || same) continue;
        for (const formats::SourceRef& entry : (*refs)->entries) {
          const auto name = PackageName::parse(entry.component.value);
          if (!entry.ref || !name || name->str() != component || !formats::Version::parse(entry.ref->value)) continue;
          source = refs;
          found = &entry;
          same = entry.ref->value == literal.value;
          break;
        }
      }
    if (found != nullptr && once(literal.file, literal.span))
      add_copy(report, literal, source->file, found->value_span, found->ref->value, same);
  }
}

/// Package lists that a build is given as literals while extra-packages.yaml has them.
void check_copied_packages(const Snapshot& snapshot, Report& report) {
  Once once;
  for (const ImageBuild& build : model::image_builds(snapshot)) {
    const auto images = model::images_of(build);
    if (!images || images->size() != 1) continue;
    for (const BuildValue& argument : build.arguments) {
      const std::size_t equals = argument.written.find('=');
      if (equals == std::string::npos || has(argument.written, "$")) continue;
      const Literal literal{argument.written.substr(0, equals), argument.written.substr(equals + 1), argument.file,
                            argument.span};
      bool found = false;
      bool same = false;
      std::string other;
      SourceFilePtr file;
      TextSpan span;
      for (const std::string& release : snapshot.releases()) {
        const auto* extras = snapshot.extra_packages(release);
        for (const model::BuildArgument& known : model::extra_arguments(snapshot, images->front(), release)) {
          if (known.name != literal.name || extras == nullptr || same) continue;
          found = true;
          same = known.value == literal.value;
          other = known.value;
          file = extras->file;
          span = known.span;
        }
      }
      if (found && !literal.value.empty() && once(argument.file, argument.span))
        add_copy(report, literal, file, span, other, same);
    }
  }
}

void check_literal_duplicated(const RuleContext& context, Report& report) {
  check_copied_matrix(context.snapshot, report);
  check_copied_versions(context.snapshot, report);
  check_copied_packages(context.snapshot, report);
}

// workflow-value-hardcoded

/// An axis of the job that has several of the names, with them; by its name where the matrix is made at run time.
struct NamedAxis {
  std::string name;
  std::set<std::string> values;
};

std::optional<NamedAxis> axis_over(const Snapshot& snapshot, const WorkflowJob& job, bool releases) {
  if (!job.matrix) return std::nullopt;
  const std::set<std::string> known =
      releases ? std::set<std::string>(snapshot.releases().begin(), snapshot.releases().end()) : services_of(snapshot);
  for (const WorkflowAxis& axis : job.matrix->axes) {
    std::set<std::string> values;
    for (const WorkflowText& value : axis.values)
      if (known.contains(value.value)) values.insert(value.value);
    if (axis.known && values.size() > 1) return NamedAxis{axis.name.value, values};
  }
  const std::string name = releases ? "release" : "service";
  bool used = false;
  for_each_text(job, [&](const WorkflowText& text, bool) { used |= has(text.value, "matrix." + name); });
  if (job.matrix->expression && used && known.size() > 1) return NamedAxis{name, known};
  return std::nullopt;
}

void check_value(const SourceFilePtr& file, const WorkflowText& text, const NamedAxis& axis, bool releases, Once& once,
                 Report& report) {
  for (const std::string& value : axis.values) {
    std::vector<std::string> folders{"releases/", "overrides/"};
    if (!releases) folders = {"images/", "patches/"};
    for (const std::string& folder : folders)
      for (std::size_t at = text.value.find(folder + value); at != std::string::npos;
           at = text.value.find(folder + value, at + 1)) {
        const std::size_t begin = at + folder.size();
        const std::size_t end = begin + value.size();
        const bool ends = end == text.value.size() || text.value[end] == '/';
        const std::size_t line = text.value.rfind('\n', at);
        const std::string_view head =
            std::string_view(text.value)
                .substr(line == std::string::npos ? 0 : line + 1, at - (line == std::string::npos ? 0 : line + 1));
        const bool starts = at == 0 || !(is_alnum(text.value[at - 1]) || text.value[at - 1] == '-');
        if (!ends || !starts || trim(head).starts_with('#') || has(head, "echo ")) continue;
        const TextSpan span = formats::part_of_scalar(file->text(), text, span_of(begin, end));
        if (span.size() != value.size() || !once(file, span)) continue;
        const std::string mended = "${{ matrix." + axis.name + " }}";
        report.add(file, span, "Every cell of this matrix takes `{}` here, whatever its own {} is.", value, axis.name)
            .fix(fmt::format("Write `{}`", mended), span, mended);
      }
  }
}

void check_value_hardcoded(const RuleContext& context, Report& report) {
  Once once;
  for (const WorkflowDocument* document : context.snapshot.workflows())
    for (const WorkflowJob& job : (*document)->jobs)
      for (const bool releases : {true, false}) {
        const std::optional<NamedAxis> axis = axis_over(context.snapshot, job, releases);
        if (!axis) continue;
        for (const formats::WorkflowStep& step : job.steps) {
          if (has(step.condition.value, "matrix.") || has(job.condition.value, "matrix.")) continue;
          const bool branches =
              has(step.run.value, "case ") || has(step.run.value, "if ") || has(step.run.value, "for ");
          if (!branches) check_value(document->file, step.run, *axis, releases, once, report);
          for (const auto* settings : {&step.with, &step.env})
            for (const formats::WorkflowSetting& setting : settings->entries)
              check_value(document->file, setting.value, *axis, releases, once, report);
        }
      }
}

// plan-library-in-matrix

/// A script that makes a cell of every key of source-refs.yaml.
bool lists_all_keys(const model::Script& script) {
  if (has(script.text.value, "images/") || has(script.text.value, "Dockerfile")) return false;
  return std::ranges::any_of(script.commands, [](const model::RunCommand& command) {
    const std::size_t at = command.program();
    if (at >= command.words.size() || model::base_name(command.words[at].value) != "yq") return false;
    bool keys = false;
    bool refs = false;
    bool chosen = false;
    for (const auto& word : command.words) {
      keys |= has_word(word.value, "keys") || has(word.value, "to_entries");
      refs |= has(word.value, "source-refs.y");
      chosen |= has(word.value, "select");
    }
    return keys && refs && !chosen;
  });
}

void check_library_in_matrix(const RuleContext& context, Report& report) {
  const Snapshot& snapshot = context.snapshot;
  const auto libraries = [&](const auto& visit) {
    for (const std::string& release : snapshot.releases()) {
      const auto* refs = snapshot.source_refs(release);
      if (refs == nullptr) continue;
      for (const formats::SourceRef& entry : (*refs)->entries) {
        const auto name = PackageName::parse(entry.component.value);
        const bool pinned = name && !model::effective_pins(snapshot, release).find(*name).empty();
        const bool patched = snapshot.patch_series(entry.component.value, release) != nullptr;
        const bool folder = std::ranges::count(snapshot.images(), entry.component.value) > 0;
        if (!folder && (pinned || patched)) visit(release, *refs, entry);
      }
    }
  };
  Once once;
  for (const WorkflowRun& run : model::workflow_runs(snapshot)) {
    if (follows_plan(run)) continue;
    for (const ImageBuild& build : model::image_builds(snapshot)) {
      const auto images = build.run == &run && !build.is_merge ? model::images_of(build) : std::nullopt;
      if (!images) continue;
      libraries([&](const std::string& release, const auto& refs, const formats::SourceRef& entry) {
        const std::string& name = entry.component.value;
        if (std::ranges::count(*images, name) == 0 || !once(refs.file, entry.component.span)) return;
        report
            .add(refs.file, entry.component.span,
                 "`{}` is a library without an image, and job `{}` builds it as a service.", name,
                 build.job->job->id.value)
            .about(release, name)
            .related(build.file, build.span, "the build");
      });
    }
    if (!built_images(snapshot, run).any || built_images(snapshot, run).all_known) continue;
    for (const model::JobRun& job : run.jobs)
      for (const model::JobStep& step : job.steps)
        for (const model::ScriptPtr& script : step.scripts) {
          if (!lists_all_keys(*script)) continue;
          libraries([&](const std::string& release, const auto& refs, const formats::SourceRef& entry) {
            if (!once(refs.file, entry.component.span)) return;
            report
                .add(refs.file, entry.component.span,
                     "`{}` is a library without an image, and the matrix takes every key of this file for a service.",
                     entry.component.value)
                .about(release, entry.component.value)
                .related(script->file, script->place({0, 0}), "where the matrix is made");
          });
        }
  }
}

// workflow-retention-mismatch

/// Tags as the plan makes them.
constexpr std::array<std::string_view, 4> planned_tags = {"28.0.0-p2-main-77aa16f", "28.0.0-p0-stable-2025.2-1234567",
                                                          "28.0.0", "2025.2-77aa16f"};

void check_retention(const RuleContext& context, Report& report) {
  const Snapshot& snapshot = context.snapshot;
  const auto& runs = model::workflow_runs(snapshot);
  // Only the plan's tags are known for all images; a forge with a schema of its own is left alone.
  if (!std::ranges::any_of(runs, follows_plan)) return;
  const std::set<std::string> services = services_of(snapshot);
  Once once;
  for (const WorkflowRun& run : runs)
    for (const model::JobRun& job : run.jobs)
      for (const model::JobStep& step : job.steps) {
        const auto& with = step.step->with;
        const WorkflowText* globs = with.find("delete-tags");
        if (!step.step->action().ends_with("/ghcr-cleanup-action") || globs == nullptr) continue;
        if (with.find("use-regex") != nullptr || with.find("exclude-tags") != nullptr) continue;
        const WorkflowText* package = with.find("package") != nullptr ? with.find("package") : with.find("packages");
        if (package == nullptr) continue;
        const model::SymbolicText named = model::StepTexts(run, job, {}).text(step, package->value);
        bool all_services = job.cells.has_value();
        if (job.cells)
          for (const model::MatrixCell& cell : *job.cells)
            all_services &= services.contains(model::text_in(named, cell).value_or(""));
        const model::ValueOrigin origin = model::origin_of(step, *globs);
        if (!all_services || origin.text->value.find_first_of("$?") != std::string::npos) continue;
        std::size_t taken = 0;
        for (const std::string_view tag : planned_tags) {
          const std::vector<std::string_view> patterns = split(origin.text->value, ',');
          if (std::ranges::any_of(patterns,
                                  [&](std::string_view one) { return model::matches_filter(trim(one), tag); }))
            ++taken;
        }
        if ((taken > 0 && taken < planned_tags.size()) || !once(origin.file, origin.text->span)) continue;
        report
            .add(origin.file, origin.text->span,
                 "`{}` takes {} of the tags that services get (`28.0.0-p2-main-77aa16f`, `28.0.0`, `2025.2-77aa16f`), "
                 "so "
                 "{}.",
                 origin.text->value, taken == 0 ? "none" : "all",
                 taken == 0 ? "nothing is ever removed" : "what is in use goes too")
            .fix("Take the composite tags", origin.text->span, "\"*-p*-*-*\"");
      }
}

constexpr Rule rules[] = {
    {.name = "plan-library-in-matrix",
     .summary = "library that the matrix takes for a service",
     .doc = "source-refs.yaml names services and the libraries that carry patches. A matrix of all its keys, or one "
            "written by hand, makes a cell of a library that has no image, and that job fails. Take the cells from "
            "`forge-analyze plan --format matrix`, or leave out what has no folder below images/.",
     .bad = "# scripts/matrix.sh, with oslo.messaging in source-refs.yaml\nyq 'keys | .[]' "
            "releases/2025.2/source-refs.yaml\n",
     .good = "# scripts/matrix.sh\nforge-analyze plan --format matrix\n",
     .check = check_library_in_matrix},
    {.name = "workflow-path-filter-misses-input",
     .summary = "input of the builds whose change starts none",
     .doc = "`paths` (or `paths-ignore`) of the workflow's trigger leaves out a file that its builds read: patches, "
            "overrides, refs, a script. A change of it is merged and nothing is built. Add the glob.",
     .bad = "# .github/workflows/build.yaml, with overrides/2025.2/constraints.txt\non:\n  push:\n    paths: "
            "[images/**, releases/**]\n",
     .good = "# .github/workflows/build.yaml\non:\n  push:\n    paths: [images/**, releases/**, overrides/**]\n",
     .check = check_path_filter},
    {.name = "workflow-value-hardcoded",
     .severity = Severity::warning,
     .summary = "release or service that is written out in a job for several",
     .doc =
         "A job runs for each release or service of its matrix, and one of its steps names one of them as a literal: "
         "the other cells use its files. Write the matrix expression.",
     .bad =
         "# .github/workflows/build.yaml, with a matrix of releases\nrun: cp releases/2025.2/upper-constraints.txt .\n",
     .good = "# .github/workflows/build.yaml\nrun: cp releases/${{ matrix.release }}/upper-constraints.txt .\n",
     .check = check_value_hardcoded},
    {.name = "workflow-list-incomplete",
     .severity = Severity::warning,
     .summary = "list of services, images or releases that lacks one",
     .doc = "A matrix written by hand (to build, lint, test or clean up) names some of the forge's services, images or "
            "releases, and one that the forge has is missing in it and nowhere else in the file. Add it, or make the "
            "list from the plan. Lists with other names in them are left alone.",
     .bad = "# .github/workflows/lint.yaml, with images/glance\n        image: [keystone, nova]\n",
     .good = "# .github/workflows/lint.yaml\n        image: [keystone, nova, glance]\n",
     .check = check_list_incomplete},
    {.name = "workflow-literal-duplicated",
     .severity = Severity::warning,
     .summary = "version or list that is copied from another file of the forge",
     .doc = "A version, a list of packages or the services to build stand in a workflow and in the forge's own files. "
            "They drift apart with the next change; where they differ already it is an error. Read the value from its "
            "file, or take it from the plan.",
     .bad = "# .github/workflows/test.yaml, with tempest in test-refs.yaml\nenv:\n  TEMPEST_VERSION: \"45.0.0\"\n",
     .good = "# .github/workflows/test.yaml\n    env:\n      TEMPEST_VERSION: ${{ steps.refs.outputs.tempest }}\n",
     .check = check_literal_duplicated},
    {.name = "workflow-retention-mismatch",
     .severity = Severity::warning,
     .summary = "clean-up whose pattern takes all or none of the tags",
     .doc =
         "A clean-up of the registry removes tags by a pattern that takes none of the tags which the plan gives, so "
         "the registry only grows, or all of them, so that what is deployed goes too. `*-p*-*-*` takes the composite "
         "tags and leaves versions alone.",
     .bad = "# .github/workflows/cleanup.yaml\n          delete-tags: \"sha-*\"\n",
     .good = "# .github/workflows/cleanup.yaml\n          delete-tags: \"*-p*-*-*\"\n",
     .check = check_retention},
};

}  // namespace

namespace {

const WorkflowAxis* axis_named(const WorkflowJob& job, bool releases, const Snapshot& snapshot) {
  if (!job.matrix || !job.matrix->known) return nullptr;
  const std::set<std::string> services = services_of(snapshot);
  for (const WorkflowAxis& axis : job.matrix->axes) {
    const bool fits =
        releases ? std::ranges::all_of(axis.values, [](const auto& one) { return is_release_name(one.value); })
                 : std::ranges::any_of(axis.values, [&](const auto& one) { return services.contains(one.value); });
    if (fits && !axis.values.empty()) return &axis;
  }
  return nullptr;
}

}  // namespace

void check_matrix_refs(const RuleContext& context, Report& report) {
  const Snapshot& snapshot = context.snapshot;
  Once once;
  for (const ImageBuild& build : model::image_builds(snapshot)) {
    const WorkflowJob& job = *build.job->job;
    const WorkflowAxis* releases = axis_named(job, true, snapshot);
    const WorkflowAxis* services = axis_named(job, false, snapshot);
    if (build.is_merge || releases == nullptr || services == nullptr || !build.job->cells) continue;
    const SourceFilePtr& file = build.job->scope->document->file;
    for (const WorkflowText& release : releases->values) {
      const auto* refs = snapshot.source_refs(release.value);
      if (refs == nullptr) {
        if (once(file, release.span))
          report
              .add(file, release.span, "Job `{}` builds {}, and there is no releases/{}/source-refs.yaml.",
                   job.id.value, release.value, release.value)
              .about(release.value);
        continue;
      }
      for (const WorkflowText& service : services->values) {
        const bool built = std::ranges::any_of(*build.job->cells, [&](const model::MatrixCell& cell) {
          const auto r = cell.find(releases->name.value);
          const auto s = cell.find(services->name.value);
          return r != cell.end() && s != cell.end() && r->second == release.value && s->second == service.value;
        });
        if (!built || (*refs)->find(service.value) != nullptr || !once(file, service.span, release.value)) continue;
        report
            .add(file, service.span, "Job `{}` builds `{}` for {}, and {} has no ref of it.", job.id.value,
                 service.value, release.value, refs->file->path())
            .about(release.value, service.value);
      }
    }
  }
}

std::span<const Rule> workflow_list_rules() {
  return rules;
}

}  // namespace forge::rules
