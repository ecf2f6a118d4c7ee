#include <algorithm>
#include <array>
#include <set>

#include "engine/base/text.hpp"
#include "engine/model/image_graph.hpp"
#include "engine/rules/catalog.hpp"
#include "engine/rules/workflow_words.hpp"

namespace forge::rules {

namespace {

using formats::WorkflowJob;
using formats::WorkflowText;
using model::BuildValue;
using model::ImageBuild;
using model::JobRun;
using model::JobStep;
using model::Occasion;
using model::StepTexts;
using model::SymbolicText;
using model::WorkflowDocument;
using model::WorkflowRun;
using workspace::Snapshot;

// workflow-push-on-pr

/// The tags' images are services, where what is built can't be seen (`docker push`).
bool tags_service(const Snapshot& snapshot, const ImageBuild& build) {
  return std::ranges::any_of(build.tags, [&](const BuildValue& tag) {
    const std::string_view name = std::string_view(tag.written).substr(0, tag.written.rfind(':'));
    return model::is_component(snapshot, name.substr(std::min(name.rfind('/') + 1, name.size())));
  });
}

void check_push_on_pr(const RuleContext& context, Report& report) {
  const Snapshot& snapshot = context.snapshot;
  Once once;
  for (const ImageBuild& build : model::image_builds(snapshot)) {
    const bool service = build.is_merge ? tags_service(snapshot, build) : model::builds_service(snapshot, build);
    if (!service) continue;
    for (const Occasion& occasion : occasions(*build.run)) {
      if (!occasion.event.starts_with("pull_request") || model::pushes(build, occasion) != true) continue;
      const bool has_push = !build.push.empty();
      const SourceFilePtr& file = has_push ? build.push.front().file : build.file;
      const TextSpan span = has_push ? build.push.front().span : build.span;
      if (!once(file, span)) continue;
      Added added = report.add(file, span,
                               "A pull request pushes this image: on `{}` nothing keeps it back, so code that nobody "
                               "has looked at gets into the registry.",
                               occasion.event);
      if (has_push && build.push.front().written == "true")
        added.fix("Push on other events only", span, "${{ github.event_name != 'pull_request' }}");
    }
  }
}

// workflow-missing-needs

constexpr std::size_t most_needs = 500;

void check_outputs(const WorkflowDocument& document, Report& report) {
  for (const WorkflowJob& job : document->jobs) {
    if (job.needs.size() > most_needs) continue;
    std::set<std::string> told;
    const auto look = [&](const WorkflowText& text, const formats::Expression& expression) {
      formats::for_each_reference(expression, [&](const formats::Expression& name) {
        const std::vector<std::string_view> parts = split(name.name, '.');
        if (parts.size() < 2 || parts[0] != "needs" || parts[1] == "*") return;
        const std::string id(parts[1]);
        const bool needed = std::ranges::any_of(
            job.needs, [&](const WorkflowText& one) { return to_lower(one.value) == to_lower(id); });
        if (needed || !told.insert(id).second) return;
        const TextSpan span = formats::part_of_scalar(document.file->text(), text, name.span);
        const bool known = document->job(id) != nullptr;
        Added added = report.add(document.file, span, "`{}` is always empty: {}.", name.name,
                                 known ? fmt::format("job `{}` does not name `{}` in its `needs`", job.id.value, id)
                                       : fmt::format("this workflow has no job `{}`", id));
        if (known) added.fix(add_need(document.file, job, id));
      });
    };
    for_each_text(job, [&](const WorkflowText& text, bool condition) {
      if (condition) {
        if (const auto parsed = formats::parse_condition(text.value)) look(text, *parsed);
        return;
      }
      const std::vector<formats::TemplatePart> parts = formats::parse_template(text.value);
      for (const formats::TemplatePart& part : parts)
        if (part.expression) look(text, *part.expression);
    });
  }
}

/// Literal parts as they are, everything else as `x`.
std::string sample(const SymbolicText& text) {
  std::string out;
  for (const model::TextPart& part : text) out += part.kind == model::TextPart::Kind::text ? part.name : "x";
  return out;
}

struct Artifact {
  const JobRun* job;
  SymbolicText name;
};

std::vector<Artifact> uploads(const WorkflowRun& run) {
  std::vector<Artifact> out;
  for (const JobRun& job : run.jobs)
    for (const JobStep& step : job.steps)
      if (step.step->action() == "actions/upload-artifact")
        if (const WorkflowText* name = step.step->with.find("name"))
          out.push_back({&job, StepTexts(run, job, {}).text(step, name->value)});
  return out;
}

/// A download of what a job makes that may not have run yet.
void check_artifacts(const WorkflowRun& run, Report& report) {
  const std::vector<Artifact> made = uploads(run);
  for (const JobRun& job : run.jobs) {
    const std::set<std::string> before = model::jobs_before(run, job);
    for (const JobStep& step : job.steps) {
      const auto& with = step.step->with;
      if (step.step->action() != "actions/download-artifact" || step.scope != job.scope) continue;
      if (with.find("run-id") != nullptr || with.find("github-token") != nullptr) continue;
      const WorkflowText* name = with.find("name") != nullptr ? with.find("name") : with.find("pattern");
      if (name == nullptr) continue;
      const SymbolicText wanted = StepTexts(run, job, {}).text(step, name->value);
      const bool glob = with.find("name") == nullptr;
      if (sample(wanted).find_first_of("{[?") != std::string::npos) continue;
      const JobRun* maker = nullptr;
      bool ready = false;
      for (const Artifact& artifact : made) {
        const bool same = glob ? model::matches_filter(sample(wanted), sample(artifact.name))
                               : model::same_text(wanted, artifact.name);
        if (!same) continue;
        if (artifact.job->scope->parent != job.scope->parent || artifact.job->scope->document != job.scope->document) {
          ready = true;
          continue;
        }
        ready |= artifact.job == &job || before.contains(artifact.job->job->id.value);
        maker = artifact.job;
      }
      if (maker == nullptr || ready) continue;
      report
          .add(job.scope->document->file, name->span,
               "Job `{}` makes this artifact, and `{}` does not wait for it: `needs` does not name it.",
               maker->job->id.value, job.job->id.value)
          .fix(add_need(job.scope->document->file, *job.job, maker->job->id.value));
    }
  }
}

/// The base of an image, by its registry tag, comes from another job of the same run that may not have ended.
void check_bases(const Snapshot& snapshot, Report& report) {
  Once once;
  const std::vector<ImageBuild>& builds = model::image_builds(snapshot);
  const auto makes = [](const ImageBuild& build, const std::string& image) {
    const auto images = build.is_merge ? std::nullopt : model::images_of(build);
    return images && std::ranges::count(*images, image) > 0;
  };
  for (const ImageBuild& build : builds) {
    const auto images = build.is_merge ? std::nullopt : model::images_of(build);
    if (!images) continue;
    const std::set<std::string> before = model::jobs_before(*build.run, *build.job);
    for (const std::string& image : *images) {
      const model::ImageNode* node = model::image_graph(snapshot).find(image);
      if (node == nullptr) continue;
      for (const model::ImageNeed& need : node->needs) {
        const bool by_registry =
            need.used && need.kind == model::NeedKind::image && need.name.find('/') != need.name.npos;
        const bool given = std::ranges::any_of(
            build.contexts, [&](const BuildValue& one) { return one.written.starts_with(need.name + "="); });
        if (!by_registry || given) continue;
        const ImageBuild* maker = nullptr;
        bool ready = false;
        for (const ImageBuild& other : builds) {
          if (other.run != build.run || !makes(other, need.target)) continue;
          ready |= other.job == build.job || before.contains(other.job->job->id.value);
          maker = &other;
        }
        if (maker == nullptr || ready || maker->job->scope->parent != build.job->scope->parent) continue;
        const SourceFilePtr& file = build.job->scope->document->file;
        if (!once(file, build.job->job->id.span, need.target)) continue;
        report
            .add(file, build.job->job->id.span,
                 "`{}` builds from `{}`, which job `{}` makes in the same run, and does not wait for it.", image,
                 need.name, maker->job->job->id.value)
            .related(node->document->file, need.span, "the base")
            .fix(add_need(file, *build.job->job, maker->job->job->id.value));
      }
    }
  }
}

void check_missing_needs(const RuleContext& context, Report& report) {
  for (const WorkflowDocument* document : context.snapshot.workflows())
    if (!(*document)->is_action) check_outputs(*document, report);
  for (const WorkflowRun& run : model::workflow_runs(context.snapshot)) check_artifacts(run, report);
  check_bases(context.snapshot, report);
}

// workflow-permission-missing

bool with_github_token(const WorkflowText& password, const JobStep& step) {
  const std::string& text = model::origin_of(step, password).text->value;
  const std::string lower = to_lower(text);
  return lower.find("secrets.github_token") != std::string::npos || lower.find("github.token") != std::string::npos;
}

/// The job signs in to GitHub's registry with the token that `permissions` is about.
bool logs_in(const JobRun& job) {
  return std::ranges::any_of(job.steps, [&](const JobStep& step) {
    const WorkflowText* registry = step.step->with.find("registry");
    const WorkflowText* password = step.step->with.find("password");
    return step.step->action() == "docker/login-action" && registry != nullptr && password != nullptr &&
           registry->value.find("ghcr.io") != std::string::npos && with_github_token(*password, step);
  });
}

bool signs_keyless(const JobStep& step) {
  for (const model::ScriptPtr& script : step.scripts)
    for (const model::RunCommand& command : script->commands) {
      const std::size_t at = command.program();
      if (at + 1 >= command.words.size() || model::base_name(command.words[at].value) != "cosign") continue;
      const std::string& verb = command.words[at + 1].value;
      if (verb != "sign" && verb != "attest") continue;
      const bool keyed = std::ranges::any_of(command.words, [](const auto& word) {
        return word.value.starts_with("--key") || word.value.starts_with("--identity-token") || word.value == "--sk" ||
               word.value.find('$') == 0;
      });
      const bool by_variable = std::ranges::any_of(
          command.words, [](const auto& word) { return word.value.find("[@]") != std::string::npos; });
      if (!keyed && !by_variable) return true;
    }
  return false;
}

std::set<std::string> wanted_scopes(const Snapshot& snapshot, const WorkflowRun& run, const JobRun& job) {
  std::set<std::string> scopes;
  const std::vector<Occasion> all = occasions(run);
  if (logs_in(job))
    for (const ImageBuild& build : model::image_builds(snapshot)) {
      if (build.job != &job) continue;
      for (const Occasion& occasion : all)
        if (model::pushes(build, occasion) == true) scopes.insert("packages");
    }
  for (const JobStep& step : job.steps) {
    const bool never = !all.empty() && std::ranges::all_of(all, [&](const Occasion& occasion) {
      return StepTexts(run, job, occasion).runs(step) == false || model::job_runs(run, job, occasion) == false;
    });
    if (never) continue;
    const std::string action = step.step->action();
    const bool attests = action == "actions/attest" || action.starts_with("actions/attest-");
    if (attests) scopes.insert("attestations");
    if (attests || signs_keyless(step)) scopes.insert("id-token");
    if (action == "github/codeql-action/upload-sarif") scopes.insert("security-events");
  }
  return scopes;
}

/// The declaration that counts for the job: its own, its workflow's, the calling job's.
const formats::WorkflowPermissions* permissions_of(const JobRun& job) {
  for (const model::StepScope* at = job.scope.get(); at != nullptr; at = at->parent.get()) {
    if (at->job->permissions) return &*at->job->permissions;
    if ((*at->document)->permissions) return &*(*at->document)->permissions;
  }
  return nullptr;
}

Fix declare(const JobRun& job, const formats::WorkflowPermissions* declared, const std::vector<std::string>& missing) {
  const SourceFilePtr& file = job.scope->document->file;
  Fix fix{fmt::format("Declare {}", fmt::format("`{}: write`", join(missing, ": write`, `")))};
  const auto& own = job.job->permissions;
  if (own && !own->scopes.entries.empty() && file->text()[own->scopes.span.begin] != '{') {
    const formats::WorkflowSetting& last = own->scopes.entries.back();
    const TextSpan line = file->full_line_at(last.value.span.begin);
    const TextSpan start = file->line_at(last.name.span.begin);
    const std::string indent(last.name.span.begin - start.begin, ' ');
    std::string text;
    for (const std::string& scope : missing) text += fmt::format("{}{}: write\n", indent, scope);
    fix.edits.push_back({{file, {line.end, line.end}}, text});
    return fix;
  }
  if (own) return fix;
  std::vector<std::string> lines{"permissions:"};
  std::set<std::string> named(missing.begin(), missing.end());
  if (declared == nullptr)
    lines.emplace_back("  contents: read");
  else
    for (const formats::WorkflowSetting& scope : declared->scopes.entries)
      if (!named.contains(scope.name.value))
        lines.push_back(fmt::format("  {}: {}", scope.name.value, scope.value.value));
  for (const std::string& scope : missing) lines.push_back(fmt::format("  {}: write", scope));
  fix.edits.push_back(insert_in_job(file, *job.job, lines));
  return fix;
}

void check_permission_missing(const RuleContext& context, Report& report) {
  Once once;
  for (const WorkflowRun& run : model::workflow_runs(context.snapshot))
    for (const JobRun& job : run.jobs) {
      const formats::WorkflowPermissions* declared = permissions_of(job);
      std::vector<std::string> missing;
      for (const std::string& scope : wanted_scopes(context.snapshot, run, job))
        if (declared == nullptr || !declared->writes(scope)) missing.push_back(scope);
      const SourceFilePtr& file = job.scope->document->file;
      const auto& own = job.job->permissions;
      const TextSpan span = own ? own->key : job.job->id.span;
      if (missing.empty() || !once(file, span)) continue;
      const std::string words = fmt::format("`{}: write`", join(missing, ": write`, `"));
      Added added =
          declared == nullptr
              ? report.add(file, span,
                           "Job `{}` needs {}, and no `permissions` are declared: whether it may depends on the "
                           "repository's settings.",
                           job.job->id.value, words)
              : report.add(file, span, "Job `{}` needs {}, which its permissions leave out.", job.job->id.value, words);
      Fix fix = declare(job, declared, missing);
      if (!fix.edits.empty()) added.fix(std::move(fix));
    }
}

// workflow-name-collision

struct NamedThing {
  std::string_view action;
  std::string_view input;
  std::string_view what;
};
constexpr std::array named_things = {
    NamedThing{"actions/upload-artifact", "name", "artifact"},
    NamedThing{"github/codeql-action/upload-sarif", "category", "report category"},
    NamedThing{"anchore/sbom-action", "artifact-name", "SBOM"},
};

/// Two cells that agree in all `axes`; nothing where there are none.
const model::MatrixCell* repeated(const std::vector<model::MatrixCell>& cells, const std::set<std::string>& axes) {
  std::set<std::vector<std::string>> seen;
  for (const model::MatrixCell& cell : cells) {
    std::vector<std::string> values;
    for (const std::string& axis : axes) {
      const auto value = cell.find(axis);
      values.push_back(value == cell.end() ? std::string() : value->second);
    }
    if (!seen.insert(values).second) return &cell;
  }
  return nullptr;
}

bool several_releases(const Snapshot& snapshot) {
  return std::ranges::any_of(
      snapshot.images(), [&](const std::string& image) { return model::releases_with(snapshot, image).size() > 1; });
}

bool names_axis(const WorkflowJob& job, std::string_view axis) {
  bool found = false;
  for_each_text(job, [&](const WorkflowText& text, bool) {
    found |= text.value.find("matrix." + std::string(axis)) != std::string::npos;
  });
  return found;
}

/// The axes that the name lacks, in words; empty where all its cells get names of their own, as far as can be told.
std::string lacking_axes(const Snapshot& snapshot, const JobRun& job, const std::set<std::string>& axes) {
  if (job.cells) {
    if (repeated(*job.cells, axes) == nullptr) return {};
    std::set<std::string> lacking;
    for (const model::MatrixCell& cell : *job.cells)
      for (const auto& [axis, value] : cell)
        if (!axes.contains(axis)) {
          std::set<std::string> more = axes;
          more.insert(axis);
          // Only an axis that tells some cells apart.
          const bool varies = std::ranges::any_of(*job.cells, [&](const auto& other) {
            const auto found = other.find(axis);
            return found == other.end() || found->second != value;
          });
          if (varies) lacking.insert("`matrix." + axis + "`");
        }
    return join(lacking, ", ");
  }
  if (axes.empty()) return "the matrix";
  if (axes.contains("service") && !axes.contains("release") && names_axis(*job.job, "release") &&
      several_releases(snapshot))
    return "`matrix.release`";
  return {};
}

void check_name_collision(const RuleContext& context, Report& report) {
  Once once;
  for (const WorkflowRun& run : model::workflow_runs(context.snapshot))
    for (const JobRun& job : run.jobs) {
      if (!job.has_matrix) continue;
      for (const JobStep& step : job.steps)
        for (const NamedThing& thing : named_things) {
          if (step.step->action() != thing.action) continue;
          const std::string& uses = step.step->uses.value;
          const WorkflowText* name = step.step->with.find(thing.input);
          const bool merges = thing.what == "artifact" &&
                              (uses.ends_with("@v1") || uses.ends_with("@v2") || uses.find("@v3") != uses.npos);
          if (name == nullptr || merges || step.step->with.find("overwrite") != nullptr) continue;
          bool by_cell = step.step->condition.value.find("matrix.") != std::string::npos;
          for (auto at = step.scope; at != nullptr && at->caller != nullptr; at = at->parent)
            by_cell |= at->caller->condition.value.find("matrix.") != std::string::npos;
          if (by_cell) continue;
          for (Occasion occasion : {Occasion{"push", "main"}, Occasion{"pull_request", "main"}}) {
            const StepTexts texts(run, job, occasion);
            const std::optional<bool> runs = texts.runs(step);
            if (runs == false || model::job_runs(run, job, occasion) == false) continue;
            const SymbolicText text = texts.text(step, name->value);
            const auto axes = model::axes_of(text);
            if (!axes || text.empty()) continue;
            const std::string lacking = lacking_axes(context.snapshot, job, *axes);
            const model::ValueOrigin origin = model::origin_of(step, *name);
            if (lacking.empty() || !once(origin.file, origin.text->span)) continue;
            report.add(origin.file, origin.text->span,
                       "Several cells of job `{}` give their {} this name; {} is not in it.", job.job->id.value,
                       thing.what, lacking);
          }
        }
    }
}

constexpr Rule rules[] = {
    {.name = "workflow-push-on-pr",
     .summary = "pull request that pushes a service image",
     .doc = "A job that builds a service also runs for pull requests, and nothing keeps it from pushing then: an image "
            "of code that nobody has looked at gets into the registry, under a name that may be in use. Push on other "
            "events only. Conditions that can't be decided, and images that others build from, are left alone.",
     .bad = "# .github/workflows/build.yaml\non: [push, pull_request]\n# …\n          push: true\n",
     .good = "# .github/workflows/build.yaml\non: [push, pull_request]\n# …\n          push: ${{ github.event_name != "
             "'pull_request' }}\n",
     .check = check_push_on_pr},
    {.name = "workflow-missing-needs",
     .summary = "job that uses what another job makes without waiting for it",
     .doc =
         "Jobs run at the same time unless `needs` puts one behind the other. `needs.X.outputs` of a job that is not "
         "named there is always empty; an artifact or a base image may not be there yet, or be the one of the last "
         "run. Name the job in `needs`.",
     .bad =
         "# .github/workflows/build.yaml\n  merge:\n    steps:\n      - run: echo ${{ needs.build.outputs.digest }}\n",
     .good = "# .github/workflows/build.yaml\n  merge:\n    needs: build\n    steps:\n      - run: echo ${{ "
             "needs.build.outputs.digest }}\n",
     .check = check_missing_needs},
    {.name = "workflow-permission-missing",
     .severity = Severity::warning,
     .summary = "job that pushes, signs, attests or uploads a report without the permission",
     .doc =
         "Pushing to GitHub's registry with the run's token needs `packages: write`, signing without a key "
         "`id-token: write`, attestations `attestations: write` too, and uploading a scan `security-events: write`. "
         "A `permissions` block takes away all that it does not name; without any, the repository's settings decide, "
         "and new repositories only read. Declare what the job needs.",
     .bad = "# .github/workflows/build.yaml\npermissions:\n  contents: read\njobs:\n  build:  # logs in to ghcr.io and "
            "pushes\n",
     .good = "# .github/workflows/build.yaml\npermissions:\n  contents: read\njobs:\n  build:\n    permissions:\n      "
             "contents: read\n      packages: write\n",
     .check = check_permission_missing},
    {.name = "workflow-name-collision",
     .severity = Severity::warning,
     .summary = "artifact, SBOM or report category with one name for several cells of a matrix",
     .doc = "The cells of a matrix upload under one name: the second upload fails, or replaces the first, and what was "
            "built or found for one release is taken for another's. Put every axis that tells the cells apart into the "
            "name.",
     .bad = "# .github/workflows/build.yaml, with a matrix of service and release\n          name: digests-${{ "
            "matrix.service }}\n",
     .good = "# .github/workflows/build.yaml\n          name: digests-${{ matrix.service }}-${{ matrix.release }}\n",
     .check = check_name_collision},
};

}  // namespace

std::span<const Rule> workflow_rules() {
  return rules;
}

}  // namespace forge::rules
