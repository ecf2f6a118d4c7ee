/// Where a Dockerfile puts things and looks for them: Pythons, virtual environments, caches.
#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

#include "engine/base/text.hpp"
#include "engine/formats/dockerfile_variables.hpp"
#include "engine/model/image_graph.hpp"
#include "engine/model/image_reference.hpp"
#include "engine/model/run_facts.hpp"
#include "engine/model/stage_state.hpp"
#include "engine/rules/catalog.hpp"
#include "engine/rules/dockerfile_words.hpp"

namespace forge::rules {

namespace {

using namespace std::string_view_literals;
using formats::Dockerfile;
using formats::Instruction;
using formats::Mount;
using formats::Stage;
using model::ImageNode;
using model::PipInstall;
using model::StageState;
using Word = Spanned<std::string>;

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
    const auto look = [&](const Instruction& instruction, const StageState& state) {
      const std::string& keyword = instruction.keyword.value;
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
    };
    for (std::size_t stage = 0; stage < file.stages.size(); ++stage)
      for (const Instruction& instruction : file.stages[stage].instructions) look(instruction, states[stage]);
  }
}

// dockerfile-venv-path-mismatch

/// `/x/bin/python3.12` to `/x`; empty where that is no path of an environment.
std::string environment_of_python(std::string_view path) {
  const std::size_t bin = path.rfind("/bin/");
  return bin == std::string_view::npos || bin == 0 ? std::string() : std::string(path.substr(0, bin));
}

/// Folders that the installs of a stage put packages into; nothing where one can't be told.
std::optional<std::set<std::string>> install_folders(const Stage& stage, const model::DocumentRuns& runs) {
  std::set<std::string> folders;
  for (const Instruction& run : stage.instructions) {
    if (run.keyword.value != "RUN") continue;
    for (const PipInstall& install : runs.of(run).installs) {
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
      const auto folders = install_folders(file.stages[i], *model::runs_of(*node.document));
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

constexpr Rule rules[] = {
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
};

}  // namespace

std::span<const Rule> dockerfile_path_rules() {
  return rules;
}

}  // namespace forge::rules
