/// What a Dockerfile takes from outside and where it puts things: bases, mounts, Pythons, virtual environments.
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
#include "engine/model/stage_state.hpp"
#include "engine/model/version_arguments.hpp"
#include "engine/rules/catalog.hpp"
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
using model::PipInstall;
using model::StageState;
using workspace::Snapshot;
using Word = Spanned<std::string>;

const std::vector<ImageNode>& images_of(const RuleContext& context) {
  return model::image_graph(context.snapshot).nodes;
}

bool has_variable(std::string_view text) {
  return text.find('$') != std::string_view::npos;
}

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

// dockerfile-python-path-mismatch

struct NamedPython {
  std::string version;  ///< `3.11`
  TextSpan span;        ///< in the file
};

/// The first `python3.N` of a word.
std::optional<NamedPython> named_python(const Word& word) {
  constexpr std::string_view prefix = "python3.";
  const std::size_t at = word.value.find(prefix);
  if (at == std::string::npos) return std::nullopt;
  std::size_t end = at + prefix.size();
  while (end < word.value.size() && is_digit(word.value[end])) ++end;
  if (end == at + prefix.size() || end > at + prefix.size() + 2) return std::nullopt;
  const TextSpan span =
      word.value.size() == word.span.size() ? span_of(word.span.begin + at, word.span.begin + end) : word.span;
  return NamedPython{word.value.substr(at + prefix.size() - 2, end - at - prefix.size() + 2), span};
}

void check_python_word(const ImageNode& node, const Word& word, const StageState& state, Report& report) {
  const auto base = state.base_python();
  const auto named = named_python(word);
  if (!base || !named || named->version == *base) return;
  // Debian's own Python can stand beside that of the image `python`.
  const bool debian_too = state.root->name() == "python";
  if (debian_too && word.value.find("/usr/local/lib/python3.") == std::string::npos) return;
  model::ImageReference root = *state.root;
  root.digest.clear();
  Added added = report
                    .add(node.document->file, named->span, "`python{}` is not there: `{}` has Python {}.",
                         named->version, root.short_form(), *base)
                    .about("", node.image);
  if (word.value.find('/') != std::string::npos && named->span != word.span)
    added.fix(fmt::format("Write `python{}`", *base), named->span, "python" + *base);
}

void check_python_path_mismatch(const RuleContext& context, Report& report) {
  for (const ImageNode& node : images_of(context)) {
    const Dockerfile& file = **node.document;
    const std::vector<StageState>& states = model::stage_states(context.snapshot, node);
    // A stage that brings a Python later on may well name it before.
    walk_stages(context.snapshot, node, [&](std::size_t stage, const Instruction& instruction, const StageState&) {
      const std::string& keyword = instruction.keyword.value;
      const StageState& state = states[stage];
      if (keyword == "RUN") {
        for (const Word& word : instruction.words) check_python_word(node, word, state, report);
      } else if (keyword == "ENV") {
        for (const formats::Assignment& assignment : instruction.assignments)
          if (assignment.value) check_python_word(node, *assignment.value, state, report);
      } else if (keyword == "COPY" && instruction.words.size() > 1) {
        const formats::InstructionFlag* from = instruction.flag("from");
        if (from == nullptr || !from->value) return;
        for (std::size_t i = 0; i < file.stages.size(); ++i)
          if (file.stages[i].name && file.stages[i].name->value == to_lower(from->value->value))
            for (std::size_t word = 0; word + 1 < instruction.words.size(); ++word)
              check_python_word(node, instruction.words[word], states[i], report);
      }
    });
  }
}

// dockerfile-venv-path-mismatch

std::string without_slash(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return std::string(path);
}

/// `/x/bin/python3.12` to `/x`; empty where that is no path of an environment.
std::string environment_of_python(std::string_view path) {
  const std::size_t bin = path.rfind("/bin/");
  return bin == std::string_view::npos || bin == 0 ? std::string() : std::string(path.substr(0, bin));
}

