#include "engine/rules/image_rules.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "engine/base/text.hpp"
#include "engine/model/apt_installs.hpp"
#include "engine/model/build_only_packages.hpp"
#include "engine/model/image_graph.hpp"
#include "engine/model/image_reference.hpp"
#include "engine/rules/catalog.hpp"
#include "engine/rules/tag_rules.hpp"

namespace forge::rules {

namespace {

using formats::Dockerfile;
using formats::Instruction;
using formats::Stage;
using model::ImageGraph;
using model::ImageNeed;
using model::ImageNode;
using model::NeedKind;
using workspace::Snapshot;

/// Some Dockerfile takes the component's source.
bool is_read(const ImageGraph& graph, std::string_view component) {
  return std::ranges::any_of(graph.nodes, [&](const ImageNode& node) {
    return std::ranges::any_of(
        node.needs, [&](const ImageNeed& need) { return need.kind == NeedKind::source && need.target == component; });
  });
}

void check_missing(const RuleContext& context, Report& report) {
  const Snapshot& snapshot = context.snapshot;
  const ImageGraph& graph = model::image_graph(snapshot);
  const bool has_images = !graph.nodes.empty();  // a forge in its first days has refs alone
  for (const std::string& release : snapshot.releases()) {
    const auto* refs = snapshot.source_refs(release);
    if (refs == nullptr) continue;
    for (const formats::SourceRef& entry : (*refs)->entries) {
      const std::string& component = entry.component.value;
      if (snapshot.is_service(component) || is_read(graph, component)) continue;
      const bool folder = std::ranges::count(snapshot.images(), component) > 0;
      if (folder)
        report
            .add(refs->file, entry.component.span, "images/{} has no Dockerfile, so `{}` can't be built.", component,
                 component)
            .about(release, component);
      else if (has_images && snapshot.patch_series(component, release) == nullptr)
        report
            .add(refs->file, entry.component.span,
                 "Nothing uses `{}`: there is no images/{}/Dockerfile, no Dockerfile takes its source, and it has no "
                 "patches. Add the Dockerfile, or remove the line.",
                 component, component)
            .about(release, component)
            .level(Severity::warning);
    }
  }
}

void check_context_undefined(const RuleContext& context, Report& report) {
  const Snapshot& snapshot = context.snapshot;
  for (const ImageNode& node : model::image_graph(snapshot).nodes) {
    for (const ImageNeed& need : node.needs) {
      std::optional<std::string> problem = model::context_problem(snapshot, node, need);
      if (!problem) continue;
      Added added = report.add_message(node.document->file, need.span, std::move(*problem)).about("", node.image);
      if (!need.used) added.level(Severity::info);
      if (need.meant) added.fix(fmt::format("Write `{}`", *need.meant), need.span, *need.meant);
    }
  }
}

/// The image after `image` in a cycle.
const std::string& next_in(const std::vector<std::string>& cycle, const std::string& image) {
  const auto at = std::ranges::find(cycle, image);
  return std::next(at) == cycle.end() ? cycle.front() : *std::next(at);
}

/// All workflows as one text; empty where there is none, or where what they build can't be seen in them.
std::string seen_workflows(const Snapshot& snapshot) {
  std::string text;
  for (const std::string& path : snapshot.paths()) {
    const SourceFilePtr file = path.starts_with(".github/workflows/") ? snapshot.file(path) : nullptr;
    if (file != nullptr) text += file->text();
  }
  constexpr std::array<std::string_view, 6> elsewhere = {"forge-analyze", "bake",  "fromJSON",
                                                         "make ",         "hack/", "uses: ./"};
  const bool is_elsewhere =
      std::ranges::any_of(elsewhere, [&](std::string_view word) { return text.find(word) != std::string::npos; });
  return is_elsewhere ? std::string() : text;
}

/// A base by its registry tag while workflows build images, and not that one.
void check_base_of_registry(const RuleContext& context, Report& report) {
  const std::string workflows = seen_workflows(context.snapshot);
  if (workflows.find("build-push-action") == std::string::npos && workflows.find("docker build") == std::string::npos)
    return;
  for (const ImageNode& node : model::image_graph(context.snapshot).nodes) {
    for (const ImageNeed& need : node.needs) {
      const bool is_base =
          need.used && need.kind == NeedKind::image && need.where == formats::ExternalName::Where::from;
      if (!is_base || need.name.find('/') == std::string::npos || workflows.find(need.target) != std::string::npos)
        continue;
      report
          .add(node.document->file, need.span,
               "`{}` is the forge's own image `{}`, and no job of the workflows builds it: the build takes what the "
               "registry has under that tag, if anything.",
               need.name, need.target)
          .about("", node.image);
    }
  }
}

void check_base_not_built(const RuleContext& context, Report& report) {
  check_base_of_registry(context, report);
  const ImageGraph& graph = model::image_graph(context.snapshot);
  for (const std::vector<std::string>& cycle : graph.cycles) {
    for (const std::string& image : cycle) {
      const ImageNode& node = *graph.find(image);
      const std::string& next = next_in(cycle, image);
      const auto need = std::ranges::find_if(
          node.needs, [&](const ImageNeed& n) { return n.used && n.kind == NeedKind::image && n.target == next; });
      if (need == node.needs.end()) continue;
      report
          .add(node.document->file, need->span, "`{}` is built from `{}`, which is built from `{}` in turn ({}).",
               image, next, image, join(cycle, ", "))
          .about("", image);
    }
  }
}

using Words = std::span<const Spanned<std::string>>;

/// The mount's target as a path argument of the command: `/src/x`, `/src/x[ldap]`, `"/src/x"`.
bool names_tree(std::string_view word, std::string_view target) {
  while (target.size() > 1 && target.ends_with('/')) target.remove_suffix(1);
  if (word.starts_with('"') || word.starts_with('\'')) word.remove_prefix(1);
  if (!word.starts_with(target)) return false;
  const std::string_view rest = word.substr(target.size());
  constexpr std::array<std::string_view, 6> ends = {"", "/", "/.", "\"", "'", ";"};
  return rest.starts_with('[') || std::ranges::find(ends, rest) != ends.end();
}

/// `pip install`, `uv pip install`, `pip wheel`, `uv build`: what starts a build backend in a tree.
bool starts_backend(std::string_view program, std::string_view verb) {
  const bool pip = program.ends_with("pip") || program.ends_with("pip3");
  return (pip && (verb == "install" || verb == "wheel")) || (program.ends_with("uv") && verb == "build");
}

bool builds_tree(Words words, std::string_view target) {
  bool building = false;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string& word = words[i].value;
    if (word == "&&" || word == "||" || word == ";" || word == "|")
      building = false;
    else if (building && names_tree(word, target))
      return true;
    building = (building && !word.ends_with(';')) || starts_backend(words[i - 1].value, word);
  }
  return false;
}

void check_source_mount_readonly(const RuleContext& context, Report& report) {
  const ImageGraph& graph = model::image_graph(context.snapshot);
  for (const ImageNode& node : graph.nodes) {
    const auto is_source = [&](std::string_view name) {
      return std::ranges::any_of(
          node.needs, [&](const ImageNeed& need) { return need.kind == NeedKind::source && need.name == name; });
    };
    for (const Stage& stage : (*node.document)->stages)
      for (const Instruction& run : stage.instructions)
        for (const formats::Mount& mount : run.mounts) {
          if (mount.type != "bind" || mount.read_write || !mount.from || !mount.target) continue;
          if (!is_source(mount.from->value) || !builds_tree(run.words, mount.target->value)) continue;
          report
              .add(node.document->file, mount.span,
                   "The source of `{}` is mounted read-only, but its build backend writes into the tree; add "
                   "`readwrite`.",
                   mount.from->value)
              .about("", node.image)
              .fix("Add `readwrite`", {mount.span.end, mount.span.end}, ",readwrite", true);
        }
  }
}

/// Images of distributions and languages that are known to run as root.
bool runs_as_root(const model::ImageReference& image) {
  constexpr std::array<std::string_view, 14> known = {
      "almalinux", "alpine", "busybox",    "buildpack-deps", "centos", "debian",  "fedora",
      "golang",    "python", "rockylinux", "rust",           "ubuntu", "scratch", "node"};
  return image.domain == "docker.io" && image.path.starts_with("library/") &&
         std::ranges::find(known, image.name()) != known.end();
}

struct EffectiveUser {
  std::string name;
  TextSpan span;  ///< in the asked image's own Dockerfile: its USER, or its final FROM
};

/// The user at the end of the image's last stage; nothing where it can't be told.
std::optional<EffectiveUser> user_of(const ImageGraph& graph, const ImageNode& node, std::size_t depth) {
  const Dockerfile& file = **node.document;
  if (file.stages.empty() || depth > graph.nodes.size()) return std::nullopt;
  const TextSpan from = file.stages.back().base.span;
  std::optional<std::size_t> at = file.stages.size() - 1;
  std::size_t first = *at;
  for (; at; at = formats::base_stage(file, *at)) {
    first = *at;
    const std::vector<Instruction>& all = file.stages[*at].instructions;
    const auto user =
        std::find_if(all.rbegin(), all.rend(), [](const Instruction& i) { return i.keyword.value == "USER"; });
    if (user != all.rend() && !user->words.empty()) return EffectiveUser{user->words[0].value, user->words[0].span};
  }
  const Stage& stage = file.stages[first];
  for (const ImageNeed& need : node.needs)
    if (need.kind == NeedKind::image && need.where == formats::ExternalName::Where::from &&
        need.span == stage.base.span)
      if (const auto inherited = user_of(graph, *graph.find(need.target), depth + 1))
        return EffectiveUser{inherited->name, from};
  const auto reference = model::parse_image_reference(stage.base_name.value_or(""));
  if (reference && runs_as_root(*reference)) return EffectiveUser{"root", from};
  return std::nullopt;
}

void check_user_root(const RuleContext& context, Report& report) {
  const ImageGraph& graph = model::image_graph(context.snapshot);
  for (const ImageNode& node : graph.nodes) {
    if (node.is_base && !model::is_component(context.snapshot, node.image)) continue;
    const std::optional<EffectiveUser> user = user_of(graph, node, 0);
    if (!user) continue;
    const std::string name = user->name.substr(0, user->name.find(':'));
    if (name != "root" && name != "0") continue;
    report
        .add(node.document->file, user->span, "`{}` runs as root: no `USER` of its final stage says otherwise.",
             node.image)
        .about("", node.image);
  }
}

bool declares(const Dockerfile& file, std::string_view name) {
  for (std::size_t i = 0; i < file.stages.size(); ++i)
    if (formats::declares_arg(file, i, name)) return true;
  return false;
}

void check_arguments_passed(const RuleContext& context, Report& report) {
  const Snapshot& snapshot = context.snapshot;
  for (const std::string& release : snapshot.releases()) {
    const auto* extras = snapshot.extra_packages(release);
    for (const std::string& image : snapshot.images()) {
      const auto* dockerfile = snapshot.dockerfile(image);
      if (extras == nullptr || dockerfile == nullptr) continue;
      for (const model::BuildArgument& argument : model::extra_arguments(snapshot, image, release))
        if (!declares(**dockerfile, argument.name))
          report
              .add(extras->file, argument.span,
                   "No stage of images/{}/Dockerfile declares `ARG {}`, so these packages are not installed.", image,
                   argument.name)
              .about(release, image)
              .related(dockerfile->file, {}, "the Dockerfile");
    }
  }
}

/// Where `$NAME` or `${NAME` stands in the instruction; nothing where the command sets NAME itself.
std::optional<TextSpan> use_of(const Instruction& run, std::string_view name) {
  std::optional<TextSpan> use;
  for (const Spanned<std::string>& word : run.words) {
    if (word.value.starts_with(std::string(name) + "=")) return std::nullopt;
    for (const std::string& form : {"$" + std::string(name), "${" + std::string(name)}) {
      const std::size_t at = word.value.find(form);
      if (at == std::string::npos) continue;
      const char after = at + form.size() < word.value.size() ? word.value[at + form.size()] : ' ';
      if (!is_alnum(after) && after != '_' && !use) use = word.span;
    }
  }
  return use;
}

bool sets_environment(const Dockerfile& file, std::size_t stage, std::string_view name) {
  for (std::optional<std::size_t> at = stage; at; at = formats::base_stage(file, *at))
    for (const Instruction& instruction : file.stages[*at].instructions)
      for (const formats::Assignment& assignment : instruction.assignments)
        if (assignment.name.value == name) return true;
  return false;
}

void check_arguments_used(const RuleContext& context, Report& report) {
  constexpr std::array<std::string_view, 3> passed = {"PIP_EXTRAS", "PIP_PACKAGES", "EXTRA_APT_PACKAGES"};
  for (const ImageNode& node : model::image_graph(context.snapshot).nodes) {
    const Dockerfile& file = **node.document;
    for (std::size_t i = 0; i < file.stages.size(); ++i)
      for (const Instruction& run : file.stages[i].instructions)
        for (const std::string_view name : passed) {
          if (run.keyword.value != "RUN" || sets_environment(file, i, name)) continue;
          const std::optional<TextSpan> use = use_of(run, name);
          if (!use) continue;
          report
              .add(node.document->file, *use, "`{}` is always empty here: this stage does not declare `ARG {}`.", name,
                   name)
              .about("", node.image)
              .fix(fmt::format("Declare `ARG {}`", name), {run.keyword.span.begin, run.keyword.span.begin},
                   fmt::format("ARG {}\n", name), true);
        }
  }
}

void check_arg_undeclared(const RuleContext& context, Report& report) {
  check_arguments_passed(context, report);
  check_arguments_used(context, report);
}

/// The image that the last stage stands on, if the forge builds it.
const ImageNode* final_base(const ImageGraph& graph, const ImageNode& node) {
  const Dockerfile& file = **node.document;
  if (file.stages.empty()) return nullptr;
  std::size_t stage = file.stages.size() - 1;
  while (const std::optional<std::size_t> base = formats::base_stage(file, stage)) stage = *base;
  for (const ImageNeed& need : node.needs)
    if (need.kind == NeedKind::image && need.span == file.stages[stage].base.span) return graph.find(need.target);
  return nullptr;
}

/// Services and the images that their final stages stand on.
std::set<std::string> runtime_images(const Snapshot& snapshot, const ImageGraph& graph) {
  std::set<std::string> images;
  for (const ImageNode& service : graph.nodes) {
    if (!model::is_component(snapshot, service.image)) continue;
    const ImageNode* node = &service;
    while (node != nullptr && images.insert(node->image).second) node = final_base(graph, *node);
  }
  return images;
}

void check_tag_invalid(const RuleContext& context, Report& report) {
  const Snapshot& snapshot = context.snapshot;
  const std::string registry = to_lower(snapshot.config().registry);
  if (const auto* config = snapshot.config_document();
      config != nullptr && !model::parse_image_reference(registry + "/x"))
    report.add(config->file, {}, "`registry: {}` can't be the start of an image's name; write it as `ghcr.io/owner`.",
               snapshot.config().registry);
  for (const ImageNode& node : model::image_graph(snapshot).nodes)
    if (!model::parse_image_reference("registry.example/" + node.image))
      report
          .add(node.document->file, {},
               "`{}` can't be an image's name: small letters and digits, joined by `.`, `_` or `-`; rename the folder.",
               node.image)
          .about("", node.image);
  check_workflow_tags(context, report);
}

constexpr Rule rules[] = {
    {.name = "dockerfile-missing",
     .summary = "component that can't be built: it has no Dockerfile",
     .doc =
         "source-refs.yaml names a component whose folder below images/ has no Dockerfile. No image of it is built. A "
         "component without a folder is a library; one that no Dockerfile takes and that has no patches has no effect "
         "at all, which is a warning. Add the Dockerfile, or remove the line.",
     .bad = "# releases/2025.2/source-refs.yaml\nkeystone: \"28.0.0\"\n# images/keystone/ holds a bindep.txt alone\n",
     .good = "# releases/2025.2/source-refs.yaml\nkeystone: \"28.0.0\"\n# images/keystone/Dockerfile is there\n",
     .check = check_missing},
    {.name = "dockerfile-context-undefined",
     .summary = "name in a Dockerfile that is neither a stage nor a context of its build",
     .doc =
         "A build takes what `from=`, `FROM` and `COPY --from` name from a named context, else from a stage, else from "
         "the public registry. A bare name that is no stage, no image of the forge, no component and not "
         "`upper-constraints` would be pulled as docker.io/library/NAME: whatever has that name ends in the image. "
         "Correct the name. In a stage that no build needs it is a remark.",
     .bad = "# images/keystone/Dockerfile\nRUN --mount=type=bind,from=keystne,target=/src true\n",
     .good = "# images/keystone/Dockerfile\nRUN --mount=type=bind,from=keystone,target=/src true\n",
     .check = check_context_undefined},
    {.name = "dockerfile-base-not-built",
     .summary = "image that can't be built before what it builds from",
     .doc = "Images of the forge build from one another in a circle, so none of them can be the first: break the "
            "circle. Or "
            "an image names another one of the forge by its registry tag, and no job of the workflows builds that: a "
            "build "
            "takes whatever the registry has. Build the bases first, as the plan does, or pass them as contexts. "
            "Workflows "
            "whose builds can't be seen in them (a plan, a bake file, a computed matrix) are left alone.",
     .bad = "# images/python-base/Dockerfile\nFROM venv-builder\n# images/venv-builder/Dockerfile\nFROM python-base\n",
     .good = "# images/python-base/Dockerfile\nFROM ubuntu:noble\n# images/venv-builder/Dockerfile\nFROM python-base\n",
     .check = check_base_not_built},
    {.name = "dockerfile-source-mount-readonly",
     .summary = "source tree mounted read-only where a build backend writes into it",
     .doc = "A bind mount is read-only unless it says `readwrite`. Build backends write into the tree (egg-info, "
            "build/), so "
            "the install fails. What is written is dropped after the step.",
     .bad = "# images/keystone/Dockerfile\nRUN --mount=type=bind,from=keystone,target=/src/keystone uv pip install "
            "/src/keystone\n",
     .good = "# images/keystone/Dockerfile\nRUN --mount=type=bind,from=keystone,target=/src/keystone,readwrite uv pip "
             "install "
             "/src/keystone\n",
     .check = check_source_mount_readonly},
    {.name = "dockerfile-arg-undeclared",
     .summary = "build argument that never arrives, because a stage does not declare it",
     .doc = "An ARG counts only in the stage that declares it (and in stages based on that one). extra-packages.yaml "
            "becomes "
            "PIP_EXTRAS, PIP_PACKAGES and EXTRA_APT_PACKAGES; where no stage declares the argument, or a stage uses it "
            "without declaring it, nothing is installed and nobody is told. Declare the ARG in the stage that uses it.",
     .bad = "# images/keystone/Dockerfile\nFROM python-base\nRUN apt-get install -y $EXTRA_APT_PACKAGES\n",
     .good = "# images/keystone/Dockerfile\nFROM python-base\nARG EXTRA_APT_PACKAGES\nRUN apt-get install -y "
             "$EXTRA_APT_PACKAGES\n",
     .check = check_arg_undeclared},
    {.name = "dockerfile-user-root",
     .severity = Severity::warning,
     .summary = "image that runs as root",
     .doc = "The final stage ends without a `USER`, or with root, so the service has every right in its container. End "
            "the "
            "stage with the service's user. Images that others build from are not looked at.",
     .bad = "# images/keystone/Dockerfile\nFROM ubuntu:noble\nRUN useradd -u 42424 keystone\n",
     .good = "# images/keystone/Dockerfile\nFROM ubuntu:noble\nRUN useradd -u 42424 keystone\nUSER keystone\n",
     .check = check_user_root},
    {.name = "tag-invalid",
     .summary = "name that no registry takes",
     .doc =
         "The registry of forge.yaml and the folder's name make an image's name, which has small letters and digits, "
         "joined by one of `.`, `_`, `__` or by dashes. The version and the branch are made fit for a tag by the plan; "
         "in tags of workflows, a branch's name with its slash, or capitals, stop the build. Rename the folder, "
         "correct "
         "the registry, or put a dash in the slash's place.",
     .bad = "# images/Keystone/Dockerfile\nFROM python-base\n",
     .good = "# images/keystone/Dockerfile\nFROM python-base\n",
     .check = check_tag_invalid},
};

}  // namespace

void check_build_tools_in_images(const RuleContext& context, Report& report) {
  const ImageGraph& graph = model::image_graph(context.snapshot);
  for (const std::string& image : runtime_images(context.snapshot, graph)) {
    const ImageNode& node = *graph.find(image);
    const Dockerfile& file = **node.document;
    std::optional<std::size_t> stage;
    if (!file.stages.empty()) stage = file.stages.size() - 1;
    for (; stage; stage = formats::base_stage(file, *stage))
      for (const Spanned<std::string>& package :
           model::apt_installs(file.stages[*stage], node.document->file->text())) {
        const std::string_view kind = model::build_only_kind(package.value);
        if (kind.empty()) continue;
        report
            .add(node.document->file, package.span,
                 "`{}` stays in the final image of `{}`, but it is {}; install it in the build stage.", package.value,
                 image, kind)
            .about("", image);
      }
  }
}

std::span<const Rule> image_rules() {
  return rules;
}

}  // namespace forge::rules
