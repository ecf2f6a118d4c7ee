#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/commands/table.hpp"
#include "cli/environment.hpp"
#include "cli/render/json.hpp"
#include "engine/base/text.hpp"
#include "engine/base/utf8.hpp"
#include "engine/model/effective_pins.hpp"

namespace forge::cli {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 2> formats = {"text", "json"};
constexpr std::array options = {Option{"--release", "R", "the release whose constraints are wanted"}};

/// The release that was asked for, or the only one there is.
std::string wanted_release(const Invocation& invocation, const workspace::Snapshot& snapshot) {
  const std::vector<std::string>& releases = snapshot.releases();
  const auto given = invocation.value("--release");
  const std::string hint = fmt::format("its releases: {}", join(releases, ", "));
  if (!given && releases.size() == 1) return releases.front();
  if (!given) throw NotDone("Which release? Say it with `--release R`.", {hint});
  if (std::ranges::count(releases, *given) == 0)
    throw NotDone(fmt::format("There is no release `{}` in this forge.", *given), {hint});
  return *given;
}

Json with_place(Json object, const Place& place) {
  const Json where = place_json(place, false);
  object["file"] = where.at("file");
  object["line"] = where.at("line");
  return object;
}

/// The version that an override took the place of; of several the one for the newest Pythons, which stands last.
Json replaced_version(const model::EffectivePin& pin) {
  return pin.replaces.empty() ? Json() : Json(pin.replaces.back()->version.value);
}

Json pin_json(const model::EffectivePin& pin) {
  Json object = {{"name", pin.pin->spelling.value},
                 {"version", pin.pin->version.value},
                 {"marker", pin.pin->marker ? Json(pin.pin->marker->value) : Json()},
                 {"origin", to_string(pin.origin)},
                 {"replaces", replaced_version(pin)}};
  if (!pin.pin->exact()) object["requirement"] = pin.pin->requirement_text();
  return with_place(std::move(object), pin.place());
}

Json removed_json(const model::RemovedPin& removed) {
  return with_place({{"name", removed.pins.front()->spelling.value}}, {removed.file, removed.entry->span});
}

std::string json_text(const std::string& release, const model::EffectivePins& pins) {
  Json pinned = Json::array();
  for (const model::EffectivePin& pin : pins.pins) pinned.push_back(pin_json(pin));
  Json removed = Json::array();
  for (const model::RemovedPin& pin : pins.removed) {
    if (!pin.pins.empty()) removed.push_back(removed_json(pin));
  }
  return to_text({{"version", 1}, {"release", release}, {"pins", pinned}, {"removed", removed}});
}

/// At most a line of a terminal; a line of the file may be much longer, or bytes that are no text.
std::string shown(std::string_view text) {
  constexpr std::size_t most = 100;
  return to_valid_utf8(text.substr(0, most)) + (text.size() > most ? "…" : "");
}

/// The answer lacks these lines, so whoever uses it must hear of them.
void say_left_out(const Invocation& invocation, const std::vector<Place>& places) {
  for (const Place& place : places) {
    const Json where = place_json(place, false);
    say(invocation, fmt::format("{}:{}: left out: `{}`\n", where.at("file").get<std::string>(),
                                where.at("line").get<int>(), shown(place.file->text(place.span))));
  }
  if (!places.empty()) say(invocation, "`forge-analyze check` says what is wrong with these lines.\n");
}

ExitCode run(const Invocation& invocation) {
  const workspace::SnapshotPtr snapshot = load_forge(invocation, task_pool(invocation));
  const std::string release = wanted_release(invocation, *snapshot);
  if (snapshot->upper_constraints(release) == nullptr)
    throw NotDone(fmt::format("releases/{}/upper-constraints.txt does not exist.", release));
  const model::EffectivePins& pins = model::effective_pins(*snapshot, release);
  emit(invocation, invocation.format() == "json" ? json_text(release, pins) : model::render_constraints(pins));
  say_left_out(invocation, pins.left_out);
  return pins.left_out.empty() ? exit_done : exit_findings;
}

}  // namespace

extern const Command constraints_command = {
    .name = "constraints",
    .summary = "the effective constraints of a release",
    .description =
        "A release's upper-constraints.txt with its overrides applied, as a constraints file for pip and uv. "
        "The forge's own files stay as they are. Exit code 1 if a line of them could not be used.",
    .options = options,
    .formats = formats,
    .run = run,
};

}  // namespace forge::cli