/// Folders that the installs of a stage put packages into; nothing where one can't be told.
std::optional<std::set<std::string>> install_folders(const Stage& stage, std::string_view text) {
  std::set<std::string> folders;
  for (const Instruction& run : stage.instructions) {
    if (run.keyword.value != "RUN") continue;
    for (const PipInstall& install : model::pip_installs(model::run_commands(run, text))) {
      std::string folder;
      for (const PipInstall::Item& item : install.items) {
        const std::string_view value = model::without_quotes(item.value.value);
        if (item.name == "--prefix" || item.name == "--target" || item.name == "-t") folder = without_slash(value);
        if (folder.empty() && (item.name == "--python" || item.name == "-p")) folder = environment_of_python(value);
      }
      if (!folder.starts_with('/') || has_variable(folder) || folder == "/usr" || folder == "/usr/local")
        return std::nullopt;
      folders.insert(folder);
    }
  }
  return folders;
}

bool is_below(std::string_view path, std::string_view folder) {
  return path == folder || folder == "/" || (path.starts_with(folder) && path[folder.size()] == '/');
}

bool mentions(const Stage& stage, std::string_view text, std::string_view path) {
  return std::ranges::any_of(stage.instructions, [&](const Instruction& instruction) {
    const auto holds = [&](TextSpan span) { return text.substr(span.begin, span.size()).find(path) != text.npos; };
    return holds(instruction.span) ||
           std::ranges::any_of(instruction.heredocs, [&](const formats::Heredoc& doc) { return holds(doc.body); });
  });
}

/// Folders of the system, which packages of the distribution fill.
bool is_system_path(std::string_view path) {
  constexpr std::array system{"/usr"sv, "/etc"sv, "/lib"sv, "/lib64"sv, "/bin"sv, "/sbin"sv, "/tmp"sv, "/root"sv};
  return std::ranges::any_of(system, [&](std::string_view folder) { return is_below(path, folder); });
}

/// What the last stage copies from stage `index`.
std::vector<Word> copied_from(const Dockerfile& file, std::size_t index) {
  std::vector<Word> sources;
  for (const Stage& stage : file.stages)
    for (const Instruction& copy : stage.instructions) {
      const formats::InstructionFlag* from = copy.flag("from");
      if (copy.keyword.value != "COPY" || from == nullptr || !from->value || copy.words.size() < 2) continue;
      const bool same = file.stages[index].name && to_lower(from->value->value) == file.stages[index].name->value;
      if (same || from->value->value == std::to_string(index))
        sources.insert(sources.end(), copy.words.begin(), copy.words.end() - 1);
    }
  return sources;
}

void check_venv_path_mismatch(const RuleContext& context, Report& report) {
  for (const ImageNode& node : images_of(context)) {
    const Dockerfile& file = **node.document;
    const std::string_view text = node.document->file->text();
    for (std::size_t i = 0; i + 1 < file.stages.size(); ++i) {
      const auto folders = install_folders(file.stages[i], text);
      if (!folders || folders->size() != 1) continue;
      const std::string& folder = *folders->begin();
      const std::vector<Word> sources = copied_from(file, i);
      const bool open = std::ranges::any_of(sources, [&](const Word& source) {
        return has_variable(source.value) || is_below(source.value, folder) ||
               is_below(folder, without_slash(source.value));
      });
      if (open) continue;
      for (const Word& source : sources) {
        const std::string path = without_slash(source.value);
        const bool elsewhere = path.starts_with('/') && !is_system_path(path) && !mentions(file.stages[i], text, path);
        if (!elsewhere || path.find_first_of("*?[") != std::string::npos || formats::base_stage(file, i)) continue;
        report
            .add(node.document->file, source.span,
                 "`{}` is copied, but the stage installs into `{}`, and nothing of that gets into the image.", path,
                 folder)
            .about("", node.image)
            .related(node.document->file, file.stages[i].base.span, "the stage");
      }
    }
  }
}

// dockerfile-cache-mount-shared

/// The tool whose cache of Python packages is at that path; empty for other folders.
std::string_view python_cache(std::string_view target) {
  while (target.ends_with('/')) target.remove_suffix(1);
  if (target.ends_with("/.cache/uv")) return "uv";
  if (target.ends_with("/.cache/pip")) return "pip";
  return target.ends_with("/.cache") ? "python" : "";
}

struct CacheUse {
  const ImageNode* node;
  const Mount* mount;
  std::optional<std::string> python;
};

