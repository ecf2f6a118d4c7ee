#include "engine/model/stage_state.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/base/text.hpp"
#include "engine/model/run_facts.hpp"

namespace forge::model {

namespace {

using formats::Dockerfile;
using formats::Instruction;
using workspace::Snapshot;
using namespace std::string_view_literals;

constexpr std::size_t most_variables = 1000;  // each stage has a copy
constexpr std::size_t most_environments = 100;
constexpr std::string_view usual_path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
constexpr std::array distributions{"almalinux"sv,  "alpine"sv, "busybox"sv, "buildpack-deps"sv,
                                   "centos"sv,     "debian"sv, "fedora"sv,  "python"sv,
                                   "rockylinux"sv, "ubuntu"sv, "scratch"sv};

struct KnownPython {
  std::string_view image, tag, python;
};
/// Tags begin so.
constexpr std::array known_pythons{KnownPython{"ubuntu", "focal", "3.8"},     KnownPython{"ubuntu", "20.04", "3.8"},
                                   KnownPython{"ubuntu", "jammy", "3.10"},    KnownPython{"ubuntu", "22.04", "3.10"},
                                   KnownPython{"ubuntu", "noble", "3.12"},    KnownPython{"ubuntu", "24.04", "3.12"},
                                   KnownPython{"ubuntu", "plucky", "3.13"},   KnownPython{"ubuntu", "25.04", "3.13"},
                                   KnownPython{"ubuntu", "questing", "3.13"}, KnownPython{"ubuntu", "25.10", "3.13"},
                                   KnownPython{"debian", "bullseye", "3.9"},  KnownPython{"debian", "11", "3.9"},
                                   KnownPython{"debian", "bookworm", "3.11"}, KnownPython{"debian", "12", "3.11"},
                                   KnownPython{"debian", "trixie", "3.13"},   KnownPython{"debian", "13", "3.13"}};

void set_root(StageState& state, std::string_view name) {
  const std::optional<ImageReference> reference = parse_image_reference(name);
  if (!reference || reference->domain != "docker.io" || !reference->path.starts_with("library/")) return;
  state.root = *reference;
  std::optional<std::string> path;
  if (std::ranges::find(distributions, reference->name()) != distributions.end()) path = usual_path;
  if (reference->name() == "python") path = "/usr/local/bin:" + *path;
  state.variables.emplace("PATH", std::move(path));
}

void set_variable(StageState& state, const std::string& name, std::optional<std::string> value) {
  if (state.variables.size() < most_variables || state.variables.contains(name))
    state.variables.insert_or_assign(name, std::move(value));
  else
    state.root.reset();  // nobody writes so many; give up
}

void read_environment(const Instruction& instruction, char escape, StageState& state) {
  // One ENV's assignments do not see each other.
  std::vector<std::pair<std::string, std::optional<std::string>>> set;
  for (const formats::Assignment& assignment : instruction.assignments) {
    const std::string& name = assignment.name.value;
    if (instruction.keyword.value == "ENV" && assignment.value)
      set.emplace_back(name, formats::expand_word(assignment.value->value, state.variables, escape));
    else if (instruction.keyword.value == "ARG" && !state.variables.contains(name))
      set.emplace_back(name, std::nullopt);
  }
  for (auto& [name, value] : set) set_variable(state, name, std::move(value));
}

/// `/usr/local` of an image of Python, and the like.
bool brings_python(std::string_view path) {
  while (path.ends_with('/')) path.remove_suffix(1);
  return path.empty() || path == "/usr" || path == "/usr/local" || path == "/usr/local/lib" ||
         path == "/usr/local/bin" || path.find("python") != std::string_view::npos;
}

void read_copy(const Instruction& copy, const std::vector<StageState>& done, const Dockerfile& file,
               StageState& state) {
  if (copy.words.empty()) return;
  for (const Spanned<std::string>& word : copy.words) {
    state.installer_settings |= names_installer_settings(word.value);
    state.other_environments |= word.value.find("venv") != std::string::npos;
  }
  const formats::InstructionFlag* from = copy.flag("from");
  if (from == nullptr || !from->value) return;
  if (from->value->value.find("astral-sh/uv") != std::string::npos) {
    const auto reference = parse_image_reference(from->value->value);
    state.uv = reference ? formats::Version::parse(reference->tag) : std::nullopt;
    return;
  }
  for (const Spanned<std::string>& word : copy.words) state.other_python |= brings_python(word.value);
  for (std::size_t i = 0; i < done.size(); ++i) {
    if (!file.stages[i].name || file.stages[i].name->value != to_lower(from->value->value)) continue;
    for (const std::string& folder : done[i].environments)
      if (copy.words.front().value == folder) state.environments.push_back(copy.words.back().value);
  }
}

/// The last word that is no option: `python3 -m venv --without-pip /var/lib/openstack`.
void add_environment(const std::vector<Spanned<std::string>>& words, std::size_t at, StageState& state) {
  std::string_view folder;
  for (; at < words.size(); ++at)
    if (!words[at].value.starts_with('-')) folder = without_quotes(words[at].value);
  while (folder.size() > 1 && folder.ends_with('/')) folder.remove_suffix(1);
  const bool known = folder.starts_with('/') && folder.find('$') == std::string_view::npos;
  if (known && state.environments.size() < most_environments)
    state.environments.emplace_back(folder);
  else
    state.other_environments = true;
}

void read_command(const RunCommand& command, StageState& state) {
  const std::size_t at = command.program();
  const auto word = [&](std::size_t i) {
    return at + i < command.words.size() ? std::string_view(command.words[at + i].value) : ""sv;
  };
  const std::string_view program = base_name(word(0));
  if (program.starts_with("python") && word(1) == "-m" && (word(2) == "venv" || word(2) == "virtualenv"))
    add_environment(command.words, at + 3, state);
  else if (program == "virtualenv" || (program == "uv" && word(1) == "venv"))
    add_environment(command.words, at + (program == "uv" ? 2 : 1), state);
  else if (program == "uv" && (word(1) == "sync" || word(1) == "init" || word(1) == "add"))
    state.other_environments = true;
}

void read_run(const RunFacts& run, StageState& state) {
  state.installer_settings |= run.installer_settings;
  state.other_python |= run.other_python;
  for (const RunCommand& command : run.commands) read_command(command, state);
  for (const PipInstall& install : run.installs)
    for (const PipInstall::Item& item : install.items)
      if (item.name.empty() && without_quotes(item.value.value).starts_with("uv=="))
        state.uv = formats::Version::parse(without_quotes(item.value.value).substr(4));
}

/// The state that a stage starts with.
StageState start_of(const Snapshot& snapshot, const ImageNode& node, std::size_t stage,
                    const std::vector<StageState>& done) {
  const Dockerfile& file = **node.document;
  if (const auto base = formats::base_stage(file, stage)) return done[*base];
  const ImageGraph& graph = image_graph(snapshot);
  for (const ImageNeed& need : node.needs) {
    if (need.span != file.stages[stage].base.span || need.where != formats::ExternalName::Where::from) continue;
    if (need.kind != NeedKind::image) break;
    const ImageNode* below = graph.find(need.target);
    // An image of a cycle has no place in the order, and asking it would come back here.
    if (below == nullptr || std::ranges::count(graph.build_order, below->image) == 0) return {};
    const std::vector<StageState>& states = stage_states(snapshot, *below);
    if (states.empty()) return {};
    StageState state = states.back();
    // Variables of an ARG end with their image.
    std::erase_if(state.variables, [](const auto& entry) { return !entry.second && entry.first != "PATH"; });
    return state;
  }
  StageState state;
  const bool written_out = file.stages[stage].base.value.find('$') == std::string::npos;
  if (file.stages[stage].base_name && written_out) set_root(state, *file.stages[stage].base_name);
  return state;
}

std::vector<StageState> walk(const Snapshot& snapshot, const ImageNode& node, const StageVisitor& visit) {
  const Dockerfile& file = **node.document;
  const DocumentRunsPtr runs = runs_of(*node.document);
  std::vector<StageState> done;
  for (std::size_t i = 0; i < file.stages.size(); ++i) {
    StageState state = start_of(snapshot, node, i, done);
    for (const Instruction& instruction : file.stages[i].instructions) {
      if (visit) visit(i, instruction, state);
      const std::string& keyword = instruction.keyword.value;
      if (keyword == "ENV" || keyword == "ARG")
        read_environment(instruction, file.escape, state);
      else if (keyword == "COPY" || keyword == "ADD")
        read_copy(instruction, done, file, state);
      else if (keyword == "RUN")
        read_run(runs->of(instruction), state);
    }
    done.push_back(std::move(state));
  }
  return done;
}

}  // namespace

std::optional<std::string> StageState::value(std::string_view name) const {
  const auto found = variables.find(name);
  return found == variables.end() ? std::nullopt : found->second;
}

bool StageState::may_be_set(std::string_view name) const {
  const auto found = variables.find(name);
  return found != variables.end() && (!found->second || !found->second->empty());
}

std::optional<std::string> StageState::base_python() const {
  if (!root || other_python) return std::nullopt;
  if (root->name() == "python") {
    const std::vector<std::string_view> numbers =
        split(std::string_view(root->tag).substr(0, root->tag.find('-')), '.');
    const auto is_number = [](std::string_view part) { return !part.empty() && std::ranges::all_of(part, is_digit); };
    if (numbers.size() < 2 || numbers[0] != "3" || !is_number(numbers[1])) return std::nullopt;
    return "3." + std::string(numbers[1]);
  }
  for (const KnownPython& known : known_pythons)
    if (root->name() == known.image && root->tag.starts_with(known.tag)) return std::string(known.python);
  return std::nullopt;
}

void walk_stages(const Snapshot& snapshot, const ImageNode& node, const StageVisitor& visit) {
  walk(snapshot, node, visit);
}

const std::vector<StageState>& stage_states(const Snapshot& snapshot, const ImageNode& node) {
  return snapshot.once<std::vector<StageState>>(node.image, [&] { return walk(snapshot, node, nullptr); });
}

}  // namespace forge::model
