/// What the shell in workflows, actions and scripts of the forge does with refs, patches and inputs.
#include <algorithm>
#include <array>
#include <set>

#include "engine/base/names.hpp"
#include "engine/base/text.hpp"
#include "engine/model/image_graph.hpp"
#include "engine/rules/catalog.hpp"
#include "engine/rules/workflow_words.hpp"

namespace forge::rules {

namespace {

using model::ImageBuild;
using model::JobRun;
using model::JobStep;
using model::RunCommand;
using model::Script;
using model::ScriptPtr;
using model::StepTexts;
using model::SymbolicText;
using model::TextPart;
using model::WorkflowRun;
using workspace::Snapshot;
using Word = Spanned<std::string>;

/// Calls `visit(run, job, step, script)` for every script of every run.
void for_each_script(const Snapshot& snapshot, const auto& visit) {
  for (const WorkflowRun& run : model::workflow_runs(snapshot))
    for (const JobRun& job : run.jobs)
      for (const JobStep& step : job.steps)
        for (const ScriptPtr& script : step.scripts) visit(run, job, step, script);
}

std::string unquoted(std::string_view word) {
  std::string out(word);
  std::erase_if(out, [](char c) { return c == '"' || c == '\''; });
  return out;
}

// workflow-patch-path-relative

/// The folder, relative to the checkout; nothing where it can't be told or is elsewhere.
std::optional<std::string> relative_folder(std::string_view written) {
  const std::string word = unquoted(written);
  if (word.empty() || word.front() == '/' || word.front() == '~' || word.front() == '$' || word.front() == '-')
    return std::nullopt;
  return word;
}

/// Components of `folder/path`, `.` and `..` worked off; nothing where they lead out. An expression is one component.
std::optional<std::vector<std::string>> joined(const std::string& folder, std::string_view path) {
  std::vector<std::string> out;
  const std::string whole = folder + "/" + std::string(path);
  std::string part;
  bool inside = false;
  for (std::size_t i = 0; i <= whole.size(); ++i) {
    if (whole.compare(i, 3, "${{") == 0) inside = true;
    if (whole.compare(i, 2, "}}") == 0) inside = false;
    if (i < whole.size() && (inside || whole[i] != '/')) {
      part += whole[i];
      continue;
    }
    if (part == "..") {
      if (out.empty()) return std::nullopt;
      out.pop_back();
    } else if (!part.empty() && part != ".") {
      out.push_back(part);
    }
    part.clear();
  }
  return out;
}

/// The only value that the script gives the variable, or the words that a loop takes it from.
const Word* value_of(const Script& script, std::string_view name) {
  const Word* found = nullptr;
  for (const RunCommand& command : script.commands) {
    if (command.words.size() > 3 && command.words[0].value == "for" && command.words[1].value == name)
      return &command.words[3];
    for (const Word& word : command.words) {
      const std::size_t size = model::assigned_name(word.value);
      if (size == 0 || std::string_view(word.value).substr(0, size) != name) continue;
      if (found != nullptr) return nullptr;
      found = &word;
    }
  }
  return found;
}

/// `patches/…` of a word that is it, or that begins with a variable which has it.
std::string patch_path(const Script& script, const Word& word) {
  std::string path = unquoted(word.value);
  if (path.starts_with("./")) path.erase(0, 2);
  if (!path.starts_with('$') || path.starts_with("${{")) return path;
  const std::size_t begin = path.starts_with("${") ? 2 : 1;
  std::size_t end = begin;
  while (end < path.size() && (is_alnum(path[end]) || path[end] == '_')) ++end;
  const Word* value = value_of(script, path.substr(begin, end - begin));
  if (value == nullptr) return path;
  const std::size_t size = model::assigned_name(value->value);
  std::string given = unquoted(std::string_view(value->value).substr(size == 0 ? 0 : size + 1));
  if (given.starts_with("./")) given.erase(0, 2);
  return given;
}

struct GitApply {
  std::string folder;  ///< of `-C`; empty: none
  bool known = true;   ///< the folder
  std::vector<const Word*> patches;
};

std::optional<GitApply> git_apply(const RunCommand& command) {
  std::size_t at = command.program();
  if (at >= command.words.size() || model::base_name(command.words[at].value) != "git") return std::nullopt;
  GitApply out;
  for (++at; at < command.words.size() && command.words[at].value.starts_with('-'); ++at) {
    const std::string& option = command.words[at].value;
    if (option != "-C" && option != "-c") continue;
    if (++at >= command.words.size()) return std::nullopt;
    if (option == "-c") continue;
    const auto folder = relative_folder(command.words[at].value);
    out.known &= folder.has_value();
    out.folder += "/" + folder.value_or("");
  }
  if (at >= command.words.size() || (command.words[at].value != "apply" && command.words[at].value != "am"))
    return std::nullopt;
  for (++at; at < command.words.size(); ++at)
    if (!command.words[at].value.starts_with('-')) out.patches.push_back(&command.words[at]);
  return out;
}

void add_patch_path(const ScriptPtr& script, const JobStep& step, const Word& word, const std::string& folder,
                    const std::string& path, Once& once, Report& report) {
  const TextSpan span = script->place(word.span);
  if (!once(script->file, span)) return;
  const std::string& guard = step.step->condition.value;
  const bool wide = path.ends_with("/*") && guard.find("*.patch") != std::string::npos;
  Added added = report.add(script->file, span,
                           "git looks for this below `{}`, where it changes to first, and there are no patches: name "
                           "them by an absolute path.{}",
                           folder, wide ? " The step's `if` asks for `*.patch`, and this takes every file." : "");
  if (!unquoted(word.value).starts_with("patches/")) return;
  std::string mended = "\"$GITHUB_WORKSPACE\"/" + word.value;
  if (wide) mended += ".patch";
  if (word.value.find('"') == std::string::npos && span.size() == word.value.size())
    added.fix("Name it from the workspace", span, mended);
}

void check_patch_path_relative(const RuleContext& context, Report& report) {
  Once once;
  for_each_script(context.snapshot, [&](const WorkflowRun&, const JobRun& job, const JobStep& step,
                                        const ScriptPtr& script) {
    const std::string& own = step.step->working_directory.value;
    std::string folder = own.empty() ? job.job->working_directory.value : own;
    bool known = folder.empty() || (relative_folder(folder).has_value() || folder.starts_with("${{ matrix"));
    for (const RunCommand& command : script->commands) {
      const std::size_t at = command.program();
      const std::string program = at < command.words.size() ? command.words[at].value : std::string();
      if (program == "cd" || program == "pushd" || program == "popd") {
        const auto next = at + 1 < command.words.size() ? relative_folder(command.words[at + 1].value) : std::nullopt;
        known &= program != "popd" && next.has_value();
        folder += "/" + next.value_or("");
        continue;
      }
      const std::optional<GitApply> apply = git_apply(command);
      if (!apply || !known || !apply->known) continue;
      const auto base = joined(folder, apply->folder);
      if (!base || base->empty()) continue;
      for (const Word* word : apply->patches) {
        const std::string path = patch_path(*script, *word);
        const auto whole = joined(folder + "/" + apply->folder, path);
        const bool below = path.starts_with("patches/") && whole && whole->front() != "patches";
        if (below) add_patch_path(script, step, *word, join(*base, "/"), path, once, report);
      }
    }
  });
}

// workflow-null-ref

bool looks_up_ref(const RunCommand& command, const Word*& program) {
  const std::size_t at = command.program();
  if (at >= command.words.size() || model::base_name(command.words[at].value) != "yq") return false;
  program = &command.words[at];
  const std::string* key = nullptr;
  bool refs = false;
  for (std::size_t i = at + 1; i < command.words.size(); ++i) {
    const std::string& word = command.words[i].value;
    if (word == "-e" || word == "--exit-status" || word == "-er" || word == "-re") return false;
    if (word == "-i" || word == "--inplace") return false;
    refs |= word.find("source-refs.y") != std::string::npos || word.find("test-refs.y") != std::string::npos;
    if (key == nullptr && !word.starts_with('-') && word.find(".y") == std::string::npos && word != "eval" &&
        word != "e")
      key = &word;
  }
  if (!refs || key == nullptr) return false;
  const std::string text = unquoted(*key);
  constexpr std::array<std::string_view, 9> others = {"keys",   "to_entries", "[]",     "has(", "//",
                                                      "select", "error",      "length", "map("};
  const bool looks_up = std::ranges::none_of(others, [&](std::string_view other) {
    const std::size_t there = text.find(other);
    // `keys` begins a name such as keystone.
    return there != text.npos && !(other == "keys" && there + 4 < text.size() && is_alnum(text[there + 4]));
  });
  return text.starts_with('.') && text.size() > 1 && looks_up;
}

/// The script looks whether it got `null`; a comment does not.
bool minds_null(std::string_view text) {
  for (const std::string_view line : split(text, '\n')) {
    if (trim(line).starts_with('#')) continue;
    for (std::size_t at = line.find("null"); at != line.npos; at = line.find("null", at + 4))
      if (at < 5 || line.substr(at - 5, 5) != "/dev/") return true;
  }
  return false;
}

void check_null_ref(const RuleContext& context, Report& report) {
  Once once;
  for_each_script(context.snapshot, [&](const WorkflowRun&, const JobRun&, const JobStep&, const ScriptPtr& script) {
    if (minds_null(script->text.value)) return;
    for (const RunCommand& command : script->commands) {
      const Word* yq = nullptr;
      if (!looks_up_ref(command, yq)) continue;
      const TextSpan span = script->place(yq->span);
      if (!once(script->file, span)) continue;
      Added added = report.add(script->file, span,
                               "For a key that is not there `yq` prints `null` and ends well, so the ref becomes "
                               "`null`: ask with `-e`, or take the ref from the plan.");
      if (span.size() == yq->value.size()) added.fix("Let a missing key fail", span, yq->value + " -e");
    }
  });
}

// workflow-ref-kind-unsupported

/// The components that the text may be the ref of: what its key names, or all services.
std::vector<std::string> components_of(const Snapshot& snapshot, const JobRun& job, const TextPart& ref) {
  const auto bare = [](std::string key) {
    std::erase_if(key, [](char c) { return c == '"' || c == '\'' || c == '[' || c == ']'; });
    if (key.starts_with('.')) key.erase(0, 1);
    return key;
  };
  if (const auto key = model::text_in(ref.key, {})) return {bare(*key)};
  std::set<std::string> names;
  if (job.cells) {
    for (const model::MatrixCell& cell : *job.cells) {
      const auto key = model::text_in(ref.key, cell);
      if (!key) return {};
      names.insert(bare(*key));
    }
    return {names.begin(), names.end()};
  }
  if (ref.key.empty() || ref.open) return {};
  for (const std::string& image : snapshot.images())
    if (snapshot.is_service(image)) names.insert(image);
  return {names.begin(), names.end()};
}

const TextPart* ref_in(const SymbolicText& text) {
  const auto found =
      std::ranges::find_if(text, [](const TextPart& part) { return part.kind == TextPart::Kind::source_ref; });
  return found == text.end() ? nullptr : &*found;
}

/// The first ref of one of the components for which `unsupported` holds.
struct FoundRef {
  const workspace::Document<formats::SourceRefs>* document;
  const formats::SourceRef* entry;
};
std::optional<FoundRef> find_ref(const Snapshot& snapshot, const std::vector<std::string>& components,
                                 const auto& unsupported) {
  for (const std::string& release : snapshot.releases())
    if (const auto* refs = snapshot.source_refs(release))
      for (const std::string& component : components)
        if (const formats::SourceRef* entry = (*refs)->find(component); entry != nullptr && entry->ref)
          if (unsupported(entry->ref->value)) return FoundRef{refs, entry};
  return std::nullopt;
}

/// The word behind `--branch` of a `git clone`.
std::optional<Word> cloned_branch(const RunCommand& command) {
  const std::size_t at = command.program();
  if (at + 1 >= command.words.size() || model::base_name(command.words[at].value) != "git") return std::nullopt;
  const bool clones = std::ranges::any_of(command.words, [](const Word& word) { return word.value == "clone"; });
  if (!clones) return std::nullopt;
  for (std::size_t i = at + 1; i < command.words.size(); ++i) {
    const Word& word = command.words[i];
    if ((word.value == "--branch" || word.value == "-b") && i + 1 < command.words.size()) return command.words[i + 1];
    if (word.value.starts_with("--branch="))
      return Word{word.value.substr(9), span_of(word.span.begin + 9, word.span.end)};
  }
  return std::nullopt;
}

void check_ref_kind(const RuleContext& context, Report& report) {
  Once once;
  for_each_script(context.snapshot, [&](const WorkflowRun& run, const JobRun& job, const JobStep& step,
                                        const ScriptPtr& script) {
    for (const RunCommand& command : script->commands) {
      const std::optional<Word> branch = cloned_branch(command);
      if (!branch) continue;
      const SymbolicText text = StepTexts(run, job, {}).word(step, script, branch->value);
      const TextPart* part = ref_in(text);
      if (part == nullptr) continue;
      const auto found = find_ref(context.snapshot, components_of(context.snapshot, job, *part), is_full_commit);
      const TextSpan span = script->place(branch->span);
      if (!found || !once(script->file, span)) continue;
      report
          .add(script->file, span,
               "`git clone --branch` takes branches and tags, and the ref of `{}` in {} is a commit: fetch the commit "
               "and check it out.",
               found->entry->component.value, found->document->release)
          .about(found->document->release, found->entry->component.value)
          .related(found->document->file, found->entry->value_span, "the commit");
    }
  });
}

// workflow-input-skipped

/// Everything that the job's steps run and use, as text.
std::string words_of(const JobRun& job) {
  std::string text;
  for (const JobStep& step : job.steps) {
    text += step.step->uses.value + "\n";
    for (const auto& setting : step.step->with.entries) text += setting.value.value + "\n";
    for (const auto& setting : step.step->env.entries) text += setting.value.value + "\n";
    if (step.scripts.empty()) text += step.step->run.value + "\n";
    for (const ScriptPtr& script : step.scripts) text += script->text.value + "\n";
  }
  return text;
}

bool has(std::string_view text, std::string_view word) {
  return text.find(word) != std::string_view::npos;
}

struct BuildPath {
  const ImageBuild* build;
  std::vector<std::string> services;
  bool takes_constraints = false;
  bool patches = false;
  bool overrides = false;
};

/// The job gets sources itself, by a checkout of another repository or a clone.
bool fetches_source(const JobRun& job, std::string_view words) {
  if (has(words, "git clone") || has(words, "git fetch")) return true;
  return std::ranges::any_of(job.steps, [](const JobStep& step) {
    return step.step->action() == "actions/checkout" && step.step->with.find("repository") != nullptr;
  });
}

std::vector<BuildPath> build_paths(const Snapshot& snapshot) {
  std::vector<BuildPath> out;
  for (const ImageBuild& build : model::image_builds(snapshot)) {
    if (build.is_bake || build.is_merge || build.job->unseen_steps || !model::builds_service(snapshot, build)) continue;
    const std::string words = words_of(*build.job);
    const bool elsewhere = has(words, "forge-analyze") || has(words, "download-artifact");
    if (elsewhere || !fetches_source(*build.job, words)) continue;
    BuildPath path{.build = &build};
    if (const auto images = model::images_of(build)) {
      path.services = *images;
    } else {
      for (const std::string& image : snapshot.images())
        if (model::is_component(snapshot, image)) path.services.push_back(image);
    }
    path.patches = has(words, "patches");
    path.overrides = has(words, "override");
    path.takes_constraints = std::ranges::any_of(
        build.contexts, [](const model::BuildValue& one) { return has(one.written, "upper-constraints="); });
    out.push_back(std::move(path));
  }
  return out;
}

const workspace::PatchSeries* patched(const Snapshot& snapshot, const BuildPath& path) {
  for (const workspace::PatchSeries& series : snapshot.patch_series())
    if (!series.patches.empty() && std::ranges::count(path.services, series.component) > 0) return &series;
  return nullptr;
}

const workspace::Document<formats::Overrides>* overridden(const Snapshot& snapshot, const BuildPath& path) {
  for (const auto* overrides : snapshot.all_overrides())
    for (const std::string& service : path.services)
      if (!(*overrides)->entries.empty() &&
          std::ranges::count(model::releases_with(snapshot, service), overrides->release) > 0)
        return overrides;
  return nullptr;
}

void check_input_skipped(const RuleContext& context, Report& report) {
  const Snapshot& snapshot = context.snapshot;
  const std::vector<BuildPath> paths = build_paths(snapshot);
  const auto other = [&](bool BuildPath::* field) {
    return std::ranges::any_of(paths, [&](const BuildPath& path) { return path.*field; });
  };
  Once once;
  for (const BuildPath& path : paths) {
    const workspace::PatchSeries* series = patched(snapshot, path);
    if (!path.patches && (series != nullptr || other(&BuildPath::patches)) &&
        once(path.build->file, path.build->span, "patches")) {
      Added added = report.add(path.build->file, path.build->span,
                               "This builds services from their upstream trees without the forge's patches{}.",
                               series == nullptr ? ", which another build applies" : "");
      if (series == nullptr)
        added.level(Severity::warning);
      else
        added.level(Severity::error).related(series->patches.front()->file, {}, "a patch that the image lacks");
    }
    const auto* overrides = overridden(snapshot, path);
    if (path.takes_constraints && !path.overrides && (overrides != nullptr || other(&BuildPath::overrides)) &&
        once(path.build->file, path.build->span, "overrides")) {
      Added added = report.add(path.build->file, path.build->span,
                               "This builds services on the release's constraints without the forge's overrides{}.",
                               overrides == nullptr ? ", which another build applies" : "");
      if (overrides == nullptr)
        added.level(Severity::warning);
      else
        added.level(Severity::error)
            .related(overrides->file, (*overrides)->entries.front().span, "has no effect there");
    }
  }
}

// tag-patch-count-wrong

/// How a pipeline of the script counts patches: `find patches/… | wc -l`, `ls patches/… | wc -l`.
struct PatchCount {
  const Word* program = nullptr;
  bool deep = false;      ///< in sub-folders too
  bool any_name = false;  ///< not `*.patch` alone
};

std::optional<PatchCount> patch_count(const Script& script, const RunCommand& command) {
  const std::size_t at = command.program();
  if (at >= command.words.size()) return std::nullopt;
  const std::string& program = command.words[at].value;
  if (program != "find" && program != "ls") return std::nullopt;
  PatchCount out{.program = &command.words[at], .deep = program == "find", .any_name = true};
  bool patches = false;
  for (std::size_t i = at + 1; i < command.words.size(); ++i) {
    const Word& word = command.words[i];
    const std::string path = patch_path(script, word);
    patches |= path.starts_with("patches/") || has(path, "/patches/") || has(word.value, "patches/");
    out.any_name &= !has(word.value, "*.patch");
    if (word.value == "-maxdepth" || word.value == "--max-depth") out.deep = false;
  }
  return patches ? std::optional(out) : std::nullopt;
}

bool counts_lines(const Script& script) {
  return std::ranges::any_of(script.commands, [](const RunCommand& command) {
    const std::size_t at = command.program();
    return at + 1 < command.words.size() && command.words[at].value == "wc" &&
           command.words[at + 1].value.starts_with("-l");
  });
}

/// A file that is counted and not applied.
SourceFilePtr counted_stray(const Snapshot& snapshot, const PatchCount& count) {
  for (const workspace::PatchSeries& series : snapshot.patch_series())
    for (const SourceFilePtr& stray : series.strays) {
      const std::vector<std::string_view> parts = split(stray->path(), '/');
      const bool below = parts.size() > 4;
      const bool named = parts.back().ends_with(".patch");
      if ((!below || count.deep) && (named || count.any_name) && snapshot.is_service(series.component)) return stray;
    }
  return nullptr;
}

/// A patched library that some image of its release takes: its patches change the image, and the count does not.
const workspace::PatchSeries* uncounted_library(const Snapshot& snapshot) {
  for (const workspace::PatchSeries& series : snapshot.patch_series()) {
    if (series.patches.empty() || snapshot.is_service(series.component)) continue;
    const auto& nodes = model::image_graph(snapshot).nodes;
    const bool read = std::ranges::any_of(nodes, [&](const model::ImageNode& node) {
      return std::ranges::any_of(node.needs, [&](const model::ImageNeed& need) {
        return need.used && need.kind == model::NeedKind::source && need.target == series.component;
      });
    });
    if (read) return &series;
  }
  return nullptr;
}

void check_patch_count(const RuleContext& context, Report& report) {
  const Snapshot& snapshot = context.snapshot;
  Once once;
  for_each_script(snapshot, [&](const WorkflowRun&, const JobRun&, const JobStep&, const ScriptPtr& script) {
    const bool named = has(script->text.value, "GITHUB_OUTPUT") || has(script->text.value, "GITHUB_ENV");
    if (!named || !counts_lines(*script)) return;
    for (const RunCommand& command : script->commands) {
      const std::optional<PatchCount> count = patch_count(*script, command);
      if (!count) continue;
      const TextSpan span = script->place(count->program->span);
      const SourceFilePtr stray = counted_stray(snapshot, *count);
      const workspace::PatchSeries* library = uncounted_library(snapshot);
      if (stray != nullptr && once(script->file, span, "stray"))
        report
            .add(script->file, span, "This counts `{}` too, which no build applies, so the tag tells a wrong number.",
                 stray->path())
            .related(stray, {}, "not applied");
      else if (library != nullptr && !has(script->text.value, library->component) &&
               once(script->file, span, "library"))
        report
            .add(script->file, span,
                 "This counts the service's own patches alone, while the image also has those of `{}`: two images with "
                 "different patches get one number.",
                 library->component)
            .related(library->patches.front()->file, {}, "not counted");
    }
  });
}

constexpr Rule rules[] = {
    {.name = "workflow-patch-path-relative",
     .summary = "`git -C` that looks for patches in the wrong folder",
     .doc =
         "`git -C DIR apply patches/x.patch` changes to DIR first, so it looks for DIR/patches/x.patch: \"can't open "
         "patch\". The shell has expanded the pattern in the checkout, which is why it looks right. Give an absolute "
         "path. `forge-analyze source export` applies the patches without any of this.",
     .bad = "# .github/workflows/build.yaml\nrun: git -C src/nova apply patches/nova/2025.2/*.patch\n",
     .good = "# .github/workflows/build.yaml\nrun: git -C src/nova apply "
             "\"$GITHUB_WORKSPACE\"/patches/nova/2025.2/*.patch\n",
     .check = check_patch_path_relative},
    {.name = "workflow-null-ref",
     .severity = Severity::warning,
     .summary = "ref that becomes `null` where its key is missing",
     .doc =
         "yq prints `null` for a key that is not there, and ends with 0. A misspelt or forgotten component then goes "
         "on as the ref `null`, and the error shows steps later. Let yq fail (`-e`), check the value, or take the ref "
         "from the plan.",
     .bad = "# .github/workflows/build.yaml\nrun: echo \"ref=$(yq '.\"nova\"' releases/2025.2/source-refs.yaml)\" >> "
            "\"$GITHUB_OUTPUT\"\n",
     .good =
         "# .github/workflows/build.yaml\nrun: |\n  ref=$(yq -e '.\"nova\"' releases/2025.2/source-refs.yaml)\n  echo "
         "\"ref=$ref\" >> \"$GITHUB_OUTPUT\"\n",
     .check = check_null_ref},
    {.name = "workflow-ref-kind-unsupported",
     .summary = "step that can't take a commit, where a ref is one",
     .doc =
         "A ref in source-refs.yaml is a tag, a branch or a commit. `git clone --branch` takes tags and branches "
         "only, so a component whose ref is a commit can't be built by that step. Fetch the commit and check it out, "
         "or export the source from a mirror.",
     .bad = "# scripts/build.sh, with a commit as a ref\ngit clone --depth 1 --branch \"$ref\" \"$url\" src\n",
     .good = "# scripts/build.sh\ngit init src && git -C src fetch --depth 1 \"$url\" \"$ref\" && git -C src checkout "
             "FETCH_HEAD\n",
     .check = check_ref_kind},
    {.name = "workflow-input-skipped",
     .severity = Severity::warning,
     .summary = "build of a service that leaves out its patches or overrides",
     .doc =
         "A second way to build the images, for tests perhaps, takes the upstream tree as it is: what is tested is "
         "not what is shipped. An error while there are patches or overrides that it leaves out. Build both from one "
         "plan.",
     .bad = "# scripts/build-for-tests.sh\ngit clone --branch \"$ref\" \"$url\" src\ndocker build --build-context "
            "nova=src images/nova\n",
     .good = "# scripts/build-for-tests.sh\nforge-analyze source export\nforge-analyze plan --format bake -o "
             "plan.json\ndocker buildx bake -f plan.json nova-2025-2\n",
     .check = check_input_skipped},
    {.name = "tag-patch-count-wrong",
     .severity = Severity::warning,
     .summary = "number of patches in a tag that is not the number of patches applied",
     .doc =
         "A tag such as `28.0.0-p2-main-abc1234` says how many patches the image has. Counting files recursively, or "
         "whatever their names, also counts what no build applies; counting the service's folder alone leaves out the "
         "patches of libraries that are installed from source.",
     .bad = "# .github/workflows/build.yaml, with patches/nova/2025.2/old/0001-x.patch\nrun: echo \"p=$(find "
            "patches/nova/2025.2 -name '*.patch' | wc -l)\" >> \"$GITHUB_OUTPUT\"\n",
     .good =
         "# .github/workflows/build.yaml\nrun: echo \"p=$(find patches/nova/2025.2 -maxdepth 1 -name '*.patch' | wc "
         "-l)\" >> \"$GITHUB_OUTPUT\"\n",
     .check = check_patch_count},
};

}  // namespace

std::span<const Rule> workflow_script_rules() {
  return rules;
}

}  // namespace forge::rules