void check_cache_mount_shared(const RuleContext& context, Report& report) {
  std::map<std::string, std::vector<CacheUse>> by_target;
  for (const ImageNode& node : images_of(context)) {
    const std::vector<StageState>& states = model::stage_states(context.snapshot, node);
    const Dockerfile& file = **node.document;
    for (std::size_t i = 0; i < file.stages.size(); ++i)
      for (const Instruction& run : file.stages[i].instructions)
        for (const Mount& mount : run.mounts)
          if (mount.type == "cache" && !mount.id && mount.target && !python_cache(mount.target->value).empty())
            by_target[without_slash(mount.target->value)].push_back({&node, &mount, states[i].base_python()});
  }
  for (const auto& [target, uses] : by_target) {
    std::set<std::string> pythons;
    for (const CacheUse& use : uses)
      if (use.python) pythons.insert(*use.python);
    for (const CacheUse& use : uses) {
      const std::vector<std::string> releases = model::releases_with(context.snapshot, use.node->image);
      if (releases.size() < 2 && pythons.size() < 2) continue;
      const std::string_view tool = python_cache(target);
      report
          .add(use.node->document->file, use.mount->span,
               "Without an `id` every build that mounts `{}` shares this cache: {}.", target,
               pythons.size() > 1 ? "those of Python " + join(pythons, " and ")
                                  : "those of the releases " + join(releases, " and "))
          .about("", use.node->image)
          .fix("Add an `id`", {use.mount->span.end, use.mount->span.end},
               fmt::format(",id={}-{}", use.node->image, tool));
    }
  }
}

// install-unpinned

bool is_pinned(std::string_view requirement) {
  return requirement.find("==") != requirement.npos || requirement.find('@') != requirement.npos;
}

/// What an install takes without a version, as words for the message. Paths of trees are `trees`.
struct Unpinned {
  std::vector<std::string> packages;
  std::vector<std::string> trees;
};

bool is_tree(const ImageNode& node, const Instruction& run, std::string_view path) {
  return std::ranges::any_of(run.mounts, [&](const Mount& mount) {
    if (mount.type != "bind" || !mount.from || !mount.target || !path.starts_with(without_slash(mount.target->value)))
      return false;
    const std::string_view rest = path.substr(without_slash(mount.target->value).size());
    const bool whole = rest.empty() || rest == "/" || rest == "/." || rest.starts_with('[') || rest.starts_with('$');
    return whole && std::ranges::any_of(node.needs, [&](const ImageNeed& need) {
             return need.kind == NeedKind::source && need.name == mount.from->value;
           });
  });
}

Unpinned unpinned(const ImageNode& node, const Instruction& run, const PipInstall& install) {
  Unpinned out;
  for (const PipInstall::Item& item : install.items) {
    const std::string_view value = model::without_quotes(item.value.value);
    if (!item.name.empty()) continue;
    if (is_tree(node, run, value)) {
      if (!install.has_option("--no-deps", "")) out.trees.emplace_back(value);
    } else if (!has_variable(value) && value.find_first_of("/*`\\") == value.npos && value != "." && !value.empty() &&
               is_alnum(value.front()) && !value.ends_with(".whl") && !value.ends_with(".gz") && !is_pinned(value)) {
      out.packages.emplace_back(value);
    }
  }
  return out;
}

bool constrained(const PipInstall& install, const StageState& state) {
  constexpr std::array variables{"UV_CONSTRAINT"sv,  "PIP_CONSTRAINT"sv,  "UV_OVERRIDE"sv,  "UV_EXCLUDE_NEWER"sv,
                                 "UV_CONFIG_FILE"sv, "PIP_CONFIG_FILE"sv, "PIP_NO_INDEX"sv, "UV_NO_INDEX"sv};
  if (state.installer_settings || install.has_option("-c", "--constraint") || install.has_option("", "--override") ||
      install.has_option("", "--exclude-newer") || install.has_option("", "--no-index") ||
      install.has_option("-h", "--help"))
    return true;
  return std::ranges::any_of(variables, [&](std::string_view name) {
    return state.may_be_set(name) || std::ranges::any_of(install.environment, [&](const std::string& set) {
             return set.starts_with(std::string(name) + "=");
           });
  });
}

