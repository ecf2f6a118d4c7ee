#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/commands/table.hpp"
#include "cli/environment.hpp"
#include "cli/package_index.hpp"
#include "cli/render/json.hpp"
#include "cli/render/status_line.hpp"
#include "engine/base/text.hpp"
#include "engine/model/closure_words.hpp"
#include "engine/model/component_closure.hpp"

namespace forge::cli {

namespace {

using Json = nlohmann::ordered_json;
using model::ClosurePackage;
using model::ComponentClosure;
using model::PackageFrom;

constexpr std::array<std::string_view, 2> formats_of_answer = {"text", "json"};
constexpr std::array options = {
    Option{"--release", "R", "the release whose ref and constraints count; default: the only one"},
    Option{"--component", "C", "the component that is installed"},
    Option{"--platform", "P", "linux/amd64, linux/arm64, ...; default: the first of forge.yaml"},
    Option{"--extra", "E", "an extra besides those that its image asks for; may be repeated", {}, true},
};

std::string wanted_release(const Invocation& invocation, const workspace::Snapshot& snapshot) {
  std::string given = invocation.value("--release").value_or("");
  require_known_release(snapshot, given);
  if (!given.empty()) return given;
  if (snapshot.releases().size() == 1) return snapshot.releases().front();
  throw NotDone("Which release? Say it with `--release R`.",
                {fmt::format("its releases: {}", join(snapshot.releases(), ", "))});
}

std::string wanted_platform(const Invocation& invocation, const workspace::Snapshot& snapshot) {
  const std::vector<std::string>& known = snapshot.config().platforms;
  const std::string platform = invocation.value("--platform").value_or(known.empty() ? "linux/amd64" : known.front());
  if (formats::machine_of_platform(platform).empty())
    throw NotDone(fmt::format("`{}` is no platform that packages are known for.", platform),
                  {"such as linux/amd64 or linux/arm64"});
  return platform;
}

/// Names of those who need it; the install itself has none and is shown as `shown`.
std::vector<std::string> needed_by(const ClosurePackage& package, std::string_view shown) {
  std::set<std::string> names;
  for (const model::Requirer& by : package.required_by) names.emplace(by.name.empty() ? shown : by.name);
  return {names.begin(), names.end()};
}

std::string line_of(const ClosurePackage& package) {
  const std::string extras = package.extras.empty() ? std::string() : "[" + join(package.extras, ",") + "]";
  const std::string line =
      fmt::format("{}{}{}{}", package.spelling, extras, package.version.empty() ? "" : "==", package.version);
  const bool installable = package.from != PackageFrom::source && !package.version.empty();
  return installable ? line : "# " + line;
}

std::vector<std::string> notes_on(const ClosurePackage& package) {
  std::vector<std::string> notes;
  if (package.from == PackageFrom::source) notes.emplace_back("built from its source tree");
  if (package.floats() && !package.version.empty()) notes.emplace_back("not pinned: the newest that fits today");
  if (package.file && package.file->yanked)
    notes.push_back(package.file->yanked_reason.empty() ? "yanked" : "yanked: " + package.file->yanked_reason);
  if (!package.unknown.empty()) notes.push_back("what it requires is not certain: " + package.unknown);
  return notes;
}

std::string text_of(const ComponentClosure& answer) {
  std::string text =
      fmt::format("# What an install of {} in {} brings on {}\n", answer.component, answer.release, answer.platform);
  for (const ClosurePackage& package : answer.closure.packages) {
    text += line_of(package) + "\n";
    const auto by = needed_by(package, "the install");
    text += fmt::format("    # via {}\n", join(by, ", "));
    for (const std::string& note : notes_on(package)) text += fmt::format("    # {}\n", note);
  }
  return text;
}

Json package_json(const ClosurePackage& package) {
  Json json = {{"name", package.spelling},
               {"version", package.version.empty() ? Json() : Json(package.version)},
               {"from", to_string(package.from)},
               {"requiredBy", needed_by(package, "")},
               {"extras", package.extras}};
  auto& by = json["requiredBy"];
  by.erase(std::remove(by.begin(), by.end(), Json("")), by.end());
  json["floats"] = package.floats();
  if (package.file) {
    json["file"] = package.file->file_name;
    if (package.file->yanked) json["yanked"] = package.file->yanked_reason;
  }
  if (!package.unknown.empty()) json["requirementsUnknown"] = package.unknown;
  return json;
}

std::string json_text(const ComponentClosure& answer) {
  Json packages = Json::array();
  for (const ClosurePackage& package : answer.closure.packages) packages.push_back(package_json(package));
  Json conflicts = Json::array();
  for (const auto& conflict : answer.closure.conflicts)
    conflicts.push_back(
        {{"name", conflict.name.str()}, {"message", model::words_for(conflict)}, {"stops", conflict.stops}});
  return to_text({{"version", 1},
                  {"release", answer.release},
                  {"component", answer.component},
                  {"platform", answer.platform},
                  {"packages", packages},
                  {"conflicts", conflicts}});
}

/// What the answer lacks or what would stop the install. Whether there is such a thing.
bool say_problems(const Invocation& invocation, const model::Closure& closure) {
  bool any = false;
  for (const auto& conflict : closure.conflicts) {
    say(invocation, model::words_for(conflict) + "\n");
    any |= conflict.stops;
  }
  for (const auto& extra : closure.unknown_extras) say(invocation, model::words_for(extra) + "\n");
  std::set<std::string> causes;
  for (const ClosurePackage& package : closure.packages) {
    if (!package.failure) continue;
    any = true;
    if (causes.size() < 5 && causes.insert(package.failure->message).second)
      say(invocation, package.failure->message + "\n");
  }
  return any;
}

ExitCode run(const Invocation& invocation) {
  StatusLine progress(show_progress(invocation), "asking the package index");
  const workspace::SnapshotPtr snapshot =
      load_forge(invocation, task_pool(invocation),
                 index_factory(invocation, [&](std::size_t done, std::size_t total, std::string_view what) {
                   progress.update(done, total, what);
                 }));
  const std::string release = wanted_release(invocation, *snapshot);
  const auto component = invocation.value("--component");
  if (!component) throw NotDone("Which component? Say it with `--component C`.");
  const Stopwatch watch;
  const auto& answer = model::component_closure(*snapshot, release, *component, wanted_platform(invocation, *snapshot),
                                                invocation.values("--extra"));
  progress.clear();
  note(invocation, fmt::format("closure in {} ms", watch.milliseconds()));
  if (!answer) throw NotDone(answer.error());
  emit(invocation, invocation.format() == "json" ? json_text(*answer) : text_of(*answer));
  return say_problems(invocation, answer->closure) ? exit_findings : exit_done;
}

}  // namespace

extern const Command closure_command = {
    .name = "closure",
    .summary = "what an install of a component brings",
    .description =
        "The packages and versions that the component's tree needs under the release's effective constraints, with "
        "extras and markers followed, and who needs them. Asks the package index that pip and uv are configured with, "
        "or `index` of forge.yaml; answers are kept in your cache folder, and with --offline nothing else is asked. "
        "Exit code 1 if the install would fail or a part of the answer is missing.",
    .options = options,
    .formats = formats_of_answer,
    .run = run,
};

}  // namespace forge::cli
