/// What a Dockerfile's steps install, where to, and which inputs of the forge they read.
#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "engine/base/text.hpp"
#include "engine/formats/dockerfile_variables.hpp"
#include "engine/model/image_graph.hpp"
#include "engine/model/run_facts.hpp"
#include "engine/model/stage_state.hpp"
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
using model::PipInstall;
using model::StageState;
using workspace::Snapshot;

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
    const model::DocumentRunsPtr runs = model::runs_of(*node.document);
    walk_stages(context.snapshot, node, [&](std::size_t stage, const Instruction& run, const StageState& state) {
      // Below an image that can't be seen there may be settings of pip or uv.
      if (run.keyword.value != "RUN" || !used[stage] || !state.root) return;
      for (const PipInstall& install : runs->of(run).installs) {
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
    const model::DocumentRunsPtr runs = model::runs_of(*node.document);
    walk_stages(context.snapshot, node, [&](std::size_t, const Instruction& run, const StageState& state) {
      if (run.keyword.value != "RUN" || !state.root || state.other_environments || state.installer_settings) return;
      const model::RunFacts& facts = runs->of(run);
      const bool makes_one = file->text(run.span).find("venv") != std::string_view::npos;
      if (makes_one || chooses_environment(facts.commands)) return;
      for (const PipInstall& install : facts.installs) {
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
bool runs_scripts(const Stage& stage, const model::DocumentRuns& runs) {
  constexpr std::array known{"apt-get"sv, "apt"sv, "rm"sv,   "mkdir"sv, "groupadd"sv, "useradd"sv, "install"sv,
                             "uv"sv,      "pip"sv, "pip3"sv, "set"sv,   "true"sv,     "chown"sv,   "chmod"sv,
                             "ln"sv,      "cp"sv,  "mv"sv,   "echo"sv,  "python3"sv,  "test"sv,    "["sv};
  for (const Instruction& run : stage.instructions) {
    if (run.keyword.value == "ONBUILD") return true;
    if (run.keyword.value != "RUN") continue;
    for (const model::RunCommand& command : runs.of(run).commands) {
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
      const model::DocumentRunsPtr runs = model::runs_of(*node.document);
      for (const model::BuildArgument& argument : model::extra_arguments(context.snapshot, node.image, release)) {
        std::optional<TextSpan> declared;
        bool read = false;
        for (const Stage& stage : file.stages) {
          read = read || uses(stage, text, argument.name) || runs_scripts(stage, *runs);
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

/// Whether `word` stands in a line that is no comment.
bool says(std::string_view text, std::string_view word) {
  for (std::size_t at = text.find(word); at != text.npos; at = text.find(word, at + 1)) {
    const std::size_t before = text.rfind('\n', at);
    const std::string_view line = text.substr(before == text.npos ? 0 : before + 1);
    if (!trim(line.substr(0, line.find('\n'))).starts_with('#')) return true;
  }
  return false;
}

BuildWords build_words(const Snapshot& snapshot) {
  constexpr std::array unseen{"make "sv, "hack/"sv, "tox"sv, "tools/"sv, "ci/"sv, "just "sv, "task "sv};
  BuildWords out;
  for (const std::string& path : snapshot.paths()) {
    if (!workspace::is_build_text(workspace::classify(path).kind)) continue;
    const SourceFilePtr file = snapshot.file(path);
    if (!file) continue;
    out.has_workflow |= path.starts_with(".github/workflows/");
    out.names_bindep = out.names_bindep || says(file->text(), "bindep");
    for (const std::string_view word : unseen) out.runs_unseen = out.runs_unseen || says(file->text(), word);
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

std::span<const Rule> dockerfile_install_rules() {
  return rules;
}

}  // namespace forge::rules