/// Mounts the release's constraints, where the build is given them, and hands them to the installer.
void add_constraint_fix(const SourceFilePtr& file, const Snapshot& snapshot, const ImageNode& node,
                        const Instruction& run, const PipInstall& install, Added& added) {
  if (!model::is_component(snapshot, node.image)) return;
  std::string path = "/upper-constraints.txt";
  const auto mounted = std::ranges::find_if(run.mounts, [](const Mount& mount) {
    return mount.from && mount.from->value == "upper-constraints" && mount.target;
  });
  const std::uint32_t behind = install.verb.end;
  Fix fix{"Install under the release's constraints", {}, {}, false};
  if (mounted != run.mounts.end()) {
    path = without_slash(mounted->target->value);
    if (!path.ends_with(".txt")) path += "/upper-constraints.txt";
  } else {
    const TextSpan keyword{run.keyword.span.end, run.keyword.span.end};
    fix.edits.push_back(
        {{file, keyword},
         " --mount=type=bind,from=upper-constraints,source=/upper-constraints.txt,target=" + path + " \\\n   "});
  }
  fix.edits.push_back({{file, {behind, behind}}, " --constraint " + path});
  added.fix(std::move(fix));
}

void check_install_unpinned(const RuleContext& context, Report& report) {
  for (const ImageNode& node : images_of(context)) {
    const std::vector<bool> used = formats::used_stages(**node.document);
    const SourceFilePtr& file = node.document->file;
    walk_stages(context.snapshot, node, [&](std::size_t stage, const Instruction& run, const StageState& state) {
      // Below an image that can't be seen there may be settings of pip or uv.
      if (run.keyword.value != "RUN" || !used[stage] || !state.root) return;
      for (const PipInstall& install : model::pip_installs(model::run_commands(run, file->text()))) {
        const Unpinned found = unpinned(node, run, install);
        if ((found.packages.empty() && found.trees.empty()) || constrained(install, state)) continue;
        Added added =
            found.packages.empty()
                ? report.add(file, install.verb,
                             "What `{}` requires comes in its newest versions: the install has no `--constraint`.",
                             join(found.trees, "`, `"))
                : report.add(file, install.verb,
                             "`{}` {} installed without a version and without `--constraint`: the newest comes, "
                             "another one every time.",
                             join(found.packages, "`, `"), found.packages.size() > 1 ? "are" : "is");
        added.about("", node.image);
        add_constraint_fix(file, context.snapshot, node, run, install, added);
      }
    });
  }
}

// install-target-missing

bool says_target(const PipInstall& install, const StageState& state) {
  constexpr std::array variables{"VIRTUAL_ENV"sv, "CONDA_PREFIX"sv,   "UV_SYSTEM_PYTHON"sv,
                                 "UV_PYTHON"sv,   "UV_CONFIG_FILE"sv, "UV_PROJECT_ENVIRONMENT"sv};
  constexpr std::array options{"--prefix"sv, "--target"sv,  "--python"sv,    "--system"sv,
                               "--user"sv,   "--project"sv, "--directory"sv, "--help"sv};
  const bool option = install.has_option("-t", "") || install.has_option("-p", "") ||
                      std::ranges::any_of(options, [&](std::string_view name) { return install.has_option("", name); });
  return option || std::ranges::any_of(variables, [&](std::string_view name) {
           return state.may_be_set(name) || std::ranges::any_of(install.environment, [&](const std::string& set) {
                    return set.starts_with(std::string(name) + "=");
                  });
         });
}

/// Folders of programs of the distribution, where no virtual environment is.
bool is_system_bin(std::string_view folder) {
  constexpr std::array system{"/usr/local/sbin"sv, "/usr/local/bin"sv, "/usr/sbin"sv,
                              "/usr/bin"sv,        "/sbin"sv,          "/bin"sv};
  return std::ranges::find(system, folder) != system.end();
}

/// Whether uv finds an environment by PATH, or may.
bool finds_by_path(const StageState& state) {
  static const auto first_that_looks = formats::Version::parse("0.5.28");
  const auto path = state.value("PATH");
  if (!path) return true;
  if (state.uv && *state.uv < *first_that_looks) return false;
  for (const std::string_view folder : split(*path, ':'))
    if (!is_system_bin(without_slash(folder))) return true;  // an environment, or something unknown
  return false;
}

