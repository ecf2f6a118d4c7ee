/// What a Dockerfile takes from outside: bases, mounts, arguments.
#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "engine/base/text.hpp"
#include "engine/formats/dockerfile_variables.hpp"
#include "engine/model/image_graph.hpp"
#include "engine/model/image_reference.hpp"
#include "engine/model/run_commands.hpp"
#include "engine/model/version_arguments.hpp"
#include "engine/rules/catalog.hpp"
#include "engine/rules/dockerfile_words.hpp"
#include "engine/workspace/forge_layout.hpp"

namespace forge::rules {

namespace {

using namespace std::string_view_literals;
using formats::Dockerfile;
using formats::Instruction;
using formats::Mount;
using formats::Stage;
using model::ImageNeed;
using model::ImageNode;
using model::NeedKind;
using workspace::Snapshot;

// dockerfile-base-unpinned

void check_base_unpinned(const RuleContext& context, Report& report) {
  for (const ImageNode& node : images_of(context)) {
    std::set<std::string> told;
    for (const ImageNeed& need : node.needs) {
      const SourceFilePtr& file = node.document->file;
      // An ARG's default may be given another value.
      if (need.kind != NeedKind::external || !need.used || has_variable(file->text(need.span))) continue;
      const auto reference = model::parse_image_reference(need.name);
      if (!reference || !reference->digest.empty() || !told.insert(need.name).second) continue;
      report
          .add(file, need.span, "`{}` is whatever the tag `{}` points to on the day of the build; add its digest.",
               need.name, reference->tag.empty() ? "latest" : reference->tag)
          .about("", node.image);
    }
  }
}

// dockerfile-base-label-mismatch

constexpr std::string_view digest_label = "org.opencontainers.image.base.digest";

/// The image that the last stage stands on, if its digest is written out.
std::optional<model::ImageReference> pinned_base(const Dockerfile& file) {
  if (file.stages.empty()) return std::nullopt;
  std::size_t stage = file.stages.size() - 1;
  while (const auto base = formats::base_stage(file, stage)) stage = *base;
  const Stage& bottom = file.stages[stage];
  if (!bottom.base_name || has_variable(bottom.base.value)) return std::nullopt;
  auto reference = model::parse_image_reference(*bottom.base_name);
  if (!reference || reference->digest.empty()) return std::nullopt;
  return reference;
}

void check_digest_label(const ImageNode& node, Report& report) {
  const Dockerfile& file = **node.document;
  const auto base = pinned_base(file);
  if (!base) return;
  for (const Instruction& label : file.stages.back().instructions)
    for (const formats::Assignment& assignment : label.assignments) {
      if (label.keyword.value != "LABEL" || !assignment.value) continue;
      if (model::without_quotes(assignment.name.value) != digest_label) continue;
      const std::string_view value = model::without_quotes(assignment.value->value);
      if (value == base->digest || value.empty() || has_variable(value)) continue;
      report
          .add(node.document->file, assignment.value->span,
               "The label says that the base is `{}`, but `FROM` takes `{}`.", value, base->digest)
          .about("", node.image)
          .fix("Write the digest of `FROM`", assignment.value->span, base->digest, true);
    }
}

/// Programs that ask a registry what a tag points to now.
bool asks_registry(std::string_view line) {
  constexpr std::array askers{"imagetools inspect"sv, "crane digest"sv, "skopeo inspect"sv, "manifest inspect"sv,
                              "regctl image digest"sv};
  return std::ranges::any_of(askers, [&](std::string_view asker) { return line.find(asker) != line.npos; });
}

/// `name` as a whole in the line, without a digest behind it.
std::size_t find_tagged(std::string_view line, std::string_view name) {
  for (std::size_t at = line.find(name); at != line.npos; at = line.find(name, at + 1)) {
    const char before = at > 0 ? line[at - 1] : ' ';
    const char after = at + name.size() < line.size() ? line[at + name.size()] : ' ';
    const auto goes_on = [](char c) { return is_alnum(c) || c == '-' || c == '_' || c == '.' || c == ':'; };
    if (!goes_on(before) && !goes_on(after) && after != '@') return at;
  }
  return line.npos;
}

void check_label_script(const Snapshot& snapshot, const SourceFilePtr& script,
                        const std::map<std::string, const ImageNode*>& pinned, Report& report) {
  (void)snapshot;
  const std::string_view text = script->text();
  std::size_t at = 0;
  for (const std::string_view line : split(text, '\n')) {
    const std::size_t begin = std::exchange(at, at + line.size() + 1);
    if (!asks_registry(line) || trim(line).starts_with('#')) continue;
    for (const auto& [name, node] : pinned)
      if (const std::size_t found = find_tagged(line, name); found != line.npos)
        report
            .add(script, span_of(begin + found, begin + found + name.size()),
                 "This asks for the digest that the tag `{}` has now, while images/{}/Dockerfile takes a pinned one: "
                 "the label names another base than the image has. Read the digest from `FROM`.",
                 name, node->image)
            .about("", node->image);
  }
}

/// Gives an image the label, instead of reading it from one.
bool makes_label(std::string_view text) {
  constexpr std::string_view label = "image.base.digest";
  for (std::size_t at = text.find(label); at != text.npos; at = text.find(label, at + 1)) {
    const char after = at + label.size() < text.size() ? text[at + label.size()] : ' ';
    if (after == '=' || after == ':') return true;
  }
  return false;
}

void check_base_label_mismatch(const RuleContext& context, Report& report) {
  std::map<std::string, const ImageNode*> pinned;
  for (const ImageNode& node : images_of(context)) {
    check_digest_label(node, report);
    auto base = pinned_base(**node.document);
    if (!base || base->tag.empty()) continue;
    base->digest.clear();
    pinned.emplace(base->short_form(), &node);
  }
  std::vector<SourceFilePtr> scripts;
  for (const std::string& path : context.snapshot.paths()) {
    if (!workspace::is_build_text(workspace::classify(path).kind)) continue;
    if (SourceFilePtr file = context.snapshot.file(path)) {
      if (makes_label(file->text())) scripts.push_back(std::move(file));
    }
  }
  for (const SourceFilePtr& script : scripts) check_label_script(context.snapshot, script, pinned, report);
}

// dockerfile-mount-source-missing

/// A path of a context without `.`, `..` and double slashes; nothing where it leaves the context.
std::optional<std::string> in_context(std::string_view path) {
  std::vector<std::string_view> parts;
  for (const std::string_view part : split(path, '/')) {
    if (part.empty() || part == ".") continue;
    if (part == "..") return std::nullopt;
    parts.push_back(part);
  }
  return join(parts, "/");
}

/// Files of images/<image>/ and the folders that they are in.
std::set<std::string> context_paths(const Snapshot& snapshot, const std::string& image) {
  const std::string folder = "images/" + image + "/";
  std::set<std::string> paths;
  const std::vector<std::string>& all = snapshot.paths();
  for (auto at = std::ranges::lower_bound(all, folder); at != all.end() && at->starts_with(folder); ++at) {
    const std::string inside = at->substr(folder.size());
    for (std::size_t slash = inside.find('/'); slash != std::string::npos; slash = inside.find('/', slash + 1))
      paths.insert(inside.substr(0, slash));
    paths.insert(inside);
  }
  return paths;
}

void check_mount_source(const ImageNode& node, const Mount& mount, const std::set<std::string>& own, Report& report) {
  const auto is_constraints = [&](std::string_view name) {
    return std::ranges::any_of(node.needs, [&](const ImageNeed& need) {
      return need.kind == NeedKind::constraints && need.name == name &&
             need.where == formats::ExternalName::Where::mount;
    });
  };
  const bool constraints = mount.from && is_constraints(mount.from->value);
  if (mount.type != "bind" || !mount.source || has_variable(mount.source->value) || (mount.from && !constraints))
    return;
  const auto path = in_context(mount.source->value);
  const std::set<std::string> given{"upper-constraints.txt"};
  const std::set<std::string>& paths = constraints ? given : own;
  if (!path || path->empty() || paths.contains(*path)) return;
  Added added =
      report
          .add(node.document->file, mount.source->span, "There is no `{}` in {}.", *path,
               constraints ? std::string("the context `upper-constraints`, which holds just upper-constraints.txt")
                           : "images/" + node.image + ", which is this build's own context")
          .about("", node.image);
  const std::vector<std::string> names(paths.begin(), paths.end());
  if (const auto near = nearest(*path, names))
    added.fix(fmt::format("Write `{}`", *near), mount.source->span,
              (mount.source->value.starts_with('/') ? "/" : "") + *near);
}

void check_mount_source_missing(const RuleContext& context, Report& report) {
  for (const ImageNode& node : images_of(context)) {
    const std::set<std::string> own = context_paths(context.snapshot, node.image);
    for (const Stage& stage : (*node.document)->stages)
      for (const Instruction& run : stage.instructions)
        for (const Mount& mount : run.mounts) check_mount_source(node, mount, own, report);
  }
}

// dockerfile-arg-default-drift

void check_default(const RuleContext& context, const ImageNode& node, const formats::Assignment& argument,
                   Report& report) {
  const std::string component = model::argument_component(argument.name.value);
  if (component.empty() || !argument.value || has_variable(argument.value->value)) return;
  const std::string_view written = model::without_quotes(argument.value->value);
  const auto version = formats::Version::parse(written);
  if (!version) return;
  std::string newest_release;
  std::string newest;
  for (const std::string& release : context.snapshot.releases())
    for (const auto* document : {context.snapshot.test_refs(release), context.snapshot.source_refs(release)}) {
      const std::string found = document == nullptr ? std::string() : model::argument_version(**document, component);
      if (found.empty()) continue;
      if (formats::Version::parse(found) == version) return;
      newest_release = document->file->path();
      newest = found;
    }
  if (newest.empty()) return;
  report
      .add(node.document->file, argument.value->span,
           "A build that is not given `{}` takes `{}`, which no release has; {} has `{}`.", argument.name.value,
           written, newest_release, newest)
      .about("", node.image)
      .fix(fmt::format("Write `{}`", newest), argument.value->span, newest);
}

void check_arg_default_drift(const RuleContext& context, Report& report) {
  for (const ImageNode& node : images_of(context)) {
    for (const formats::Assignment& argument : (*node.document)->global_args)
      check_default(context, node, argument, report);
    for (const Stage& stage : (*node.document)->stages)
      for (const Instruction& instruction : stage.instructions)
        for (const formats::Assignment& argument : instruction.assignments)
          if (instruction.keyword.value == "ARG") check_default(context, node, argument, report);
  }
}

constexpr Rule rules[] = {
    {.name = "dockerfile-base-unpinned",
     .severity = Severity::warning,
     .summary = "image of a registry that is taken by tag, without a digest",
     .doc = "A tag moves: the same commit of the forge builds on another base tomorrow, and its parts may come from "
            "two of them on one day. Write `name:tag@sha256:…`; update bots keep both current. Images of the forge "
            "itself come from the plan, and bases that an ARG names are not judged.",
     .bad = "# images/python-base/Dockerfile\nFROM ubuntu:noble\n",
     .good = "# images/python-base/Dockerfile\nFROM "
             "ubuntu:noble@sha256:c4a8d5503dfb2a3eb8ab5f807da5bc69a85730fb49b5cfca2330194ebcc41c7b\n",
     .check = check_base_unpinned},
    {.name = "dockerfile-base-label-mismatch",
     .severity = Severity::warning,
     .summary = "label that names another base than the image is built on",
     .doc =
         "The label `org.opencontainers.image.base.digest` differs from the digest in `FROM`, or a workflow or script "
         "that makes this label asks the registry what the tag points to now while `FROM` is pinned. Scanners then "
         "compare with a base that the image does not have. Read the digest from `FROM`, as the plan does.",
     .bad = "# .github/workflows/build.yaml, with `FROM ubuntu:noble@sha256:…`\n"
            "run: crane digest ubuntu:noble  # for org.opencontainers.image.base.digest\n",
     .good = "# .github/workflows/build.yaml\nrun: forge-analyze plan --format bake  # has the label\n",
     .check = check_base_label_mismatch},
    {.name = "dockerfile-mount-source-missing",
     .summary = "bind mount of a path that its context does not hold",
     .doc = "The `source=` of a `RUN --mount=type=bind` is looked up in the context: the image's own folder where "
            "there is "
            "no `from=`, and the folder that holds just upper-constraints.txt for `upper-constraints`. The build stops "
            "where it is not there. Other contexts, stages and paths with variables are not judged.",
     .bad = "# images/venv-builder/Dockerfile, beside requirements.txt\n"
            "RUN --mount=type=bind,source=requirement.txt,target=/r.txt uv pip install -r /r.txt\n",
     .good = "# images/venv-builder/Dockerfile\n"
             "RUN --mount=type=bind,source=requirements.txt,target=/r.txt uv pip install -r /r.txt\n",
     .check = check_mount_source_missing},
    {.name = "dockerfile-arg-default-drift",
     .severity = Severity::info,
     .summary = "default of a version argument that no release has",
     .doc =
         "`ARG TEMPEST_VERSION=…` has a default that is in no release's test-refs.yaml or source-refs.yaml. The plan "
         "passes the right one; a build by hand takes the default. Update it, or leave the default out so that "
         "such a build fails.",
     .bad = "# images/tempest/Dockerfile, with `tempest: \"45.0.0\"` in test-refs.yaml\nARG TEMPEST_VERSION=41.0.0\n",
     .good = "# images/tempest/Dockerfile\nARG TEMPEST_VERSION=45.0.0\n",
     .check = check_arg_default_drift},
};

}  // namespace

std::span<const Rule> dockerfile_rules() {
  return rules;
}

}  // namespace forge::rules
