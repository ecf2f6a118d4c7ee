#include "tests/support/bake_program.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace forge::support {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using Faults = std::vector<std::string>;
using Names = std::set<std::string>;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// `type=gha,scope=x` as bake prints it.
nlohmann::json as_object(const Json& entry) {
  if (!entry.is_string()) return entry;
  nlohmann::json out = nlohmann::json::object();
  std::string text = entry.get<std::string>();
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string field = text.substr(0, comma);
    const std::size_t equals = std::min(field.find('='), field.size());
    out[field.substr(0, equals)] = field.substr(std::min(equals + 1, field.size()));
    text.erase(0, comma + 1);
  }
  return out;
}

bool has_options(const std::string& key) {
  return key == "cache-from" || key == "cache-to" || key == "attest" || key == "output";
}

/// Sorted keys, entries as objects; the order of attestations is bake's own.
nlohmann::json normalised(const std::string& key, const Json& value) {
  if (!has_options(key) || !value.is_array()) return value;
  nlohmann::json out = nlohmann::json::array();
  for (const Json& entry : value) {
    out.push_back(as_object(entry));
    for (nlohmann::json& field : out.back())
      if (field.is_boolean()) field = field.get<bool>() ? "true" : "false";
  }
  if (key == "attest") std::sort(out.begin(), out.end());
  return out;
}

bool has_escapes(std::string_view text) {
  return text.find("$${") != std::string_view::npos || text.find("%%{") != std::string_view::npos;
}

/// What a template without anything live in it stands for.
std::string without_escapes(std::string text) {
  for (const char* escaped : {"$${", "%%{"})
    for (std::size_t at = text.find(escaped); at != std::string::npos; at = text.find(escaped, at + 1))
      text.erase(at, 1);
  return text;
}

/// Bake prints arguments and labels as templates again, and everything else, names of labels too, as it stands.
bool is_same(const nlohmann::json& planned, const nlohmann::json& printed) {
  if (planned.is_string() && printed.is_string())
    return planned == printed || without_escapes(planned.get<std::string>()) == printed.get<std::string>();
  if (planned.type() != printed.type() || planned.size() != printed.size()) return false;
  if (planned.is_array()) return std::equal(planned.begin(), planned.end(), printed.begin(), is_same);
  if (!planned.is_object()) return planned == printed;
  for (const auto& [key, value] : planned.items()) {
    const std::string name = printed.contains(key) ? key : without_escapes(key);
    if (!printed.contains(name) || !is_same(value, printed[name])) return false;
  }
  return true;
}

void compare_targets(const std::string& id, const Json& planned, const Json& printed, bool linked, Faults& faults) {
  for (const auto& [key, value] : planned.items()) {
    if (key == "output" && linked) continue;
    const std::string where = id + "." + key;
    if (!printed.contains(key))
      faults.push_back(where + " is lost");
    else if (!is_same(normalised(key, value), normalised(key, printed[key])))
      faults.push_back(where + " is " + printed[key].dump() + " instead of " + value.dump());
  }
  for (const auto& [key, value] : printed.items())
    if (!planned.contains(key) && !(key == "output" && linked)) faults.push_back(id + "." + key + " is made up");
}

/// Targets behind `name`, a target or a group.
void expand(const Json& planned, const std::string& name, Names& out, int depth = 0) {
  if (depth > 8) return;
  if (planned.contains("group") && planned["group"].contains(name)) {
    for (const Json& member : planned["group"][name]["targets"])
      expand(planned, member.get<std::string>(), out, depth + 1);
  } else {
    out.insert(name);
  }
}

/// The targets that the selected ones link to, themselves among them.
Names closure(const Json& planned, const Names& selected) {
  constexpr std::string_view scheme = "target:";
  Names all = selected;
  for (bool grew = true; grew;) {
    grew = false;
    const Names known = all;
    for (const std::string& id : known) {
      if (!planned.contains("target") || !planned["target"].contains(id)) continue;
      const Json contexts = planned["target"][id].value("contexts", Json::object());
      for (const auto& [name, value] : contexts.items())
        if (value.is_string() && value.get<std::string>().starts_with(scheme))
          grew = all.insert(value.get<std::string>().substr(scheme.size())).second || grew;
    }
  }
  return all;
}