/// The RUN itself chooses: it activates an environment or sets a variable of the shell.
bool chooses_environment(const std::vector<model::RunCommand>& commands) {
  for (const model::RunCommand& command : commands) {
    if (command.words.empty()) continue;
    const std::string& first = command.words.front().value;
    if (first == "." || first == "source" || first == "export" || first == "cd" || first == "set" || first == "eval" ||
        (command.program() == command.words.size()))
      if (first != "set") return true;
  }
  return false;
}

void check_install_target_missing(const RuleContext& context, Report& report) {
  for (const ImageNode& node : images_of(context)) {
    const SourceFilePtr& file = node.document->file;
    walk_stages(context.snapshot, node, [&](std::size_t, const Instruction& run, const StageState& state) {
      if (run.keyword.value != "RUN" || !state.root || state.other_environments || state.installer_settings) return;
      const std::vector<model::RunCommand> commands = model::run_commands(run, file->text());
      const bool makes_one = file->text(run.span).find("venv") != std::string_view::npos;
      if (makes_one || chooses_environment(commands)) return;
      for (const PipInstall& install : model::pip_installs(commands)) {
        if (!install.is_uv || says_target(install, state) || finds_by_path(state)) continue;
        Added added = report
                          .add(file, install.verb,
                               "uv finds no virtual environment here and stops: there is no `--prefix`, `--python` or "
                               "`VIRTUAL_ENV`, and {}.",
                               state.uv && !state.environments.empty()
                                   ? fmt::format("uv {} does not look for one on `PATH`", state.uv->str())
                                   : "the first Python on `PATH` is the system's")
                          .about("", node.image);
        if (state.environments.size() == 1)
          added.fix(fmt::format("Add `--prefix {}`", state.environments.front()), {install.verb.end, install.verb.end},
                    " --prefix " + state.environments.front());
      }
    });
  }
}

// input-not-wired

bool uses(const Stage& stage, std::string_view text, std::string_view name) {
  const auto holds = [&](TextSpan span) {
    const std::string_view part = text.substr(span.begin, span.size());
    for (std::size_t at = part.find(name); at != part.npos; at = part.find(name, at + 1))
      if (at > 0 && (part[at - 1] == '$' || part[at - 1] == '{')) return true;
    return false;
  };
  return std::ranges::any_of(stage.instructions, [&](const Instruction& instruction) {
    return holds(instruction.span) ||
           std::ranges::any_of(instruction.heredocs, [&](const formats::Heredoc& doc) { return holds(doc.body); });
  });
}

/// A RUN starts a program of the image's own, which sees ARGs as environment variables.
bool runs_scripts(const Stage& stage, std::string_view text) {
  constexpr std::array known{"apt-get"sv, "apt"sv, "rm"sv,   "mkdir"sv, "groupadd"sv, "useradd"sv, "install"sv,
                             "uv"sv,      "pip"sv, "pip3"sv, "set"sv,   "true"sv,     "chown"sv,   "chmod"sv,
                             "ln"sv,      "cp"sv,  "mv"sv,   "echo"sv,  "python3"sv,  "test"sv,    "["sv};
  for (const Instruction& run : stage.instructions) {
    if (run.keyword.value == "ONBUILD") return true;
    if (run.keyword.value != "RUN") continue;
    for (const model::RunCommand& command : model::run_commands(run, text)) {
      const std::size_t at = command.program();
      if (at >= command.words.size()) continue;
      const std::string_view program = command.words[at].value;
      if (std::ranges::find(known, model::base_name(program)) == known.end()) return true;
    }
  }
  return false;
}

void check_arguments_read(const RuleContext& context, Report& report) {
  for (const std::string& release : context.snapshot.releases())
    for (const ImageNode& node : images_of(context)) {
      const Dockerfile& file = **node.document;
      const std::string_view text = node.document->file->text();
      for (const model::BuildArgument& argument : model::extra_arguments(context.snapshot, node.image, release)) {
        std::optional<TextSpan> declared;
        bool read = false;
        for (const Stage& stage : file.stages) {
          read |= uses(stage, text, argument.name) || runs_scripts(stage, text);
          for (const Instruction& instruction : stage.instructions)
            for (const formats::Assignment& assignment : instruction.assignments)
              if (instruction.keyword.value == "ARG" && assignment.name.value == argument.name)
                declared = assignment.name.span;
        }
        if (read || !declared) continue;  // not declared: that is dockerfile-arg-undeclared
        report
            .add(context.snapshot.extra_packages(release)->file, argument.span,
                 "images/{}/Dockerfile declares `ARG {}` and no step reads it, so these packages are not installed.",
                 node.image, argument.name)
            .about(release, node.image)
            .related(node.document->file, *declared, "declared here");
      }
    }
}

