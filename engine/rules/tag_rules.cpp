/// Tags and cache scopes of the images that the forge's own workflows build, and the tags of the plan.
#include "engine/rules/tag_rules.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "engine/base/text.hpp"
#include "engine/model/declared_requirements.hpp"
#include "engine/model/image_graph.hpp"
#include "engine/model/image_reference.hpp"
#include "engine/rules/catalog.hpp"
#include "engine/rules/workflow_words.hpp"

namespace forge::rules {

namespace {

using model::BuildValue;
using model::ImageBuild;
using model::MatrixCell;
using model::Occasion;
using model::SymbolicText;
using model::TextPart;
using workspace::Snapshot;
using Kind = TextPart::Kind;

/// Behind the repository's name: what the tag is made of. Empty where the text has none.
SymbolicText tag_part(const SymbolicText& whole) {
  for (std::size_t i = whole.size(); i-- > 0;) {
    if (whole[i].kind != Kind::text) continue;
    const std::size_t colon = whole[i].name.rfind(':');
    if (colon == std::string::npos) continue;
    if (whole[i].name.find('/', colon) != std::string::npos) return {};  // a registry's port
    SymbolicText out(whole.begin() + static_cast<std::ptrdiff_t>(i), whole.end());
    out.front().name.erase(0, colon + 1);
    if (out.front().name.empty()) out.erase(out.begin());
    return out;
  }
  return {};
}

std::optional<Occasion> pushing(const ImageBuild& build) {
  for (const Occasion& occasion : occasions(*build.run))
    if (occasion.event == "push" && model::pushes(build, occasion) == true) return occasion;
  return std::nullopt;
}

/// The axes that tell the build's inputs apart, among those that vary.
std::set<std::string> input_axes(const ImageBuild& build) {
  std::set<std::string> axes;
  for (const auto* values : {&build.context, &build.dockerfile, &build.contexts, &build.arguments})
    for (const BuildValue& value : *values)
      for (const TextPart& part : model::value_text(build, value, {})) axes.insert(part.axes.begin(), part.axes.end());
  // What the steps before it prepare is an input as well.
  for (const model::JobStep& step : build.job->steps) {
    if (step.step == build.step.step) break;
    const std::string& run = step.step->run.value;
    for (std::size_t at = run.find("matrix."); at != std::string::npos; at = run.find("matrix.", at + 7)) {
      std::size_t end = at + 7;
      while (end < run.size() && (is_alnum(run[end]) || run[end] == '_' || run[end] == '-')) ++end;
      axes.insert(run.substr(at + 7, end - at - 7));
    }
  }
  return axes;
}

/// Two cells that give one text and differ in one of the input axes; the axis.
std::optional<std::string> colliding_axis(const ImageBuild& build, const SymbolicText& text,
                                          const std::set<std::string>& inputs) {
  const auto axes = model::axes_of(text);
  if (!axes || !build.job->cells) return std::nullopt;
  for (const std::string& axis : inputs) {
    if (axes->contains(axis)) continue;
    std::map<std::vector<std::string>, std::string> seen;
    for (const MatrixCell& cell : *build.job->cells) {
      const auto value_of = [&](const std::string& name) {
        const auto found = cell.find(name);
        return found == cell.end() ? std::string() : found->second;
      };
      std::vector<std::string> key;
      for (const std::string& one : *axes) key.push_back(value_of(one));
      const auto [first, fresh] = seen.emplace(key, value_of(axis));
      if (!fresh && first->second != value_of(axis)) return axis;
    }
  }
  return std::nullopt;
}

/// A run-time matrix of services and releases, in a forge that has one service in two of them.
bool collides_by_release(const Snapshot& snapshot, const ImageBuild& build, const SymbolicText& text,
                         const std::set<std::string>& inputs) {
  const auto axes = model::axes_of(text);
  if (build.job->cells || !axes || axes->contains("release") || !axes->contains("service")) return false;
  return inputs.contains("release") && inputs.contains("service") &&
         std::ranges::any_of(snapshot.images(), [&](const std::string& image) {
           return model::releases_with(snapshot, image).size() > 1;
         });
}

// tag-collision

/// Services whose tree calls itself the same in two releases, in a forge that tags as the plan does.
void check_plan_tags(const RuleContext& context, Report& report) {
  const Snapshot& snapshot = context.snapshot;
  const auto& runs = model::workflow_runs(snapshot);
  const bool planned = std::ranges::any_of(runs, follows_plan);
  if (!planned && !model::image_builds(snapshot).empty()) return;
  for (const std::string& image : snapshot.images()) {
    if (!snapshot.is_service(image) || !context.selects({}, image)) continue;
    std::map<std::string, std::string> releases;  // by version
    for (const std::string& release : model::releases_with(snapshot, image)) {
      const Result<std::string>& version = model::source_version(snapshot, release, image);
      if (!version) continue;
      const auto [first, fresh] = releases.emplace(*version, release);
      if (fresh) continue;
      const auto* refs = snapshot.source_refs(release);
      const auto* others = snapshot.source_refs(first->second);
      report
          .add(refs->file, (*refs)->find(image)->value_span,
               "`{}` is {} in {} and in {}: both would be pushed as `{}:{}`, and the last one wins.", image, *version,
               first->second, release, image, *version)
          .about(release, image)
          .related(others->file, (*others)->find(image)->value_span, "the other one");
    }
  }
}

void check_collision(const RuleContext& context, Report& report) {
  check_plan_tags(context, report);
  Once once;
  for (const ImageBuild& build : model::image_builds(context.snapshot)) {
    const std::optional<Occasion> occasion = pushing(build);
    if (!occasion) continue;
    const std::set<std::string> inputs = input_axes(build);
    for (const BuildValue& tag : build.tags) {
      const SymbolicText text = model::value_text(build, tag, *occasion);
      if (tag_part(text).empty()) continue;
      std::optional<std::string> axis = colliding_axis(build, text, inputs);
      if (!axis && collides_by_release(context.snapshot, build, text, inputs)) axis = "release";
      if (!axis || !once(tag.file, tag.span)) continue;
      Added added =
          report.add(tag.file, tag.span,
                     "Cells with different `{}` push this one tag, and the last one wins: `matrix.{}` is not in "
                     "it.",
                     *axis, *axis);
      const std::size_t colon = tag.written.rfind(':');
      if (tag.span.size() == tag.written.size() && !tag.script && colon != std::string::npos &&
          tag.written.find('/', colon) == std::string::npos)
        added.fix("Put the " + *axis + " into the tag", tag.span,
                  tag.written.substr(0, colon + 1) + "${{ matrix." + *axis + " }}-" + tag.written.substr(colon + 1));
    }
  }
}

// tag-variable-unset

void check_unset(const RuleContext& context, Report& report) {
  Once once;
  for (const ImageBuild& build : model::image_builds(context.snapshot))
    for (const BuildValue& tag : build.tags)
      for (const Occasion& occasion : {Occasion{"push", "main"}, Occasion{"pull_request", "main"}}) {
        const SymbolicText text = model::value_text(build, tag, occasion);
        const auto unset = std::ranges::find_if(text, [](const TextPart& part) { return part.kind == Kind::unset; });
        if (unset == text.end() || unset->name.starts_with('$')) continue;  // what a shell has is not all seen
        if (!once(tag.file, tag.span)) continue;
        report.add(tag.file, tag.span,
                   "Nothing sets `{}`: the tag has a hole, and the build stops with an invalid name.", unset->name);
      }
}

// tag-version-off-main

bool says_version(const TextPart& part) {
  if (part.kind == Kind::source_ref) return true;
  const std::string name = to_lower(part.name);
  return (part.kind == Kind::unset || part.kind == Kind::unknown || part.kind == Kind::constant) &&
         name.ends_with("version");
}

/// A release that is written out may well be the branch's own.
bool says_release(const TextPart& part) {
  return part.kind == Kind::axis && part.name == "release";
}

/// `V` as `${{ github.ref == 'refs/heads/main' && format(…) || '' }}`; empty where it can't be written so.
std::string only_on_main(std::string_view tag) {
  std::string pattern;
  std::vector<std::string> arguments;
  const std::vector<formats::TemplatePart> parts = formats::parse_template(tag);
  for (const formats::TemplatePart& part : parts) {
    if (!part.expression) {
      if (part.text.find_first_of("'{}") != std::string::npos) return {};
      pattern += part.text;
    } else {
      pattern += fmt::format("{{{}}}", arguments.size());
      arguments.emplace_back(trim(tag.substr(part.span.begin + 3, part.span.size() - 5)));
    }
  }
  return fmt::format("${{{{ github.ref == 'refs/heads/main' && format('{}', {}) || '' }}}}", pattern,
                     join(arguments, ", "));
}

void check_version_off_main(const RuleContext& context, Report& report) {
  Once once;
  for (const ImageBuild& build : model::image_builds(context.snapshot))
    for (const Occasion& occasion : occasions(*build.run)) {
      if (occasion.event != "push" || is_main(occasion.branch) || model::pushes(build, occasion) != true) continue;
      if (!model::builds_service(context.snapshot, build) && !build.is_merge) continue;
      const auto& branches = (*build.run->document)->trigger("push")->branches;
      const bool has_main = std::ranges::any_of(branches.patterns, [](const auto& one) { return is_main(one.value); });
      if (branches.given && !has_main) continue;  // another branch is the main one here
      for (const BuildValue& tag : build.tags) {
        const SymbolicText part = tag_part(model::value_text(build, tag, occasion));
        const bool moves = part.size() == 1 && (says_version(part.front()) || says_release(part.front()));
        if (!moves || !once(tag.file, tag.span)) continue;
        Added added =
            report.add(tag.file, tag.span,
                       "A push to another branch (`{}`, say) moves this {} tag too, which belongs to `main`: who "
                       "pulls it gets the branch's image.",
                       occasion.branch, says_release(part.front()) ? "release" : "version");
        const std::string mended = only_on_main(tag.written);
        if (!mended.empty() && !tag.script && tag.span.size() == tag.written.size() &&
            tag.written.find("${{") != std::string::npos)
          added.fix("Push it from main only", tag.span, mended);
      }
    }
}

// cache-scope-collision

struct CacheWriter {
  const ImageBuild* build;
  const BuildValue* value;
  SymbolicText scope;  ///< empty: the default one
};

SymbolicText scope_of(const ImageBuild& build, const BuildValue& value) {
  BuildValue scope = value;
  const std::size_t at = value.written.find("scope=");
  if (at == std::string::npos) return {};
  std::size_t end = at + 6;
  bool inside = false;
  for (; end < value.written.size() && (inside || value.written[end] != ','); ++end) {
    if (value.written.compare(end, 3, "${{") == 0) inside = true;
    if (value.written.compare(end, 2, "}}") == 0) inside = false;
  }
  scope.written = value.written.substr(at + 6, end - at - 6);
  return model::value_text(build, scope, {});
}

/// A build that is loaded and tested first and pushed then is one image.
bool same_image(const ImageBuild& a, const ImageBuild& b) {
  const auto same = [](const std::vector<BuildValue>& x, const std::vector<BuildValue>& y) {
    return x.size() == y.size() && (x.empty() || x.front().written == y.front().written);
  };
  return same(a.context, b.context) && same(a.dockerfile, b.dockerfile);
}

bool run_together(const ImageBuild& a, const ImageBuild& b) {
  const std::vector<Occasion> all = occasions(*a.run);
  return std::ranges::any_of(all, [&](const Occasion& occasion) {
    return std::ranges::all_of(std::array{&a, &b}, [&](const ImageBuild* one) {
      return model::job_runs(*one->run, *one->job, occasion) == true &&
             model::StepTexts(*one->run, *one->job, occasion).runs(one->step) == true;
    });
  });
}

void check_scopes(const RuleContext& context, Report& report) {
  std::vector<CacheWriter> writers;
  for (const ImageBuild& build : model::image_builds(context.snapshot))
    for (const BuildValue& value : build.cache_to)
      if (value.written.find("type=gha") != std::string::npos)
        writers.push_back({&build, &value, scope_of(build, value)});
  Once once;
  for (const CacheWriter& writer : writers) {
    const std::string scope = writer.scope.empty() ? "`buildkit`, the one for builds that name none" : "one name";
    if (writer.build->is_bake) continue;
    std::set<std::string> inputs = input_axes(*writer.build);
    if (writer.build->job->cells)
      for (const MatrixCell& cell : *writer.build->job->cells)
        for (const auto& [axis, value] : cell)
          if (axis == "platform" || axis == "arch") inputs.insert(axis);
    const auto axis = colliding_axis(*writer.build, writer.scope, inputs);
    const bool by_release = collides_by_release(context.snapshot, *writer.build, writer.scope, inputs);
    const CacheWriter* other = nullptr;
    for (const CacheWriter& second : writers)
      if (second.build->run == writer.build->run && second.build->step.step != writer.build->step.step &&
          second.value->span != writer.value->span && model::same_text(second.scope, writer.scope) &&
          model::axes_of(writer.scope) == std::set<std::string>{} && !same_image(*second.build, *writer.build) &&
          run_together(*second.build, *writer.build))
        other = &second;
    const bool collides = axis || by_release || other != nullptr;
    if (!collides || !once(writer.value->file, writer.value->span)) continue;
    const std::string why = axis || by_release ? fmt::format("cells with different `{}`", axis.value_or("release"))
                                               : std::string("another build of this workflow");
    Added added = report.add(writer.value->file, writer.value->span,
                             "The cache's scope is {}, and {} write{} it too: each overwrites what the other has kept.",
                             scope, why, axis || by_release ? "" : "s");
    if (writer.scope.empty() && axis && !writer.value->script &&
        writer.value->span.size() == writer.value->written.size()) {
      std::string name;
      for (const std::string& one : inputs) name += (name.empty() ? "" : "-") + ("${{ matrix." + one + " }}");
      Fix fix{"Name a scope for each cell"};
      for (const auto* values : {&writer.build->cache_to, &writer.build->cache_from})
        for (const BuildValue& value : *values)
          if (value.written.find("type=gha") != std::string::npos && value.written.find("scope=") == std::string::npos)
            fix.edits.push_back({{value.file, value.span}, value.written + ",scope=" + name});
      added.fix(std::move(fix));
    }
  }
}

constexpr Rule rules[] = {
    {.name = "tag-collision",
     .needs = Needs::upstream,
     .summary = "two different images that are pushed under one tag",
     .doc =
         "Cells of a matrix with different inputs push the same tag, or one service has the same version in two "
         "releases where the plan makes the tags: the last job wins, and nobody knows which image a tag is. Put what "
         "tells them apart, mostly the release, into the tag.",
     .bad = "# .github/workflows/build.yaml, with a matrix of service and release\n          tags: ghcr.io/o/${{ "
            "matrix.service }}:${{ github.sha }}\n",
     .good =
         "# .github/workflows/build.yaml\n          tags: ghcr.io/o/${{ matrix.service }}:${{ matrix.release }}-${{ "
         "github.sha }}\n",
     .check = check_collision},
    {.name = "tag-variable-unset",
     .summary = "tag with a variable that no step sets",
     .doc =
         "An expression in a tag names a variable, output or input that is set nowhere, so it is empty and the name "
         "ends in a colon. Set it in a step before, or take the tags from the plan. Actions that may set variables of "
         "their own make this silent.",
     .bad = "# .github/workflows/build.yaml\n          tags: ghcr.io/o/nova:${{ env.VERSION }}\n",
     .good =
         "# .github/workflows/build.yaml\n    env:\n      VERSION: ${{ needs.plan.outputs.version }}\n# …\n          "
         "tags: ghcr.io/o/nova:${{ env.VERSION }}\n",
     .check = check_unset},
    {.name = "tag-version-off-main",
     .summary = "version or release tag that another branch than main moves",
     .doc = "The tags `28.0.0` and `2025.2` say what is current; a stable or topic branch that pushes them replaces "
            "main's image with its own. Push them from main only, and let other branches have tags with their name.",
     .bad = "# .github/workflows/build.yaml\non:\n  push:\n    branches: [main, stable/**]\n# …\n          tags: "
            "ghcr.io/o/nova:${{ matrix.release }}\n",
     .good = "# .github/workflows/build.yaml\n          tags: ${{ github.ref == 'refs/heads/main' && "
             "format('ghcr.io/o/nova:{0}', matrix.release) || '' }}\n",
     .check = check_version_off_main},
    {.name = "cache-scope-collision",
     .severity = Severity::warning,
     .summary = "cache scope that several builds write",
     .doc =
         "The Actions cache of BuildKit is kept by scope; without one all builds write `buildkit`. Two writers of one "
         "scope throw each other's layers out, so nothing is ever found again. Give each image, release and platform "
         "a scope of its own.",
     .bad = "# .github/workflows/build.yaml, with a matrix of services\n          cache-to: type=gha,mode=max\n",
     .good = "# .github/workflows/build.yaml\n          cache-to: type=gha,mode=max,scope=${{ matrix.service }}\n",
     .check = check_scopes},
};

}  // namespace

void check_workflow_tags(const RuleContext& context, Report& report) {
  const Snapshot& snapshot = context.snapshot;
  Once once;
  for (const ImageBuild& build : model::image_builds(snapshot))
    for (const BuildValue& tag : build.tags) {
      std::optional<Occasion> slashed;
      const std::vector<Occasion> all = occasions(*build.run);
      for (const Occasion& occasion : all) {
        const SymbolicText text = model::value_text(build, tag, occasion);
        const bool pull = occasion.event.starts_with("pull_request");
        const bool has_slash = pull || occasion.branch.find('/') != std::string::npos;
        const SymbolicText part = tag_part(text);
        const bool raw = std::ranges::any_of(part, [](const TextPart& one) {
          return one.kind == Kind::branch && one.name.starts_with("github.") && !one.slashes_gone;
        });
        if (raw && has_slash && model::job_runs(*build.run, *build.job, occasion) == true &&
            model::StepTexts(*build.run, *build.job, occasion).runs(build.step) == true)
          slashed = occasion;
        const std::optional<std::string> plain = model::text_in(text, {});
        if (plain && plain->find_first_of(" \n") == std::string::npos && !plain->empty() &&
            !model::parse_image_reference(*plain) && once(tag.file, tag.span))
          report.add(tag.file, tag.span, "`{}` is no name that a registry takes.", *plain);
      }
      if (slashed && once(tag.file, tag.span))
        report.add(
            tag.file, tag.span,
            "The branch's name goes into the tag as it is, with its slash ({}), and no registry takes that: put "
            "a dash in its place.",
            slashed->event.starts_with("pull_request") ? "`1/merge` of a pull request" : "`" + slashed->branch + "`");
    }
}

std::span<const Rule> tag_rules() {
  return rules;
}

}  // namespace forge::rules