Names keys(const Json& json, const char* key) {
  Names out;
  if (json.contains(key))
    for (const auto& [name, value] : json[key].items()) out.insert(name);
  return out;
}

void compare_names(const std::string& what, const Names& planned, const Names& printed, Faults& faults) {
  for (const std::string& name : planned)
    if (!printed.contains(name)) faults.push_back(what + " " + name + " is lost");
  for (const std::string& name : printed)
    if (!planned.contains(name)) faults.push_back(what + " " + name + " is made up");
}

void compare_prints(const Json& planned, const Json& printed, const Names& selected, Faults& faults) {
  compare_names("target", closure(planned, selected), keys(printed, "target"), faults);
  for (const std::string& id : keys(printed, "target"))
    if (planned.contains("target") && planned["target"].contains(id))
      compare_targets(id, planned["target"][id], printed["target"][id], !selected.contains(id), faults);
}

/// Exit code 0, nothing that is called an error, JSON on standard output alone.
std::optional<Json> answer(const ProcessResult& result, const std::string& what, Faults& faults) {
  Json json = Json::parse(result.out, nullptr, false);
  if (result.exit_code == 0 && result.err.find("ERROR") == std::string::npos && !json.is_discarded()) return json;
  faults.push_back(what + " refuses it: " + result.err);
  return std::nullopt;
}

}  // namespace

std::optional<BakeProgram> BakeProgram::find() {
  const std::string home = environment("XDG_CACHE_HOME");
  const std::string cache = home.empty() ? environment("HOME") + "/.cache" : home;
  const std::array places{environment("FORGE_BUILDX"), cache + "/forge-analyze/buildx/docker-buildx",
                          std::string("/usr/libexec/docker/cli-plugins/docker-buildx"),
                          std::string("/usr/lib/docker/cli-plugins/docker-buildx")};
  for (const std::string& place : places)
    if (!place.empty() && fs::exists(place)) return BakeProgram(place);
  MESSAGE("skipped: docker-buildx is not here; scripts/get-buildx fetches it");
  return std::nullopt;
}

ProcessResult BakeProgram::bake(const std::string& file, const std::vector<std::string>& arguments) const {
  const fs::path folder = fs::temp_directory_path() / ("forge-bake-" + std::to_string(::getpid()));
  fs::create_directories(folder);
  std::ofstream(folder / "plan.bake.json", std::ios::binary) << file;
  std::vector<std::string> command{program_, "bake", "-f", "plan.bake.json"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  ProcessResult result = run_process(command, folder.string(), {"DOCKER_CONFIG=" + folder.string()});
  fs::remove_all(folder);
  return result;
}

std::vector<std::string> BakeProgram::faults(const std::string& file, const Json& planned,
                                             const std::vector<std::string>& targets) const {
  Faults faults;
  std::vector<std::string> print{"--print"};
  print.insert(print.end(), targets.begin(), targets.end());
  const ProcessResult printed = bake(file, print);
  const std::optional<Json> json = answer(printed, "--print", faults);
  if (!json) return faults;
  Names selected;
  for (const std::string& target : targets) expand(planned, target, selected);
  if (targets.empty()) expand(planned, "default", selected);
  compare_prints(planned, *json, selected, faults);

  if (!targets.empty()) return faults;
  const bool is_empty = keys(*json, "target").empty();  // printed as an object that bake refuses
  if (!is_empty && !has_escapes(file)) {
    const ProcessResult again = bake(printed.out, print);
    if (answer(again, "--print of its own answer", faults) && again.out != printed.out)
      faults.emplace_back("its own answer prints differently");
  }
  if (const std::optional<Json> list = answer(bake(file, {"--list=type=targets,format=json"}), "--list", faults)) {
    Names planned_names = keys(planned, "target");
    planned_names.merge(keys(planned, "group"));
    Names listed;
    for (const Json& entry : *list) listed.insert(entry["name"].get<std::string>());
    compare_names("listed", planned_names, listed, faults);
  }
  return faults;
}

std::vector<std::string> BakeProgram::faults(const std::string& file, const std::vector<std::string>& targets) const {
  const Json planned = Json::parse(file, nullptr, false);
  if (planned.is_discarded()) return {"it is no JSON"};
  return faults(file, planned, targets);
}

}  // namespace forge::support