/// What the forge's workflows and scripts say of bindep.
struct BuildWords {
  bool has_workflow = false;
  bool names_bindep = false;
  bool runs_unseen = false;  ///< programs that are not among the files that were read
};

BuildWords build_words(const Snapshot& snapshot) {
  constexpr std::array unseen{"make "sv, "hack/"sv, "tox"sv, "tools/"sv, "ci/"sv, "just "sv, "task "sv};
  BuildWords out;
  for (const std::string& path : snapshot.paths()) {
    if (!workspace::is_build_text(workspace::classify(path).kind)) continue;
    const SourceFilePtr file = snapshot.file(path);
    if (!file) continue;
    out.has_workflow |= path.starts_with(".github/workflows/");
    for (const std::string_view line : split(file->text(), '\n')) {
      if (trim(line).starts_with('#')) continue;
      out.names_bindep |= line.find("bindep") != line.npos;
      for (const std::string_view word : unseen) out.runs_unseen |= line.find(word) != line.npos;
    }
  }
  return out;
}

/// A Dockerfile that names bindep, or takes its whole folder.
bool may_read_bindep(const ImageNode& node) {
  const std::string_view text = node.document->file->text();
  for (const Stage& stage : (*node.document)->stages)
    for (const Instruction& instruction : stage.instructions) {
      const std::string_view part = text.substr(instruction.span.begin, instruction.span.size());
      if (part.find("bindep") != part.npos) return true;
      const bool copies = instruction.keyword.value == "COPY" || instruction.keyword.value == "ADD";
      if (copies && instruction.flag("from") == nullptr && !instruction.words.empty() &&
          (instruction.words.front().value == "." || instruction.words.front().value.find('*') != std::string::npos))
        return true;
      if (std::ranges::any_of(instruction.mounts,
                              [](const Mount& mount) { return mount.type == "bind" && !mount.from && !mount.source; }))
        return true;
    }
  return false;
}

void check_bindep_read(const RuleContext& context, Report& report) {
  const Snapshot& snapshot = context.snapshot;
  const BuildWords words = build_words(snapshot);
  if (!words.has_workflow || words.names_bindep || words.runs_unseen) return;
  std::vector<std::string> folders = snapshot.images();
  folders.emplace_back();
  for (const std::string& image : folders) {
    const auto* document = snapshot.bindep(image);
    if (document == nullptr || document->parsed.value.rules.empty()) continue;
    const bool read = std::ranges::any_of(images_of(context), [&](const ImageNode& node) {
      return (image.empty() || node.image == image) && may_read_bindep(node);
    });
    if (read) continue;
    report
        .add(document->file, document->parsed.value.rules.front().name.span,
             "No workflow, script or Dockerfile reads this file, so its packages are not installed by it. Wire it, or "
             "drop it.")
        .about("", image);
  }
}

