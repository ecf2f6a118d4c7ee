#include "engine/model/image_builds.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "engine/base/text.hpp"
#include "engine/model/image_graph.hpp"
#include "engine/model/kept_answers.hpp"

namespace forge::model {

namespace {

using formats::WorkflowText;
using workspace::Snapshot;

/// Lines of an action's input, trimmed; `commas` also part them.
std::vector<BuildValue> lines_of(const JobStep& step, std::string_view input, bool commas) {
  std::vector<BuildValue> out;
  const WorkflowText* given = step.step->with.find(input);
  if (given == nullptr) return out;
  const ValueOrigin origin = origin_of(step, *given);
  const std::string& text = origin.text->value;
  std::size_t begin = 0;
  bool inside = false;  // of `${{ … }}`
  for (std::size_t at = 0; at <= text.size(); ++at) {
    if (text.compare(at, 3, "${{") == 0) inside = true;
    if (text.compare(at, 2, "}}") == 0) inside = false;
    const bool ends = at == text.size() || (!inside && (text[at] == '\n' || (commas && text[at] == ',')));
    if (!ends) continue;
    const std::string_view raw = std::string_view(text).substr(begin, at - begin);
    const std::string_view line = trim(raw);
    const std::size_t skipped = line.empty() ? 0 : static_cast<std::size_t>(line.data() - raw.data());
    const TextSpan part = span_of(begin + skipped, begin + skipped + line.size());
    begin = at + 1;
    if (line.empty() || line.starts_with('#')) continue;
    out.push_back({std::string(line), origin.file, formats::part_of_scalar(origin.file->text(), *origin.text, part),
                   origin.step});
  }
  return out;
}

std::vector<BuildValue> whole_of(const JobStep& step, std::string_view input) {
  const WorkflowText* given = step.step->with.find(input);
  if (given == nullptr || trim(given->value).empty()) return {};
  const ValueOrigin origin = origin_of(step, *given);
  return {{std::string(trim(origin.text->value)), origin.file, origin.text->span, origin.step}};
}

ImageBuild build_at(const WorkflowRun& run, const JobRun& job, const JobStep& step) {
  ImageBuild build{.run = &run, .job = &job, .step = step};
  build.file = step.scope->document->file;
  build.span = step.step->uses.span;
  return build;
}

/// `type=raw,value=X,enable=…` of docker/metadata-action: tags whose value is plain to see.
void add_metadata_tags(const JobStep& meta, ImageBuild& build) {
  const std::vector<BuildValue> images = lines_of(meta, "images", true);
  for (const BuildValue& line : lines_of(meta, "tags", false)) {
    std::string type;
    std::string value;
    bool enabled = true;
    for (const std::string_view field : split(line.written, ',')) {
      if (field.starts_with("type=")) type = field.substr(5);
      if (field.starts_with("value=")) value = field.substr(6);
      enabled &= !field.starts_with("enable=");
    }
    if (type != "raw" || value.empty() || !enabled) continue;
    for (const BuildValue& image : images) {
      BuildValue tag = line;
      tag.written = image.written + ":" + value;
      build.tags.push_back(std::move(tag));
    }
  }
}

/// The tags of an action's input; what docker/metadata-action makes is looked up in its step.
void add_tags(ImageBuild& build) {
  for (BuildValue& tag : lines_of(build.step, "tags", true)) {
    const std::vector<formats::TemplatePart> parts = formats::parse_template(tag.written);
    const bool output = parts.size() == 1 && parts.front().expression &&
                        parts.front().expression->name.starts_with("steps.") &&
                        parts.front().expression->name.ends_with(".outputs.tags");
    const std::string id = output ? std::string(split(parts.front().expression->name, '.')[1]) : std::string();
    const auto meta = std::ranges::find_if(build.job->steps, [&](const JobStep& one) {
      return !id.empty() && one.step->id.value == id && one.scope == tag.step.scope &&
             one.step->action() == "docker/metadata-action";
    });
    if (meta != build.job->steps.end())
      add_metadata_tags(*meta, build);
    else
      build.tags.push_back(std::move(tag));
  }
}

ImageBuild action_build(const WorkflowRun& run, const JobRun& job, const JobStep& step) {
  ImageBuild build = build_at(run, job, step);
  build.is_bake = step.step->action() == "docker/bake-action";
  build.context = whole_of(step, "context");
  build.dockerfile = whole_of(step, "file");
  build.contexts = lines_of(step, "build-contexts", false);
  build.arguments = lines_of(step, "build-args", false);
  build.push = whole_of(step, "push");
  build.outputs = lines_of(step, "outputs", false);
  build.cache_to = lines_of(step, "cache-to", false);
  build.cache_from = lines_of(step, "cache-from", false);
  if (!build.is_bake) add_tags(build);
  return build;
}

/// Puts one option of `docker build` where it belongs; false for an option without a value of its own.
bool take_option(std::string_view name, const BuildValue& value, ImageBuild& build) {
  if (name == "-t" || name == "--tag")
    build.tags.push_back(value);
  else if (name == "-f" || name == "--file")
    build.dockerfile = {value};
  else if (name == "--build-context")
    build.contexts.push_back(value);
  else if (name == "--build-arg")
    build.arguments.push_back(value);
  else if (name == "-o" || name == "--output")
    build.outputs.push_back(value);
  else if (name == "--cache-to")
    build.cache_to.push_back(value);
  else if (name == "--cache-from")
    build.cache_from.push_back(value);
  else {
    constexpr std::array<std::string_view, 14> others = {
        "--platform", "--target", "--label",      "--secret",        "--ssh",     "--progress",   "--network",
        "--builder",  "--attest", "--provenance", "--metadata-file", "--iidfile", "--annotation", "--add-host"};
    return std::ranges::count(others, name) > 0;
  }
  return true;
}

void read_options(const JobStep& step, const ScriptPtr& script, const std::vector<Spanned<std::string>>& words,
                  std::size_t at, ImageBuild& build) {
  const auto value = [&](std::string_view text, TextSpan span) {
    return BuildValue{std::string(text), script->file, script->place(span), step, script};
  };
  for (; at < words.size(); ++at) {
    const std::string_view word = words[at].value;
    if (word == "--push") build.pushes_always = true;
    if (!word.starts_with('-')) {
      build.context = {value(word, words[at].span)};
      continue;
    }
    const std::size_t equals = word.starts_with("--") ? word.find('=') : std::string_view::npos;
    if (equals != std::string_view::npos) {
      const TextSpan span = span_of(words[at].span.begin + equals + 1, words[at].span.end);
      (void)take_option(word.substr(0, equals), value(word.substr(equals + 1), span), build);
    } else if (at + 1 < words.size() && take_option(word, value(words[at + 1].value, words[at + 1].span), build)) {
      ++at;
    }
  }
}

/// `docker build`, `docker buildx build`, `docker image build`, `podman build`, `buildah bud`; index behind the verb.
std::size_t behind_build(const RunCommand& command, bool& merges, bool& bakes) {
  const std::size_t at = command.program();
  const auto word = [&](std::size_t i) {
    return i < command.words.size() ? std::string_view(command.words[i].value) : std::string_view();
  };
  const std::string_view program = base_name(word(at));
  if (program != "docker" && program != "podman" && program != "buildah") return 0;
  std::size_t verb = at + 1;
  if (word(verb) == "buildx" || word(verb) == "image") ++verb;
  if (word(verb) == "imagetools" && word(verb + 1) == "create") {
    merges = true;
    return verb + 2;
  }
  if (word(verb) == "push") {
    merges = true;
    return verb + 1;
  }
  bakes = word(verb) == "bake";
  const bool builds = word(verb) == "build" || word(verb) == "bud";
  return builds || bakes ? verb + 1 : 0;
}

void add_command_builds(const WorkflowRun& run, const JobRun& job, const JobStep& step, std::vector<ImageBuild>& out) {
  for (const ScriptPtr& script : step.scripts)
    for (const RunCommand& command : script->commands) {
      bool merges = false;
      bool bakes = false;
      const std::size_t at = behind_build(command, merges, bakes);
      if (at == 0) continue;
      ImageBuild build = build_at(run, job, step);
      build.is_merge = merges;
      build.is_bake = bakes;
      build.file = script->file;
      build.span = script->place(command.words[command.program()].span);
      const bool push = build.is_merge && command.words[at - 1].value == "push";
      read_options(step, script, command.words, at, build);
      build.pushes_always |= build.is_merge;
      if (push) build.tags = std::exchange(build.context, {});
      out.push_back(std::move(build));
    }
}

std::vector<ImageBuild> find_builds(const std::vector<WorkflowRun>& runs) {
  std::vector<ImageBuild> out;
  for (const WorkflowRun& run : runs)
    for (const JobRun& job : run.jobs)
      for (const JobStep& step : job.steps) {
        const std::string action = step.step->action();
        if (action == "docker/build-push-action" || action == "docker/bake-action")
          out.push_back(action_build(run, job, step));
        add_command_builds(run, job, step, out);
      }
  return out;
}

struct BuildInputs {
  std::weak_ptr<const std::vector<WorkflowRun>> runs;

