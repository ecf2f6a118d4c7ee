/// Refs as the build and the update bot see them.
#include <algorithm>
#include <set>

#include "engine/base/names.hpp"
#include "engine/base/text.hpp"
#include "engine/model/declared_requirements.hpp"
#include "engine/model/effective_pins.hpp"
#include "engine/model/ref_status.hpp"
#include "engine/model/source_tree.hpp"
#include "engine/rules/catalog.hpp"
#include "engine/rules/override_fixes.hpp"
#include "engine/rules/selected.hpp"
#include "engine/rules/workflow_words.hpp"

namespace forge::rules {

namespace {

using formats::SourceRef;
using model::ForgeRef;
using workspace::Snapshot;

// ref-version-underivable

/// A checkout of a component's source that brings no history.
struct ShallowCheckout {
  SourceFilePtr file;
  TextSpan span;  ///< of `uses`
  std::set<std::string> components;
  const formats::WorkflowStep* step = nullptr;
};

bool says_version_itself(const std::string& text) {
  for (const char* word : {"PBR_VERSION", "SETUPTOOLS_SCM_PRETEND_VERSION", "OSLO_PACKAGE_VERSION", "PKG-INFO"})
    if (text.find(word) != std::string::npos) return true;
  return false;
}

std::vector<ShallowCheckout> shallow_checkouts(const Snapshot& snapshot) {
  std::vector<ShallowCheckout> out;
  for (const model::WorkflowRun& run : model::workflow_runs(snapshot)) {
    if (says_version_itself(text_of(snapshot, run))) continue;
    for (const model::JobRun& job : run.jobs)
      for (const model::JobStep& step : job.steps) {
        const auto* repository = step.step->with.find("repository");
        const auto* depth = step.step->with.find("fetch-depth");
        if (step.step->action() != "actions/checkout" || repository == nullptr) continue;
        if (step.step->with.find("ref") == nullptr) continue;
        if (depth != nullptr && depth->value != "1") continue;
        const model::SymbolicText name = model::StepTexts(run, job, {}).text(step, repository->value);
        ShallowCheckout made{step.scope->document->file, step.step->uses.span, {}, step.step};
        const auto add = [&](const model::MatrixCell& cell) {
          if (const auto text = model::text_in(name, cell)) made.components.insert(text->substr(text->rfind('/') + 1));
        };
        add({});
        if (job.cells) std::ranges::for_each(*job.cells, add);
        const bool dynamic = !job.cells && !name.empty() && name.back().kind == model::TextPart::Kind::axis;
        for (const std::string& image : snapshot.images())
          if (dynamic && snapshot.is_service(image)) made.components.insert(image);
        if (!made.components.empty()) out.push_back(std::move(made));
      }
  }
  return out;
}

bool versioned_by_git(const Snapshot& snapshot, const ForgeRef& ref) {
  Result<model::SourceTree> tree = model::SourceTree::open(snapshot, ref.release, ref.entry->component.value);
  if (!tree || tree->has("PKG-INFO")) return false;
  for (const char* name : {"setup.py", "pyproject.toml", "setup.cfg"})
    if (const SourceFilePtr file = tree->read(name))
      for (const char* word : {"pbr", "setuptools_scm", "setuptools-scm"})
        if (file->text().find(word) != std::string_view::npos) return true;
  return false;
}

void check_underivable(const RuleContext& context, Report& report) {
  const std::vector<ShallowCheckout> checkouts = shallow_checkouts(context.snapshot);
  for (const ForgeRef& ref : selected_refs(context)) {
    const std::string& component = ref.entry->component.value;
    if (!ref.entry->ref || !ref.status->resolved) continue;
    if (ref.status->resolved->kind == git::RefKind::tag) continue;
    const auto checkout =
        std::ranges::find_if(checkouts, [&](const ShallowCheckout& one) { return one.components.contains(component); });
    if (checkout == checkouts.end() || !versioned_by_git(context.snapshot, ref)) continue;
    Added added = report.add(ref.document->file, ref.entry->value_span,
                             "`{}` is no tag, and the workflow's checkout brings neither tags nor history: the build "
                             "would call `{}` 0.0.0.",
                             ref.entry->ref->value, component);
    added.about(ref.release, component).related(checkout->file, checkout->span, "the checkout");
    Fix fix{"Fetch the history"};
    if (const auto* depth = checkout->step->with.find("fetch-depth")) {
      fix.edits.push_back({{checkout->file, depth->span}, "0"});
    } else if (!checkout->step->with.entries.empty()) {
      const formats::WorkflowText& first = checkout->step->with.entries.front().name;
      const TextSpan line = checkout->file->line_at(first.span.begin);
      const std::string indent(first.span.begin - line.begin, ' ');
      fix.edits.push_back({{checkout->file, {first.span.begin, first.span.begin}}, "fetch-depth: 0\n" + indent});
    }
    added.fix(std::move(fix));
  }
}

// ref-untracked

bool inside_any(TextSpan value, const std::vector<TextSpan>& spans) {
  return std::ranges::any_of(
      spans, [&](TextSpan one) { return value.begin <= one.begin && one.end <= value.end && !one.empty(); });
}

void check_untracked_file(const Snapshot& snapshot, const workspace::Document<formats::SourceRefs>* refs,
                          Report& report) {
  if (refs == nullptr) return;
  const std::string& path = refs->file->path();
  for (const auto* config : snapshot.update_configs()) {
    if (!(*config)->whole || !formats::looks_at(**config, path)) continue;
    const std::vector<TextSpan> tracked = formats::updated_values(**config, path, refs->file->text());
    for (const SourceRef& entry : (*refs)->entries) {
      if (!entry.ref || entry.ref->value.empty() || inside_any(entry.value_span, tracked)) continue;
      const std::string& ref = entry.ref->value;
      // A branch moves by itself.
      if (ref.find_first_of("0123456789") == std::string::npos || ref.find('/') != std::string::npos) continue;
      const std::string quoted = fmt::format("\"{}\"", ref);
      std::string mended(refs->file->text());
      mended.replace(entry.value_span.begin, entry.value_span.size(), quoted);
      const TextSpan there = span_of(entry.value_span.begin, entry.value_span.begin + quoted.size());
      const bool helps = inside_any(there, formats::updated_values(**config, path, mended));
      Added added = report.add(refs->file, entry.value_span,
                               "No rule of {} finds this value, so no update of `{}` is ever proposed{}.",
                               config->file->path(), entry.component.value, helps ? ": it asks for double quotes" : "");
      added.about(refs->release, entry.component.value);
      if (helps) added.fix("Write it in double quotes", entry.value_span, quoted, true);
    }
  }
}

/// `# renovate: … branch=stable/2025.2` on the ref's line or above it.
void check_annotations(const RuleContext& context, Report& report) {
  for (const ForgeRef& ref : selected_refs(context)) {
    const SourceFilePtr& file = ref.document->file;
    const TextSpan line = file->line_at(ref.entry->component.span.begin);
    const TextSpan above = line.begin == 0 ? line : file->line_at(line.begin - 1);
    for (const TextSpan where : {above, line}) {
      const std::string_view text = file->text(where);
      const std::size_t hash = text.find('#');
      if (hash == text.npos || (where == above && trim(text.substr(0, hash)).size() > 0)) continue;
      const std::size_t branch = text.find("branch=", hash);
      if (text.find("renovate:", hash) == text.npos || branch == text.npos) continue;
      const std::size_t begin = branch + 7;
      const std::size_t end = std::min(text.find_first_of(" \t\r", begin), text.size());
      const std::string name(text.substr(begin, end - begin));
      const auto& upstream = model::upstream_refs(context.snapshot, ref.entry->component.value);
      if (!upstream || name.empty() || upstream->find(name, git::RefKind::branch) != nullptr) continue;
      report
          .add(file, span_of(where.begin + begin, where.begin + end),
               "`{}` has no branch `{}`, so no update is ever proposed.", ref.entry->component.value, name)
          .about(ref.release, ref.entry->component.value);
      if (where == above && above == line) break;
    }
  }
}

void check_untracked(const RuleContext& context, Report& report) {
  for (const std::string& release : context.snapshot.releases()) {
    check_untracked_file(context.snapshot, context.snapshot.source_refs(release), report);
    check_untracked_file(context.snapshot, context.snapshot.test_refs(release), report);
  }
  check_annotations(context, report);
}

// test-ref-conflicts-pin

void check_test_refs(const RuleContext& context, Report& report) {
  const Snapshot& snapshot = context.snapshot;
  for (const std::string& release : snapshot.releases()) {
    const auto* tests = snapshot.test_refs(release);
    if (tests == nullptr) continue;
    const model::EffectivePins& pins = model::effective_pins(snapshot, release);
    for (const SourceRef& entry : (*tests)->entries) {
      const auto name = PackageName::parse(entry.component.value);
      if (!name || !entry.ref) continue;
      const auto wanted = formats::Version::parse(entry.ref->value);
      const auto all = pins.find(*name);
      if (!wanted || all.empty()) continue;
      const bool agrees = std::ranges::any_of(
          all, [&](const model::EffectivePin* pin) { return !pin->pin->parsed || *pin->pin->parsed == *wanted; });
      if (agrees) continue;
      report
          .add(tests->file, entry.value_span,
               "The test image asks for `{}` {}, and {}'s constraints pin it to {}: the two can't be installed "
               "together.",
               entry.component.value, entry.ref->value, release, all.front()->pin->version.value)
          .about(release, entry.component.value)
          .related(all.front()->file, all.front()->pin->span, "the pin")
          .fix(add_override(snapshot, release, "-" + entry.component.value));
    }
  }
}

constexpr Rule rules[] = {
    {.name = "ref-version-underivable",
     .severity = Severity::warning,
     .needs = Needs::upstream,
     .summary = "branch or commit whose version the build can't tell",
     .doc =
         "pbr and setuptools-scm take a version from git's tags. A workflow that checks a branch or a commit out with "
         "the default depth has no tag in reach, so the package calls itself 0.0.0, and requirements between "
         "components fail at run time. Fetch the whole history, set PBR_VERSION for a single source, or take exported "
         "trees, which carry their version.",
     .bad = "# releases/2025.2/source-refs.yaml, with a checkout of depth 1\nneutron: \"stable/2025.2\"\n",
     .good = "# .github/workflows/build.yaml\n        with:\n          repository: openstack/neutron\n          "
             "fetch-depth: 0\n",
     .check = check_underivable},
    {.name = "ref-untracked",
     .severity = Severity::info,
     .needs = Needs::upstream,
     .summary = "version that the update bot does not see",
     .doc =
         "Renovate finds refs by regular expressions in renovate.json. One that none of them matches (no quotes, two "
         "numbers instead of three, a commit) is never bumped; so one whose annotation names a branch that does not "
         "exist. Configurations with presets of other repositories are not judged.",
     .bad = "# releases/2025.2/source-refs.yaml\nkeystone: 28.0.0\n",
     .good = "# releases/2025.2/source-refs.yaml\nkeystone: \"28.0.0\"\n",
     .check = check_untracked},
    {.name = "test-ref-conflicts-pin",
     .summary = "test package whose version the constraints contradict",
     .doc =
         "test-refs.yaml names the version of a package for the test image, and the release's effective constraints "
         "pin it to another one; an installer that gets both stops. Drop the pin by an override, or take its version.",
     .bad = "# releases/2025.2/test-refs.yaml, with tempest===44.0.0 in upper-constraints.txt\ntempest: \"45.0.0\"\n",
     .good = "# overrides/2025.2/constraints.txt\n-tempest\n",
     .check = check_test_refs},
};

}  // namespace

std::span<const Rule> ref_tracking_rules() {
  return rules;
}

}  // namespace forge::rules