void check_input_not_wired(const RuleContext& context, Report& report) {
  check_arguments_read(context, report);
  check_bindep_read(context, report);
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
    {.name = "dockerfile-python-path-mismatch",
     .summary = "path or package of a Python that the base does not have",
     .doc = "A distribution has one `python3.N`, and this step names another: the path is empty, the package does not "
            "exist. It happens when the base moves to a new release. Bases are known by tag (Ubuntu, Debian, "
            "`python:3.N`); where a step brings a Python of its own, nothing is said.",
     .bad = "# images/python-base/Dockerfile\nFROM ubuntu:noble\nENV PYTHONPATH=/usr/lib/python3.11/dist-packages\n",
     .good = "# images/python-base/Dockerfile\nFROM ubuntu:noble\nENV PYTHONPATH=/usr/lib/python3.12/dist-packages\n",
     .check = check_python_path_mismatch},
    {.name = "dockerfile-venv-path-mismatch",
     .summary = "copy from a build stage that leaves out where the stage installs",
     .doc =
         "The build stage installs into one folder (`--prefix`, `--target` or `--python`), and another one is copied "
         "from it, which nothing in the stage makes. The image lacks what was installed. Copy the folder that is "
         "installed into.",
     .bad = "# images/keystone/Dockerfile\nFROM venv-builder AS build\n"
            "RUN uv pip install --prefix /var/lib/openstack keystone==28.0.0\n"
            "FROM python-base\nCOPY --from=build /opt/openstack /opt/openstack\n",
     .good = "# images/keystone/Dockerfile\nFROM venv-builder AS build\n"
             "RUN uv pip install --prefix /var/lib/openstack keystone==28.0.0\n"
             "FROM python-base\nCOPY --from=build /var/lib/openstack /var/lib/openstack\n",
     .check = check_venv_path_mismatch},
    {.name = "dockerfile-cache-mount-shared",
     .severity = Severity::warning,
     .summary = "cache of Python packages that builds of several releases or Pythons share",
     .doc = "A `RUN --mount=type=cache` without an `id` is one folder for every build on that builder with the same "
            "target. "
            "What one release or Python has compiled, with the build requirements of its day, is installed by the "
            "others. Give the cache an `id`; an ARG in it can tell the releases apart.",
     .bad = "# images/keystone/Dockerfile, in two releases\nRUN --mount=type=cache,target=/root/.cache/uv uv pip "
            "install x\n",
     .good = "# images/keystone/Dockerfile\n"
             "RUN --mount=type=cache,target=/root/.cache/uv,id=keystone-uv-$RELEASE uv pip install x\n",
     .check = check_cache_mount_shared},
    {.name = "install-unpinned",
     .severity = Severity::warning,
     .summary = "install without versions and without constraints",
     .doc = "A `pip install` or `uv pip install` names packages without `==`, or a source tree whose requirements are "
            "ranges, and has no `--constraint`: the newest versions come, others every time. Mount the release's "
            "constraints and pass them; an image that serves all releases pins what it installs itself. Files of "
            "requirements, variables, and bases that can't be seen are not judged.",
     .bad = "# images/venv-builder/Dockerfile\nFROM ubuntu:noble\nRUN pip install uwsgi\n",
     .good = "# images/venv-builder/Dockerfile\nFROM ubuntu:noble\nRUN pip install uwsgi==2.0.31\n",
     .check = check_install_unpinned},
    {.name = "install-target-missing",
     .summary = "`uv pip install` that finds no environment to install into",
     .doc = "uv installs into what `--prefix`, `--target`, `--python` or `--system` says, else into `VIRTUAL_ENV`, a "
            "conda "
            "prefix or `.venv`, else (since 0.5.28) into the environment of the first Python on `PATH`. Here none of "
            "them is there, so the build stops with \"No virtual environment found\". Say where to install.",
     .bad = "# images/venv-builder/Dockerfile\nFROM ubuntu:noble\nRUN python3 -m venv /var/lib/openstack\n"
            "RUN uv pip install uwsgi==2.0.31\n",
     .good = "# images/venv-builder/Dockerfile\nFROM ubuntu:noble\nRUN python3 -m venv /var/lib/openstack\n"
             "RUN uv pip install --prefix /var/lib/openstack uwsgi==2.0.31\n",
     .check = check_install_target_missing},
    {.name = "input-not-wired",
     .summary = "input that no step reads, so that its content has no effect",
     .doc =
         "extra-packages.yaml has entries whose argument a Dockerfile declares and never uses, or a bindep.txt is read "
         "by no workflow, script or Dockerfile. People edit it and nothing changes. Wire it, or drop it. Where a "
         "step runs a program that can't be seen, nothing is said.",
     .bad = "# images/keystone/Dockerfile, with apt_packages in extra-packages.yaml\nFROM python-base\n"
            "ARG EXTRA_APT_PACKAGES\n",
     .good = "# images/keystone/Dockerfile\nFROM python-base\nARG EXTRA_APT_PACKAGES\n"
             "RUN apt-get install -y $EXTRA_APT_PACKAGES\n",
     .check = check_input_not_wired},
};

}  // namespace

std::span<const Rule> dockerfile_rules() {
  return rules;
}

}  // namespace forge::rules