  [[nodiscard]] bool gone() const { return runs.expired(); }
  friend bool operator==(const BuildInputs& a, const BuildInputs& b) { return is_same(a.runs, b.runs); }
};

/// An output that goes to a registry: `type=image,push=true`, `type=registry`.
std::optional<bool> output_pushes(const ImageBuild& build, const Occasion& occasion) {
  for (const BuildValue& output : build.outputs) {
    std::string known;
    bool all = true;
    for (const TextPart& part : value_text(build, output, occasion)) {
      if (part.kind == TextPart::Kind::text)
        known += part.name;
      else if (part.kind == TextPart::Kind::axis)
        known += "*";
      else
        all = false;
    }
    if (known.find("push=true") != known.npos || known.find("type=registry") != known.npos) return true;
    if (!all && known.find("type=image") == known.npos) return std::nullopt;
    if (!all && known.find("push=") != known.npos) return std::nullopt;
  }
  return false;
}

std::optional<bool> and_both(std::optional<bool> a, std::optional<bool> b) {
  if (a == false || b == false) return false;
  return a && b ? std::optional(true) : std::nullopt;
}

}  // namespace

const std::vector<ImageBuild>& image_builds(const Snapshot& snapshot) {
  using Builds = std::vector<ImageBuild>;
  static KeptAnswers<BuildInputs, Builds> kept(8);
  return *snapshot.once<std::shared_ptr<const Builds>>("image builds", [&] {
    const WorkflowRunsPtr& runs = shared_workflow_runs(snapshot);
    return kept.get({runs}, [&] { return find_builds(*runs); });
  });
}

SymbolicText value_text(const ImageBuild& build, const BuildValue& value, const Occasion& occasion) {
  const StepTexts texts(*build.run, *build.job, occasion);
  return value.script ? texts.word(value.step, value.script, value.written) : texts.text(value.step, value.written);
}

std::optional<bool> pushes(const ImageBuild& build, const Occasion& occasion) {
  if (!is_started(*build.run, occasion)) return false;
  const StepTexts texts(*build.run, *build.job, occasion);
  std::optional<bool> pushed = build.pushes_always ? std::optional(true) : output_pushes(build, occasion);
  // What a shell decides before the command is not seen.
  if (build.step.scripts.size() > 0 && pushed == true) {
    bool branches = false;
    for (const ScriptPtr& script : build.step.scripts)
      for (const char* word : {"if ", "case ", "&& ", "|| ", "exit"})
        branches |= script->text.value.find(word) != std::string::npos;
    if (branches) pushed = std::nullopt;
  }
  if (!build.push.empty() && pushed != true) {
    const SymbolicText text = value_text(build, build.push.front(), occasion);
    const std::optional<std::string> plain = text_in(text, {});
    const std::optional<bool> given = plain ? std::optional(*plain == "true") : std::nullopt;
    pushed = given == true || !pushed ? given : given == false ? pushed : given;
  }
  return and_both(pushed, and_both(texts.runs(build.step), job_runs(*build.run, *build.job, occasion)));
}

std::optional<SymbolicText> image_folder(const ImageBuild& build) {
  for (const auto* values : {&build.dockerfile, &build.context}) {
    if (values->empty()) continue;
    SymbolicText text = value_text(build, values->front(), {});
    // `./images/X`, `$ROOT/images/X/Dockerfile`: behind the first `images/`.
    for (std::size_t i = 0; i < text.size(); ++i) {
      const std::size_t at = text[i].kind == TextPart::Kind::text ? text[i].name.find("images/") : std::string::npos;
      if (at == std::string::npos || (at > 0 && text[i].name[at - 1] != '/')) continue;
      SymbolicText folder(text.begin() + static_cast<std::ptrdiff_t>(i), text.end());
      folder.front().name.erase(0, at + 7);
      if (folder.front().name.empty()) folder.erase(folder.begin());
      if (!folder.empty() && folder.back().kind == TextPart::Kind::text) {
        std::string& last = folder.back().name;
        last.erase(std::min(last.find('/'), last.size()));
        if (last.empty()) folder.pop_back();
      }
      if (!folder.empty()) return folder;
    }
  }
  return std::nullopt;
}

std::optional<std::vector<std::string>> images_of(const ImageBuild& build) {
  const std::optional<SymbolicText> folder = image_folder(build);
  if (!folder) return std::nullopt;
  if (const std::optional<std::string> only = text_in(*folder, {})) return std::vector{*only};
  if (!build.job->cells) return std::nullopt;
  std::set<std::string> names;
  for (const MatrixCell& cell : *build.job->cells) {
    const std::optional<std::string> name = text_in(*folder, cell);
    if (!name) return std::nullopt;
    names.insert(*name);
  }
  return std::vector(names.begin(), names.end());
}

bool builds_service(const Snapshot& snapshot, const ImageBuild& build) {
  if (const auto images = images_of(build))
    return std::ranges::any_of(*images, [&](const std::string& image) { return is_component(snapshot, image); });
  const std::optional<SymbolicText> folder = image_folder(build);
  // A matrix that is made at run time, over images of this forge.
  return folder && folder->size() == 1 && folder->front().kind == TextPart::Kind::axis;
}

}  // namespace forge::model
