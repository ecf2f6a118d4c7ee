#include "engine/plan/target_inputs.hpp"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "engine/base/sha256.hpp"
#include "engine/base/text.hpp"
#include "engine/model/context_files.hpp"
#include "engine/model/effective_pins.hpp"
#include "engine/model/image_reference.hpp"
#include "engine/plan/source_identity.hpp"

namespace forge::plan {

namespace {

using model::ImageNeed;
using model::ImageNode;
using model::NeedKind;
using namespace std::string_view_literals;

/// They say when and from what it was built, not what is in it.
constexpr std::array volatile_labels = {"org.opencontainers.image.revision"sv, "org.opencontainers.image.created"sv,
                                        "org.opencontainers.image.base.digest"sv, "io.c5c3.forge.fingerprint"sv};

std::string digest_of(std::string_view text) {
  return "sha256:" + sha256_hex(text);
}

/// Each part with its length in front, so that no two lists have one digest.
std::string digest_of(const std::vector<PlanInput>& inputs) {
  std::string text;
  for (const PlanInput& input : inputs)
    text += fmt::format("{} {} {} {}\n", input.name.size(), input.name, input.value.size(), input.value);
  return digest_of(text);
}

void sort_inputs(std::vector<PlanInput>& inputs) {
  std::ranges::sort(inputs, {}, [](const PlanInput& input) { return std::tie(input.name, input.value); });
}

/// A URL that ADD fetches anew in every build, unless its content or commit is fixed.
void add_remote(const formats::Instruction& instruction, std::vector<std::string>& floating) {
  if (instruction.keyword.value != "ADD" || instruction.flag("checksum") != nullptr) return;
  for (std::size_t i = 0; i + 1 < instruction.words.size(); ++i) {
    const std::string& word = instruction.words[i].value;
    if (word.find("://") != std::string::npos || word.starts_with("git@")) floating.push_back(word);
  }
}

}  // namespace

TargetInputs::TargetInputs(PlanInputs in) : in_(in), graph_(model::image_graph(in.snapshot)) {
  for_all_.push_back({"rules", std::to_string(rules_version)});
  if (!in_.request.epoch.empty()) for_all_.push_back({"epoch", in_.request.epoch});
  for (const std::string& path : in_.snapshot.paths()) {
    const bool counts = std::ranges::any_of(
        in_.request.global_inputs, [&](const std::string& pattern) { return model::names_path(pattern, path); });
    if (counts) for_all_.push_back({"global " + path, file_digest(path)});
  }
}

std::string TargetInputs::file_digest(const std::string& path) const {
  const Result<std::string> text = in_.snapshot.read(path);
  return fmt::format("{:o} {}", in_.snapshot.mode(path), text ? digest_of(*text) : "unreadable");
}

void TargetInputs::add_files(const ImageNode& node, Core& core) const {
  core.inputs.push_back({"Dockerfile", digest_of(node.document->file->text())});
  const std::string folder = "images/" + node.image + "/";
  for (const std::string& path : model::context_files(in_.snapshot, node))
    core.inputs.push_back({"file " + path.substr(folder.size()), file_digest(path)});
}

/// As sets of pins are compared: by name, version and marker; spelling, order and comments count for nothing.
std::string TargetInputs::constraints_identity(const std::string& release) const {
  return in_.snapshot.once<std::string>("constraints identity of " + release, [&] {
    std::vector<std::string> lines;
    for (const model::EffectivePin& pin : model::effective_pins(in_.snapshot, release).pins)
      lines.push_back(fmt::format("{}{};{}\n", pin.pin->name.str(), pin.pin->requirement_text(),
                                  pin.pin->marker ? pin.pin->marker->value : ""));
    std::ranges::sort(lines);
    return digest_of(join(lines, ""));
  });
}

void TargetInputs::add_external(const std::string& name, const std::string& shown, Core& core) const {
  const auto reference = model::parse_image_reference(name);
  std::string digest = reference ? reference->digest : "";
  if (digest.empty()) digest = known_digest(in_.request, reference ? reference->short_form() : name).value_or("");
  if (digest.empty()) core.floating.push_back(name);
  core.inputs.push_back({shown, digest.empty() ? name : digest});
}

std::string TargetInputs::source_value(const PlanTarget& target, const std::string& component) const {
  const auto source = std::ranges::find(target.sources, component, &PlanSource::component);
  if (source == target.sources.end()) return "empty";
  return source_identity(in_.snapshot, *source).value_or("unknown");
}

void TargetInputs::add_need(const ImageNeed& need, const PlanTarget& target, Core& core) {
  const std::string name = "context " + need.name;
  switch (need.kind) {
    case NeedKind::image: {
      const bool service = !model::image_releases(in_.snapshot, need.target).empty();
      const Core& parent = this->core(need.target, service ? target.release : "", nullptr);
      core.inputs.push_back({name, parent.digest});
      core.floating.insert(core.floating.end(), parent.floating.begin(), parent.floating.end());
      break;
    }
    case NeedKind::source:
      core.inputs.push_back({name, source_value(target, need.target)});
      break;
    case NeedKind::libraries: {
      std::vector<PlanInput> libraries;
      for (const std::string& library : model::patched_libraries(in_.snapshot, target.release))
        libraries.push_back({library, source_value(target, library)});
      core.inputs.push_back({name, libraries.empty() ? "empty" : digest_of(libraries)});
      break;
    }
    case NeedKind::constraints:
      core.inputs.push_back({name, constraints_identity(target.release)});
      break;
    case NeedKind::external:
      add_external(need.name, "image " + need.name, core);
      break;
    default:
      break;
  }
}

TargetInputs::Core TargetInputs::make_core(const ImageNode& node, const PlanTarget& target) {
  Core core;
  core.inputs = for_all_;
  add_files(node, core);
  std::set<std::string> named;
  for (const ImageNeed& need : node.needs)
    if (need.used && named.insert(need.name).second) add_need(need, target, core);
  const formats::Dockerfile& file = **node.document;
  for (const formats::ParserDirective& directive : file.directives)
    if (directive.name.value == "syntax") add_external(directive.value.value, "syntax", core);
  for (const formats::Stage& stage : file.stages)
    for (const formats::Instruction& instruction : stage.instructions) add_remote(instruction, core.floating);
  for (const auto& [name, value] : target.args)
    if (name != "SOURCE_DATE_EPOCH") core.inputs.push_back({"arg " + name, value});
  for (const auto& [name, value] : target.labels)
    if (std::ranges::find(volatile_labels, name) == volatile_labels.end())
      core.inputs.push_back({"label " + name, value});
  sort_inputs(core.inputs);
  std::ranges::sort(core.floating);
  core.floating.erase(std::ranges::unique(core.floating).begin(), core.floating.end());
  core.digest = digest_of(core.inputs);
  return core;
}

/// A base whose digest is known is no target of the plan; what it is made of counts all the same, so that a plan in
/// halves has the fingerprints of a whole one.
const TargetInputs::Core& TargetInputs::core(const std::string& image, const std::string& release,
                                             const PlanTarget* target) {
  const std::pair key(image, release);
  if (const auto found = cores_.find(key); found != cores_.end()) return found->second;
  const ImageNode& node = *graph_.find(image);
  cores_[key].digest = "circle";  // of images that build from one another: the plan blocks them
  PlanTarget alone;
  if (target == nullptr) {
    alone.image = image;
    alone.release = release;
    alone.kind = release.empty() ? PlanTarget::Kind::base : PlanTarget::Kind::service;
    describe_target(in_, node, alone);
    target = &alone;
  }
  Core made = make_core(node, *target);
  return cores_[key] = std::move(made);
}

void TargetInputs::fill(PlanTarget& target) {
  const Core& made = core(target.image, target.release, &target);
  target.inputs = made.inputs;
  target.floating = made.floating;
  std::vector<PlanInput> platforms;
  for (const std::string& platform : target.platforms)
    platforms.push_back({"platform " + platform, digest_of({{"core", made.digest}, {"platform", platform}})});
  sort_inputs(platforms);
  target.fingerprint = digest_of(platforms);
  target.labels.emplace_back("io.c5c3.forge.fingerprint", target.fingerprint);
}

}  // namespace forge::plan
